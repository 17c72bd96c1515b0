"""What a style plays while a chord lasts, and how it leads into the next one: pitches for the onsets of a line."""

from dataclasses import dataclass, field

import numpy as np

from whitelight.composition.bass.genome import BassNote
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
)
from whitelight.composition.bass.rhythm import Rhythm
from whitelight.composition.bass.setting import Setting
from whitelight.composition.bass.styles import LineStyle
from whitelight.composition.randomness import Rng, draw
from whitelight.composition.sounding import SoundingChord

FIFTH_SHARE = 0.12  # of the notes of the octave style that are neither octave nor ground
CHROMATIC_SHARE = 0.3  # of ways into a chord, where the beat allows them
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


def ground_of(setting: Setting, center: int) -> tuple[int, ...]:
    """Pitch on which each chord stands: near the center, not far from the one before."""
    found: list[int] = []
    for chord in setting.chords:
        found.append(nearest(chord.bass, center, found[-1] if found else None))
    return tuple(found)


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


def hold_pedal(notes: list[BassNote], plan: Draft, rng: Rng) -> list[BassNote]:
    """Hold the tonic through a few changes whose chord has it."""
    setting, tonic = plan.setting, plan.setting.context.key.tonic
    if rng.random() < 0.5:
        return notes
    could = [c for c in setting.chords[1:-1] if tonic in c.tones and c.bass != tonic]
    held = {c.start for c in could[: int(MAX_PEDALS * len(setting.chords))]}
    pitch = nearest(tonic, float(np.mean(plan.ground)))
    return [BassNote(n.start, n.duration, pitch, PEDAL) if setting.chord(n.start).start in held else n for n in notes]
