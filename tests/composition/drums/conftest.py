"""Sections for drums, and a MIDI file as another reader sees it."""

from collections.abc import Callable

import pytest

from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.music import Key, Meter, Piece


@pytest.fixture(scope="session")
def context_for() -> Callable[..., SectionContext]:
    def build(
        meter: str = "4/4",
        tempo_bpm: float = 100.0,
        energy: float = 0.5,
        *,
        n_bars: int = 8,
        lift: float = 0.2,
        heard: dict[str, Piece] | None = None,
    ) -> SectionContext:
        plan = SectionPlan("verse", "verse", n_bars, energy, lift)
        key = Key.parse("A minor")
        return make_context(plan, key=key, meter=Meter.parse(meter), tempo_bpm=tempo_bpm, heard=heard)

    return build
