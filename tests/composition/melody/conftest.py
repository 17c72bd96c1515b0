"""Sections with approved chords and a bass on their roots."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.chords.setting import ChordStyle, make_setting
from whitelight.composition.chords.transitions import shipped_rules
from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.music import Key, Meter, MidiTrack, Notes, read_midi


@lru_cache(maxsize=64)
def build(
    key: str = "C major",
    meter: str = "4/4",
    tempo_bpm: float = 100.0,
    *,
    role: str = "verse",
    n_bars: int = 8,
    energy: float = 0.5,
    seed: int = 0,
    has_bass: bool = True,
) -> SectionContext:
    section = SectionPlan("part", role, n_bars, energy)
    given = {"key": Key.parse(key), "meter": Meter.parse(meter), "tempo_bpm": tempo_bpm}
    craft = ChordCraft(make_setting(section, style=ChordStyle(shipped_rules()), **given))
    chords = read_midi(craft.play(craft.compose(np.random.default_rng(seed))).midi)
    context = make_context(section, heard={"chords": chords}, label="a", **given)
    if not has_bass:
        return context
    rows = [
        (chord.start * context.pulse_ticks, chord.duration * context.pulse_ticks, 36 + chord.bass, 80)
        for chord in context.chords
    ]
    bass = context.piece([MidiTrack("Bass", program=33, notes=Notes.from_rows(rows))])
    return make_context(section, heard={"chords": chords, "bass": bass}, label="a", **given)


@pytest.fixture(scope="session")
def section_for() -> Callable[..., SectionContext]:
    return build
