"""`arrangement.yml` changed by the page is still the human's: comments, unknown keys and richer parts stay and move along."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.arrangement import (
    ArrangementError,
    StageMix,
    approved_parts,
    plan_arrangement,
    read_arrangement,
    write_arrangement,
)
from whitelight.composition.arrangement.arrangement_editing import edited_text
from whitelight.composition.arrangement.edit_values import ArrangementEdit, BlockEdit, heard_part
from whitelight.composition.arrangement.edit_words import edit_words
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.files import load_yaml

STAGES = ("chords", "drums", "bass", "melody", "harmony", "lyrics")


@pytest.fixture(scope="module")
def folder(template: Path) -> Path:
    """A song that is only read."""
    return template


@pytest.fixture
def text(production: Path) -> str:
    write_arrangement(production, plan_arrangement(read_song_sheet(production), approved_parts(production)))
    return (production / "arrangement.yml").read_text()


def as_it_is(folder: Path, text: str) -> ArrangementEdit:
    """The edit that changes nothing."""
    arrangement = read_arrangement(folder, text)
    blocks = tuple(
        BlockEdit(place, b.name, b.section, b.n_bars, b.energy, {s: heard_part(b, s) for s in STAGES})
        for place, b in enumerate(arrangement.blocks)
    )
    return ArrangementEdit(blocks, arrangement.mix, arrangement.ending)


def with_block(edit: ArrangementEdit, index: int, **changes: Any) -> ArrangementEdit:
    blocks = list(edit.blocks)
    parts = dict(blocks[index].parts) | changes.pop("parts", {})
    blocks[index] = replace(blocks[index], parts=parts, **changes)
    return replace(edit, blocks=tuple(blocks))


def in_order(edit: ArrangementEdit, *places: int) -> ArrangementEdit:
    return replace(edit, blocks=tuple(edit.blocks[place] for place in places))


def test_nothing_changed_is_the_same_text(folder: Path, text: str) -> None:
    assert edited_text(folder, text, as_it_is(folder, text)) == text


def test_a_block_moves_with_what_was_written_into_it(folder: Path, text: str) -> None:
    text = text.replace('  - name: "chorus 1"', '  # the lamp goes on\n  - name: "chorus 1"  # loud')
    text = text.replace("bass: chorus_a", "bass: {part: chorus_b, gain_db: -3}  # softer", 1)
    edit = in_order(as_it_is(folder, text), 0, 2, 1, 3, 4, 5, 6)
    made = edited_text(folder, text, edit)
    lines = made.splitlines()
    at = lines.index("  # the lamp goes on")
    assert lines[at + 1] == '  - name: "chorus 1"  # loud'
    assert "      bass: {part: chorus_b, gain_db: -3}  # softer" in lines[at : at + 10]
    assert sorted(made.splitlines()) == sorted(text.splitlines())
    assert [b.name for b in read_arrangement(folder, made).blocks][1:3] == ["chorus 1", "verse 1"]


def test_a_repeated_block_is_copied_whole(folder: Path, text: str) -> None:
    text = text.replace("bass: chorus_a", "bass: [chorus_b, {part: chorus_a, gain_db: -6}]", 1)
    text = text.replace('  - name: "chorus 1"', '  - name: "chorus 1"\n    lights: out')
    edit = as_it_is(folder, text)
    twin = replace(edit.blocks[2], name="chorus 1 again")
    blocks = (*edit.blocks[:3], twin, *edit.blocks[3:])
    made = load_yaml(folder / "x", edited_text(folder, text, replace(edit, blocks=blocks)))
    first, second = made["blocks"][2:4]
    assert second == first | {"name": "chorus 1 again"}
    assert second["lights"] == "out"


def test_only_lines_that_change_are_touched(folder: Path, text: str) -> None:
    edit = with_block(as_it_is(folder, text), 1, n_bars=6, energy=0.5, name="Strophe: eins", parts={"bass": "verse_b"})
    made = edited_text(folder, text, edit)
    pairs = zip(text.splitlines(), made.splitlines(), strict=True)
    assert [new.strip() for old, new in pairs if old != new] == [
        '- name: "Strophe: eins"',
        "bars: 6",
        "energy: 0.5",
        "bass: verse_b",
    ]


@pytest.mark.parametrize(
    ("given", "part", "expected"),
    [
        ("verse_a", None, None),
        ("", "verse_b", "verse_b"),
        ("Verse A", "verse_a", "Verse A"),  # said in the human's own way
        ("{part: verse_a, gain_db: -3}", "verse_b", {"part": "verse_b", "gain_db": -3}),
        ("{part: verse_a, gain_db: -3}", None, {"part": "verse_a", "gain_db": -3, "mute": True}),
        ("{part: verse_a, mute: yes}", "verse_a", {"part": "verse_a", "mute": False}),
        ("[verse_a, verse_b]", "verse_b", [{"part": "verse_a", "mute": True}, "verse_b"]),
        ("[verse_a, verse_b]", "chorus_a", ["chorus_a", "verse_b"]),
        ("[verse_a, {part: verse_b}]", None, [{"part": "verse_a", "mute": True}, {"part": "verse_b", "mute": True}]),
        ("\n        part: verse_a # mine\n        gain_db: 2", "verse_b", {"part": "verse_b", "gain_db": 2}),
    ],
)
def test_a_part_that_says_more_keeps_it(folder: Path, text: str, given: str, part: str | None, expected: Any) -> None:
    text = text.replace("bass: verse_a", f"bass: {given}", 1)
    made = edited_text(folder, text, with_block(as_it_is(folder, text), 1, parts={"bass": part}))
    assert load_yaml(folder / "x", made)["blocks"][1]["parts"]["bass"] == expected
    assert heard_part(read_arrangement(folder, made).blocks[1], "bass") == part
    assert made.count("# mine") == given.count("# mine")


@pytest.mark.parametrize(
    ("given", "mix", "expected"),
    [
        ("", StageMix(-2.0), {"drums": {"gain_db": -2}}),
        ("mix:\n  bass: -4.5  # deep\n", StageMix(0.0, True), {"bass": -4.5, "drums": {"mute": True}}),
        ("mix:\n  drums: -4.5\n", StageMix(-3.0), {"drums": -3}),
        ("mix:\n  drums: -4.5\n", StageMix(-4.5, True), {"drums": {"gain_db": -4.5, "mute": True}}),
        ("mix: {drums: {mute: true, why: tired}}\n", StageMix(), {"drums": {"mute": False, "why": "tired"}}),
        ("mix:\n", StageMix(1.0), {"drums": {"gain_db": 1}}),
    ],
)
def test_levels_are_written_where_they_stand(folder: Path, text: str, given: str, mix: StageMix, expected: Any) -> None:
    text = text.replace("ending: ring\n", f"ending: ring # hold\n{given}")
    edit = as_it_is(folder, text)
    made = edited_text(folder, text, replace(edit, mix={**edit.mix, "drums": mix}, ending="none"))
    assert load_yaml(folder / "x", made)["mix"] == expected
    assert read_arrangement(folder, made).mix["drums"] == mix
    assert read_arrangement(folder, made).ending == "none"
    assert "ending: none # hold" in made
    assert made.count("# deep") == given.count("# deep")


def test_blocks_are_added_and_removed(folder: Path, text: str) -> None:
    text += "# the end\nmood: grey\n"
    edit = as_it_is(folder, text)
    new = BlockEdit(None, "interlude: rain", "bridge", 2, 0.25, {"chords": "bridge_a", "bass": None})
    made = edited_text(folder, text, replace(edit, blocks=(*edit.blocks[1:], new)))
    last = load_yaml(folder / "x", made)["blocks"][-1]
    assert (last["name"], last["bars"], last["energy"], last["parts"]["chords"]) == (
        "interlude: rain",
        2,
        0.25,
        "bridge_a",
    )
    assert "name: intro" not in made
    assert made.endswith("# the end\nmood: grey\n")


@pytest.mark.parametrize(
    "blocks",
    [
        "blocks: [{name: a, section: verse, bars: 8}, {name: b, section: chorus, bars: 4, parts: {chords: chorus_a}}]\n",
        "blocks:\n- &base\n  name: a\n  section: verse\n  bars: 8 # long\n- *base\n",
        "blocks:\n- name: a\n  section: verse\n  bars: 8\n- name: >-\n    b\n    c\n  section: chorus\n",
    ],
)
def test_unusual_files_are_changed_too(folder: Path, blocks: str) -> None:
    text = f"# mine\n{blocks}"
    edit = with_block(in_order(as_it_is(folder, text), 1, 0), 0, name="z", parts={"drums": "chorus_a"})
    made = edited_text(folder, text, edit)
    assert [b.name for b in read_arrangement(folder, made).blocks] == ["z", "a"]
    assert "# mine" in made
    assert ("# long" in made) == ("# long" in text)


def test_windows_line_ends_stay(folder: Path, text: str) -> None:
    text = text.replace("\n", "\r\n")
    made = edited_text(folder, text, with_block(as_it_is(folder, text), 0, n_bars=2))
    assert made == text.replace("bars: 4", "bars: 2", 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"section": "refrain"}, "no section 'refrain'"),
        ({"parts": {"bass": "verse_z"}}, "no approved part 'verse_z' in bass"),
        ({"n_bars": 0}, "bars is 0"),
        ({"energy": 1.5}, "energy is 1.5"),
        ({"place": 70}, "no block 71; there are 7"),
    ],
)
def test_what_cannot_be_played_is_refused(folder: Path, text: str, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ArrangementError, match=said):
        edited_text(folder, text, with_block(as_it_is(folder, text), 1, **change))


def test_a_song_keeps_a_block(folder: Path, text: str) -> None:
    with pytest.raises(ArrangementError, match="0 blocks; a song has 1 to"):
        edited_text(folder, text, replace(as_it_is(folder, text), blocks=()))


def test_changes_have_words(folder: Path, text: str) -> None:
    before, edit = read_arrangement(folder, text), as_it_is(folder, text)
    blocks = edit.blocks
    assert edit_words(before, edit) == ""
    assert edit_words(before, in_order(edit, 0, 1, 2, 5, 3, 4, 6)) == "move chorus 2 before verse 2"
    assert edit_words(before, in_order(edit, 1, 2, 3, 4, 5, 6, 0)) == "move intro to the end"
    assert edit_words(before, in_order(edit, 6, 5, 4, 3, 2, 1, 0)) == "reorder the blocks"
    assert edit_words(before, in_order(edit, 0, 1, 1, 2, 3, 4, 5, 6)) == "repeat verse 1"
    assert edit_words(before, in_order(edit, 0, 1, 2, 3, 4, 5)) == "remove outro"
    assert edit_words(before, replace(edit, blocks=(*blocks, replace(blocks[0], place=None, name="x")))) == "add x"
    assert edit_words(before, with_block(edit, 1, n_bars=4)) == "verse 1: 4 bars"
    assert edit_words(before, with_block(edit, 1, parts={"bass": None})) == "verse 1: bass silent"
    assert edit_words(before, with_block(edit, 1, name="one", energy=0.9)) == "rename verse 1 to one, and 1 more change"
    assert edit_words(before, replace(edit, mix={"bass": StageMix(-2.0)})) == "bass at -2 dB"
    assert edit_words(before, replace(edit, mix={"bass": StageMix(mute=True)}, ending="none")).endswith("1 more change")


OWN = ([], ["own: [1, 2]"], ["own: |", "  # text", "  more"], [""], ["# deep"])  # what humans write into a block
PARTS = ("{s}_a", '"{s}_b"', "", "{{part: {s}_a, gain_db: -3}}", "[{s}_a, {s}_b]")
BLOCK = st.fixed_dictionaries(
    {
        "section": st.sampled_from(["verse", "chorus"]),
        "bars": st.integers(1, 16),
        "part": st.sampled_from(PARTS),
        "own": st.sampled_from(OWN),
        "above": st.booleans(),
        "behind": st.booleans(),
    }
)


def human_text(blocks: list[dict[str, Any]], column: int, blank: bool) -> str:
    """A file as people leave it; every comment names the block it stands with."""
    lines = []
    for place, block in enumerate(blocks):
        lines += [f"# above b{place} "] if block["above"] else []
        lines.append(f"- name: b{place}" + (f"  # behind b{place} " if block["behind"] else ""))
        lines += [f"  section: {block['section']}", f"  bars: {block['bars']}", "  parts:"]
        lines.append("    chords: " + block["part"].format(s=block["section"]))
        lines += [f"  {line}".rstrip() for line in block["own"]]
        lines += [""] if blank else []
    listed = [" " * column + line if line else "" for line in lines]
    return (
        "\n".join(["# top 0", "ending: ring # top 1", "", "blocks: # top 2", *listed, "# tail 9", "mood: grey"]) + "\n"
    )


@settings(max_examples=30)
@given(
    blocks=st.lists(BLOCK, min_size=1, max_size=6),
    column=st.sampled_from([0, 2, 4]),
    blank=st.booleans(),
    data=st.data(),
)
def test_random_edits_lose_nothing(
    folder: Path, blocks: list[dict[str, Any]], column: int, blank: bool, data: st.DataObject
) -> None:
    text = human_text(blocks, column, blank)
    edit = as_it_is(folder, text)
    places = data.draw(st.lists(st.integers(0, len(blocks) - 1), min_size=1, max_size=8), label="order")
    chosen = [edit.blocks[place] for place in places]
    index = data.draw(st.integers(0, len(chosen) - 1), label="changed block")
    part = data.draw(st.sampled_from([None, "verse_a", "chorus_b"]), label="part")
    stage = data.draw(st.sampled_from(["chords", "bass"]), label="stage")
    chosen[index] = replace(
        chosen[index],
        n_bars=data.draw(st.integers(1, 9), label="bars"),
        name=data.draw(st.sampled_from(["b7", "a: b", "# no comment", "yes", "- 1", "ä 'x' \"y\""]), label="name"),
        parts={**chosen[index].parts, stage: part},
    )
    if data.draw(st.booleans(), label="new one"):
        chosen.insert(index, BlockEdit(None, "new", "verse", 4, 0.5, {"drums": "verse_a"}))
    made = edited_text(folder, text, replace(edit, blocks=tuple(chosen), mix={"bass": StageMix(-1.5)}))

    after, content = read_arrangement(folder, made), load_yaml(folder / "x", made)
    before = load_yaml(folder / "x", text)
    assert [b.name for b in after.blocks] == [b.name for b in chosen]
    for item, block in zip(content["blocks"], chosen, strict=True):
        if block.place is not None:  # unknown keys, and what parts say beside their name
            old = before["blocks"][block.place]
            assert item.get("own") == old.get("own")
            kept = old["parts"]["chords"]
            if isinstance(kept, dict):
                assert item["parts"]["chords"]["gain_db"] == -3
            elif isinstance(kept, list):
                assert len(item["parts"]["chords"]) == 2
    comments = re.findall(r"# (?:top|tail|above|behind)[^\n]*", text)
    gone = {f"b{place} " for place in range(len(blocks)) if place not in places}
    for comment in comments:
        assert comment in made or any(name in comment for name in gone)
    assert content["mood"] == "grey"
    for place in places:  # a comment still stands with its block
        for word in ("above", "behind"):
            if blocks[place][word]:
                assert made.count(f"# {word} b{place} ") == places.count(place)
