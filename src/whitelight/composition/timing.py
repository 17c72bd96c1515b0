"""Where a pulse falls when people play: swing that several parts share, a slow wander, small independent differences.

Drummers lie 16 to 19 ms around the grid, and neighboring deviations go together (Groove MIDI Dataset), so a played part
is a slow wander plus a small independent part, never white noise alone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.context import SectionContext
from whitelight.composition.randomness import Rng

STRAIGHT = 0.5
SWUNG = (0.54, 0.72)  # where in its beat a late second eighth falls
MIN_EIGHTHS = 4  # fewer say nothing about swing
MAX_SHIFT = 0.3  # of a pulse: neighbors never change places
_SWAY_PERIODS_S = (2.3, 4.1, 7.9)


def swung(share: NDArray[np.float64], swing: float) -> NDArray[np.float64]:
    """Move places inside a beat, as shares of it, so that the middle falls at `swing`; beats stay."""
    return np.where(share < 0.5, 2 * share * swing, swing + (2 * share - 1) * (1 - swing))


def straightened(share: NDArray[np.float64], swing: float) -> NDArray[np.float64]:
    """Undo `swung`."""
    return np.where(share < swing, share / (2 * swing), 0.5 + (share - swing) / (2 * (1 - swing)))


def estimate_swing(onset_units: NDArray[np.float64]) -> float:
    """Where the second half of a unit falls, from onsets counted in units; 1/2 when most of them are straight."""
    share = onset_units % 1.0
    late = share[(share >= SWUNG[0]) & (share <= SWUNG[1])]
    straight = share[(share > 0.44) & (share < SWUNG[0])]
    if len(late) < MIN_EIGHTHS or len(late) < 2 * len(straight):
        return STRAIGHT
    return round(float(np.clip(np.median(late), *SWUNG)), 3)


def heard_swing(context: SectionContext, stages: Sequence[str]) -> float:
    """Swing of the approved parts; 1/2 when none swings or the unit is no beat that could (an eighth, a sixteenth)."""
    if context.meter.denominator > 4:
        return STRAIGHT
    onsets = np.concatenate([context.notes_of(stage).onset_tick for stage in stages])
    return estimate_swing(onsets / (context.pulse_ticks * context.grid.unit_pulses))


def pulse_ticks(context: SectionContext, swing: float) -> NDArray[np.int64]:
    """Tick of every pulse of the section, the end included; shape (n_pulses + 1,)."""
    unit = context.grid.unit_pulses
    pulses = np.arange(context.n_pulses + 1)
    places = pulses / unit
    if swing != STRAIGHT:
        places = np.floor(places) + swung(places % 1.0, swing)
    return np.rint(places * unit * context.pulse_ticks).astype(np.int64)


def sway(seconds: NDArray[np.float64], rng: Rng) -> NDArray[np.float64]:
    """A slow wander of standard deviation 1 at moments in seconds."""
    phases = rng.uniform(0, 2 * np.pi, len(_SWAY_PERIODS_S))
    waves = [
        np.sin(2 * np.pi * seconds / period + phase) for period, phase in zip(_SWAY_PERIODS_S, phases, strict=True)
    ]
    return np.asarray(np.sum(waves, axis=0) * np.sqrt(2 / len(waves)))


def ticks_per_second(context: SectionContext) -> float:
    """Ticks that pass in a second."""
    return context.tempo_bpm / 60.0 * context.ticks_per_beat
