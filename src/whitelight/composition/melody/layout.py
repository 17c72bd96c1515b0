"""Laying phrases out in the section: turns in their spans, closes, pick-ups that need room, the way home, breath.

Rhythm is final here, but for a note that `singing` lets go early; heights are still those that were meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from statistics import median

from whitelight.composition.clashes import PHRASE_GAP, PHRASE_GAP_RATIO, PHRASE_REST
from whitelight.composition.melody.breath import breathe
from whitelight.composition.melody.contour import height_limits
from whitelight.composition.melody.genome import MelodyGenome, Phrase, Turn
from whitelight.composition.melody.rhythm import BREATH_S
from whitelight.composition.melody.setting import Setting
from whitelight.composition.melody.spans import Span, section_spans

MIN_LENGTH_S = 0.1
LAST_HOLD_S = 3.0
EARLY_S = 0.5  # a last note this much before the last chord has come home
MAX_LEADING = 6  # notes that lead on to the last chord


@dataclass(frozen=True, slots=True)
class Sung:
    """One note of the line.

    Attributes
    ----------
    start, end : pulses of the section. height : scale steps meant, then sung. pitch : MIDI, 0 before it is found.
    turn : which turn sings it. is_last : of its phrase. leans : see `Phrase`.
    """

    start: int
    end: int
    height: int
    turn: int
    is_last: bool
    leans: bool
    pitch: int = 0


def lay_out(genome: MelodyGenome, setting: Setting) -> list[Sung]:
    """Place every turn; notes never overlap and none leaves the section."""
    context = setting.context
    spans = section_spans(len(genome.turns), context.section.n_bars, context.grid)
    limits = height_limits(setting, genome.low)
    line: list[Sung] = []
    for place, (turn, span) in enumerate(zip(genome.turns, spans, strict=True)):
        notes = _turn_notes(genome.phrases[turn.phrase], turn, span, place, limits, is_end=place == len(spans) - 1)
        if place == len(spans) - 1:
            notes = _hold_on(_reach_home(notes, setting, limits), setting)
        line = _join(line, notes, setting)
    line = breathe(line or [_lone_note(setting)], context.grid.pulse_s, lambda note, end: replace(note, end=end))
    return _mark_ends(line, setting)


def _mark_ends(line: Sequence[Sung], setting: Setting) -> list[Sung]:
    """Notes before a rest that is heard as the end of a phrase (see `clashes`) come to rest, too."""
    quarter = setting.frame.quarter_ticks / setting.frame.pulse_ticks
    gaps = [after.start - note.start for note, after in pairwise(line)]
    far = max(PHRASE_GAP * quarter, PHRASE_GAP_RATIO * median(gaps)) if gaps else 0.0
    marked = list(line)
    for place, ((note, after), gap) in enumerate(zip(pairwise(line), gaps, strict=True)):
        if not note.is_last and (after.start - note.end >= PHRASE_REST * quarter or gap >= far):
            marked[place] = replace(note, is_last=True)
    marked[-1] = replace(line[-1], is_last=True)
    return marked


def _lone_note(setting: Setting) -> Sung:
    """The tonic over the last chord, when no turn sings."""
    start = setting.context.chords[-1].start if setting.context.chords else 0
    return Sung(start, setting.context.n_pulses, 0, 0, is_last=True, leans=False)


def _turn_notes(
    phrase: Phrase, turn: Turn, span: Span, place: int, limits: tuple[int, int], *, is_end: bool
) -> list[Sung]:
    """The notes of a phrase in a span: cut where the span ends, bent so that it closes on its degree."""
    first = 0 if place == 0 else -span[0]
    chosen = [i for i, onset in enumerate(phrase.onsets) if first <= onset < span[1] - span[0]]
    heights = [min(max(phrase.heights[i] + turn.shift, limits[0]), limits[1]) for i in chosen]
    heights = _close_on(heights, turn.close, limits, is_end=is_end)
    return [
        Sung(
            start=span[0] + phrase.onsets[i],
            end=min(span[0] + phrase.onsets[i] + phrase.lengths[i], span[1]),
            height=height,
            turn=place,
            is_last=i == chosen[-1],
            leans=phrase.leans[i],
        )
        for i, height in zip(chosen, heights, strict=True)
    ]


def _close_on(heights: list[int], degree: int, limits: tuple[int, int], *, is_end: bool) -> list[int]:
    """End on a degree near the height that was meant, led to by the notes before; the section's end comes by step."""
    if not heights:
        return heights
    near = [h for h in range(limits[0], limits[1] + 1) if h % 7 == degree] or [heights[-1]]
    last = min(near, key=lambda h: (abs(h - heights[-1]), h))
    drop = last - heights[-1]
    bent = [*heights[:-1], last]
    for back, share in ((2, 0.67), (3, 0.33)):
        if len(bent) > back:
            bent[-back] = min(max(bent[-back] + round(drop * share), limits[0]), limits[1])
    if is_end and len(bent) > 2 and not 1 <= abs(bent[-2] - last) <= 2:
        bent[-2] = last + (1 if bent[-3] > last and last < limits[1] else -1 if last > limits[0] else 1)
    return bent


