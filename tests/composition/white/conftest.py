"""Source songs whose every note tells bar and degree: bar b of a song has the scale from degree b upwards."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.composition.white import SourcePart
from whitelight.music import Key, KeyChange, Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap

Make = Callable[..., SourcePart]


def source_part(
    song: str = "First",
    *,
    key: str = "C major",
    meter: str = "4/4",
    stage: str = "melody",
    n_bars: int = 8,
    section: str = "verse_a",
    ticks_per_beat: int = 480,
    rows: list[tuple[int, int, int, int]] | None = None,
    seed: int = 0,
) -> SourcePart:
    """A part with one note per denominator unit, rising through the scale; chords are triads; or the `rows` given."""
    at, of = Meter.parse(meter), Key.parse(key)
    rng = np.random.default_rng([seed, *song.encode()])
    unit = Fraction(4 * ticks_per_beat, at.denominator)
    made: list[tuple[int, int, int, int]] = []
    for place in range(n_bars * at.numerator):
        first, last = round(place * unit), round((place + 1) * unit)
        degree = int(rng.integers(0, 7))
        for step in (0, 2, 4) if stage in ("chords", "harmony") else (0,):
            octave, within = divmod(degree + step, 7)
            pitch = (36 if stage == "bass" else 60) + of.tonic + of.scale_intervals[within] + 12 * octave
            pitch = int(rng.choice([36, 38, 42])) if stage == "drums" else pitch
            made.append((first, last - first, pitch, 64 + place % 40))
    piece = Piece(
        ticks_per_beat,
        TempoMap.constant(120.0, ticks_per_beat),
        meters=(MeterChange(0, at),),
        keys=(KeyChange(0, of),),
        midi_tracks=(MidiTrack("Line", program=5, is_drum=stage == "drums", notes=Notes.from_rows(rows or made)),),
        end_tick=round(n_bars * at.beats_per_bar * ticks_per_beat),
    )
    return SourcePart(piece, of, at, song, section, stage, f"{song.lower()}/{stage}/approved/{section}.mid")


@pytest.fixture(scope="session")
def make_source() -> Make:
    return source_part


@pytest.fixture(scope="session")
def context_for() -> Callable[..., SectionContext]:
    def build(
        key: str = "D dorian", meter: str = "4/4", n_bars: int = 8, *, heard: dict[str, Piece] | None = None
    ) -> SectionContext:
        section = SectionPlan("verse", "verse", n_bars, 0.5)
        return make_context(
            section, key=Key.parse(key), meter=Meter.parse(meter), tempo_bpm=100.0, heard=heard, label="a"
        )

    return build
