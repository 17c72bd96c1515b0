"""Judging over the wire: what is written, what is refused, and that two pages lose nothing of each other's."""

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from whitelight.composition.review import read_review
from whitelight.files import load_yaml

SCRIPT = "<img src=x onerror=alert(1)>\n\u202e'\": - {[#"


def change(name: str, field: str, shown: Any, to: Any) -> dict[str, Any]:
    return {"id": name, "field": field, "from": shown, "to": to}


@pytest.fixture
def candidate(candidate):
    """The two candidates that the review lists first."""
    return lambda take=0: candidate(section="bridge", take=take)


@pytest.fixture
def mark(client, song):
    def send(*changes: dict[str, Any], who: str = "one", blind: bool = False, stage: str = "chords") -> Any:
        body = {"client": who, "blind": blind, "changes": list(changes)}
        return client.post(f"/api/songs/{song}/stages/{stage}/marks", json=body)

    return send


@pytest.mark.parametrize(
    ("field", "shown", "to"),
    [("status", "undecided", "approved"), ("label", "", "b"), ("rating", None, 4), ("notes", "", SCRIPT), ("wish", "", "less")],
)  # fmt: skip
def test_a_mark_of_each_kind_is_written_and_answered(mark, folder, candidate, field, shown, to):  # noqa: PLR0917  one case
    before = (folder / "chords" / "review.yml").read_text()
    answer = mark(change(candidate(), field, shown, to))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [(one["id"], one[field]) for one in found["candidates"]] == [(candidate(), to)]
    assert found["history"]["undo"].endswith(candidate())
    assert load_yaml(folder / "chords" / "review.yml")["candidates"][0][field] == to
    assert before != (folder / "chords" / "review.yml").read_text()


def test_the_version_is_that_of_the_stage(mark, client, song, candidate):
    version = mark(change(candidate(), "rating", None, 4)).json()["version"]
    assert client.get(f"/api/songs/{song}/stages/chords").json()["version"] == version


def test_blind_marks_are_recorded_as_such(mark, candidate):
    assert mark(change(candidate(), "rating", None, 4), blind=True).json()["candidates"][0]["blind"]
    assert not mark(change(candidate(take=1), "rating", None, 4)).json()["candidates"][0]["blind"]


def test_an_edit_outside_in_between_is_merged(mark, folder, candidate):
    path = folder / "chords" / "review.yml"
    path.write_text(path.read_text().replace("    notes:", "    notes: by hand  # mine", 1) + "# more\n")
    assert mark(change(candidate(), "status", "undecided", "approved")).status_code == 200
    text = path.read_text()
    assert "    notes: by hand  # mine" in text
    assert text.endswith("# more\n")
    assert read_review(path).entries[0].status == "approved"


def test_a_mark_on_what_is_no_longer_there_is_refused_with_the_difference(mark, folder, candidate):
    path = folder / "chords" / "review.yml"
    path.write_text(path.read_text().replace("    notes:", "    notes: theirs", 1))
    before = path.read_bytes()
    answer = mark(change(candidate(take=1), "rating", None, 5), change(candidate(), "notes", "", "mine"))
    assert answer.status_code == 409
    assert answer.json()["conflicts"] == [
        {"id": candidate(), "field": "notes", "shown": "", "yours": "mine", "theirs": "theirs"}
    ]
    assert f"+{candidate()} notes: theirs" in answer.json()["difference"]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "body",
    [
        {"client": "one", "blind": False, "changes": []},
        {"client": "", "blind": False, "changes": [change("a", "rating", None, 1)]},
        {"client": "x" * 65, "blind": False, "changes": [change("a", "rating", None, 1)]},
        {"client": "one", "blind": False, "changes": [change("a", "machine", None, 1)]},
        {"client": "one", "blind": False, "changes": [change("a", "rating", None, [1])]},
        {"client": "one", "blind": False, "changes": [change("a", "rating", None, True)]},
        {"client": "one", "blind": False, "changes": [{"id": "a", "field": "rating", "to": 1}]},
        {"client": "one", "blind": False, "changes": [change("a", "rating", None, 1)], "path": "/etc"},
        {"client": "one", "blind": False, "changes": [change("a" * 201, "rating", None, 1)]},
        {"client": "one", "changes": [change("a", "rating", None, 1)]},
    ],
)
def test_requests_of_another_shape_are_refused(client, song, folder, body):
    before = (folder / "chords" / "review.yml").read_bytes()
    answer = client.post(f"/api/songs/{song}/stages/chords/marks", json=body)
    assert answer.status_code == 422
    assert "error" in answer.json()
    assert (folder / "chords" / "review.yml").read_bytes() == before


def test_values_that_cannot_be_written_and_unknown_places_are_refused(mark, client, song, candidate):
    assert "1 to 5" in mark(change(candidate(), "rating", None, 9)).json()["error"]
    assert "no file name" in mark(change(candidate(), "label", "", "../..")).json()["error"]
    assert "10,001 characters" in mark(change(candidate(), "notes", "", "x" * 10_001)).json()["error"]
    assert "no candidate is called" in mark(change("../../etc", "rating", None, 3)).json()["error"]
    assert mark(change(candidate(), "rating", None, 3), stage="strings").status_code == 404
    lone = json.dumps({"client": "one", "blind": False, "changes": [change(candidate(), "notes", "", "\ud800")]})
    url = f"/api/songs/{song}/stages/chords/marks"
    assert client.post(url, content=lone, headers={"content-type": "application/json"}).status_code in (400, 422)


def test_a_broken_file_is_refused_with_its_line_and_left_alone(mark, folder, candidate):
    path = folder / "chords" / "review.yml"
    path.write_text(path.read_text() + "   - [")
    before = path.read_bytes()
    answer = mark(change(candidate(), "rating", None, 3))
    assert answer.status_code == 400
    assert re.search(r"review.yml line \d+", answer.json()["error"])
    assert path.read_bytes() == before


def test_two_pages_and_an_editor_at_once_lose_nothing(mark, folder, candidate):
    path: Path = folder / "melody" / "review.yml"
    ids = [entry.candidate_id for entry in read_review(path).entries]
    failed: list[str] = []

    def judge(who: str, field: str, shown: Any, to: Any) -> None:
        for name in ids:
            answer = mark(change(name, field, shown, to), who=who, stage="melody")
            if answer.status_code != 200:
                failed.append(answer.text)

    jobs = [("one", "rating", None, 5), ("two", "label", "", "q"), ("three", "notes", "", "a\nb")]
    threads = [threading.Thread(target=judge, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert {(e.rating, e.label, e.notes) for e in read_review(path).entries} == {(5, "q", "a\nb")}
    assert [e.candidate_id for e in read_review(path).entries] == ids


def test_a_studio_that_only_looks_marks_nothing(make_client, song, candidate, folder):
    before = (folder / "chords" / "review.yml").read_bytes()
    body = {"client": "one", "blind": False, "changes": [change(candidate(), "rating", None, 3)]}
    answer = make_client(read_only=True).post(f"/api/songs/{song}/stages/chords/marks", json=body)
    assert answer.status_code == 403
    assert (folder / "chords" / "review.yml").read_bytes() == before
