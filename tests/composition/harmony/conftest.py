"""Sections with real chords, and with a melody and a bass made here."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.chords.setting import ChordStyle, make_setting
from whitelight.composition.chords.transitions import shipped_rules
from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.music import Key, Meter, MidiTrack, Notes, Piece, read_midi

MakeContext = Callable[..., SectionContext]


def make_melody(context: SectionContext, rng: np.random.Generator) -> Piece:
    """Chord tones on strong places, steps between them, a rest at the end of every second bar."""
    rows, pitch = [], 72
    grid, ticks = context.grid, context.pulse_ticks
    scale = set(context.key.scale_pitch_classes)
    for bar in range(context.section.n_bars):
        onsets = [p for p in range(grid.bar_pulses) if grid.weights[p] >= 2 or (grid.weights[p] and rng.random() < 0.5)]
        onsets = onsets[: max(1, len(onsets) * 2 // 3)] if bar % 2 else onsets
        ends = [*onsets[1:], grid.bar_pulses * 2 // 3 if bar % 2 else grid.bar_pulses]
        for onset, end in zip(onsets, ends, strict=True):
            start = bar * grid.bar_pulses + onset
            chord = context.chord_at(start)
            tones = set(chord.tones) if chord and grid.weights[onset] >= 3 else scale
            near = [p for p in range(pitch - 5, pitch + 6) if p % 12 in tones and 62 <= p <= 82]
            pitch = int(rng.choice(near))
            rows.append((start * ticks, max(end - onset, 1) * ticks, pitch, 84))
    return context.piece([MidiTrack("Melody", program=73, notes=Notes.from_rows(rows))])


def make_bass(context: SectionContext) -> Piece:
    """The sounding bass of every chord, held."""
    rows = [
        (chord.start * context.pulse_ticks, chord.duration * context.pulse_ticks, 36 + (chord.bass - 36) % 12, 80)
        for chord in context.chords
    ]
    return context.piece([MidiTrack("Bass", program=33, notes=Notes.from_rows(rows))])


@lru_cache(maxsize=64)
def section(
    meter: str = "4/4",
    key: str = "D minor",
    *,
    tempo_bpm: float = 100.0,
    energy: float = 0.5,
    n_bars: int = 8,
    melody: bool = True,
    bass: bool = True,
    seed: int = 3,
) -> SectionContext:
    plan = SectionPlan("verse", "verse", n_bars, energy)
    parsed = {"key": Key.parse(key), "meter": Meter.parse(meter), "tempo_bpm": tempo_bpm}
    craft = ChordCraft(make_setting(plan, style=ChordStyle(shipped_rules()), **parsed))
    rng = np.random.default_rng(seed)
    heard = {"chords": read_midi(craft.play(craft.compose(rng)).midi)}
    plain = make_context(plan, heard=heard, label="a", **parsed)
    if bass:
        heard["bass"] = make_bass(plain)
    if melody:
        heard["melody"] = make_melody(plain, rng)
    return make_context(plan, heard=heard, label="a", **parsed)


@pytest.fixture(scope="session")
def make_section() -> MakeContext:
    return section
