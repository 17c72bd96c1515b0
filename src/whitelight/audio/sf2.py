"""SoundFont 2 files: which recorded sample, tuned and shaped how, answers to a key of a program.

Source: SoundFont Technical Specification 2.04, chapters 7 and 8. Read are the zones of presets and instruments with the
generators below; modulators, filters and oscillators are not. Values of an instrument are absolute, those of a preset
are added to them.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.audio.samples import AudioError

MAX_FONT_BYTES = 2 * 1024**3
DRUM_BANK = 128
_VELOCITY = 100  # of the layers a font has for soft and loud playing, the one that is heard
_MOST_CENTS = 12_000  # ten octaves from the recorded pitch; damaged fonts ask for more
_RECORDS = {
    b"phdr": np.dtype([("name", "S20"), ("preset", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("unused", "V12")]),
    b"pbag": np.dtype([("gen", "<u2"), ("mod", "<u2")]),
    b"pgen": np.dtype([("what", "<u2"), ("amount", "<i2")]),
    b"inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    b"ibag": np.dtype([("gen", "<u2"), ("mod", "<u2")]),
    b"igen": np.dtype([("what", "<u2"), ("amount", "<i2")]),
    b"shdr": np.dtype(
        [
            ("name", "S20"),
            ("start", "<u4"),
            ("end", "<u4"),
            ("loop_start", "<u4"),
            ("loop_end", "<u4"),
            ("rate", "<u4"),
            ("key", "u1"),
            ("cents", "i1"),
            ("link", "<u2"),
            ("kind", "<u2"),
        ]
    ),
}
# Generators by number (specification, 8.1.2), with what holds where a font says nothing.
_START, _END, _LOOP_START, _LOOP_END = (0, 4), (1, 12), (2, 45), (3, 50)  # fine, and coarse in units of 32,768
_PAN, _ATTACK, _HOLD, _DECAY, _SUSTAIN = 17, 34, 35, 36, 37
_INSTRUMENT, _KEYS, _VELOCITIES, _ATTENUATION = 41, 43, 44, 48
_SEMITONES, _CENTS, _SAMPLE, _MODES, _SCALE, _ROOT = 51, 52, 53, 54, 56, 58
_DEFAULTS = {_ATTACK: -12000, _HOLD: -12000, _DECAY: -12000, _SCALE: 100, _ROOT: -1}
_ALONE = {_KEYS, _VELOCITIES, _INSTRUMENT, _SAMPLE, _MODES, _ROOT}  # a preset does not add to these
_ROM = 0x8000

Zone = dict[int, int]


@dataclass(frozen=True, slots=True)
class Region:
    """One recorded sample as a key plays it.

    Parameters
    ----------
    samples : int16, the recording up to its end, or to the end of its loop.
    loop_samples : length of the loop at the end of `samples`, 0 when it is played once.
    rate : Hz at which `samples` sound at the pitch of the key.
    pan : −0.5 left to 0.5 right.
    gain : factor on amplitude.
    attack_s, hold_s, decay_s : of the envelope; `decay_s` is the time to fall by 100 dB.
    sustain_db : how far the envelope falls, ≥ 0.
    """

    samples: NDArray[np.int16]
    loop_samples: int
    rate: float
    pan: float
    gain: float
    attack_s: float
    hold_s: float
    decay_s: float
    sustain_db: float


class SoundFont:
    """A SoundFont 2 file in memory.

    Raises
    ------
    AudioError : missing, no SoundFont 2, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            if path.stat().st_size > MAX_FONT_BYTES:
                raise AudioError(f"'{path.name}' has more than {MAX_FONT_BYTES:,} bytes; use a smaller SoundFont")
            chunks = dict(_chunks(path.read_bytes()))
            self._tables = {name: np.frombuffer(chunks[name], record) for name, record in _RECORDS.items()}
            self._wave = np.frombuffer(chunks[b"smpl"], "<i2", len(chunks[b"smpl"]) // 2)
            self._presets = self._read_presets()
        except (OSError, KeyError, ValueError, IndexError, struct.error) as err:
            raise AudioError(f"'{path.name}' is no SoundFont 2 file, or damaged; use another") from err
        if not self._presets:
            raise AudioError(f"'{path.name}' has no instruments; use another SoundFont")

    def regions(self, program: int, pitch: int, *, is_drum: bool = False) -> tuple[Region, ...]:
        """What sounds when a key is struck; nothing where the instrument has no such key.

        A program the font lacks is played by the first one it has of the same family, else by its first preset.
        """
        zones = self._preset(program, is_drum=is_drum)
        return tuple(self._region(zone, pitch) for zone in zones if _answers(zone, pitch))

    def _preset(self, program: int, *, is_drum: bool) -> tuple[Zone, ...]:
        bank = DRUM_BANK if is_drum else 0
        family = range(program // 8 * 8, program // 8 * 8 + 8)
        others = sorted(place for place in self._presets if is_drum == (place[0] == DRUM_BANK))
        wanted = [(bank, program), *((bank, other) for other in family), *others]
        return next((self._presets[place] for place in wanted if place in self._presets), ())

    def _read_presets(self) -> dict[tuple[int, int], tuple[Zone, ...]]:
        presets, instruments = self._tables[b"phdr"], self._tables[b"inst"]
        inner = [
            _zones(instruments, i, self._tables[b"ibag"], self._tables[b"igen"], _SAMPLE)
            for i in range(len(instruments) - 1)
        ]
        found: dict[tuple[int, int], tuple[Zone, ...]] = {}
        for i in range(len(presets) - 1):
            outer = _zones(presets, i, self._tables[b"pbag"], self._tables[b"pgen"], _INSTRUMENT)
            place = int(presets[i]["bank"]), int(presets[i]["preset"])
            zones = (_joined(zone, own) for zone in outer for own in inner[zone[_INSTRUMENT]])
            found.setdefault(place, tuple(zone for zone in zones if zone is not None and self._is_sound(zone)))
        return {place: zones for place, zones in found.items() if zones}

    def _is_sound(self, zone: Zone) -> bool:
        header = self._tables[b"shdr"][zone[_SAMPLE]]
        return bool(header["rate"] > 0 and not header["kind"] & _ROM and header["start"] < header["end"])

    def _region(self, zone: Zone, pitch: int) -> Region:
        header = self._tables[b"shdr"][zone[_SAMPLE]]
        start = max(int(header["start"]) + _moved(zone, _START), 0)
        end = min(int(header["end"]) + _moved(zone, _END), len(self._wave))
        loop_start = int(header["loop_start"]) + _moved(zone, _LOOP_START)
        loop_end = int(header["loop_end"]) + _moved(zone, _LOOP_END)
        is_looped = zone.get(_MODES, 0) & 1 and start <= loop_start < loop_end <= len(self._wave)
        root = zone[_ROOT] if zone[_ROOT] >= 0 else int(header["key"])
        cents = (
            (pitch - root) * zone[_SCALE] + 100 * zone.get(_SEMITONES, 0) + zone.get(_CENTS, 0) + int(header["cents"])
        )
        return Region(
            samples=self._wave[start : loop_end if is_looped else end],
            loop_samples=loop_end - loop_start if is_looped else 0,
            rate=float(header["rate"]) * 2.0 ** (min(max(cents, -_MOST_CENTS), _MOST_CENTS) / 1200),
            pan=min(max(zone.get(_PAN, 0) / 1000, -0.5), 0.5),
            gain=10.0 ** (-max(zone.get(_ATTENUATION, 0), 0) / 200),
            attack_s=_seconds(zone[_ATTACK]),
            hold_s=_seconds(zone[_HOLD]),
            decay_s=_seconds(zone[_DECAY]),
            sustain_db=min(max(zone.get(_SUSTAIN, 0) / 10, 0.0), 100.0),
        )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the inner chunks of the three lists of a SoundFont."""
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise ValueError("not RIFF sfbk")
    place = 12
    while place + 12 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        if name == b"LIST":
            inner, end = place + 12, place + 8 + size
            while inner + 8 <= end:
                name, n_bytes = struct.unpack_from("<4sI", data, inner)
                if inner + 8 + n_bytes > len(data):
                    raise ValueError("a chunk is cut off")
                yield name, data[inner + 8 : inner + 8 + n_bytes]
                inner += 8 + n_bytes + n_bytes % 2
        place += 8 + size + size % 2


def _zones(headers: Any, index: int, bags: Any, generators: Any, last: int) -> list[Zone]:
    """Zones of one preset or instrument, those of its global zone under their own; `last` names what a zone plays."""
    shared: Zone = {}
    zones: list[Zone] = []
    for bag in range(headers[index]["bag"], headers[index + 1]["bag"]):
        rows = generators[bags[bag]["gen"] : bags[bag + 1]["gen"]]
        zone = {int(row["what"]): int(row["amount"]) for row in rows}
        zone |= {last: zone[last] & 0xFFFF} if last in zone else {}
        if last in zone:
            zones.append(shared | zone)
        elif not zones:
            shared = zone
    return zones


def _joined(outer: Zone, inner: Zone) -> Zone | None:
    """One zone of an instrument as a zone of a preset uses it, None when no key is in both."""
    zone = _DEFAULTS | inner
    for what, amount in outer.items():
        if what not in _ALONE:
            zone[what] = zone.get(what, 0) + amount
    for what in (_KEYS, _VELOCITIES):
        low, high = (
            max(_range(outer, what)[0], _range(inner, what)[0]),
            min(_range(outer, what)[1], _range(inner, what)[1]),
        )
        if low > high:
            return None
        zone[what] = low | high << 8
    return zone


def _range(zone: Zone, what: int) -> tuple[int, int]:
    amount = zone.get(what, 127 << 8) & 0xFFFF
    return amount & 0xFF, amount >> 8


def _answers(zone: Zone, pitch: int) -> bool:
    keys, velocities = _range(zone, _KEYS), _range(zone, _VELOCITIES)
    return keys[0] <= pitch <= keys[1] and velocities[0] <= _VELOCITY <= velocities[1]


def _moved(zone: Zone, generators: Sequence[int]) -> int:
    return zone.get(generators[0], 0) + 32_768 * zone.get(generators[1], 0)


def _seconds(timecents: int) -> float:
    return float(2.0 ** (min(max(timecents, -12_000), 8_000) / 1200))
