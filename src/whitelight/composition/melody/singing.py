"""From ideas to pitches: every height that was meant is bent to what sounds there.

The bending is a shortest path (Viterbi) over the heights near the one that was meant: a place costs what `Setting.place`
says, leaving the idea costs, and so do tritones, sevenths and turning the other way. Rhythm is not changed, except that
a note is let go before something arrives that it would rub with.
"""

from collections.abc import Sequence
from dataclasses import replace

from whitelight.composition.clashes import LONGEST_PREPARED, STRONG, WHOLE_STEP
from whitelight.composition.melody.genome import MelodyGenome
from whitelight.composition.melody.layout import Sung, lay_out
from whitelight.composition.melody.setting import FORBIDDEN, HELD, RANGE_ST, Place, Setting

_LEAVING = (0.0, 0.9, 2.3, 4.5, 6.5)  # cost of singing 0–4 scale steps beside the idea
_INTERVALS = (0.0, 0.0, 0.0, 0.1, 0.1, 0.3, 3.0, 0.4, 1.0, 1.2, 4.0, 6.0, 0.9)  # by semitones
_TOO_WIDE, _FLATTENED, _TURNED, _AUGMENTED, _OTHER_STEP = 9.0, 0.8, 0.6, 1.5, 0.45


def sing(genome: MelodyGenome, setting: Setting) -> list[Sung]:
    """Return the line in order of time."""
    return bend(lay_out(genome, setting), setting, genome.low)


def bend(line: Sequence[Sung], setting: Setting, low: int) -> list[Sung]:
    """Find the cheapest way to sing a line (see the module) in which every strong clash is prepared."""
    while True:
        sung = _cheapest(line, setting, low)
        rough = _unprepared(sung, setting)
        if not rough:
            return sung
        line = [replace(note, leans=False) if place in rough else note for place, note in enumerate(line)]


def _unprepared(line: Sequence[Sung], setting: Setting) -> set[int]:
    """Places of notes that lean a semitone beside the chord without a step to them and a step from them."""
    frame = setting.frame
    longest = LONGEST_PREPARED * frame.quarter_ticks / frame.pulse_ticks
    found = set()
    for place, note in enumerate(line):
        if not note.leans or frame.weights[note.start] < STRONG:
            continue
        if not frame.near[frame.chord_at[note.start], note.pitch % 12]:
            continue
        is_inside = 0 < place < len(line) - 1 and not line[place - 1].is_last and not note.is_last
        if (
            not is_inside
            or abs(note.pitch - line[place - 1].pitch) > WHOLE_STEP
            or not 1 <= abs(line[place + 1].pitch - note.pitch) <= WHOLE_STEP
            or line[place + 1].start - note.start > longest
        ):
            found.add(place)
    return found


def _cheapest(line: Sequence[Sung], setting: Setting, low: int) -> list[Sung]:
    if not line:
        return []
    base, high = setting.heights[0], low + RANGE_ST
    options = [_options(note, setting, base, (low, high)) for note in line]
    costs: list[list[float]] = [[option[2] for option in options[0]]]
    ways: list[list[int]] = []
    for place in range(1, len(line)):
        meant = line[place].height - line[place - 1].height
        is_new = line[place].turn != line[place - 1].turn
        row, way = _step(options[place - 1], costs[-1], options[place], meant, is_new=is_new)
        costs.append(row)
        ways.append(way)
    chosen = min(range(len(costs[-1])), key=costs[-1].__getitem__)
    found = [chosen]
    for way in reversed(ways):
        found.append(way[found[-1]])
    sung = []
    for note, option, place in zip(line, options, reversed(found), strict=True):
        height, pitch, cost = option[place]
        bent = Sung(note.start, note.end, height, note.turn, note.is_last, note.leans, pitch)  # faster than `replace`
        sung.append(_let_go(bent, setting) if cost >= HELD else bent)
    return sung


def _let_go(note: Sung, setting: Setting) -> Sung:
    """End a note before something arrives that it would rub with."""
    frame, tone = setting.frame, note.pitch % 12
    for pulse in range(note.start + 1, min(note.end, setting.context.n_pulses)):
        if setting.bass_rubs[pulse] >> tone & 1 or frame.near[frame.chord_at[pulse], tone]:
            return replace(note, end=pulse)
    return note


Option = tuple[int, int, float]  # height, pitch, cost


def _options(note: Sung, setting: Setting, base: int, window: tuple[int, int]) -> list[Option]:
    """Heights near the one that was meant; farther ones only when all of those are forbidden."""
    place = setting.place(note.start, note.end, is_last=note.is_last, leans=note.leans)
    for reach in (2, 4):
        found = _near(note, place, base, window, reach)
        if found and min(option[2] for option in found) < FORBIDDEN:
            return [option for option in found if option[2] < FORBIDDEN]
    return found or [(note.height, place.pitches[min(max(note.height - base, 0), len(place.pitches) - 1)], 0.0)]


def _near(note: Sung, place: Place, base: int, window: tuple[int, int], reach: int) -> list[Option]:
    index = note.height - base
    found = []
    for away in range(-reach, reach + 1):
        at = index + away
        if 0 <= at < len(place.pitches) and window[0] <= place.pitches[at] <= window[1]:
            found.append((note.height + away, place.pitches[at], place.costs[at] + _LEAVING[abs(away)]))
    return found


def _step(
    before: Sequence[Option], costs: Sequence[float], after: Sequence[Option], meant: int, *, is_new: bool
) -> tuple[list[float], list[int]]:
    """Cheapest way into each option of a note, and from which option of the note before."""
    row, way = [], []
    for height, pitch, own in after:
        best, source = 1e9, 0
        for index, (height_before, pitch_before, _) in enumerate(before):
            cost = costs[index] + _move_cost(pitch - pitch_before, height - height_before, meant, is_new=is_new)
            if cost < best:
                best, source = cost, index
        row.append(best + own)
        way.append(source)
    return row, way


def _move_cost(semitones: int, steps: int, meant: int, *, is_new: bool) -> float:
    size = abs(semitones)
    cost = _INTERVALS[size] if size <= 12 else _TOO_WIDE
    if is_new:  # a breath lies between
        return 0.5 * cost
    if size == 0:
        return _FLATTENED if meant else 0.0
    cost += _OTHER_STEP * abs(steps - meant)
    if steps * meant <= 0:
        cost += _TURNED
    if size == 3 and abs(steps) == 1:
        cost += _AUGMENTED
    return cost