def _reach_home(notes: list[Sung], setting: Setting, limits: tuple[int, int]) -> list[Sung]:
    """Go on until the last chord of the section has come: in the rhythm so far, towards the close, and close again."""
    chords, grid = setting.context.chords, setting.context.grid
    if not notes or not chords or (chords[-1].start - notes[-1].start) * grid.pulse_s <= EARLY_S:
        return notes
    last, home = notes[-1], chords[-1].start
    cell = sorted({note.start % grid.bar_pulses for note in notes})
    step = max(min(b.start - a.start for a, b in pairwise(notes)), 1) if len(notes) > 1 else grid.bar_pulses
    quiet = last.start + max(2 * step, min(last.end - last.start, round(0.8 / grid.pulse_s)))
    starts = [p for p in range(quiet, home - step + 1) if p % grid.bar_pulses in cell][-MAX_LEADING:]
    starts.append(home)
    ends = [*starts[1:], min(home + max(last.end - last.start, 1), setting.context.n_pulses)]
    lead = [
        Sung(start, end, _towards(last.height, len(starts) - place, limits), last.turn, is_last=False, leans=False)
        for place, (start, end) in enumerate(zip(starts[:-1], ends[:-1], strict=True), 1)
    ]
    held = Sung(last.start, min(last.end, starts[0]), last.height, last.turn, is_last=False, leans=last.leans)
    return [*notes[:-1], held, *lead, Sung(home, ends[-1], last.height, last.turn, is_last=True, leans=False)]


def _towards(height: int, n_left: int, limits: tuple[int, int]) -> int:
    """Come down to a height by steps, from as many steps above as notes are left but no more than three."""
    above = min(n_left - 1, 3)
    return height + above if height + above <= limits[1] else height - above


def _hold_on(notes: list[Sung], setting: Setting) -> list[Sung]:
    """The last note of the section rests: most of what is left, but no longer than one likes to hold."""
    if not notes:
        return notes
    last = notes[-1]
    room = setting.context.n_pulses - last.start
    held = min(LAST_HOLD_S / setting.context.grid.pulse_s, 0.85 * room)
    return [*notes[:-1], _ending(last, last.start + max(last.end - last.start, round(held), 1), room)]


def _ending(note: Sung, end: int, room: int) -> Sung:
    until = min(end, note.start + room)
    return note if until == note.end else replace(note, end=until)


def _join(line: list[Sung], notes: list[Sung], setting: Setting) -> list[Sung]:
    """Put a turn after the line: its pick-up needs a breath before it, so what is in the way is cut or left out."""
    pulse_s = setting.context.grid.pulse_s
    breath, least = max(round(BREATH_S / pulse_s), 1), max(round(MIN_LENGTH_S / pulse_s), 1)
    if line:
        held = line[-1].start + max(least, round(0.45 / pulse_s), 1)
        notes = [note for note in notes if note.start >= held]
        if not notes:
            return line
        last = line[-1]
        until = max(min(last.end, notes[0].start - breath), min(held, notes[0].start))
        line = [*line[:-1], _ending(last, until, setting.context.n_pulses - last.start)]
    trimmed = []
    for note, following in zip_longest(notes, notes[1:]):
        end = note.end if following is None else min(note.end, following.start)
        trimmed.append(_ending(note, max(end, note.start + 1), setting.context.n_pulses - note.start))
    return line + trimmed
