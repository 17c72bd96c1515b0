import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from whitelight.composition.promotion import promote
from whitelight.composition.review import ReviewError, read_review, read_status
from whitelight.composition.review_writing import append_entries, scalar
from whitelight.files import load_yaml

HEADER = "# yours\n"


def entry(name: str, section: str = "verse") -> dict[str, Any]:
    return {
        "id": name,
        "section": section,
        "file": f"candidates/{name}.mid",
        "status": "undecided",
        "label": None,
        "rating": None,
        "notes": None,
        "machine": {
            "kept": True,
            "chords": "C | Am F | %",
            "terms": {"flow": 0.5},
            "match": float("nan"),
            "parents": [],
        },
    }


BATCH = [entry(f"verse-g0-{i}") for i in range(3)] + [entry("chorus-g1-0", "chorus")]


@pytest.fixture
def path(tmp_path):
    review = tmp_path / "chords" / "review.yml"
    append_entries(review, BATCH, header=HEADER)
    for one in BATCH:
        file = review.parent / one["file"]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"MThd" + one["id"].encode())
    return review


def test_a_new_review_reads_back(path):
    assert [e.candidate_id for e in read_review(path).entries] == [one["id"] for one in BATCH]
    found = load_yaml(path)["candidates"][0]
    assert found["status"] == "undecided"
    assert found["label"] is found["notes"] is found["machine"]["match"] is None
    assert found["machine"]["terms"] == {"flow": 0.5}
    assert path.read_text().startswith(HEADER)


def test_known_ids_are_not_added_again(path):
    before = path.read_text()
    assert append_entries(path, BATCH, header=HEADER) == ()
    assert path.read_text() == before


def test_appending_touches_no_byte_of_the_old(path):
    text = path.read_text().replace("status: undecided", "status:   'APPROVED'  # lovely", 1) + "# the end\n"
    path.write_text(text)
    assert append_entries(path, [entry("verse-g3-z")], header=HEADER) == ("verse-g3-z",)
    assert path.read_text().startswith(text)
    assert read_review(path).entries[0].status == "approved"


@pytest.mark.parametrize(
    "text",
    [
        "candidates: []\n",
        "candidates:\n",
        "{candidates: [{id: a, status: approved}]}\n",
        "candidates:\n- id: a\n  status: approved\nmood: dark # after\n",
        "mood: dark\n",
        "# only a comment\n",
        "candidates:\n- {id: a, notes: 'x'}",
        "candidates:\n    -   id: a\n        notes: |\n          long\n          text\n",
        "candidates:\n  - id: a\n    notes: |+\n      kept\n\n\n",
        "candidates:\n  - id: a\n    rating: .nan\n",
    ],
)
def test_odd_files_keep_everything_and_gain_the_new(tmp_path, text):
    path = tmp_path / "review.yml"
    path.write_text(text)
    before = load_yaml(path) or {}
    append_entries(path, [entry("b")], header=HEADER)
    after = load_yaml(path)
    assert repr(after["candidates"][:-1]) == repr(before.get("candidates") or [])
    assert after["candidates"][-1]["id"] == "b"
    assert {k: v for k, v in after.items() if k != "candidates"} == {
        k: v for k, v in before.items() if k != "candidates"
    }
    for comment in re.findall("#.*", text):
        assert comment in path.read_text()


@pytest.mark.parametrize(
    "text", ["candidates: [\n", "a: b: c\n", "candidates:\n\t- id: a\n", "candidates: 7\n", "[1]\n"]
)
def test_an_unreadable_file_is_refused_and_left(tmp_path, text):
    path = tmp_path / "review.yml"
    path.write_text(text)
    with pytest.raises(ReviewError, match="not touched"):
        append_entries(path, [entry("b")], header=HEADER)
    assert path.read_text() == text


def test_the_line_of_the_fault_is_named(tmp_path):
    path = tmp_path / "review.yml"
    path.write_text("candidates:\n  - id: a\n    status: 'open\n")
    with pytest.raises(ReviewError, match=r"review\.yml line \d"):
        read_review(path)


def test_an_edit_while_we_write_is_merged(path, monkeypatch):
    from whitelight.composition import review_writing as room

    real, edits = room.merge_text, []

    def edited_meanwhile(*args, **kwargs):
        merged = real(*args, **kwargs)
        if not edits:
            edits.append(path.write_text(path.read_text().replace("notes:", "notes: hum it", 1)))
        return merged

    monkeypatch.setattr(room, "merge_text", edited_meanwhile)
    append_entries(path, [entry("verse-g9-late")], header=HEADER)
    found = load_yaml(path)["candidates"]
    assert found[0]["notes"] == "hum it"
    assert found[-1]["id"] == "verse-g9-late"


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ("APPROVED", "approved"), (" Approved! ", "approved"), ("aproved", "approved"), ("approve", "approved"),
        ("okay", "approved"), ("yes", "approved"), (True, "approved"), ("Rejected", "rejected"), ("rejcted", "rejected"), ("NO", "rejected"),
        (False, "rejected"), (None, "undecided"), ("", "undecided"), ("Undecided?", "undecided"),
        ("un-approved", "undecided"), ("unapproved", "undecided"), ("not approved", "rejected"),
        ("disapproved", "rejected"), ("approved?", "undecided"), ("not yet approved", "undecided"),
    ],
)  # fmt: skip
def test_status_however_it_is_written(stated, status):
    assert read_status(stated)[0] == status


