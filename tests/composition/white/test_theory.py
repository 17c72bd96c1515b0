"""Every term tells something apart, and tells it the right way round."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from whitelight.composition.white import Cut, CutUpCraft, CutUpGenome, SourcePart
from whitelight.composition.white.genome import tidy
from whitelight.composition.white.library import Material
from whitelight.composition.white.seams import seam_cost

TRIADS = {"C": (60, 64, 67), "F": (65, 69, 72), "G": (67, 71, 74), "Am": (57, 60, 64)}


@pytest.fixture
def chords(make_source: Callable[..., SourcePart]) -> list[SourcePart]:
    def song(name: str, *played: str) -> SourcePart:
        rows = [(bar * 1920, 1920, pitch, 70) for bar, chord in enumerate(played) for pitch in TRIADS[chord]]
        return make_source(name, stage="chords", n_bars=len(played), rows=rows)

    return [song("First", "C", "F", "G", "C"), song("Second", "Am", "F", "C", "G")]


def bars(*names: str) -> CutUpGenome:
    """ "f0" is bar 0 of the first song; names that come again are recalled."""
    files = {"f": "first/chords/approved/verse_a.mid", "s": "second/chords/approved/verse_a.mid"}
    order = list(dict.fromkeys(names))
    units = tuple((Cut(files[name[0]], int(name[1]), 0, 4),) for name in order)
    return CutUpGenome(units, tuple(order.index(name) for name in names))


def test_terms_of_chords(chords: list[SourcePart], context_for: Callable[..., Any]) -> None:
    craft = CutUpCraft(context_for("C major", "4/4", 4), chords, "chords")

    def term(name: str, *names: str) -> float:
        value = craft.play(bars(*names)).terms[name]
        assert value is not None
        return value

    assert term("home", "f0", "s1", "f2", "f3") == 1.0
    assert term("home", "f1", "s1", "f2", "s3") < 0.8
    assert term("seams", "f0", "f1", "f2", "f3") == 1.0  # as it always went on
    assert term("seams", "s1", "f0", "s1", "f0") < 1.0
    assert term("sources", "f0", "s1", "f2", "s3") == 1.0
    assert term("sources", "f0", "s1", "f2", "f3") < 1.0
    assert term("recall", "f0", "s1", "f2", "s3") == 0.0
    assert term("recall", "f0", "s1", "f0", "s3") == 1.0
    assert term("recall", "f0", "f0", "f0", "f0") == 0.0
    assert term("place", "f0", "s1", "f2", "f3") == 1.0
    assert term("place", "f3", "s0", "f1", "f2") == 0.0


def test_a_line_is_laid_against_the_chords(
    chords: list[SourcePart], make_source: Callable[..., SourcePart], context_for: Callable[..., Any]
) -> None:
    rows = [(1920 * bar + 960 * half, 960, pitch, 80) for bar, pitch in enumerate((60, 61, 67, 64)) for half in (0, 1)]
    rows += [(7680, 480, 72, 80)]
    melody = make_source("First", n_bars=5, rows=rows)
    above = CutUpCraft(context_for("C major", "4/4", 4), chords, "chords").piece(bars("f0", "f1", "f0", "s2"))
    craft = CutUpCraft(context_for("C major", "4/4", 4, heard={"chords": above}), [melody], "melody")

    def played(*order: int) -> dict[str, float | None]:
        units = tuple((Cut(melody.file, bar, 0, 4),) for bar in order)
        return dict(craft.play(tidy(units, (0, 1, 2, 3))).terms)

    good, bad = played(0, 0, 2, 4), played(1, 0, 1, 3)
    assert good["chord_agreement"] is not None
    assert bad["chord_agreement"] is not None
    assert good["chord_agreement"] > bad["chord_agreement"]
    assert good["clean_accents"] is not None
    assert bad["clean_accents"] is not None
    assert good["clean_accents"] > bad["clean_accents"]
    assert good["energy"] != bad["energy"]
    assert good["home"] is None


@pytest.mark.parametrize(
    ("stage", "first", "second", "cost"),
    [
        ("melody", (60,), (62,), 0.0),
        ("melody", (60,), (72,), 1.0),
        ("bass", (36,), (41,), 0.3),
        ("chords", (60, 64, 67), (60, 64, 67), 0.0),
        ("chords", (60, 64, 67), (60, 65, 69), 0.2),
        ("chords", (60, 64, 67), (59, 62, 67, 71), 0.35),
        ("drums", (36, 38), (36, 38), 0.0),
        ("drums", (36, 38), (42, 46), 1.0),
    ],
)
def test_seams(
    *,
    stage: str,
    first: tuple[int, ...],
    second: tuple[int, ...],
    cost: float,
    make_source: Callable[..., SourcePart],
    context_for: Callable[..., Any],
) -> None:
    rows = [(bar * 3840, 1920, pitch, 70) for bar, chord in enumerate((first, second)) for pitch in chord]
    craft = CutUpCraft(context_for("C major", "4/4", 4), [make_source(stage=stage, n_bars=3, rows=rows)], stage)
    before, after = (craft.library.materials[Cut(f"first/{stage}/approved/verse_a.mid", bar, 0, 4)] for bar in (0, 2))
    assert isinstance(before, Material)
    assert seam_cost(before, after) == pytest.approx(cost)


def test_drawn_ones_differ_in_every_term(
    make_source: Callable[..., SourcePart], context_for: Callable[..., Any]
) -> None:
    sources = [
        make_source(song, key=key, stage="chords", section=section, seed=place)
        for song, key in (("First", "C major"), ("Second", "A minor"), ("Third", "G dorian"))
        for place, section in enumerate(("verse_a", "verse_b"))
    ]
    craft = CutUpCraft(context_for("E minor"), sources, "chords")
    rng = np.random.default_rng(0)
    terms = [craft.play(craft.compose(rng)).terms for _ in range(50)]
    for name in ("seams", "sources", "recall", "home", "place"):
        assert np.std([one[name] for one in terms]) > 0.05, name
