"""Promotion over the wire: a true picture before, copies after, and the way back."""

import pytest

from whitelight.composition.decisions import read_decisions
from whitelight.composition.review_marks import Mark, set_marks


@pytest.fixture
def snapshot(folder):
    return lambda: {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.mid")}


@pytest.fixture
def approve(folder, candidate):
    def approve(section: str, label: str, take: int, stage: str = "chords") -> str:
        name = candidate(stage, section, label, take)
        marks = [Mark(name, "status", "undecided", "approved"), Mark(name, "label", "", label)]
        set_marks(folder / stage / "review.yml", marks)
        return name

    return approve


@pytest.fixture
def plan(client, song):
    return lambda: client.get(f"/api/songs/{song}/promotion").json()


@pytest.fixture
def promote(client, song):
    return lambda who="one": client.post(f"/api/songs/{song}/promotion", json={"client": who})


@pytest.fixture
def undo(client, song):
    return lambda how="undo", who="one": client.post(f"/api/songs/{song}/{how}", json={"client": who})


def test_the_picture_says_what_each_file_becomes(plan, approve, folder):
    names = [approve("verse", "a", 0), approve("verse", "b", 1), approve("chorus", "a", 1), approve("bridge", "a", 0)]
    (folder / "chords" / "approved" / "chorus_a.mid").write_bytes(b"by hand")
    (folder / "chords" / "approved" / "bridge_a.mid").unlink()
    found = plan()
    assert {(one["id"], one["state"]) for one in found["copies"]} == set(
        zip(names, ("same", "changed", "edited", "new"), strict=True)
    )
    one = next(one for one in found["copies"] if one["id"] == names[0])
    assert (one["stage"], one["from"], one["to"]) == (
        "chords",
        f"chords/candidates/{names[0]}.mid",
        "chords/approved/verse_a.mid",
    )
    assert "chords/chorus_b.mid" in found["stale"]
    assert found["refusals"] == []


def test_all_refusals_are_said_at_once_and_nothing_is_copied(plan, promote, approve, folder, snapshot):
    twins = [approve("verse", "a", 0), approve("verse", "a", 1)]
    gone = approve("chorus", "a", 0, "drums")
    (folder / "drums" / "candidates" / f"{gone}.mid").unlink()
    (folder / "bass" / "review.yml").write_text("candidates: [")
    before = snapshot()
    refusals = plan()["refusals"]
    assert [one.split(":")[0] for one in refusals] == ["chords", "drums", "bass"]
    assert all(name in refusals[0] for name in twins)
    assert str(folder) not in str(refusals)
    assert promote().status_code == 400
    assert snapshot() == before


def test_promotion_is_undone_and_done_again(promote, undo, approve, folder, snapshot):
    approve("verse", "b", 1)
    approve("bridge", "a", 0)
    (folder / "chords" / "approved" / "bridge_a.mid").unlink()
    before = snapshot()
    answer = promote().json()
    assert sorted(answer["written"]) == ["chords/bridge_a.mid", "chords/verse_b.mid"]
    assert answer["history"]["undo"] == "promote 2 parts"
    after = snapshot()
    assert after != before
    assert undo().json()["stages"] == ["chords"]
    assert snapshot() == before
    assert undo("redo").status_code == 200
    assert snapshot() == after


def test_undo_leaves_a_promoted_file_that_somebody_edited(promote, undo, approve, folder, snapshot):
    approve("verse", "b", 1)
    approve("bridge", "a", 1)
    promote()
    (folder / "chords" / "approved" / "bridge_a.mid").write_bytes(b"by hand")
    before = snapshot()
    answer = undo()
    assert answer.status_code == 409
    assert "bridge_a.mid was changed meanwhile" in answer.json()["error"]
    assert snapshot() == before


def test_promoting_records_the_decisions(promote, approve, folder):
    name = approve("verse", "b", 1)
    promote()
    assert [(one["id"], one["status"], one["label"]) for one in read_decisions(folder)] == [(name, "approved", "b")]


def test_a_promotion_that_changes_nothing_is_no_operation(promote, approve):
    approve("verse", "a", 0)
    assert promote().json()["history"]["undo"] is None
