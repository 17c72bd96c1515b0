"""What a supporting part must respect, worked out once per section: the melody's and the bass's every pulse.

A pitch is *in the way* at a pulse when it lies a semitone (in any octave) from a melody or bass note that is held there
or struck on a strong place, within two semitones of the melody (doubling it is allowed), or at or below the bass.
Short notes between strong places are passing tones: nobody steps aside for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.context import SectionContext
from whitelight.composition.timing import heard_swing, pulse_ticks
from whitelight.music import Notes

HELD_S = 0.2  # a melody note that lasts longer is heard against every chord tone
STRONG = 2  # metrical weight from which a note counts as struck on a strong place
CLEAR_OF_MELODY = 2  # semitones
HIGHEST_BASS = 55  # a bass part that plays higher is a melody, and the lowest voice need not stay above it
NOTHING = -1


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """A section and what sounds in it.

    Attributes
    ----------
    melody, bass : sounding pitch per pulse (of several the highest, the lowest), `NOTHING` in rests, shape (n_pulses,).
    melody_starts : whether a melody note begins, shape (n_pulses,).
    in_the_way : shape (128, n_pulses). summed : the same counted from the start, shape (128, n_pulses + 1).
    melody_velocity : its mean, None without melody.
    grid_ticks : tick of every pulse as the other parts swing it, shape (n_pulses + 1,).
    """

    context: SectionContext
    melody: NDArray[np.int16]
    bass: NDArray[np.int16]
    melody_starts: NDArray[np.bool_]
    in_the_way: NDArray[np.bool_]
    summed: NDArray[np.int32]
    melody_velocity: float | None
    grid_ticks: NDArray[np.int64]

    @property
    def has_melody(self) -> bool:
        """Whether a melody was approved."""
        return self.melody_velocity is not None

    @property
    def has_bass(self) -> bool:
        """Whether a bass was approved."""
        return bool((self.bass != NOTHING).any())

    @property
    def melody_center(self) -> float | None:
        """Mean sounding pitch of the melody."""
        sounding = self.melody[self.melody != NOTHING]
        return float(sounding.mean()) if len(sounding) else None

    @property
    def melody_onsets_per_bar(self) -> float:
        """Notes of the melody per bar, 0 without."""
        return float(self.melody_starts.sum()) / self.context.section.n_bars

    def share_in_the_way(self, start: int, end: int) -> NDArray[np.float64]:
        """Share of a stretch in which each pitch is in the way, shape (128,)."""
        counted = self.summed[:, end] - self.summed[:, start]
        return np.asarray(counted / max(end - start, 1), dtype=np.float64)


def make_surroundings(context: SectionContext) -> Surroundings:
    """Read melody and bass, where there are any."""
    n_pulses = context.n_pulses
    melody, bass = context.notes_of("melody"), context.notes_of("bass")
    starts = np.zeros(n_pulses, dtype=np.bool_)
    top, lowest = np.full((2, n_pulses), NOTHING, dtype=np.int16)
    blocked = np.zeros((128, n_pulses), dtype=np.bool_)
    grid_ticks = pulse_ticks(context, heard_swing(context, ("chords", "drums", "bass", "melody")))
    for start, end, pitch in _pulses(melody, grid_ticks):
        starts[start] = True
        top[start:end] = np.maximum(top[start:end], pitch)
        if _is_heard_out(start, end, context):
            _block_semitones(blocked, pitch, start, end)
            near = [
                p for p in range(pitch - CLEAR_OF_MELODY, pitch + CLEAR_OF_MELODY + 1) if p != pitch and 0 <= p < 128
            ]
            blocked[near, start:end] = True
    for start, end, pitch in _pulses(bass, grid_ticks):
        sounding = lowest[start:end]
        lowest[start:end] = np.where(sounding == NOTHING, pitch, np.minimum(sounding, pitch))
        if _is_heard_out(start, end, context):
            _block_semitones(blocked, pitch, start, end)
        if pitch <= HIGHEST_BASS:
            blocked[: pitch + 1, start:end] = True
    summed = np.zeros((128, n_pulses + 1), dtype=np.int32)
    np.cumsum(blocked, axis=1, out=summed[:, 1:])
    velocity = float(melody.velocity.mean()) if len(melody) else None
    return Surroundings(context, top, lowest, starts, blocked, summed, velocity, grid_ticks)


def _pulses(notes: Notes, grid_ticks: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Start, end and pitch of each note, on the nearest pulses; at least one long."""
    middles, n_pulses = (grid_ticks[1:] + grid_ticks[:-1]) / 2, len(grid_ticks) - 1
    starts = np.minimum(middles.searchsorted(notes.onset_tick), n_pulses - 1)
    ends = np.maximum(middles.searchsorted(notes.end_tick), starts + 1)
    yield from zip(starts.tolist(), ends.tolist(), notes.pitch.tolist(), strict=True)


def _is_heard_out(start: int, end: int, context: SectionContext) -> bool:
    grid = context.grid
    return (end - start) * grid.pulse_s >= HELD_S or grid.weights[start % grid.bar_pulses] >= STRONG


def _block_semitones(blocked: NDArray[np.bool_], pitch: int, start: int, end: int) -> None:
    blocked[(pitch + 1) % 12 :: 12, start:end] = True
    blocked[(pitch - 1) % 12 :: 12, start:end] = True
