"""What is wrong on purpose: `irregular.yml` names songs and kinds, one small function per kind damages the files.

The real catalogs this project reads have every one of these; a demo without them would prove nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from whitelight.catalog.timecode import encoding_named, format_stamp, parse_stamp
from whitelight.demo.grammar import load_packaged
from whitelight.demo.manifest import SongFiles

_STAMP = re.compile(r"\[(\d\d):(\d\d)\.(\d{3})\]")
_SHORTER_S = 25.0


@dataclass(frozen=True, slots=True)
class Irregularity:
    """One deliberate fault: the song, the kind (a key of `KINDS`), an optional value, and how the README words it."""

    song: str
    kind: str
    what: str
    value: str = ""


def load_irregularities(name: str = "irregular.yml") -> tuple[Irregularity, ...]:
    """Return the faults of a shipped list."""
    return tuple(Irregularity(**entry) for entry in load_packaged(name))


def make_irregular(files: SongFiles, fault: Irregularity) -> None:
    """Damage the files of a song as the fault says."""
    KINDS[fault.kind](files, fault.value)


def _lyrics_an_hour_late(files: SongFiles, _: str) -> None:
    files.lrc = [
        _STAMP.sub(lambda match: f"[{int(match[1]) + 60:02d}:{match[2]}.{match[3]}]", line) for line in files.lrc
    ]


def _key_spelling(files: SongFiles, value: str) -> None:
    files.manifest["key"] = value


def _backwards_section(files: SongFiles, _: str) -> None:
    section = files.manifest["structure"][1]
    section["start_time"], section["end_time"] = section["end_time"], section["start_time"]


def _wrong_length(files: SongFiles, _: str) -> None:
    stamp = parse_stamp(files.manifest["TRT"])
    assert stamp is not None
    files.manifest["TRT"] = format_stamp(max(stamp.whole_seconds - _SHORTER_S, 1.0), encoding_named("FFS@25"))


def _plain_length(files: SongFiles, _: str) -> None:
    stamp = parse_stamp(files.manifest["TRT"])
    assert stamp is not None
    files.manifest["TRT"] = f"{stamp.minutes}:{stamp.seconds:02d}"


def _stem_without_media(files: SongFiles, _: str) -> None:
    add_stem(files, {"description": "tambourine take that was lost"})


def _missing_audio(files: SongFiles, _: str) -> None:
    add_stem(files, {"description": "lead vocal", "audio_file": f"{files.song_id}_vocal.wav"})


def _missing_midi(files: SongFiles, _: str) -> None:
    add_stem(files, {"description": "second melody, erased", "midi_file": f"{files.song_id}_melody_2.mid"})


def add_stem(files: SongFiles, stem: dict[str, str]) -> None:
    """Add a stem to the manifest."""
    tracks = files.manifest["audio_tracks"]
    tracks.append({"id": len(tracks) + 1, **stem})


def _malformed_stamp(files: SongFiles, _: str) -> None:
    index = next(index for index, line in enumerate(files.lrc) if _STAMP.match(line) and index > len(files.lrc) // 2)
    files.lrc[index] = _STAMP.sub(r"[\1:\2\3", files.lrc[index])


def _loose_stamps(files: SongFiles, _: str) -> None:
    stamped = [index for index, line in enumerate(files.lrc) if _STAMP.match(line)]
    for index in stamped[1:3]:
        files.lrc[index] = _STAMP.sub(lambda match: f"[ {int(match[1])}:{match[2]}.{match[3]} ]", files.lrc[index])


def _out_of_order(files: SongFiles, _: str) -> None:
    head = [line for line in files.lrc if not _STAMP.match(line)][:2]
    sung = files.lrc[len(head) :]
    pairs = [sung[index : index + 2] for index in range(0, len(sung), 2)]
    files.lrc = [*head, *(line for pair in reversed(pairs) for line in pair)]


KINDS: Mapping[str, Callable[[SongFiles, str], None]] = MappingProxyType(
    {
        "lyrics_an_hour_late": _lyrics_an_hour_late,
        "key_spelling": _key_spelling,
        "backwards_section": _backwards_section,
        "wrong_length": _wrong_length,
        "plain_length": _plain_length,
        "stem_without_media": _stem_without_media,
        "missing_audio": _missing_audio,
        "missing_midi": _missing_midi,
        "malformed_stamp": _malformed_stamp,
        "loose_stamps": _loose_stamps,
        "out_of_order": _out_of_order,
    }
)
