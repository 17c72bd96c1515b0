"""Descriptors of a whole song: what is counted when a finished song is laid beside real ones (`song_bands`).

A song is read as three named parts (chords, bass, melody) on the grid of its meter, with the chords that sound. Chords
are compared by function: semitones above the tonic and kind of triad. Two chords with the same function, qualities and
bass are no change. What the melody does is counted in `song_melody`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.meter_grid import MeterGrid
from whitelight.composition.sounding import SoundingChord
from whitelight.music import Key, Notes, Piece

FOURTHS, STEPS = (5, 7), (1, 2, 10, 11)
HIGHEST_BASS = 60  # bass notes are counted below middle C
N_GRAM = 4


@dataclass(frozen=True, slots=True, eq=False)
class SongReading:
    """A song as descriptors see it.

    Attributes
    ----------
    chords : in order, in pulses from the start of the song; stretches without chords are not covered.
    n_pulses : length of the song. chord_notes, bass, melody : of the parts, in ticks.
    """

    key: Key
    grid: MeterGrid
    chords: tuple[SoundingChord, ...]
    ticks_per_beat: int
    pulse_ticks: int
    n_pulses: int
    chord_notes: Notes
    bass: Notes
    melody: Notes
    us_per_beat: float

    @property
    def n_bars(self) -> int:
        """Bars, the last one perhaps not whole."""
        return -(-self.n_pulses // self.grid.bar_pulses)

    @property
    def end_tick(self) -> int:
        """Length in ticks."""
        return self.n_pulses * self.pulse_ticks

    def pulses_of(self, notes: Notes) -> NDArray[np.int64]:
        """Nearest pulse of each onset."""
        return np.minimum((notes.onset_tick + self.pulse_ticks // 2) // self.pulse_ticks, self.n_pulses - 1)

    def pulses_of_ends(self, notes: Notes) -> NDArray[np.int64]:
        """Nearest pulse of the end of each note."""
        return np.minimum((notes.end_tick + self.pulse_ticks // 2) // self.pulse_ticks, self.n_pulses)

    def chord_at(self, pulses: NDArray[np.int64]) -> NDArray[np.int64]:
        """Index of the chord that sounds at each pulse, −1 where none does."""
        if not self.chords:
            return np.full(len(pulses), -1)
        starts, ends = (np.array([getattr(chord, side) for chord in self.chords]) for side in ("start", "end"))
        place = starts.searchsorted(pulses, side="right") - 1
        return np.where((place >= 0) & (pulses < ends[place]), place, -1)


def read_song(piece: Piece, chords: Sequence[SoundingChord], *, key: Key, grid: MeterGrid) -> SongReading:
    """Read a song whose tracks are called "Chords", "Bass" and "Melody" (or begin so: "Chords (guitar)").

    Parameters
    ----------
    piece : at a resolution where a pulse is a whole number of ticks. chords : in pulses of the song.
    """
    pulse_ticks = piece.meter_at(0).bar_ticks(piece.ticks_per_beat) // grid.bar_pulses
    return SongReading(
        key=key,
        grid=grid,
        chords=tuple(chords),
        ticks_per_beat=piece.ticks_per_beat,
        pulse_ticks=pulse_ticks,
        n_pulses=max(-(-piece.end_tick // pulse_ticks), 1),
        chord_notes=notes_called(piece, "chords"),
        bass=notes_called(piece, "bass"),
        melody=notes_called(piece, "melody"),
        us_per_beat=piece.tempo_map.us_per_beat[0],
    )


def notes_called(piece: Piece, name: str) -> Notes:
    """Notes of all tracks whose name begins so, whatever the case."""
    return Notes.concatenate(part.notes for part in piece.midi_tracks if part.name.strip().casefold().startswith(name))


def chord_descriptors(song: SongReading) -> dict[str, float]:
    """What the chords do; empty without chords."""
    chords = merged(song.chords)
    if not chords:
        return {}
    time = np.array([chord.duration for chord in chords], dtype=np.float64)
    functions = [function_of(chord, song.key) for chord in chords]
    by_function = _time_by(functions, time)
    shares = np.array(list(by_function.values())) / time.sum()
    moves = [(b.root - a.root) % 12 for a, b in pairwise(chords) if a.root != b.root]
    n_bars = time.sum() / song.grid.bar_pulses
    found = {
        "chord_changes_per_bar": len(chords) / n_bars,
        "distinct_functions": float(len(by_function)),
        "function_entropy_bits": float(-(shares * np.log2(shares)).sum()),
        "tonic_time": sum(length for (root, _), length in by_function.items() if root == 0) / time.sum(),
        "sevenths_time": _share_of_time(time, [_has_seventh(chord) for chord in chords]),
        "chromatic_chord_time": _share_of_time(time, [chord.leaves(song.key) for chord in chords]),
    }
    if moves:
        found["common_tones_per_change"] = float(
            np.mean([len(set(a.tones) & set(b.tones)) for a, b in pairwise(chords)])
        )
        found["root_moves_by_fourth"] = float(np.mean([move in FOURTHS for move in moves]))
        found["root_moves_by_step"] = float(np.mean([move in STEPS for move in moves]))
    repetition = ngram_repetition(_without_repeats(functions))
    return found if repetition is None else found | {"chord_4gram_repetition": repetition}


def accompaniment_descriptors(song: SongReading) -> dict[str, float]:
    """What the chord part and the bass play; only what is there."""
    found: dict[str, float] = {}
    played = song.chord_notes
    if len(played):
        bars = set((song.pulses_of(played) // song.grid.bar_pulses).tolist())
        found["chord_notes_per_bar"] = len(played) / len(bars)
        found["chord_velocity_sd"] = float(played.velocity.std())
        motion = _upper_motion(song)
        if motion is not None:
            found["upper_voice_motion_st"] = motion
    low = song.bass.select(song.bass.pitch < HIGHEST_BASS) if len(song.bass) else song.bass
    if len(low):
        pulses = song.pulses_of(low)
        found["bass_notes_per_bar"] = len(low) / len(set((pulses // song.grid.bar_pulses).tolist()))
        place = song.chord_at(pulses)
        there = (pulses % song.grid.bar_pulses == 0) & (place >= 0)
        if there.any():
            basses = np.array([chord.bass for chord in song.chords])
            found["root_on_downbeat"] = float((low.pitch[there] % 12 == basses[place[there]]).mean())
    return found


def merged(chords: Sequence[SoundingChord]) -> list[SoundingChord]:
    """Neighbors that sound the same as one chord."""
    found: list[SoundingChord] = []
    for chord in chords:
        last = found[-1] if found else None
        if last is not None and last.end == chord.start and (last.tones, last.bass) == (chord.tones, chord.bass):
            found[-1] = SoundingChord(last.start, chord.end - last.start, last.root, last.bass, last.tones, last.symbol)
        else:
            found.append(chord)
    return found


def function_of(chord: SoundingChord, key: Key) -> tuple[int, str]:
    """Semitones above the tonic and kind of triad."""
    present = {(tone - chord.root) % 12 for tone in chord.tones}
    third = "minor" if 3 in present else "major" if 4 in present else "sus" if present & {2, 5} else "open"
    if third == "minor" and 6 in present and 7 not in present:
        third = "diminished"
    if third == "major" and 8 in present and 7 not in present:
        third = "augmented"
    return (chord.root - key.tonic) % 12, third


def ngram_repetition(values: Sequence[object], n: int = N_GRAM) -> float | None:
    """1 − distinct/all of the runs of `n` values; None when there are fewer than two runs."""
    runs = [tuple(values[i : i + n]) for i in range(len(values) - n + 1)]
    return None if len(runs) < 2 else 1.0 - len(set(runs)) / len(runs)


def _upper_motion(song: SongReading) -> float | None:
    """Mean movement of the notes above the lowest from chord to chord, in semitones, in the best pairing."""
    notes, pulses = song.chord_notes, song.pulses_of(song.chord_notes)
    beat = song.ticks_per_beat // song.pulse_ticks
    voicings = []
    for chord in merged(song.chords):
        struck = sorted(
            set(notes.pitch[(pulses >= chord.start) & (pulses < min(chord.start + 2 * beat, chord.end))].tolist())
        )
        voicings.append(struck[1:])
    moves = [_pairing(a, b) for a, b in pairwise(voicings) if a and b]
    return float(np.mean(moves)) if moves else None


def _pairing(before: Sequence[int], after: Sequence[int]) -> float:
    """Mean movement when the smaller set is paired in order with the best of the larger one (exact by dynamic program)."""
    small, large = sorted((list(before), list(after)), key=len)
    best = np.zeros(len(large) + 1)
    for pitch in small:
        row = np.full(len(large) + 1, np.inf)
        for place, other in enumerate(large, start=1):
            row[place] = min(row[place - 1], best[place - 1] + abs(pitch - other))
        best = row
    return float(best[-1]) / len(small)


def _has_seventh(chord: SoundingChord) -> bool:
    present = {(tone - chord.root) % 12 for tone in chord.tones}
    return bool(present & {10, 11}) or {3, 6, 9} <= present


def _time_by(functions: Sequence[tuple[int, str]], time: NDArray[np.float64]) -> dict[tuple[int, str], float]:
    found: dict[tuple[int, str], float] = {}
    for function, length in zip(functions, time.tolist(), strict=True):
        found[function] = found.get(function, 0.0) + length
    return found


def _share_of_time(time: NDArray[np.float64], chosen: Sequence[bool]) -> float:
    return float(time[np.array(chosen, dtype=bool)].sum() / time.sum())


def _without_repeats(functions: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    return [one for place, one in enumerate(functions) if place == 0 or one != functions[place - 1]]
