"""What a melody must know of its section before a note is written: voice, pace, and what every place allows.

`place` answers for a stretch of time which pitch every height is there and what it costs to sing it: chord tones are
free, a semitone against a chord tone or the bass is dear, long and strong notes are dearer than passing ones. Answers
are remembered, since a search asks for the same stretches again and again.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from whitelight.composition.clashes import STRONG, ClashFrame, clash_frame
from whitelight.composition.context import SectionContext
from whitelight.composition.form import SectionPlan
from whitelight.composition.melody.chord_scales import chord_scale
from whitelight.composition.melody.tables import (
    MelodyHabit,
    MelodyStyle,
    MelodyTables,
    Role,
    Voice,
    in_style,
    shipped_tables,
)
from whitelight.composition.randomness import Rng
from whitelight.composition.sounding import SoundingChord

RANGE_ST = 14  # semitones of one section
FORBIDDEN = 9.0  # cost from which a height is sung only when nothing else is left
LEANING = 0.5  # cost of a short strong note a semitone beside the chord, which must be prepared
HELD = 6.0  # cost of a note that rubs with a chord that arrives under it
LONG_S = 0.5
HABIT_SHARE = 0.8  # of candidates that lean to one melody of the catalog
RINGS_ON = 0.2  # of a pulse: what sounds longer into it is in the way
_DRUM_PULL = 0.35  # how much a drum hit draws an onset to its pulse
_KICK_AND_SNARE = (35, 36, 38, 40)


@dataclass(frozen=True, slots=True)
class Place:
    """What a note there can be; both of the length of `Setting.heights`.

    Attributes
    ----------
    pitches : MIDI pitch of every height. costs : of singing it there, 0 is at ease.
    """

    pitches: tuple[int, ...]
    costs: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Everything a generator must know; build with `make_setting`.

    Attributes
    ----------
    voice : who sings, `register` MIDI pitches it has here. tonic : MIDI pitch of height 0.
    heights : scale steps within the register. notes_per_s : wanted per sung second. center : MIDI pitch to lie around.
    scales : per chord, semitones of the degrees above the tonic. bass_rubs : per pulse, pitch classes (as bits) that
        are a semitone from the sounding bass. pull : per pulse of a bar, weight drums give it. habits : melodies of a catalog to lean to.
    """

    context: SectionContext
    frame: ClashFrame
    tables: MelodyTables
    role: Role
    voice: Voice
    register: tuple[int, int]
    tonic: int
    heights: range
    notes_per_s: float
    center: float
    scales: tuple[tuple[int, ...], ...]
    bass_rubs: tuple[int, ...]
    pull: tuple[float, ...]
    habits: tuple[MelodyHabit, ...] = ()
    memo: dict[tuple[int, int, bool, bool], Place] = field(default_factory=dict)

    @property
    def section(self) -> SectionPlan:
        """What is composed."""
        return self.context.section

    @property
    def closes(self) -> Mapping[int, float]:
        """Degrees on which phrases end."""
        return self.tables.closes["minor" if self.context.key.scale_intervals[2] == 3 else "major"]

    def place(self, start: int, end: int, *, is_last: bool, leans: bool) -> Place:
        """What a note from `start` to `end` (pulses) can be."""
        asked = (start, end, is_last, leans)
        found = self.memo.get(asked)
        if found is None:
            found = self.memo[asked] = _judge(self, start, end, is_last=is_last, leans=leans)
        return found

    def pitch(self, height: int, chord: int = 0) -> int:
        """MIDI pitch of a height over a chord."""
        octave, degree = divmod(height, 7)
        return self.tonic + 12 * octave + self.scales[chord][degree]


