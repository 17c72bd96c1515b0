import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.mark_text import ORDER
from whitelight.composition.review import ReviewError, read_review
from whitelight.composition.review_marks import (
    BLIND,
    ImpossibleMarkError,
    Mark,
    MarkConflictError,
    set_marks,
    understood,
    undo_marks,
)
from whitelight.composition.review_writing import append_entries
from whitelight.files import load_yaml

MACHINE = {"kept": True, "chords": "C | F#m7 | %", "match": 0.5, "terms": {"flow": 0.1}, "parents": ["b"]}
HOSTILE = [
    "<script>alert(1)</script>", "a: b # c", "- x", "'", '"', "\\", "{a: [", "null", "true", "~", "007", "&a *b !c", "%", "@", "`",
    "  spaces  ", "line one\nline two", "one\n\n  two\n", "\n\nlate", "tab\there", "a\r\nb", "nul\x00", "bell\x07", "\x85", "\u2028",
    "\ufeff", "\x7f", "é ü 漢字 \U0001f3b5", "- id: b\n  status: approved", "# not a comment", "|", ">-", "---\n...", "\u202eabc", "yes",
]  # fmt: skip


def entry(name: str, **fields: Any) -> dict[str, Any]:
    empty = {"status": "undecided", "label": None, "rating": None, "notes": None}
    return {"id": name, "section": "verse", "file": f"candidates/{name}.mid", **empty, **fields, "machine": MACHINE}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    review = tmp_path / "chords" / "review.yml"
    append_entries(review, [entry(name) for name in "abc"], header="# yours\n")
    return review


def lines_changed(before: str, after: str) -> list[str]:
    left, right = before.split("\n"), after.split("\n")
    assert len(left) == len(right)
    return [new for old, new in zip(left, right, strict=True) if old != new]


@pytest.mark.parametrize(
    ("field", "to", "line"),
    [
        ("status", "approved", "    status: approved"),
        ("label", "First Light", '    label: "First Light"'),
        ("rating", 4, "    rating: 4"),
        ("notes", "the turn: lovely", '    notes: "the turn: lovely"'),
    ],
)
def test_a_mark_changes_its_value_and_no_other_byte(path, field, to, line):
    before = path.read_text()
    marked = set_marks(path, [Mark("b", field, "undecided" if field == "status" else None, to)])
    assert lines_changed(before, path.read_text()) == [line]
    assert understood(load_yaml(path)["candidates"][1], field) == to
    undo_marks(path, marked)
    assert path.read_text() == before


def test_a_wish_and_a_blind_mark_are_new_lines_behind_the_notes(path):
    before = path.read_text()
    marked = set_marks(path, [Mark("a", "wish", "", "more")], blind=True)
    assert path.read_text() == before.replace("notes:\n", "notes:\n    wish: more\n    blind: true\n", 1)
    one = read_review(path).entries[0]
    assert (one.wish, one.blind, one.is_marked) == ("more", True, True)
    undo_marks(path, marked)
    assert path.read_text() == before


def test_what_was_judged_blind_and_again_with_open_scores_is_no_blind_judgement(path):
    set_marks(path, [Mark("a", "rating", None, 4)], blind=True)
    set_marks(path, [Mark("a", "notes", "", "hm")], blind=False)
    assert read_review(path).entries[0].blind
    set_marks(path, [Mark("a", "rating", 4, 2)], blind=False)
    assert not read_review(path).entries[0].blind
    set_marks(path, [Mark("b", "rating", None, 2)], blind=False)
    assert "blind" not in load_yaml(path)["candidates"][1]


def test_quotes_comments_capitals_and_unknown_keys_stay(path):
    text = path.read_text().replace("status: undecided", "status:   'APPROVED'  # lovely", 1)
    text = text.replace("    label:\n", "    mine: [1, 2]   # ours\n    label: Verse-A\n", 1) + "# the end"
    path.write_text(text)
    marked = set_marks(path, [Mark("a", "status", "approved", "rejected"), Mark("a", "notes", None, "one\ntwo")])
    expected = text.replace("'APPROVED'", "rejected").replace("notes:\n", "notes: |-\n      one\n      two\n", 1)
    assert path.read_text() == expected
    set_marks(path, [Mark("a", "notes", "one\ntwo", "short")])
    assert path.read_text() == expected.replace("|-\n      one\n      two", "short")
    set_marks(path, [Mark("a", "notes", "short", ""), Mark("a", "label", "Verse-A", None)])
    assert path.read_text() == text.replace("'APPROVED'", "rejected").replace("label: Verse-A", "label:")
    undo_marks(path, marked)  # what stands there still is taken back by meaning: the bytes are others by now
    assert read_review(path).entries[0].status == "approved"


