"""Who plays where: variants, energy, the first verse and the last chorus, shortened blocks."""

import pytest

from whitelight.composition.arrangement.model import Arrangement, ArrangementError
from whitelight.composition.arrangement.planning import plan_arrangement
from whitelight.composition.form import Block, SectionPlan, SongForm
from whitelight.composition.song_sheet import SongSheet
from whitelight.music import Key, Meter

VERSE, CHORUS = SectionPlan("verse", "verse", 8, 0.4), SectionPlan("chorus", "chorus", 8, 0.7)
BLOCKS = (
    Block("intro", "verse", 0, 0.3, 4),
    Block("verse 1", "verse", 0, 0.4, 8),
    Block("chorus 1", "chorus", 0, 0.5, 8),
    Block("verse 2", "verse", 1, 0.45, 8),
    Block("chorus 2", "chorus", 1, 0.55, 8),
    Block("outro", "chorus", 0, 0.3, 4),
)
ALL = {
    stage: {"verse": ("a", "b"), "chorus": ("a", "b")}
    for stage in ("chords", "drums", "bass", "melody", "harmony", "lyrics")
}


def sheet(*blocks: Block, sections: tuple[SectionPlan, ...] = (VERSE, CHORUS)) -> SongSheet:
    form = SongForm(sections, blocks or BLOCKS)
    return SongSheet("Song", "id", Key(0, "major"), Meter(4, 4), 100.0, "", "", "", 0, form)


def playing(arrangement: Arrangement, name: str) -> dict[str, str]:
    block = next(block for block in arrangement.blocks if block.name == name)
    return {use.stage: use.part for use in block.uses}


def test_parts_enter_as_energy_rises() -> None:
    planned = plan_arrangement(sheet(), ALL)
    assert [block.n_bars for block in planned.blocks] == [4, 8, 8, 8, 8, 4]
    assert set(playing(planned, "intro")) == {"chords", "bass"}
    assert set(playing(planned, "verse 1")) == {"chords", "bass", "drums", "melody", "lyrics"}
    assert "harmony" not in playing(planned, "verse 1")
    assert "harmony" in playing(planned, "verse 2")
    assert set(playing(planned, "chorus 2")) == set(ALL)


def test_each_block_plays_its_variant() -> None:
    planned = plan_arrangement(sheet(), ALL)
    assert set(playing(planned, "verse 1").values()) == {"verse_a"}
    assert set(playing(planned, "verse 2").values()) == {"verse_b"}
    assert set(playing(planned, "chorus 2").values()) == {"chorus_b"}


def test_a_shortened_block_opens_with_the_first_bars_and_closes_with_the_last() -> None:
    planned = plan_arrangement(sheet(), ALL)
    assert {use.from_bar for use in planned.blocks[0].uses} == {0}
    assert {use.from_bar for use in planned.blocks[-1].uses} == {4}


def test_with_one_variant_everything_returns() -> None:
    one = {stage: {"verse": ("a",), "chorus": ("a",)} for stage in ("chords", "melody")}
    planned = plan_arrangement(sheet(), one)
    assert set(playing(planned, "verse 2").values()) == {"verse_a"}


def test_a_variant_without_melody_gives_way_to_the_complete_one() -> None:
    approved = {"chords": {"verse": ("a", "b")}, "melody": {"verse": ("b",)}}
    planned = plan_arrangement(sheet(BLOCKS[1], BLOCKS[3]), approved)
    assert [block.parts("chords") for block in planned.blocks] == [("verse_b",), ("verse_b",)]


def test_other_words_for_a_melody_that_comes_back() -> None:
    approved = {"chords": {"verse": ("a",), "chorus": ("a",)}, "melody": {"verse": ("a",), "chorus": ("a",)}}
    approved["lyrics"] = {"verse": ("a", "b"), "chorus": ("a", "b")}
    planned = plan_arrangement(sheet(), approved)
    assert playing(planned, "verse 1")["lyrics"] == "verse_a"
    assert playing(planned, "verse 2")["lyrics"] == "verse_b"
    assert playing(planned, "chorus 1")["lyrics"] == playing(planned, "chorus 2")["lyrics"] == "chorus_a"


def test_stages_named_by_the_form_count_more_than_energy() -> None:
    quiet = Block("chorus 1", "chorus", 0, 0.1, 8, ("drums", "harmony"))
    planned = plan_arrangement(sheet(quiet, BLOCKS[1]), ALL)
    assert set(playing(planned, "chorus 1")) == {"drums", "harmony"}


def test_a_stage_that_was_approved_is_heard_somewhere() -> None:
    approved = {"chords": ALL["chords"], "harmony": {"verse": ("a",)}}
    planned = plan_arrangement(sheet(BLOCKS[0], BLOCKS[1], BLOCKS[2]), approved)
    assert playing(planned, "verse 1")["harmony"] == "verse_a"


def test_labels_of_another_name_are_taken_in_order() -> None:
    approved = {"chords": {"verse": ("a", "b")}, "drums": {"verse": ("dusk", "noon")}}
    planned = plan_arrangement(sheet(BLOCKS[1], BLOCKS[3]), approved)
    assert [block.parts("drums") for block in planned.blocks] == [("verse_dusk",), ("verse_noon",)]


def test_nothing_approved_is_refused() -> None:
    with pytest.raises(ArrangementError, match="nothing is approved"):
        plan_arrangement(sheet(), {})
