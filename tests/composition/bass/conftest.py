"""Sections with chords, with and without drums."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.chords.setting import ChordStyle
from whitelight.composition.chords.setting import make_setting as chord_setting
from whitelight.composition.chords.transitions import shipped_rules
from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.drums import STAGE as DRUMS
from whitelight.composition.form import SectionPlan
from whitelight.music import Key, Meter, MidiTrack, Notes, Piece, TempoMap, TextEvent, read_midi


@pytest.fixture(scope="session")
def context_for() -> Callable[..., SectionContext]:
    @lru_cache(maxsize=64)
    def build(
        meter: str = "4/4",
        tempo_bpm: float = 100.0,
        energy: float = 0.5,
        *,
        n_bars: int = 8,
        key: str = "A minor",
        drums: bool = True,
        seed: int = 0,
    ) -> SectionContext:
        plan, rng = SectionPlan("verse", "verse", n_bars, energy, 0.1), np.random.default_rng(seed)
        ground = {"key": Key.parse(key), "meter": Meter.parse(meter), "tempo_bpm": tempo_bpm}
        chords = ChordCraft(chord_setting(plan, style=ChordStyle(shipped_rules()), **ground))
        heard = {"chords": read_midi(chords.play(chords.compose(rng)).midi)}
        context = make_context(plan, heard=heard, **ground)
        if not drums:
            return context
        craft = DRUMS.craft(context, None)
        heard["drums"] = read_midi(craft.play(craft.compose(rng)).midi)
        return make_context(plan, heard=heard, **ground)

    return build


@pytest.fixture(scope="session")
def slash_context() -> SectionContext:
    """C, G/B, Am, F/A and so on: the bass goes its own way."""
    chords = [("C", (48, 60, 64, 67)), ("G/B", (47, 62, 67, 71)), ("Am", (45, 60, 64, 69)), ("F/A", (45, 60, 65, 69))]
    rows, markers = [], []
    for bar in range(8):
        name, pitches = chords[bar % 4]
        rows += [(bar * 1920, 1900, pitch, 80) for pitch in pitches]
        markers.append(TextEvent(bar * 1920, name))
    track = MidiTrack("Chords", notes=Notes.from_rows(rows))
    piece = Piece(480, TempoMap.constant(100), markers=tuple(markers), midi_tracks=(track,))
    plan = SectionPlan("verse", "verse", 8, 0.6)
    return make_context(plan, key=Key.parse("C major"), meter=Meter(4, 4), tempo_bpm=100, heard={"chords": piece})
