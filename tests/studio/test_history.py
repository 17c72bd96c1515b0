"""Undo and redo: chains, two clients, edits from outside in between, files."""

from typing import Any

import pytest

from whitelight.composition.review import read_review
from whitelight.composition.review_marks import Mark, set_marks
from whitelight.studio.journal import MAX_OPERATIONS, Journal, Operation, RefusedError


@pytest.fixture
def candidate(candidate):
    """The two candidates that the review lists first."""
    return lambda take=0: candidate(section="bridge", take=take)


@pytest.fixture
def review(folder):
    return folder / "chords" / "review.yml"


@pytest.fixture
def do(client, song):
    def send(name: str, field: str, shown: Any, to: Any, *, who: str = "one", blind: bool = False) -> Any:
        one = {"id": name, "field": field, "from": shown, "to": to}
        body = {"client": who, "blind": blind, "changes": [one]}
        answer = client.post(f"/api/songs/{song}/stages/chords/marks", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


@pytest.fixture
def step(client, song):
    return lambda how, who="one": client.post(f"/api/songs/{song}/{how}", json={"client": who})


@pytest.fixture
def history(client, song):
    return lambda: client.get(f"/api/songs/{song}/history?client=one").json()


def test_a_chain_goes_back_and_forth_byte_by_byte(do, step, history, review, candidate):
    texts = [review.read_bytes()]
    a, b = candidate(), candidate(take=1)
    marks = [(a, "status", "undecided", "approved"), (a, "label", "", "x y"), (b, "wish", "", "more"), (a, "status", "approved", "rejected")]  # fmt: skip
    for mark in [*marks, (b, "notes", "", "<b>\n# no")]:
        do(*mark, blind=mark[0] == b)
        texts.append(review.read_bytes())
    for text in reversed(texts[:-1]):
        answer = step("undo")
        assert answer.status_code == 200
        assert answer.json()["stages"] == ["chords"]
        assert review.read_bytes() == text
    assert answer.json() == {
        "what": f"approve {a}",
        "stages": ["chords"],
        "arrangement": False,
        "history": {"undo": None, "redo": f"approve {a}"},
    }
    assert "nothing to undo" in step("undo").json()["error"]
    for text in texts[1:]:
        assert step("redo").status_code == 200
        assert review.read_bytes() == text
    assert history() == {"undo": f"note on {b}", "redo": None}


def test_a_new_mark_ends_what_could_be_done_again(do, step, candidate):
    do(candidate(), "rating", None, 3)
    step("undo")
    assert do(candidate(), "rating", None, 4)["history"]["redo"] is None
    assert step("redo").status_code == 409


def test_undo_after_an_outside_edit_takes_back_the_mark_alone(do, step, review, candidate):
    do(candidate(), "status", "undecided", "approved")
    review.write_text(review.read_text().replace("    label:", "    label: mine # here", 1))
    expected = review.read_text().replace("status: approved", "status: undecided", 1)
    assert step("undo").status_code == 200
    assert review.read_text() == expected
    assert step("redo").status_code == 200
    assert read_review(review).entries[0].status == "approved"
    assert "    label: mine # here" in review.read_text()


def test_undo_of_what_somebody_changed_is_refused_and_offered_no_more(do, step, review, candidate):
    do(candidate(), "rating", None, 3)
    do(candidate(), "status", "undecided", "approved")
    review.write_text(review.read_text().replace("status: approved", "status: Rejected", 1))
    before = review.read_bytes()
    answer = step("undo")
    assert answer.status_code == 409
    assert answer.json()["conflicts"][0] | {"yours": 0} == {
        "id": candidate(),
        "field": "status",
        "shown": "approved",
        "yours": 0,
        "theirs": "rejected",
    }
    assert review.read_bytes() == before
    assert step("undo").json()["what"] == f"rate 3 {candidate()}"
    assert (read_review(review).entries[0].rating, read_review(review).entries[0].status) == (None, "rejected")


def test_undo_of_one_client_never_touches_another_s_marks(do, step, review, candidate):
    do(candidate(), "status", "undecided", "approved", who="one")
    do(candidate(), "label", "", "two's", who="two")
    do(candidate(take=1), "status", "undecided", "rejected", who="two")
    assert step("undo", "one").json()["what"] == f"approve {candidate()}"
    first, second = read_review(review).entries[:2]
    assert (first.status, first.label, second.status) == ("undecided", "two's", "rejected")
    assert step("undo", "one").status_code == 409
    assert step("undo", "two").json()["history"]["undo"] == f"label {candidate()}"


@pytest.mark.parametrize("who", ["", "x" * 65])
def test_clients_have_a_name_of_at_most_64_characters(client, song, who):
    assert client.get(f"/api/songs/{song}/history", params={"client": who}).status_code == 422
    assert client.post(f"/api/songs/{song}/undo", json={"client": who}).status_code == 422


def test_files_come_back_as_they_were(tmp_path):
    journal, path = Journal(), tmp_path / "arrangement.yml"
    path.write_bytes(b"after")
    journal.record(
        tmp_path, "one", Operation("move a block", {"arrangement.yml": (b"before", b"after"), "new.txt": (b"x", None)})
    )
    assert journal.undo(tmp_path, "one").what == "move a block"
    assert path.read_bytes() == b"before"
    assert (tmp_path / "new.txt").read_bytes() == b"x"
    journal.redo(tmp_path, "one")
    assert path.read_bytes() == b"after"
    assert not (tmp_path / "new.txt").exists()
    path.write_bytes(b"by hand")
    with pytest.raises(RefusedError, match=r"arrangement\.yml was changed meanwhile") as caught:
        journal.undo(tmp_path, "one")
    assert "+by hand" in caught.value.more["difference"]
    assert path.read_bytes() == b"by hand"
    assert not (tmp_path / "new.txt").exists()


def test_a_journal_keeps_to_its_bounds(tmp_path):
    journal = Journal()
    for number in range(MAX_OPERATIONS + 5):
        (tmp_path / "a.txt").write_bytes(b"%d" % (number + 1))
        journal.record(tmp_path, "one", Operation(f"n {number}", {"a.txt": (b"%d" % number, b"%d" % (number + 1))}))
    for number in range(200):
        journal.history(tmp_path, f"visitor {number}") if number < 60 else None
    for _ in range(MAX_OPERATIONS):
        journal.undo(tmp_path, "one")
    with pytest.raises(RefusedError, match="nothing to undo"):
        journal.undo(tmp_path, "one")
    assert (tmp_path / "a.txt").read_bytes() == b"5"


def test_marks_and_files_of_one_operation_are_undone_together_or_not_at_all(folder, candidate):
    journal, note = Journal(), folder / "song.txt"
    marked = set_marks(folder / "chords" / "review.yml", [Mark(candidate(), "rating", None, 3)])
    note.write_bytes(b"new")
    journal.record(folder, "one", Operation("both", {"song.txt": (None, b"new")}, {"chords": marked}))
    set_marks(folder / "chords" / "review.yml", [Mark(candidate(), "rating", 3, 5)])
    with pytest.raises(RefusedError, match="rating of"):
        journal.undo(folder, "one")
    assert note.read_bytes() == b"new"
