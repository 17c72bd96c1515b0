"""The plan of one demo song: key, meter, tempo, form, chords, and who plays where.

The form is fixed (intro, verse, chorus, verse, chorus, outro); what fills it comes from the album's grammar. Returning
sections keep their chords.
"""

from dataclasses import dataclass

import numpy as np

from whitelight.demo.grammar import Album, Harmony
from whitelight.demo.harmony import ChordSpan, pick, plan_chords
from whitelight.demo.steps import STEP_TICKS, TICKS_PER_BEAT, bar_steps, swung_tick
from whitelight.music import Key, Meter

LONGEST_S = 72.0  # the whole demo has to run in minutes
FORM = ("intro", "verse", "chorus", "verse", "chorus", "outro")
ENERGY = {"intro": 0.86, "verse": 0.95, "chorus": 1.07, "outro": 0.84}  # factor on velocities


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A section of the song: bars from `start_bar`, its chords, and which parts play."""

    name: str
    role: str
    start_bar: int
    n_bars: int
    spans: tuple[ChordSpan, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SongPlan:
    """Everything decided before a note is played; `album` may carry a borrowed part."""

    album: Album
    sequence: int
    key: Key
    meter: Meter
    tempo_bpm: float
    sections: tuple[SectionPlan, ...]
    has_drums: bool
    has_lyrics: bool

    @property
    def bar_ticks(self) -> int:
        """Length of a bar in ticks."""
        return bar_steps(self.meter) * STEP_TICKS

    @property
    def n_bars(self) -> int:
        """Bars in the song."""
        return self.sections[-1].start_bar + self.sections[-1].n_bars

    @property
    def bar_s(self) -> float:
        """Length of a bar in seconds."""
        return self.bar_ticks / TICKS_PER_BEAT * 60 / self.tempo_bpm

    @property
    def duration_s(self) -> float:
        """Length of the song in seconds."""
        return self.n_bars * self.bar_s


@dataclass(frozen=True, slots=True)
class Bar:
    """Bar number `index` of a section, while it is being played."""

    plan: SongPlan
    section: SectionPlan
    index: int

    @property
    def start_tick(self) -> int:
        """Tick at which the bar starts in the song."""
        return (self.section.start_bar + self.index) * self.plan.bar_ticks

    @property
    def n_steps(self) -> int:
        """Sixteenths in the bar."""
        return bar_steps(self.plan.meter)

    @property
    def is_song_end(self) -> bool:
        """Whether this is the last bar of the song."""
        return self.section.start_bar + self.index == self.plan.n_bars - 1

    @property
    def energy(self) -> float:
        """Factor on velocities that the section's role asks for."""
        return ENERGY[self.section.role]

    def chord_at(self, step: int) -> ChordSpan:
        """Chord that sounds at a step of this bar; the song's last bar is all its last chord."""
        if self.is_song_end:
            return self.section.spans[-1]
        place = self.index + step / self.n_steps
        return next(span for span in reversed(self.section.spans) if span.start_bar <= place + 1e-9)

    def tick_at(self, step: int) -> int:
        """Tick of a step of this bar, swung as the album swings."""
        return self.start_tick + swung_tick(step, self.plan.album.swing)


def bars_of(plan: SongPlan, section: SectionPlan) -> tuple[Bar, ...]:
    """All bars of a section."""
    return tuple(Bar(plan, section, index) for index in range(section.n_bars))


def plan_song(
    album: Album,
    sequence: int,
    harmony: Harmony,
    meter: Meter,
    rng: np.random.Generator,
    *,
    tonic: str | None = None,
    has_drums: bool,
    has_lyrics: bool,
) -> SongPlan:
    """Decide key, tempo, form and chords of song number `sequence` of an album; `tonic` overrules the drawn one."""
    drawn = str(rng.choice(album.tonics))
    key = Key.parse(f"{tonic or drawn} {harmony.scale}")
    low, high = album.tempo_bpm
    tempo_bpm = float(round(low + (high - low) * rng.beta(1.6, 1.6)))
    bars_per_chord = pick(album.bars_per_chord, rng)
    bar_s = bar_steps(meter) / 4 * 60 / tempo_bpm
    n_edge, n_verse, n_chorus = _bars_of_form(bar_s)
    lengths = {"intro": n_edge, "outro": n_edge, "verse": n_verse, "chorus": n_chorus}
    verse, chorus = str(rng.choice(harmony.verse)).split(), str(rng.choice(harmony.chorus)).split()
    cadence = str(rng.choice(harmony.cadence))
    tokens = {"intro": verse, "verse": verse, "chorus": chorus, "outro": verse}
    closes = {"intro": "", "verse": "", "chorus": cadence, "outro": cadence}
    spans = {
        role: plan_chords(
            tokens[role],
            closes[role],
            n_bars=lengths[role],
            bars_per_chord=min(bars_per_chord, lengths[role] / 2),
            key=key,
            colors=album.colors,
            rng=rng,
        )
        for role in lengths
    }
    sections, bar, seen = [], 0, {"verse": 0, "chorus": 0}
    for role in FORM:
        name = role.capitalize()
        if role in seen:
            seen[role] += 1
            name = f"{name} {seen[role]}"
        parts = _parts_of(role, has_drums=has_drums, rng=rng)
        sections.append(SectionPlan(name, role, bar, lengths[role], spans[role], parts))
        bar += lengths[role]
    return SongPlan(album, sequence, key, meter, tempo_bpm, tuple(sections), has_drums, has_lyrics)


def _bars_of_form(bar_s: float) -> tuple[int, int, int]:
    """Bars of intro or outro, verse and chorus: the longest of three sizes that keeps the song short."""
    for n_edge, n_verse, n_chorus in ((4, 8, 8), (2, 8, 4), (2, 4, 4)):
        if (2 * n_edge + 2 * n_verse + 2 * n_chorus) * bar_s <= LONGEST_S:
            return n_edge, n_verse, n_chorus
    return 2, 4, 4


def _parts_of(role: str, *, has_drums: bool, rng: np.random.Generator) -> tuple[str, ...]:
    """Who plays in a section: all in verse and chorus, fewer at the edges."""
    parts = ["chords", "bass", "drums", "melody"]
    if role == "intro":
        parts = ["chords", *(["bass"] if rng.random() < 0.6 else []), *(["drums"] if rng.random() < 0.5 else [])]
    return tuple(part for part in parts if part != "drums" or has_drums)
