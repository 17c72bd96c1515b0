"""The bar as a grid of pulses: where chords may change, where strokes may fall, how heavy each place is.

A pulse is the finer of a sixteenth and the meter's own unit: 4/4 has 16 to the bar, 6/8 has 12, 18/32 has 18.
Everything odd comes from the meter's own grouping (11/8 is 3+3+3+2); no set has such meters to learn from.
"""

from dataclasses import dataclass
from itertools import accumulate

from whitelight.music import Meter, ticks_per_beat_for


@dataclass(frozen=True, slots=True)
class MeterGrid:
    """Pulses of one bar.

    Attributes
    ----------
    bar_pulses : pulses in a bar.
    unit_pulses : pulses in one 1/denominator note.
    groups : pulse at which each felt group starts, first is 0.
    half : the group start nearest the middle of the bar, 0 when the bar has one group only.
    pulse_s : seconds a pulse lasts.
    weights : per pulse 0–4: bar line 4, half bar 3, group start 2, unit 1, between 0.
    """

    bar_pulses: int
    unit_pulses: int
    groups: tuple[int, ...]
    half: int
    pulse_s: float
    weights: tuple[int, ...]

    @property
    def bar_s(self) -> float:
        """Seconds a bar lasts."""
        return self.bar_pulses * self.pulse_s


def meter_grid(meter: Meter, tempo_bpm: float) -> MeterGrid:
    """Lay the grid of a meter at a tempo in quarter notes per minute."""
    unit_pulses = 1 << max(0, (16 // meter.denominator).bit_length() - 1)
    bar_pulses = meter.numerator * unit_pulses
    starts = (0, *accumulate(size * unit_pulses for size in meter.grouping))
    groups = tuple(starts[:-1])
    half = min(groups, key=lambda start: (abs(2 * start - bar_pulses), start))
    weights = tuple(_weight(pulse, unit_pulses, groups, half) for pulse in range(bar_pulses))
    bar_s = float(meter.beats_per_bar) * 60.0 / tempo_bpm
    return MeterGrid(bar_pulses, unit_pulses, groups, half, bar_s / bar_pulses, weights)


def ticks_per_beat(meter: Meter, grid: MeterGrid) -> int:
    """Resolution at which every pulse is a whole number of ticks."""
    return ticks_per_beat_for([Meter(1, meter.denominator * grid.unit_pulses)])


def _weight(pulse: int, unit_pulses: int, groups: tuple[int, ...], half: int) -> int:
    if pulse == 0:
        return 4
    if pulse == half:
        return 3
    if pulse in groups:
        return 2
    return 1 if pulse % unit_pulses == 0 else 0