UNUSUAL = {
    "flow": "candidates: [{id: a, status: approved, label: , notes: hi}, {id: b}]  # all\nmood: dark\n",
    "flow entries": "candidates:\n  - {id: a, status: approved, notes: hi}  # one\n  - {id: b, x: 1}\n",
    "anchors": "candidates:\n  - id: a\n    like: &x dark\n    status: approved\n    notes: hi\n  - id: b\n    like: *x\n",
    "quoted": 'candidates:\n  - id: a\n    status: approved # x\n    notes: "h\\\n      i"\n  - id: b\n',
    "at the margin": "candidates:\n- id: a\n  notes: >-\n    hi\n\n  status: approved\n\n# soon\n- id: b",
    "block comment": "candidates:\n  - id: a\n    notes: |- # mine\n      hi\n    status: approved\n  - id: b\n",
    "odd column": "candidates:\n -    status: approved\n      id: a\n      notes: hi\n -    id: b\n",
    "windows": "candidates:\r\n  - id: a\r\n    status: approved\r\n    notes: hi\r\n  - id: b\r\n",
    "quoted keys": 'candidates:\n  - "id": a\n    "status": approved\n    notes: hi\n  - id: b\n',
}


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_unusual_shapes_are_changed_too(path, text):
    path.write_bytes(text.encode())
    before = load_yaml(path)
    marks = [Mark("a", "notes", "hi", "one: two\nthree"), Mark("a", "status", "approved", "rejected")]
    marked = set_marks(path, [*marks, Mark("b", "rating", None, 5), Mark("b", "wish", None, "less")])
    after = load_yaml(path)
    changed = {"notes": "one: two\nthree", "status": "rejected"}
    assert after["candidates"][0] == before["candidates"][0] | changed
    assert after["candidates"][1] == before["candidates"][1] | {"rating": 5, "wish": "less"}
    assert after.get("mood") == before.get("mood")
    kept = path.read_bytes().decode()
    assert all(word in kept for word in ("# all", "# x", "# soon", "# mine", "# one") if word in text)
    assert kept.count("\r\n") == kept.count("\n") * ("\r\n" in text)
    undo_marks(path, marked)
    assert [e.notes for e in read_review(path).entries] == ["hi", ""]


def test_a_byte_order_mark_stays(path):
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    set_marks(path, [Mark("a", "status", "undecided", "approved")])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf# yours")


def test_marks_on_something_else_than_the_file_says_are_refused_together(path):
    set_marks(path, [Mark("a", "status", "undecided", "approved"), Mark("a", "notes", "", "theirs\nlong")])
    before = path.read_bytes()
    marks = [Mark("b", "rating", None, 5), Mark("a", "status", "Undecided", "rejected"), Mark("a", "notes", "", "mine")]
    with pytest.raises(MarkConflictError, match=r"status of a, notes of a.*nothing was written") as caught:
        set_marks(path, [Mark(m.candidate_id, m.field, m.shown, m.to) for m in marks])
    assert path.read_bytes() == before
    assert [(c.field, c.shown, c.yours, c.theirs) for c in caught.value.conflicts] == [
        ("status", "Undecided", "rejected", "approved"),
        ("notes", "", "mine", "theirs\nlong"),
    ]
    assert "+a notes: theirs\n+a notes: long" in caught.value.difference


def test_status_is_compared_as_it_is_understood(path):
    path.write_text(path.read_text().replace("status: undecided", "status: APPROVED!", 1))
    set_marks(path, [Mark("a", "status", "approved", "rejected")])
    assert read_review(path).entries[0].status == "rejected"


def test_what_others_wrote_elsewhere_is_kept(path):
    shown = read_review(path).entries[0].status
    text = (
        path.read_text().replace("label:", "label: by hand # mine", 1).replace("- id: c", "- id: c\n    new: 1")
        + "\n# more\n"
    )
    path.write_text(text)
    set_marks(path, [Mark("a", "status", shown, "approved")])
    assert path.read_text() == text.replace("status: undecided", "status: approved", 1)


def test_the_same_decision_made_twice_is_no_conflict(path):
    set_marks(path, [Mark("a", "status", "undecided", "approved")])
    assert set_marks(path, [Mark("a", "status", "undecided", "approved")]).marks == ()


def test_an_odd_value_of_a_human_is_never_overwritten_unseen(path):
    path.write_text(path.read_text().replace("rating:", "rating: wonderful", 1))
    with pytest.raises(MarkConflictError) as caught:
        set_marks(path, [Mark("a", "rating", None, 3)])
    assert caught.value.conflicts[0].theirs == "wonderful"


