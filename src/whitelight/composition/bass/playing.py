"""A bass line from nothing: a style, a rhythm that hangs on the kick, roots, and ways into the next chord."""

import numpy as np

from whitelight.composition.bass.figures import Draft, ground_of, hold_pedal, pitched
from whitelight.composition.bass.genome import BassGenome, BassNote, Feel
from whitelight.composition.bass.line import PEDAL, settle
from whitelight.composition.bass.rhythm import draw_onsets, plan_rhythm
from whitelight.composition.bass.setting import Setting
from whitelight.composition.bass.styles import OWN_SHARE, Habit, LineStyle, shipped_styles
from whitelight.composition.randomness import Rng, draw

CENTER_RANGE, CENTER = (40, 52), 46
OWN_CENTER_RANGE = (34, 56)  # of a catalog
LEVEL_RANGE = (40, 104)
RECALL = 0.7  # of bars whose chords return play what they played
SAME_RHYTHM = 0.8  # of bars with the same kicks
OCTAVE_BELOW = 4  # room for the upper note


def compose_genome(setting: Setting, rng: Rng) -> BassGenome:
    """Compose one candidate."""
    energy, place = setting.context.section.energy, draw_habit(setting, rng)
    habit = setting.habit(place)
    names = list(shipped_styles())
    style = shipped_styles()[habit.style if habit else names[draw(setting.usual, rng)]]
    fullness = round(float(np.clip(energy + rng.normal(0, 0.13), 0.02, 1.0)), 2)
    middle = habit.center if habit else CENTER + 2 * (energy - 0.5)
    genome = BassGenome(
        style=style.name,
        program=habit.program if habit else draw_program(style, rng),
        center=int(np.clip(round(middle + rng.normal(0, 1.8)), *(OWN_CENTER_RANGE if habit else CENTER_RANGE))),
        fullness=fullness,
        habit=place,
        notes=(),
        feel=draw_feel(setting, style, habit, rng),
    )
    return with_line(genome, setting, rng)


def draw_habit(setting: Setting, rng: Rng) -> int:
    """Draw a part of the catalog to play like, -1 for a candidate that plays as basses do at large."""
    style = setting.style
    if style is None or not style.habits or rng.random() >= OWN_SHARE:
        return -1
    return style.draw(str(setting.context.meter), rng)


def draw_program(style: LineStyle, rng: Rng) -> int:
    """Draw an instrument of the style."""
    programs = list(style.programs)
    return programs[draw([style.programs[program] for program in programs], rng)]


def draw_feel(setting: Setting, style: LineStyle, habit: Habit | None, rng: Rng) -> Feel:
    """Dynamics, articulation and timing."""
    energy = setting.context.section.energy
    gate = habit.gate + rng.normal(0, 0.05) if habit else rng.uniform(*style.gate)
    return Feel(
        level=int(np.clip(round(58 + 32 * energy + rng.normal(0, 5)), *LEVEL_RANGE)),
        accent=int(rng.integers(2, 23)),
        swell=int(rng.integers(0, 9)),
        gate=round(float(np.clip(gate, 0.25, 1.0)), 2),
        swing=setting.swing,
        late_ms=round(float(rng.uniform(-2, 8)), 1),
        sway_ms=round(float(np.clip(rng.normal(5, 2), 0, 12)), 1),
        spread_ms=round(float(np.clip(rng.normal(6, 2), 1, 12)), 1),
        grain=int(rng.integers(2**31)),
    )


def draft(genome: BassGenome, setting: Setting, rng: Rng) -> Draft:
    """Prepare to draw bars of a line."""
    style = shipped_styles()[genome.style]
    rhythm = plan_rhythm(setting, style, genome.fullness, setting.habit(genome.habit), rng)
    low = OCTAVE_BELOW if style.name == "octave" and genome.habit < 0 else 0
    return Draft(setting, style, rhythm, ground_of(setting, genome.center - low))


def with_line(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Draw all bars anew; where chords return the line may return with them."""
    plan = draft(genome, setting, rng)
    bars: list[list[BassNote]] = []
    for bar in range(setting.n_bars):
        if bar >= 4 and rng.random() < RECALL and same_chords(setting, bar, bar - 4):
            shift = 4 * setting.grid.bar_pulses
            bars.append([BassNote(n.start + shift, n.duration, n.pitch, n.role) for n in bars[bar - 4]])
        else:
            bars.append(draw_bar(plan, bar, rng))
    notes = [note for bar in bars for note in bar]
    if genome.style == PEDAL:
        notes = hold_pedal(notes, plan, rng)
    return genome.with_notes(settle(notes, setting, center=genome.center, style=genome.style))


def same_chords(setting: Setting, bar: int, other: int) -> bool:
    """Whether two bars, and what follows them, have the same chords at the same places."""
    return _harmony(setting, bar) == _harmony(setting, other)


def _harmony(setting: Setting, bar: int) -> list[tuple[int, int]]:
    size = setting.grid.bar_pulses
    end = min((bar + 1) * size, setting.context.n_pulses - 1)
    inside = [c for c in setting.chords if bar * size < c.end and c.start <= end]
    return [(max(c.start - bar * size, 0), c.bass * 12 + c.root) for c in inside]


def draw_bar(plan: Draft, bar: int, rng: Rng) -> list[BassNote]:
    """Draw one bar: onsets, the chords' own among them, then pitches."""
    setting, size = plan.setting, plan.setting.grid.bar_pulses
    kicks = tuple(np.flatnonzero(setting.kicks[bar * size : (bar + 1) * size]).tolist())
    key = (bar % 2, kicks)
    if key not in plan.onsets or rng.random() >= SAME_RHYTHM:
        plan.onsets[key] = draw_onsets(setting, plan.style.name, plan.rhythm, bar, rng)
    starts = {bar * size + onset for onset in plan.onsets[key]}
    starts |= {chord.start for chord in setting.chords if bar * size <= chord.start < (bar + 1) * size}
    return pitched(plan, sorted(starts | _ways_in(plan, starts, bar, rng)), rng)


def _ways_in(plan: Draft, starts: set[int], bar: int, rng: Rng) -> set[int]:
    """Onsets that are added to lead into the chord of the next bar."""
    setting, unit = plan.setting, plan.setting.grid.unit_pulses
    line = (bar + 1) * setting.grid.bar_pulses
    if line >= setting.context.n_pulses or setting.chord(line).start != line:
        return set()
    step = unit if rng.random() < 0.6 or unit < 2 else unit // 2
    is_free = all(abs(line - step - start) >= setting.least for start in starts)
    return {line - step} if is_free and step >= setting.least and rng.random() < 0.5 * plan.style.approach else set()
