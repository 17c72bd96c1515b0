"""Which chords sound in a part that was approved: later stages follow what is played, not what was planned.

Chord symbols among the markers are believed while the notes agree with them; a part that was played by hand, or edited
until its markers no longer fit, is named from its notes. Positions are pulses of the `MeterGrid`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.meter_grid import MeterGrid
from whitelight.music import Chord, InvalidChordError, Key, Notes, Piece, read_symbol

AGREEMENT = 0.75  # of the sounding time that must lie in the marked chords
_GUESSED = ("maj", "min", "7", "maj7", "min7", "sus4", "sus2", "dim", "maj6", "hdim7", "aug")  # simplest first
_FOREIGN_COST, _MISSING_COST, _BASS_BONUS = 1.0, 0.12, 0.15


@dataclass(frozen=True, slots=True)
class SoundingChord:
    """A chord and how long it sounds.

    Attributes
    ----------
    start, duration : pulses from the start of the section. root, bass : pitch classes, `bass` that of the lowest tone.
    tones : pitch classes, root first. symbol : as people write it.
    """

    start: int
    duration: int
    root: int
    bass: int
    tones: tuple[int, ...]
    symbol: str

    @property
    def end(self) -> int:
        """First pulse after it."""
        return self.start + self.duration

    def leaves(self, key: Key) -> bool:
        """Whether one of its tones lies outside the scale."""
        return not set(self.tones) <= set(key.scale_pitch_classes)


def read_harmony(piece: Piece, grid: MeterGrid, key: Key, *, n_pulses: int) -> tuple[SoundingChord, ...]:
    """Name the chords of a part from pulse 0 to `n_pulses`; empty when nothing sounds.

    Parameters
    ----------
    piece : at a resolution where a pulse is a whole number of ticks.
    """
    notes = piece.all_notes(drums="exclude")
    if not len(notes):
        return ()
    pulse_ticks = _pulse_ticks(piece, grid)
    marked = _marked(piece, pulse_ticks, n_pulses)
    if marked and _agreement(marked, notes, pulse_ticks) >= AGREEMENT:
        return marked
    return _heard(notes, pulse_ticks, grid, key, n_pulses)


def _pulse_ticks(piece: Piece, grid: MeterGrid) -> int:
    return piece.meter_at(0).bar_ticks(piece.ticks_per_beat) // grid.bar_pulses


def sounding(chord: Chord, start: int, duration: int) -> SoundingChord:
    """A chord of the music room, placed."""
    return SoundingChord(
        start, duration, chord.root, chord.bass_pitch_class, tuple(chord.pitch_classes), chord.symbol()
    )


def _marked(piece: Piece, pulse_ticks: int, n_pulses: int) -> tuple[SoundingChord, ...]:
    """Chords that markers name; of two at one place the later, since a section may be called "A"."""
    found: dict[int, Chord] = {}
    for marker in piece.markers:
        chord = _symbol(marker.text)
        pulse = round(marker.tick / pulse_ticks)
        if chord is not None and not chord.is_none and pulse < n_pulses:
            found[pulse] = chord
    starts = sorted(found)
    if not starts or starts[0] != 0:
        return ()
    ends = [*starts[1:], n_pulses]
    return tuple(sounding(found[start], start, end - start) for start, end in zip(starts, ends, strict=True))


@lru_cache(maxsize=1024)
def _symbol(text: str) -> Chord | None:
    try:
        return read_symbol(text)
    except InvalidChordError:
        return None


def _agreement(chords: Sequence[SoundingChord], notes: Notes, pulse_ticks: int) -> float:
    """Share of the sounding time in tones of the chord at each note's onset."""
    starts = np.array([chord.start * pulse_ticks for chord in chords])
    place = np.clip(starts.searchsorted(notes.onset_tick, side="right") - 1, 0, len(chords) - 1)
    member = np.zeros((len(chords), 12), dtype=bool)
    for index, chord in enumerate(chords):
        member[index, list(chord.tones)] = True
    inside = member[place, notes.pitch % 12]
    return float((notes.duration_ticks * inside).sum() / max(notes.duration_ticks.sum(), 1))


def _heard(notes: Notes, pulse_ticks: int, grid: MeterGrid, key: Key, n_pulses: int) -> tuple[SoundingChord, ...]:
    """Name every half bar from what sounds in it; equal neighbors are one chord."""
    cuts = sorted({0, grid.half})
    starts = [bar + cut for bar in range(0, n_pulses, grid.bar_pulses) for cut in cuts if bar + cut < n_pulses]
    chords: list[SoundingChord] = []
    for start, end in zip(starts, [*starts[1:], n_pulses], strict=True):
        profile, lowest = _profile(notes, start * pulse_ticks, end * pulse_ticks)
        before = chords[-1] if chords else None
        if lowest is None and before is not None:
            chords[-1] = _longer(before, end)
            continue
        chord = _best(profile, lowest, key) if lowest is not None else Chord(key.tonic).spelled_in(key)
        placed = sounding(chord, start, end - start)
        if before is not None and (before.tones, before.bass) == (placed.tones, placed.bass):
            chords[-1] = _longer(before, end)
        else:
            chords.append(placed)
    return tuple(chords)


def _longer(chord: SoundingChord, end: int) -> SoundingChord:
    return SoundingChord(chord.start, end - chord.start, chord.root, chord.bass, chord.tones, chord.symbol)


def _profile(notes: Notes, start_tick: int, end_tick: int) -> tuple[NDArray[np.float64], int | None]:
    """Sounding ticks per pitch class in a stretch, and the pitch class of its lowest note."""
    near = notes.select(notes.sounding(start_tick, end_tick))
    held = np.minimum(near.end_tick, end_tick) - np.maximum(near.onset_tick, start_tick)
    inside = held > 0
    if not inside.any():
        return np.zeros(12), None
    profile = np.bincount(near.pitch[inside] % 12, weights=held[inside], minlength=12).astype(np.float64)
    return profile, int(near.pitch[inside].min()) % 12


def _best(profile: NDArray[np.float64], lowest: int, key: Key) -> Chord:
    """The simplest chord that covers what sounds; its bass is the lowest tone when that belongs to it."""
    shares = profile / profile.sum()
    best, most = None, -np.inf
    for rank, quality in enumerate(_GUESSED):
        for root in range(12):
            tones = _tones(root, quality)
            worth = (
                -_FOREIGN_COST * (1.0 - shares[list(tones)].sum())
                - _MISSING_COST * sum(shares[tone] < 0.04 for tone in tones)
                + _BASS_BONUS * (root == lowest)
                - 0.004 * rank
            )
            if worth > most + 1e-12:
                best, most = (root, quality), worth
    assert best is not None
    chord = Chord(*best).spelled_in(key)
    degrees = dict(zip(_tones(*best), chord.degrees, strict=True))
    return Chord(chord.root, chord.quality, degrees.get(lowest, "1"), spelling=chord.spelling)


@lru_cache(maxsize=256)
def _tones(root: int, quality: str) -> tuple[int, ...]:
    return Chord(root, quality).pitch_classes
