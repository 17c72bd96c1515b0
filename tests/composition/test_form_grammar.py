"""Forms: songs in every meter and tempo, learned from the catalog's own."""

import numpy as np
import pytest

from whitelight.composition.form import SongForm
from whitelight.composition.form_grammar import BORROWS, COMPOSED, draw_form, learn_form
from whitelight.music import Meter


def drawn(seed: int, meter: str = "4/4", tempo_bpm: float = 100, **songs: list[list[str]]) -> SongForm:
    return draw_form(
        learn_form(songs.get("songs", [])), np.random.default_rng(seed), meter=Meter.parse(meter), tempo_bpm=tempo_bpm
    )


@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/8", "7/8", "11/8", "6/8"])
@pytest.mark.parametrize("tempo_bpm", [40, 96, 220])
def test_a_form_is_a_song(meter: str, tempo_bpm: float) -> None:
    for seed in range(8):
        form = drawn(seed, meter, tempo_bpm)
        names = [section.name for section in form.sections]
        assert "verse" in names
        assert len(names) == len(set(names)) <= len(COMPOSED)
        assert {block.section for block in form.blocks} == set(names)
        assert all(0 <= block.energy <= 1 for block in form.blocks)
        assert max(names.count(n) for n in names) == 1
        returning = [b.section for b in form.blocks if b.stages is None]
        assert max(returning.count(name) for name in names) >= 2
        seconds = form.n_bars * float(Meter.parse(meter).beats_per_bar) * 60 / tempo_bpm
        assert 45 <= seconds <= 400


def test_the_same_seed_draws_the_same_form() -> None:
    assert drawn(3) == drawn(3)
    assert len({drawn(seed) for seed in range(12)}) > 6


def test_both_variants_are_heard_and_a_returning_chorus_is_known_again() -> None:
    for seed in range(12):
        form = drawn(seed)
        choruses = [block.variant for block in form.blocks if block.name.startswith("chorus")]
        assert choruses[:2] == [0, 0][: len(choruses)]
        verses = [block.variant for block in form.blocks if block.name.startswith("verse")]
        assert len(verses) < 2 or set(verses) == {0, 1}


def test_a_section_rises_each_time_it_returns_and_what_borrows_says_who_plays() -> None:
    form = drawn(1)
    choruses = [block.energy for block in form.blocks if block.name.startswith("chorus")]
    assert choruses == sorted(choruses)
    for block in form.blocks:
        role = block.name.split(" ")[0]
        assert (block.stages is not None) == (role in BORROWS)


def test_the_catalog_is_heard() -> None:
    waltzes = [["verse", "bridge", "verse", "bridge", "verse", "bridge", "outro"]] * 60
    roles = [s.role for seed in range(20) for s in drawn(seed, songs=waltzes).sections]
    assert roles.count("bridge") > roles.count("chorus")
    assert learn_form([["drums", "hook"], []]).n_songs == 0


def test_a_lift_says_what_follows() -> None:
    for seed in range(10):
        form = drawn(seed)
        lifts = {section.role: section.lift for section in form.sections}
        assert all(-1 <= lift <= 1 for lift in lifts.values())
        followers = {a.section: b for a, b in zip(form.blocks, form.blocks[1:], strict=False)}
        if lifts.get("pre-chorus") is not None and followers["pre-chorus"].section == "chorus":
            assert lifts["pre-chorus"] > -0.2
