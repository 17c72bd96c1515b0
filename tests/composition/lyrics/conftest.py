"""Melodies to put words on, and lines written for these tests."""

from collections.abc import Callable, Sequence

import pytest

from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.music import Key, Meter, MidiTrack, Notes

CORPUS = """\
The ferry leaves at seven and the harbor holds its breath
I wrote your name on paper that I folded into birds
Nobody on the platform ever waved to me
She keeps a broken radio beside the kitchen door
We were walking through the orchard when the sirens start
You never told me where the rivers go to hide
There's a candle in the window of the house across the street
My father had a hammer and a garden full of stones
They are selling all the furniture we carried up the stairs
I hear the engine turning underneath the floor
When the winter comes to get you will you call me by my name
The captain was a dreamer and the dreamer was a thief
You can have the morning, you can have the rain
I will follow every signal till the signals fade away
She said the moon was broken and she mended it with thread
We are only passing strangers in a photograph of snow
He left his coat of feathers on the ladder in the hall
Tell the doctor I am sleeping, tell the sailor I am gone
The city counts its windows in the dark
I keep a little fire for the birds that never came
"""
MELODY = [  # pulses of 4/4: a bar and a half of singing, half a bar of rest, four times
    (0, 4), (4, 2), (6, 2), (8, 4), (12, 4), (16, 8),
]  # fmt: skip


@pytest.fixture(scope="session")
def corpus() -> list[str]:
    return CORPUS.splitlines()


@pytest.fixture(scope="session")
def sung() -> Callable[..., SectionContext]:
    """Make a section over a melody: rows of (pulse, pulses, pitch), or the usual melody."""

    def build(
        rows: Sequence[tuple[int, int, int]] | None = None,
        *,
        meter: str = "4/4",
        tempo_bpm: float = 90.0,
        role: str = "verse",
        n_bars: int = 8,
    ) -> SectionContext:
        section = SectionPlan(role, role, n_bars, 0.5)
        plain = make_context(section, key=Key.parse("D minor"), meter=Meter.parse(meter), tempo_bpm=tempo_bpm)
        if rows is None:
            bar = plain.grid.bar_pulses
            shape = [(start * bar // 16, max(length * bar // 16, 1)) for start, length in MELODY]
            rows = [
                (phrase * 2 * bar + start, length, 62 + (k * 5) % 7)
                for phrase in range(n_bars // 2)
                for k, (start, length) in enumerate(shape)
            ]
        ticks = plain.pulse_ticks
        notes = Notes.from_rows([(start * ticks, length * ticks, pitch, 80) for start, length, pitch in rows])
        piece = plain.piece([MidiTrack("Melody", notes=notes)])
        return make_context(
            section, key=plain.key, meter=plain.meter, tempo_bpm=tempo_bpm, heard={"melody": piece}, label="a"
        )

    return build