def make_setting(context: SectionContext, style: MelodyStyle | None = None) -> Setting:
    """Prepare a section."""
    tables = shipped_tables() if style is None else in_style(shipped_tables(), style.overall)
    role = tables.roles.get(context.section.role, tables.roles["verse"])
    voice, tonic = choose_voice(tables, context.key.tonic, is_lead=role.is_lead)
    low, high = voice.low, voice.high
    energy = context.section.energy
    center = low + (high - low) * 0.45 + 5.0 * (energy - 0.5) + 1.2 * role.lift
    chords = context.chords
    scales = tuple(chord_scale(context.key, chord) for chord in chords) or (context.key.scale_intervals,)
    heights = [h for h in range(-14, 21) if low <= tonic + 12 * (h // 7) + context.key.scale_intervals[h % 7] <= high]
    return Setting(
        context=context,
        frame=clash_frame(context),
        tables=tables,
        role=role,
        voice=voice,
        register=(low, high),
        tonic=tonic,
        heights=range(heights[0], heights[-1] + 1),
        notes_per_s=_pace(tables, role, energy),
        center=float(np.clip(center, low + 6, high - 6)),
        scales=scales,
        bass_rubs=_bass_rubs(context),
        pull=_drum_pull(context),
        habits=() if style is None else style.habits,
    )


def in_manner(setting: Setting, rng: Rng) -> Setting:
    """Lean the setting to one melody of the catalog, now and then to none: pace, intervals, place in the register."""
    if not setting.habits or rng.random() >= HABIT_SHARE:
        return setting
    habit = setting.habits[int(rng.integers(len(setting.habits)))]
    tables = in_style(shipped_tables(), habit)
    low, high = setting.register
    shift = (habit.low + habit.high) / 2 - sum(setting.tables.register or (low, high)) / 2
    return replace(
        setting,
        tables=tables,
        notes_per_s=_pace(tables, setting.role, setting.context.section.energy),
        center=float(np.clip(setting.center + shift, low + 6, high - 6)),
    )


def _pace(tables: MelodyTables, role: Role, energy: float) -> float:
    """Notes per sung second: those of the tables at a verse of middle energy."""
    return float(np.clip(tables.notes_per_s * role.density * (0.82 + 0.4 * energy), 1.0, 3.8))


def choose_voice(tables: MelodyTables, tonic: int, *, is_lead: bool) -> tuple[Voice, int]:
    """Choose the singer in whose range the key lies best, and the tonic (MIDI) a fourth above the range's low end.

    A catalog's register, when known, moves the range; lines then reach from the fifth below to the ninth above.
    """
    if tables.register is not None:
        middle = sum(tables.register) / 2
        low = round(min(max(middle - 9, 36), 84))
        voices = [Voice("learned", low, low + 18, 53)]
    else:
        voices = [voice for voice in tables.voices if (voice.name == "lead") == is_lead]

    def tonic_in(voice: Voice) -> int:
        return voice.low + 1 + (tonic - voice.low - 1) % 12

    best = min(voices, key=lambda voice: abs(tonic_in(voice) - voice.low - 5))
    return best, tonic_in(best)


def _bass_rubs(context: SectionContext) -> tuple[int, ...]:
    """Pitch classes a semitone from the bass, but for the major seventh a chord wants."""
    rubs = [0] * (context.n_pulses + 1)
    for onset, length, pitch, _ in context.notes_of("bass").to_rows():
        first = round(onset / context.pulse_ticks)
        last = max(math.ceil((onset + length) / context.pulse_ticks - RINGS_ON), first + 1)
        for pulse in range(first, min(last, context.n_pulses)):
            chord = context.chord_at(pulse)
            rubs[pulse] |= 1 << (pitch + 1) % 12
            if chord is None or not {pitch % 12, (pitch - 1) % 12} <= set(chord.tones):
                rubs[pulse] |= 1 << (pitch - 1) % 12
    return tuple(rubs)


def _drum_pull(context: SectionContext) -> tuple[float, ...]:
    """1 and a little more where kick and snare usually fall."""
    hits = np.zeros(context.grid.bar_pulses)
    for onset, _, pitch, _ in context.notes_of("drums").to_rows():
        if pitch in _KICK_AND_SNARE:
            hits[round(onset / context.pulse_ticks) % context.grid.bar_pulses] += 1
    return tuple((1.0 + _DRUM_PULL * np.minimum(hits / context.section.n_bars, 1.0)).tolist())


def _judge(setting: Setting, start: int, end: int, *, is_last: bool, leans: bool) -> Place:
    frame, context = setting.frame, setting.context
    at_onset = int(frame.chord_at[start])
    held = _held(context.chords, start, end)
    main = max(held, key=lambda chord: (held[chord], -chord)) if held else 0
    weight = int(frame.weights[start])
    if weight >= 2 and 4 * held.get(at_onset, 0) >= end - start:
        main = at_onset
    quarter = frame.quarter_ticks / frame.pulse_ticks
    is_long = (end - start) * context.grid.pulse_s >= LONG_S or end - start >= quarter
    rubs = 0
    for pulse in range(start, min(end, context.n_pulses)):
        rubs |= setting.bass_rubs[pulse]
    ever = [chord for chord, pulses in held.items() if 2 * pulses > 1] or [at_onset]
    later = [chord for chord, pulses in held.items() if chord != at_onset and pulses >= min(quarter, 4)]
    pitches, costs = [], []
    for height in setting.heights:
        pitch = setting.pitch(height, main)
        tone = pitch % 12
        cost = _chord_cost(frame, tone, (at_onset, main), weight, is_long=is_long, leans=leans)
        cost += FORBIDDEN if rubs >> tone & 1 else 0.0
        cost += HELD if any(frame.near[chord, tone] for chord in later) else 0.0
        if is_last and frame.has_chords:
            cost += 0.0 if any(frame.tones[chord, tone] for chord in ever) else 12.0
            cost += 0.0 if frame.tones[ever[-1], tone] else 2.5
        pitches.append(pitch)
        costs.append(cost)
    return Place(tuple(pitches), tuple(costs))


def _held(chords: tuple[SoundingChord, ...], start: int, end: int) -> dict[int, int]:
    """Pulses a note from `start` to `end` sounds over each chord."""
    return {
        index: min(end, chord.end) - max(start, chord.start)
        for index, chord in enumerate(chords)
        if chord.start < end and chord.end > start
    }


def _chord_cost(
    frame: ClashFrame, tone: int, chords: tuple[int, int], weight: int, *, is_long: bool, leans: bool
) -> float:
    at_onset, main = chords
    is_tone, is_near = bool(frame.tones[at_onset, tone]), bool(frame.near[at_onset, tone])
    if not frame.has_chords:
        return 0.0
    if weight >= STRONG:
        cost = (LEANING if leans and not is_long else FORBIDDEN) if is_near else 0.0 if is_tone or leans else 1.8
    elif weight == 2:
        cost = 0.8 if is_near else 0.0 if is_tone else 0.25
    else:
        cost = 0.3 if is_near else 0.0 if is_tone else 0.1
    if is_long:
        cost += 3.0 if frame.near[main, tone] else 0.0 if frame.tones[main, tone] or leans else 0.5
    return cost