def test_undo_is_refused_when_the_value_changed_meanwhile(path):
    marked = set_marks(path, [Mark("a", "label", None, "x"), Mark("b", "label", None, "q")])
    path.write_text(path.read_text().replace("label: q", "label: z"))
    before = path.read_bytes()
    with pytest.raises(MarkConflictError, match="label of b"):
        undo_marks(path, marked)
    assert path.read_bytes() == before


def test_undo_takes_back_its_own_mark_alone(path):
    first = set_marks(path, [Mark("a", "status", "undecided", "approved")])
    set_marks(path, [Mark("a", "label", "", "x")])
    again = undo_marks(path, first)
    one = read_review(path).entries[0]
    assert (one.status, one.label) == ("undecided", "x")
    undo_marks(path, again)
    assert read_review(path).entries[0].status == "approved"


@pytest.mark.parametrize(
    ("field", "to", "reason"),
    [
        ("status", "great", "expected one of undecided"),
        ("status", None, "expected one of undecided"),
        ("rating", 0, "expected 1 to 5"),
        ("rating", 6, "expected 1 to 5"),
        ("rating", True, "expected 1 to 5"),
        ("rating", 3.5, "expected 1 to 5"),
        ("rating", "4", "expected 1 to 5"),
        ("wish", "never", "expected one of more, less"),
        ("label", "x" * 65, "at most 64"),
        ("label", "!!", "makes no file name"),
        ("label", "../..", "makes no file name"),
        ("label", "a\nb", "cannot be seen"),
        ("label", "\U00020000" * 60, "makes no file name"),
        ("notes", "x" * 10_001, "10,001 characters"),
        ("notes", "\ud800", "expected text"),
        ("notes", 5, "expected text"),
        ("machine", "x", "is no mark"),
        ("id", "x", "is no mark"),
    ],
)
def test_what_cannot_be_written_is_refused(path, field, to, reason):
    before = path.read_bytes()
    with pytest.raises(ImpossibleMarkError, match=reason):
        set_marks(path, [Mark("a", field, None, to)])
    assert path.read_bytes() == before


def test_an_entry_that_another_repeats_is_left_to_its_author(path):
    path.write_text("candidates:\n  - &x\n    id: a\n    status: approved\n  - id: b\n    like: *x\n")
    before = path.read_bytes()
    with pytest.raises(ReviewError, match="unusual way"):
        set_marks(path, [Mark("a", "rating", None, 3)])
    assert path.read_bytes() == before


def test_candidates_that_are_gone_or_marked_twice_are_refused(path):
    with pytest.raises(ReviewError, match="no candidate is called 'z'"):
        set_marks(path, [Mark("z", "rating", None, 3)])
    path.write_text(path.read_text().replace("- id: b", "- id: a"))
    before = path.read_text()
    marked = set_marks(path, [Mark("a", "rating", None, 3)])  # of two that are alike the first counts
    assert path.read_text() == before.replace("rating:", "rating: 3", 1)
    assert [(e.candidate_id, e.rating) for e in read_review(path).entries] == [("a", 3), ("c", None)]
    undo_marks(path, marked)
    assert read_review(path).entries[0].rating is None
    path.write_text(before.replace("rating:", "rating: 3"))
    with pytest.raises(ReviewError, match="'a' is marked 2 times"):
        set_marks(path, [Mark("a", "rating", 3, 4)])
    path.write_text("candidates:\n  - id: a\n   status: x\n")
    with pytest.raises(ReviewError, match="line 3"):
        set_marks(path, [Mark("a", "rating", None, 3)])
    with pytest.raises(ReviewError, match="is not there"):
        set_marks(path.with_name("none.yml"), [Mark("a", "rating", None, 3)])


@pytest.mark.parametrize("notes", HOSTILE)
def test_hostile_notes_are_stored_as_they_are(path, notes):
    before = path.read_bytes()
    marked = set_marks(path, [Mark("b", "notes", None, notes), Mark("b", "label", "", "a: #b'\"")])
    one = load_yaml(path)["candidates"][1]
    assert (one["notes"], one["label"]) == (notes, "a: #b'\"")
    assert [e["id"] for e in load_yaml(path)["candidates"]] == ["a", "b", "c"]
    undo_marks(path, marked)
    assert path.read_bytes() == before


def test_a_mark_among_a_thousand_candidates_is_quick(tmp_path):
    path = tmp_path / "review.yml"
    append_entries(path, [entry(f"verse-{n}", machine=MACHINE) for n in range(1000)], header="# yours\n")
    read_review(path)
    spent = []
    for number in range(3):
        begin = time.perf_counter()
        set_marks(path, [Mark(f"verse-{number}", "status", "undecided", "approved")])
        spent.append(time.perf_counter() - begin)
    assert min(spent) < 0.3, f"{min(spent):.3f} s"  # 0.05 s on a quiet machine


