"""`decisions.yml` follows the marks: soon after them, at the end, and after a studio that was killed."""

import time

import pytest

from whitelight.composition.decisions import read_decisions
from whitelight.composition.review_marks import Mark, set_marks
from whitelight.studio.decision_keeping import DecisionKeeper
from whitelight.studio.journal import Journal


@pytest.fixture
def rate(folder, candidate):
    def rate(before: int | None, rating: int | None) -> None:
        set_marks(folder / "chords" / "review.yml", [Mark(candidate(), "rating", before, rating)], blind=True)

    return rate


@pytest.fixture
def ratings(folder):
    return lambda: [one["rating"] for one in read_decisions(folder) if one["stage"] == "chords"]


def test_what_is_taken_back_at_once_is_no_decision(folder, rate, ratings):
    keeper = DecisionKeeper(Journal(), is_on=True, wait_s=0.3)
    for before, rating in [(None, 1), (1, 2), (2, 3)]:
        rate(before, rating)
        keeper.record_soon(folder)
    assert ratings() == []
    end = time.monotonic() + 20
    while not ratings() and time.monotonic() < end:
        time.sleep(0.05)
    assert ratings() == [3]
    assert read_decisions(folder)[-1]["blind"] is True


def test_closing_records_what_waits(folder, rate, ratings):
    keeper = DecisionKeeper(Journal(), is_on=True, wait_s=60)
    rate(None, 4)
    keeper.record_soon(folder)
    keeper.close()
    assert ratings() == [4]


def test_a_studio_that_only_looks_records_nothing(folder, rate):
    keeper = DecisionKeeper(Journal(), is_on=False)
    rate(None, 4)
    keeper.record_soon(folder)
    keeper.record(folder)
    keeper.close()
    assert not (folder / "decisions.yml").exists()


def test_what_a_killed_studio_left_is_recorded_when_the_song_is_opened(client, song, rate, ratings):
    rate(None, 4)  # and then it was killed
    assert client.get(f"/api/songs/{song}/history?client=one").status_code == 200
    client.app.state.studio.decisions.close()
    assert ratings() == [4]


def test_decisions_that_cannot_be_added_to_stop_nothing(client, folder, song, candidate):
    (folder / "decisions.yml").write_text("decisions: [")
    change = {"id": candidate(), "field": "rating", "from": None, "to": 3}
    body = {"client": "one", "blind": False, "changes": [change]}
    assert client.post(f"/api/songs/{song}/stages/chords/marks", json=body).status_code == 200
    client.app.state.studio.decisions.close()
    assert (folder / "decisions.yml").read_text() == "decisions: ["
