"""`arrangement.yml` is the human's: written once, checked when read, planned again without losing a word."""

from pathlib import Path

import pytest

from whitelight.composition.arrangement import (
    Arrangement,
    ArrangementError,
    approved_parts,
    plan_arrangement,
    read_arrangement,
    write_arrangement,
)
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.files import load_yaml


@pytest.fixture
def planned(production: Path) -> Arrangement:
    return plan_arrangement(read_song_sheet(production), approved_parts(production))


def edited(production: Path, old: str, new: str) -> None:
    path = production / "arrangement.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_what_is_written_is_read_back(production: Path, planned: Arrangement) -> None:
    assert write_arrangement(production, planned)
    assert read_arrangement(production) == planned


def test_a_file_that_is_there_is_left_alone(production: Path, planned: Arrangement) -> None:
    (production / "arrangement.yml").write_text("# mine\n")
    assert not write_arrangement(production, planned)
    assert (production / "arrangement.yml").read_text() == "# mine\n"


def test_gain_mute_and_bars_of_the_human_count(production: Path, planned: Arrangement) -> None:
    write_arrangement(production, planned)
    edited(production, "drums: verse_a", "drums: {part: chorus_b, gain_db: -3, mute: true, from_bar: 5}")
    edited(production, "\nending: ring", "\nending: none\nmix:\n  bass: -4.5\n  lyrics: {mute: true}")
    arrangement = read_arrangement(production)
    drums = next(use for use in arrangement.blocks[1].uses if use.stage == "drums")
    assert (drums.part, drums.gain_db, drums.mute, drums.from_bar) == ("chorus_b", -3.0, True, 4)
    assert arrangement.ending == "none"
    assert (arrangement.mix["bass"].gain_db, arrangement.mix["lyrics"].mute) == (-4.5, True)


@pytest.mark.parametrize(
    ("written", "mute"), [("no", False), ("off", False), ("False", False), ("yes", True), ("On", True), ("", False)]
)
def test_yes_and_no_are_understood_as_people_write_them(
    production: Path, planned: Arrangement, written: str, mute: bool
) -> None:
    write_arrangement(production, planned)
    edited(production, "drums: verse_a", f"drums: {{part: Verse A, mute: {written}}}")
    drums = next(use for use in read_arrangement(production).blocks[1].uses if use.stage == "drums")
    assert (drums.part, drums.mute) == ("verse_a", mute)


def test_planning_again_keeps_comments_and_unknown_keys(production: Path, planned: Arrangement) -> None:
    write_arrangement(production, planned)
    edited(production, "\nending: ring", "\n# my own remark\nending: none\nmood: 'grey'")
    edited(production, "    bars: 4\n", "    bars: 2  # shorter\n    lights: out\n")
    assert write_arrangement(production, planned, replan=True)
    text = (production / "arrangement.yml").read_text()
    for word in ("# my own remark", "# shorter", "mood: 'grey'", "lights: out", "# Arrangement of"):
        assert word in text
    content = load_yaml(production / "arrangement.yml")
    assert content["blocks"][0]["bars"] == 4
    assert read_arrangement(production).blocks == planned.blocks
    assert read_arrangement(production).ending == "none"
    assert not write_arrangement(production, planned, replan=True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("section: verse", "section: vers", r"block 1 \('intro'\): no section 'vers' in the song; sections are verse"),
        ("bass: verse_a", "bass: verse_z", r"no approved part 'verse_z' in bass; there are verse_a, verse_b"),
        ("drums: verse_a", "drumz: verse_a", "no stage 'drumz'; stages are chords"),
        ("bars: 8", "bars: 0", "bars is 0; expected a whole number from 1"),
        ("energy: 0.4", "energy: loud", "energy is 'loud'; expected a number from 0 to 1"),
        ("\nending: ring", "\nending: bang", "ending 'bang'; expected ring or none"),
        ("bass: verse_a", "bass: {part: verse_a, gain_db: 90}", "gain_db of verse_a is 90; expected"),
        ("bass: verse_a", "bass: {part: verse_a, mute: maybe}", "mute of verse_a is 'maybe'; expected true or false"),
    ],
)
def test_what_is_wrong_is_said(production: Path, planned: Arrangement, old: str, new: str, said: str) -> None:
    write_arrangement(production, planned)
    edited(production, old, new)
    with pytest.raises(ArrangementError, match=said):
        read_arrangement(production)


@pytest.mark.parametrize("text", ["", "blocks: []\n", "- a\n", "blocks: verse\n"])
def test_a_file_without_blocks_is_refused(production: Path, text: str) -> None:
    (production / "arrangement.yml").write_text(text)
    with pytest.raises(ArrangementError, match="expected 'blocks:'"):
        read_arrangement(production)


def test_a_missing_file_is_said(production: Path) -> None:
    with pytest.raises(ArrangementError, match="compose assemble"):
        read_arrangement(production)


def test_a_part_that_is_gone_can_be_looked_at(production: Path, planned: Arrangement) -> None:
    write_arrangement(production, planned)
    (production / "bass" / "approved" / "verse_a.mid").unlink()
    edited(production, "melody: verse_a", "melody: Verse A")
    with pytest.raises(ArrangementError, match="no approved part 'verse_a' in bass"):
        read_arrangement(production)
    block = read_arrangement(production, allow_missing=True).blocks[1]
    assert (block.parts("bass"), block.parts("melody")) == (("verse_a",), ("verse_a",))