def test_a_status_nobody_understands_is_undecided_and_said(path):
    path.write_text(path.read_text().replace("status: undecided", "status: purple", 1))
    review = read_review(path)
    assert review.entries[0].status == "undecided"
    assert "purple" in review.problems[0]


def test_scalars_survive_yaml(tmp_path):
    for value in ("plain", "C | Am", "no", "Null", "1e3", "- x", "#", "a: b", "ü♭", 0.25, ["E"], {"a": [1.5]}, True):
        path = tmp_path / "x.yml"
        path.write_text(f"value: {scalar(value)}\n")
        assert load_yaml(path)["value"] == value


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
notes = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=40)
edits = st.lists(
    st.one_of(
        st.tuples(
            st.just("status"), st.integers(0, 5), st.sampled_from(["Approved", "REJECTED", "undecided", "aproved"])
        ),
        st.tuples(st.just("label"), st.integers(0, 5), words),
        st.tuples(st.just("rating"), st.integers(0, 5), st.one_of(st.integers(0, 5), st.floats(0, 5), words)),
        st.tuples(st.just("notes"), st.integers(0, 5), notes),
        st.tuples(st.just("key"), st.integers(0, 5), words),
        st.tuples(st.just("top"), st.integers(0, 5), words),
        st.tuples(st.just("comment"), st.integers(0, 30), words),
        st.tuples(st.just("swap"), st.integers(0, 5), st.integers(0, 5)),
        st.tuples(st.just("append"), st.integers(0, 9), st.none()),
        st.tuples(st.just("promote"), st.just(0), st.none()),
    ),
    max_size=12,
)


def apply_edit(path, kind, place, value) -> None:
    """Edit as a human's editor would: through ruamel for values, as text for comments."""
    if kind == "comment":
        lines = path.read_text().split("\n")
        line = min(place, len(lines) - 1)
        plain = all(ord(c) > 32 for c in value)
        before, here = lines[line - 1] if line else "", lines[line]
        in_block = any(
            "|" in text or ">" in text for text in lines[: line + 1] if text.rstrip().endswith(("|", ">", "-", "+"))
        )
        if plain and not in_block and "'" not in before + here and '"' not in before + here:
            lines.insert(line, f"# {value}")
            path.write_text("\n".join(lines))
        return
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 4096
    content = yaml.load(path.read_text())
    listed = content["candidates"]
    one = listed[place % len(listed)]
    if kind == "swap":
        other = value % len(listed)
        listed[place % len(listed)], listed[other] = listed[other], one
    elif kind == "top":
        content[f"my-{value}"] = value
    else:
        one["mine-" + value if kind == "key" else kind] = value
    with path.open("w") as stream:
        yaml.dump(content, stream)


def values_of(path) -> tuple[list[Any], dict[str, Any]]:
    content = load_yaml(path)
    return content["candidates"], {k: v for k, v in content.items() if k != "candidates"}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(edits=edits)
def test_whatever_the_human_does_nothing_is_lost(tmp_path_factory, edits):
    path = tmp_path_factory.mktemp("song") / "chords" / "review.yml"
    append_entries(path, BATCH, header=HEADER)
    for one in BATCH:
        file = path.parent / one["file"]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"MThd" + one["id"].encode())
    for kind, place, value in edits:
        if kind not in ("append", "promote"):
            try:
                before = path.read_text()
                apply_edit(path, kind, place, value)
                load_yaml(path)
            except Exception:  # noqa: BLE001  an edit that is no YAML is another test's business
                path.write_text(before)
            continue
        text, (listed, others) = path.read_text(), values_of(path)
        comments = re.findall(r"(?m)^\s*#.*$", text)
        if kind == "promote":
            try:
                promote(path.parent)
            except ReviewError as err:
                assert "label" in str(err) or "missing" in str(err)  # noqa: PT017
            assert path.read_text() == text
            continue
        name = f"verse-g7-{place}"
        (path.parent / "candidates" / f"{name}.mid").write_bytes(b"MThd" + name.encode())
        append_entries(path, [entry(name)], header=HEADER)
        after, others_after = values_of(path)
        assert repr(after[: len(listed)]) == repr(listed)
        assert repr(others_after) == repr(others)
        assert {e.candidate_id for e in read_review(path).entries} >= {name}
        for comment in comments:
            assert comment.strip() in path.read_text()
