"""What a meter offers a drummer: felt groups, places for the backbeat, layers in which time is kept.

Everything comes from the grid's own grouping, so 7/8 (2+2+3) and 18/32 are ordinary. Groups that rush by are felt in
pairs, and a layer that no hand could play is not offered.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.meter_grid import MeterGrid

MIN_FELT_S = 0.26  # shorter groups are felt in pairs
MIN_HAND_S, MAX_HAND_S = 0.115, 1.6  # one hand that keeps time
SLOWEST_BEAT_S = 1.3  # a slower pulse is counted in halves


def felt_groups(grid: MeterGrid) -> tuple[int, ...]:
    """Starts of the groups a listener feels, the first is 0."""
    felt = grid.groups
    while len(felt) > 3 and grid.bar_s / len(felt) < MIN_FELT_S:
        felt = felt[::2]
    return felt


def backbeats(grid: MeterGrid) -> Mapping[str, tuple[int, ...]]:
    """Plans for the snare: "back" every second group, "half" the middle, "late" the last group, "none"."""
    felt = felt_groups(grid)
    if len(felt) == 1:
        lone = (grid.bar_pulses * 2 // 3 // grid.unit_pulses) * grid.unit_pulses
        single = (lone,) if lone else ()
        return {"back": single, "half": single, "late": single, "none": ()}
    back = felt[1::2]
    return {"back": back, "half": (grid.half,) if grid.half in felt[1:] else back[:1], "late": felt[-1:], "none": ()}


def layers(grid: MeterGrid) -> Mapping[str, tuple[int, ...]]:
    """Layers in which time is kept, as far as a hand can: every pulse, half units, units, groups, off the beat, ride."""
    unit, felt = grid.unit_pulses, felt_groups(grid)
    half = max(unit // 2, 1)
    pulses = range(grid.bar_pulses)
    offered = {
        "fine": tuple(pulses),
        "double": tuple(pulses[::half]),
        "unit": tuple(pulses[::unit]),
        "group": felt,
        "offbeat": tuple(pulses[half::unit]) if unit > 1 else tuple(pulses[1::2]),
        "ride": _ride(grid, felt),
    }
    playable = {name: places for name, places in offered.items() if places and _can_play(places, grid)}
    return playable or {"group": felt if len(felt) * MIN_HAND_S <= grid.bar_s else (0,)}


def _ride(grid: MeterGrid, felt: tuple[int, ...]) -> tuple[int, ...]:
    """Groups, and before every second one the last pulse that swing makes a skip."""
    ends = (*felt[1:], grid.bar_pulses)
    skips = [end - max((end - start) // 2, 1) for start, end in zip(felt, ends, strict=True)][1::2]
    return tuple(sorted({*felt, *skips}))


def _can_play(places: tuple[int, ...], grid: MeterGrid) -> bool:
    gaps = np.diff((*places, places[0] + grid.bar_pulses)) * grid.pulse_s
    return bool(gaps.min() >= MIN_HAND_S and gaps.max() <= max(MAX_HAND_S, grid.bar_s / 2))


def table_places(grid: MeterGrid, backbeat: tuple[int, ...]) -> NDArray[np.int64]:
    """For every pulse the sixteenth of 4/4 that means the same: bar line, backbeat or other group, place in the group.

    Returns
    -------
    shape (bar_pulses,), 0–15.
    """
    if grid.bar_pulses == 16 and len(grid.groups) == 4:
        return np.arange(16)
    felt = felt_groups(grid)
    ends = (*felt[1:], grid.bar_pulses)
    found = np.zeros(grid.bar_pulses, dtype=np.int64)
    n_backs = 0
    for start, end in zip(felt, ends, strict=True):
        if start in backbeat:
            quarter, n_backs = (1, 3)[n_backs % 2], n_backs + 1
        else:
            quarter = 2 if start else 0
        for pulse in range(start, end):
            found[pulse] = 4 * quarter + _sixteenth(pulse, start, end, grid)
    return found


def _sixteenth(pulse: int, start: int, end: int, grid: MeterGrid) -> int:
    """Place in its group as 0–3: on it, just after, halfway or on another unit, just before the next."""
    if pulse == start:
        return 0
    if end - start == grid.unit_pulses:
        return 4 * (pulse - start) // (end - start)
    if (pulse - start) % grid.unit_pulses == 0:
        return 2
    return 3 if pulse == end - 1 else 1
