"""A bass line from nothing: a style, a rhythm that hangs on the kick, roots, and ways into the next chord."""

from dataclasses import dataclass, field

import numpy as np

from whitelight.composition.bass.genome import BassGenome, BassNote, Feel
from whitelight.composition.bass.line import (
    HIGHEST,
    LOWEST,
    PEDAL,
    ROOT,
    STEP,
    TONE,
    fifth_of,
    nearest,
    scale_step,
    settle,
)
from whitelight.composition.bass.rhythm import Rhythm, draw_onsets, plan_rhythm
from whitelight.composition.bass.setting import Setting
from whitelight.composition.bass.styles import OWN_SHARE, Habit, LineStyle, shipped_styles
from whitelight.composition.randomness import Rng, draw
from whitelight.composition.sounding import SoundingChord

CENTER_RANGE, CENTER = (40, 52), 46
OWN_CENTER_RANGE = (34, 56)  # of a catalog
LEVEL_RANGE = (40, 104)
CHROMATIC_SHARE = 0.3  # of ways into a chord, where the beat allows them
RECALL = 0.7  # of bars whose chords return play what they played
SAME_RHYTHM = 0.8  # of bars with the same kicks
OCTAVE_BELOW, FIFTH_SHARE = 4, 0.12  # room for the upper octave; what is neither it nor the ground
WALK_REACH = 10  # semitones from the ground of the chord
SHORT_SHARE = 0.2  # of notes that leave half their time silent
MAX_PEDALS = 0.2  # of the changes a pedal may hold through


@dataclass(slots=True)
class Draft:
    """What the bars of one line share while they are drawn."""

    setting: Setting
    style: LineStyle
    rhythm: Rhythm
    ground: tuple[int, ...]  # pitch on which each chord stands
    onsets: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = field(default_factory=dict)


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


def ground_of(setting: Setting, center: int) -> tuple[int, ...]:
    """Pitch on which each chord stands: near the center, not far from the one before."""
    found: list[int] = []
    for chord in setting.chords:
        found.append(nearest(chord.bass, center, found[-1] if found else None))
    return tuple(found)


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
        notes = _pedal(notes, plan, rng)
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


def pitched(plan: Draft, starts: list[int], rng: Rng) -> list[BassNote]:
    """Give pitches and lengths to onsets."""
    setting = plan.setting
    notes: list[BassNote] = []
    for place, start in enumerate(starts):
        chord = setting.chord(start)
        ground = plan.ground[setting.places[start]]
        end = min(starts[place + 1] if place + 1 < len(starts) else chord.end, chord.end)
        is_last = end == chord.end
        pitch, role = ground, ROOT
        if start != chord.start:
            way = way_in(plan, start, notes[-1].pitch if notes else ground, rng) if is_last else None
            pitch, role = (way, STEP) if way is not None else _inside(plan, start, notes, rng)
        length = end - start
        if plan.rhythm.habit is None and plan.style.name != "sustained" and length > 1 and rng.random() < SHORT_SHARE:
            length = max(length // 2, 1)
        notes.append(BassNote(start, length, pitch, role))
    return notes


def way_in(plan: Draft, start: int, before: int, rng: Rng) -> int | None:
    """A neighbor of the next chord's ground, from where the line comes; None when the line waits for the change."""
    setting = plan.setting
    following = setting.following(start)
    near = setting.grid.bar_pulses / max(len(setting.felt), 1) * 1.01
    if following is None or setting.is_strong(start) or following.start - start > near:
        return None
    if rng.random() >= plan.style.approach:
        return None
    target = plan.ground[setting.places[start] + 1]
    side = 1 if before > target else -1 if before < target else (1, -1)[int(rng.integers(2))]
    if rng.random() < 0.2:
        side = -side
    if setting.weight(start) <= 1 and rng.random() < CHROMATIC_SHARE:
        return target + side
    return scale_step(setting, target, side, setting.chord(start))


def _inside(plan: Draft, start: int, notes: list[BassNote], rng: Rng) -> tuple[int, str]:
    """What a style plays while a chord lasts, after the notes of it that were played before."""
    chord = plan.setting.chord(start)
    ground = plan.ground[plan.setting.places[start]]
    count = sum(chord.start <= note.start for note in notes)
    name, before = plan.style.name, notes[-1].pitch if notes else ground
    fifth = nearest(fifth_of(chord), ground + 2, ground)
    octave = ground + 12 if ground + 12 <= 57 else ground - 12
    if name == "octave":
        return (fifth, TONE) if rng.random() < FIFTH_SHARE else (octave if count % 2 else ground, ROOT)
    if name == "root-fifth":
        return (fifth, TONE) if count % 2 else (ground, ROOT)
    if name == "arpeggio":
        return _arpeggio(chord, ground, count), TONE
    if name == "walking":
        return _walk(plan, chord, before, rng)
    chances = {"locked": (0.62, 0.2, 0.18), "roots": (0.86, 0.1, 0.04), "sustained": (0.8, 0.2, 0.0)}
    kind = draw(chances.get(name, (0.95, 0.03, 0.02)), rng)
    return ((ground, ROOT), (fifth, TONE), (octave, ROOT))[kind]


def _arpeggio(chord: SoundingChord, ground: int, count: int) -> int:
    """Tones of the chord upwards from its ground and down again."""
    above = sorted({ground, *(ground + (tone - ground) % 12 for tone in chord.tones), ground + 12})
    ladder = [pitch for pitch in above if pitch <= 60][:4] or [ground]
    row = ladder + ladder[-2:0:-1]
    return row[count % len(row)]


def _walk(plan: Draft, chord: SoundingChord, before: int, rng: Rng) -> tuple[int, str]:
    """A step or a third on, toward the next ground: tones of the chord, or of the scale between them."""
    setting = plan.setting
    place = setting.chords.index(chord)
    target = plan.ground[min(place + 1, len(plan.ground) - 1)]
    direction = 1 if target > before else -1 if target < before else (1, -1)[int(rng.integers(2))]
    tones = {*chord.tones, chord.bass}
    near = range(max(before - 5, LOWEST), min(before + 5, HIGHEST) + 1)
    home = plan.ground[place]
    options = [p for p in near if p != before and abs(p - home) <= WALK_REACH]
    weights = []
    for pitch in options:
        fits = 1.0 if pitch % 12 in tones else 0.3 if pitch % 12 in setting.scale and abs(pitch - before) <= 2 else 0.0
        onward = 1.6 if (pitch - before) * direction > 0 else 1.0
        weights.append(fits * onward / (1.0 + 0.25 * abs(pitch - before)) + 1e-6)
    return options[draw(weights, rng)], STEP


def _pedal(notes: list[BassNote], plan: Draft, rng: Rng) -> list[BassNote]:
    """Hold the tonic through a few changes whose chord has it."""
    setting, tonic = plan.setting, plan.setting.context.key.tonic
    if rng.random() < 0.5:
        return notes
    could = [c for c in setting.chords[1:-1] if tonic in c.tones and c.bass != tonic]
    held = {c.start for c in could[: int(MAX_PEDALS * len(setting.chords))]}
    pitch = nearest(tonic, float(np.mean(plan.ground)))
    return [BassNote(n.start, n.duration, pitch, PEDAL) if setting.chord(n.start).start in held else n for n in notes]