def outside_edit(text: str, draw: random.Random) -> str:
    """What a person does in an editor in between; values of marks too."""
    lines = text.split("\n")
    body = [n for n, line in enumerate(lines) if line.startswith("    ") and not line.startswith("      ")]
    at = draw.choice(body)
    kind = draw.choice(["comment", "key", "blank", "value", "trailing", "reorder"])
    if kind in ("comment", "blank"):
        is_block = any("|" in lines[n] for n in range(max(0, at - 6), at))
        lines.insert(at, "" if kind == "blank" or is_block else "    # äöü: [not a list")
    elif kind == "key":
        lines.insert(at, f"    mine{draw.randrange(9999)}: {draw.choice(['yes', '{x: 1}', '[a]', 'a b'])}")
    elif kind == "value":
        fields = [n for n in body if lines[n].strip() in ("label:", "rating:", "notes:")]
        if fields:
            lines[draw.choice(fields)] += draw.choice(
                [" 5", " 'two words'", " |-\n      a\n      b", ' "q: x"  # why', " Great"]
            )
    elif kind == "trailing":
        return text.rstrip("\n") + draw.choice(["", "\n", "\n\n# end\n"])
    else:
        head, *entries = text.split("  - id: ")
        entries[-1] = entries[-1].rstrip("\n") + "\n"
        draw.shuffle(entries)
        return head + "".join(f"  - id: {one}" for one in entries)
    return "\n".join(lines)


VALUES = {
    "status": ["approved", "rejected", "undecided"],
    "label": ["a", "B side", "", "null", "007"],
    "rating": [1, 5, None],
    "notes": ["", "short", *HOSTILE],
    "wish": ["more", "less", ""],
}


@settings(max_examples=25)
@given(st.integers(0, 10**9), st.integers(2, 6), st.booleans())
def test_nothing_is_lost_or_changed_but_what_was_asked(tmp_path_factory, seed, n_turns, is_flow):
    draw = random.Random(seed)
    path = tmp_path_factory.mktemp("marks") / "review.yml"
    append_entries(path, [entry(name) for name in "abcd"], header="# yours\n")
    if is_flow:
        path.write_text(path.read_text() + "  - {id: f, status: maybe, notes: x}\n")
    for _ in range(n_turns):
        for _ in range(draw.randrange(3)):
            path.write_text(outside_edit(path.read_text(), draw))
        before, text = load_yaml(path), path.read_text()
        marks = [
            Mark(str(item["id"]), name, understood(item, name), draw.choice(VALUES[name]))
            for item in draw.sample(before["candidates"], 2)
            for name in draw.sample(sorted(VALUES), 2)
        ]
        marked = set_marks(path, marks, blind=draw.choice([True, False, None]))
        expected = {str(item["id"]): dict(item) for item in before["candidates"]}
        for mark in marked.marks:
            expected[mark.candidate_id][mark.field] = mark.to
        after = load_yaml(path)
        assert [str(item["id"]) for item in after["candidates"]] == list(expected)
        for item in after["candidates"]:
            wanted = expected[str(item["id"])]
            assert [key for key in item if key not in ORDER] == [key for key in wanted if key not in ORDER]
            for key in {*item, *wanted} - {"label"}:
                assert (item.get(key) or None) == (wanted.get(key) or None), key
            assert str(item.get("label") or "").strip() == str(wanted.get("label") or "").strip()
        asked = {(mark.candidate_id, mark.field): mark.to for mark in marks}
        written = {(mark.candidate_id, mark.field) for mark in marked.marks if mark.field != BLIND}
        assert written <= set(asked)
        assert text.count("#") - path.read_text().count("#") <= sum("#" in str(mark.shown) for mark in marked.marks)
        if draw.random() < 0.5:  # undone at once, every byte is back
            undo_marks(path, marked)
            if not is_flow:
                assert path.read_text() == text


ADD_ONE_BY_ONE = """
import sys
from pathlib import Path
from whitelight.composition.review_writing import append_entries
for number in range(60):
    append_entries(Path(sys.argv[1]), [{"id": f"new-{number}", "status": "undecided"}], header="")
"""


@pytest.mark.slow
def test_marks_and_a_composing_process_lose_nothing_of_each_other(path):
    process = subprocess.Popen([sys.executable, "-c", ADD_ONE_BY_ONE, str(path)])
    rating = None
    while process.poll() is None:
        for name in "abc":
            set_marks(path, [Mark(name, "rating", rating, 5 if rating != 5 else 4)])
        rating = 5 if rating != 5 else 4
    assert process.returncode == 0
    entries = read_review(path).entries
    assert [e.candidate_id for e in entries] == [*"abc", *(f"new-{number}" for number in range(60))]
    assert [e.rating for e in entries[:3]] == [rating] * 3
