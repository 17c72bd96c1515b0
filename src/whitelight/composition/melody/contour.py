"""Heights of a phrase: a walk in scale steps along a shape, with steps, thirds and leaps as songs have them.

Phrases peak early; leaps are turned back by a step; short notes do not leap.
"""

import math
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

from whitelight.composition.melody.setting import RANGE_ST, Setting
from whitelight.composition.randomness import Rng, draw

_SHAPES = {  # height above the middle, −1 to 1, at 0, .3, .6 and 1 of the phrase
    "arch": (-0.5, 1.0, 0.3, -0.8),
    "fall": (1.0, 0.8, 0.0, -1.0),
    "rise": (-1.0, -0.2, 0.5, 0.9),
    "valley": (0.6, -0.8, -0.5, 0.5),
    "flat": (0.0, 0.2, 0.0, -0.2),
}
_KNOTS = (0.0, 0.3, 0.6, 1.0)
SHORT_S = 0.2
MOTIF_CHANCE = 0.4


def draw_contour(setting: Setting, rng: Rng) -> str:
    """Draw the shape of a phrase."""
    contours = setting.tables.contours
    return list(contours)[draw(list(contours.values()), rng)]


def draw_heights(
    setting: Setting, onsets: Sequence[int], rng: Rng, *, low: int, lift: float = 0.0, shape: str = ""
) -> list[int]:
    """Walk through a phrase.

    Parameters
    ----------
    low : lowest MIDI pitch of the line. lift : scale steps above the middle of the section.
    """
    first, last = height_limits(setting, low)
    middle = min(max((setting.center - setting.tonic) * 7 / 12 + lift, first + 2.5), last - 2.5)
    spread = float(rng.uniform(1.8, 3.6))
    curve = _SHAPES[shape or draw_contour(setting, rng)]
    length = max(onsets[-1] - onsets[0], 1)
    heights: list[int] = []
    before = 0
    for place, onset in enumerate(onsets):
        target = middle + spread * _at(curve, (onset - onsets[0]) / length)
        if not heights:
            heights.append(int(min(max(round(target + rng.normal(0, 0.8)), first), last)))
            continue
        gap_s = (onset - onsets[place - 1]) * setting.context.grid.pulse_s
        move = _draw_move(setting, heights, target, before, (first, last), is_short=gap_s < SHORT_S, rng=rng)
        heights.append(heights[-1] + move)
        before = move
    if rng.random() < MOTIF_CHANCE:
        _sequence(heights, onsets, setting.context.grid.bar_pulses, (first, last), rng)
    return heights


def height_limits(setting: Setting, low: int) -> tuple[int, int]:
    """Lowest and highest height of a line that begins at a pitch."""
    inside = [h for h in setting.heights if low <= setting.pitch(h) <= low + RANGE_ST]
    return inside[0], inside[-1]


def _draw_move(
    setting: Setting,
    heights: Sequence[int],
    target: float,
    before: int,
    limits: tuple[int, int],
    *,
    is_short: bool,
    rng: Rng,
) -> int:
    here = heights[-1]
    steps, weights = [], []
    for step, usual in setting.tables.moves.items():
        if not limits[0] <= here + step <= limits[1]:
            continue
        weight = usual * math.exp(-0.5 * ((here + step - target) / 1.6) ** 2)
        if abs(before) >= 3:  # a leap is turned back, best by a step
            weight *= 0.25 if step * before > 0 else 2.5 if abs(step) == 1 else 1.0
        if abs(step) >= 3 and is_short:
            weight *= 0.25
        if step == 0 and len(heights) > 2 and heights[-1] == heights[-2] == heights[-3]:
            weight *= 0.2
        steps.append(step)
        weights.append(weight + 1e-12)
    summed = list(accumulate(weights))
    return steps[min(bisect(summed, rng.random() * summed[-1]), len(steps) - 1)]  # as `draw`, a search's hottest spot


def _sequence(heights: list[int], onsets: Sequence[int], bar_pulses: int, limits: tuple[int, int], rng: Rng) -> None:
    """Let the second bar say what the first said, a step lower or higher, as far as their rhythm agrees."""
    by_onset = {onset: place for place, onset in enumerate(onsets)}
    pairs = [(by_onset[o], by_onset[o + bar_pulses]) for o in onsets if o >= 0 and o + bar_pulses in by_onset]
    pairs = [pair for pair in pairs if pair[1] < len(heights) - 1]
    if len(pairs) < 2:
        return
    shift = (-1, -2, 1, 0)[draw((0.4, 0.2, 0.25, 0.15), rng)]
    for source, place in pairs:
        heights[place] = min(max(heights[source] + shift, limits[0]), limits[1])


def _at(curve: Sequence[float], share: float) -> float:
    """Height of a shape at a share of its length."""
    for place in range(1, len(_KNOTS)):
        if share <= _KNOTS[place]:
            along = (share - _KNOTS[place - 1]) / (_KNOTS[place] - _KNOTS[place - 1])
            return curve[place - 1] + along * (curve[place] - curve[place - 1])
    return curve[-1]
