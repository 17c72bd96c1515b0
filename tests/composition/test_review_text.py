import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.review_text import LIST_KEY, cut_pieces, load_review, read_piece
from whitelight.composition.review_writing import append_entries
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml

PATH = Path("review.yml")


def machine(number: int) -> dict[str, Any]:
    return {"kept": True, "chords": "C | F#m7 | %", "match": 0.5 + number, "terms": {"flow": 0.1}, "parents": ["a-b"]}


def entry(number: int) -> dict[str, Any]:
    empty = {"label": None, "rating": None, "notes": None}
    return {"id": f"verse-g1-{number}", "status": "undecided", **empty, "machine": machine(number)}


def written(folder: Path, n: int) -> str:
    append_entries(folder / "review.yml", [entry(number) for number in range(n)], header="# yours: all of it\n")
    return (folder / "review.yml").read_text()


def test_what_is_written_is_cut_and_read_without_the_yaml_reader(tmp_path, monkeypatch):
    text = written(tmp_path, 5)
    expected = load_yaml(PATH, text)
    frame = "# yours: all of it\ncandidates:\n"
    monkeypatch.setattr("whitelight.composition.review_text._read", {frame: {LIST_KEY: None}}.__getitem__)
    found = load_review(PATH, text)
    assert repr(found[LIST_KEY]) == repr(expected[LIST_KEY])


def test_pieces_are_the_bytes_of_their_entries(tmp_path):
    text = "mood: [a]\n" + written(tmp_path, 3).replace("\n  - id: verse-g1-1", "\n\n  # the best\n  - id: verse-g1-1")
    text += "heard_on: monday\n"
    frame, pieces = cut_pieces(text)
    assert frame == {"mood": ["a"], LIST_KEY: None, "heard_on": "monday"}
    assert [text[p.start :].split("\n")[0] for p in pieces] == [f"  - id: verse-g1-{n}" for n in range(3)]
    assert text[pieces[-1].end :] == "heard_on: monday\n"
    assert all(left.end == right.start for left, right in pairwise(pieces))


UNUSUAL = [
    "candidates: [{id: a, status: approved}]\n",
    "{candidates: [{id: a}]}\n",
    "candidates:\n",
    "candidates:\n  - id: a\n    x: &one yes\n  - id: b\n    x: *one\n",
    'candidates:\n  - id: a\n    notes: "one\n  - id: b\n    two"\n',
    'about: "\ncandidates:\n  - id: a\n"\n',
    "candidates:\n  - id: a\n - id: b\n",
    "candidates:\n  - id: a\n    id: b\n",
    "candidates:\n  - id: a\n  - - id: b\n",
    "candidates:\n  - a\n  - id: b\n",
    "candidates:\n  - id: a\n    x: {a: 1, a: 2}\n",
]


@pytest.mark.parametrize("text", UNUSUAL)
def test_other_shapes_are_read_as_a_whole_and_mean_the_same(text):
    try:
        expected = repr(load_yaml(PATH, text))
    except WhitelightError as err:
        with pytest.raises(WhitelightError, match=re.escape(str(err))):
            load_review(PATH, text)
    else:
        assert repr(load_review(PATH, text)) == expected


VALUES = st.sampled_from(
    ["", "approved", "Approved  # yes", "'it''s'", '"a\\tb"', "5", "4.50", "007", "-0", "1e3", "0x1F", "true", "True", "null",
     "Null", "~", "yes", "[1, a]", '["a", "b"]', '{"a": 1, "b": [2.5e-05]}', '{"a":1}', '{"a": 1, "a": 2}', "[NaN]",
     "|\n      one\n      - id: two\n\n      three", ">-\n      folded\n      text", "verse b", "two\n      lines", "a: b", "- x",
     '"\\ud83d\\ude00"', "♥", "\U0001f3b5", "x\u2028y", '"x\x85y"', "\t7", "@no", "2026-11-22", "1_000", "!!str 5",
     "\n      deeper: 1\n      other: [2]", "\n      deeper:\n        more: 1", "\n    - 1\n    - 2", "\n      # why\n      a: 1",
     ".nan", "Infinity", "x #y", "x# y", "'a' b", "{}", "[]", '""', "\n"]
)  # fmt: skip
KEYS = st.sampled_from(["status", "label", "notes", "x", "true", "machine", "2", "'q'", "a b", "null"])
TOPS = st.sampled_from(
    ["", "# top\n", "mood: dark\n", "--- \n", "a: |\n  text\n", "%YAML 1.1\n---\n", "x: 'open\n", "\ufeff"]
)
ENDS = st.sampled_from(["", "mood2: x\n", "\n\n# end\n", "...\n", "---\n", "- id: z\n", " odd: 1\n", "'\n"])


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.MantissaNoDotYAML1_1Warning")  # said of 1e3 under %YAML 1.1
@settings(max_examples=400)
@given(TOPS, ENDS, st.lists(st.lists(st.tuples(KEYS, VALUES), max_size=4), min_size=1, max_size=3), st.booleans())
def test_it_means_what_the_yaml_reader_says(top, end, items, has_crlf):
    text = f"{top}candidates:  # all\n"
    for number, fields in enumerate(items):
        text += f"  - id: n-{number}\n" + "".join(f"    {key}: {value}\n" for key, value in fields)
    text += end
    text = text.replace("\n", "\r\n") if has_crlf else text
    try:
        expected = load_yaml(PATH, text)
    except WhitelightError:
        expected = ...
    cut = cut_pieces(text)
    if cut is not None:
        assert expected is not ..., "a file that is no YAML was read"
        assert json.dumps([p.item for p in cut[1]], default=str) == json.dumps(expected[LIST_KEY], default=str)
        assert {**cut[0], LIST_KEY: 0} == {**expected, LIST_KEY: 0}


def test_a_piece_is_one_mapping():
    assert read_piece("  - id: a\n    x:\n      y: 1\n") == {"id": "a", "x": {"y": 1}}
    assert read_piece("  - id: a\n  - id: b\n") is None
    assert read_piece("  - a\n") is None
    assert read_piece("  - id: *a\n") is None
