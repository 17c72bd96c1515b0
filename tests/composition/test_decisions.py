"""`decisions.yml`: what was said last of every candidate, with its music; and how wishes steer what is bred next."""

import json
import time

import pytest

from whitelight.composition import compose_chords, promote
from whitelight.composition.decisions import DecisionsError, read_decisions, record_decisions
from whitelight.composition.evolution import is_liked, liked_genomes, rejected_material
from whitelight.composition.review import read_review
from whitelight.composition.review_marks import Mark, set_marks
from whitelight.files import load_yaml
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi, write_midi


@pytest.fixture
def song(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=4, n_generations=0)
    return tmp_path


@pytest.fixture
def ids(song):
    return [entry.candidate_id for entry in read_review(song / "chords" / "review.yml").entries]


@pytest.fixture
def mark(song):
    return lambda *marks, **more: set_marks(song / "chords" / "review.yml", [Mark(*one) for one in marks], **more)


def test_wishes_and_blind_marks_are_recorded(song, ids, mark):
    mark((ids[0], "wish", "", "more"), (ids[0], "rating", None, 2), blind=True)
    mark((ids[1], "wish", "", "less"), blind=False)
    assert record_decisions(song) == 2
    assert record_decisions(song) == 0
    found = [(one["id"], one["wish"], one["blind"], one["rating"], one["status"]) for one in read_decisions(song)]
    assert found == [(ids[0], "more", True, 2, "undecided"), (ids[1], "less", False, None, "undecided")]
    assert all(one["music"].startswith("Chords ") and one["machine"]["terms"] for one in read_decisions(song))
    mark((ids[1], "wish", "less", "more"), blind=False)
    assert record_decisions(song) == 1


def test_what_was_taken_back_is_recorded_once_as_undecided(song, ids, mark):
    mark((ids[0], "status", "undecided", "approved"))
    record_decisions(song)
    mark((ids[0], "status", "approved", "undecided"))
    assert record_decisions(song) == 1
    assert record_decisions(song) == 0
    assert [one["status"] for one in read_decisions(song)] == ["approved", "undecided"]


def test_a_record_of_use_is_not_made_again_by_those_that_know_nothing_of_it(song, ids, mark):
    mark((ids[0], "status", "undecided", "approved"), (ids[0], "label", "", "a"))
    promote(song)
    assert record_decisions(song) == 1
    assert record_decisions(song, {"chords": ["verse_a"]}) == 1
    assert record_decisions(song) == 0
    assert record_decisions(song, {"chords": ["verse_a"]}) == 0
    assert record_decisions(song, {"chords": []}) == 1


def test_records_are_read_as_yaml_reads_them(song, ids, mark, monkeypatch):
    mark((ids[0], "notes", "", 'a: "b"\n\u2028\x85 # c'), (ids[1], "status", "undecided", "rejected"))
    record_decisions(song)
    path = song / "decisions.yml"
    assert json.dumps(read_decisions(song)) == json.dumps(load_yaml(path)["decisions"])
    assert read_decisions(song)[0]["notes"] == 'a: "b"\n\u2028\x85 # c'
    monkeypatch.setattr("whitelight.composition.decisions.load_yaml", None)  # what whitelight wrote needs no YAML
    assert len(read_decisions(song)) == 2
    monkeypatch.undo()
    path.write_text(path.read_text() + "  - id: by-hand\n    stage: chords\n    status: approved\n")
    assert [one["id"] for one in read_decisions(song)] == [*ids[:2], "by-hand"]
    path.write_text("decisions: gone\n")
    with pytest.raises(DecisionsError, match="expected 'decisions:' with a list"):
        record_decisions(song)


def test_a_record_made_before_there_were_wishes_is_not_made_again(song, ids, mark):
    mark((ids[0], "rating", None, 4))
    record_decisions(song)
    path = song / "decisions.yml"
    path.write_text(path.read_text().replace('"wish": null, "blind": false, ', ""))
    assert "wish" not in read_decisions(song)[0]
    assert record_decisions(song) == 0


def test_nothing_to_record_is_quick(song, ids, mark):
    mark(*((name, "rating", None, 4) for name in ids))
    record_decisions(song)
    began = time.perf_counter()
    record_decisions(song)
    assert time.perf_counter() - began < 0.5  # 0.01 s on a quiet machine


def test_wishes_say_what_is_bred_from_and_what_is_kept_away_from(song, ids, mark):
    mark((ids[0], "wish", "", "more"), (ids[1], "wish", "", "less"), (ids[2], "status", "undecided", "rejected"))
    mark((ids[3], "wish", "", "more"), (ids[3], "status", "undecided", "rejected"), (ids[1], "rating", None, 5))
    entries = read_review(song / "chords" / "review.yml").entries
    assert [is_liked(entry) for entry in entries[:4]] == [True, False, False, False]
    assert [len(genomes) for _, genomes in liked_genomes(song, "chords").values()] == [1]
    reasons = {material.part: material.song for material in rejected_material(song, "chords")}
    assert reasons == {ids[1]: "less like this", ids[2]: "rejected here", ids[3]: "rejected here"}
    mark((ids[1], "status", "undecided", "approved"))
    assert is_liked(read_review(song / "chords" / "review.yml").entries[1])
    assert ids[1] not in {material.part for material in rejected_material(song, "chords")}


def test_an_edit_is_kept_with_the_clock_and_tempo_a_daw_gave_it(song, ids, mark):
    mark((ids[0], "status", "undecided", "approved"), (ids[0], "label", "", "a"))
    promote(song)
    part = next((song / "chords" / "approved").glob("*.mid"))
    before = read_midi(part)
    scaled = [(2 * on, 2 * length, pitch, velocity) for on, length, pitch, velocity in before.all_notes().to_rows()]
    clock = 2 * before.ticks_per_beat
    tracks = (MidiTrack(notes=Notes.from_rows(scaled)),)
    part.write_bytes(
        write_midi(Piece(clock, TempoMap.constant(75.0, clock), midi_tracks=tracks, end_tick=2 * before.end_tick))
    )
    record_decisions(song)
    found = read_decisions(song)[-1]
    assert found["tempo_bpm"] == pytest.approx(60_000_000 / before.tempo_map.us_per_beat[0], abs=1e-5)
    assert (found["edited_ticks_per_beat"], found["edited_tempo_bpm"]) == (clock, 75.0)
    assert found["edited_music"] != found["music"]
