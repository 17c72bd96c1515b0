"""The stage document, rolls and context: what is measured, said and heard, in the shapes of `web/src/types.ts`."""

import json
import re
import shutil

import pytest

from whitelight.composition.automatic_choice import write_choice
from whitelight.composition.production import record_run
from whitelight.composition.review_writing import append_entries
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi, write_midi


def edit(folder, stage, name, old, new):
    """Change the entry of one candidate as a human would."""
    path = folder / stage / "review.yml"
    before, found, rest = path.read_text().partition(f"- id: {name}\n")
    assert found
    assert old in rest
    path.write_text(before + found + rest.replace(old, new, 1))


def one(document, name):
    return next(candidate for candidate in document["candidates"] if candidate["id"] == name)


def keys_of(repository, interface):
    """Names of the members of an interface of the contract."""
    text = (repository / "web" / "src" / "types.ts").read_text()
    body = re.search(rf"export interface {interface} \{{(.*?)\}}\n", text, re.DOTALL)[1]
    body = re.sub(r"//[^\n]*", "", body)
    return set(re.findall(r"(?:^|[;{\n])\s*(\w+)\??:", body))


@pytest.mark.parametrize("interface", ["Library", "SongCard", "StageDocument", "Candidate", "Roll"])
def test_documents_have_the_members_of_the_contract(client, song, repository, candidate, interface):
    library = client.get("/api/songs").json()
    document = client.get(f"/api/songs/{song}/stages/chords").json()
    name = candidate()
    found = {
        "Library": library,
        "SongCard": library["songs"][0],
        "StageDocument": document,
        "Candidate": document["candidates"][0],
        "Roll": client.get(f"/api/songs/{song}/stages/chords/rolls?id={name}").json()["rolls"][name],
    }[interface]
    assert set(found) == keys_of(repository, interface)


def test_a_candidate_is_told_as_it_was_made(client, song, candidate):
    document = client.get(f"/api/songs/{song}/stages/melody").json()
    assert (document["song"], document["stage"], document["problems"]) == (song, "melody", [])
    name = candidate("melody", "verse", "b", 1)
    found = one(document, name)
    assert found == {
        "id": name, "section": "verse", "variant": "b", "file": f"candidates/{name}.mid", "exists": True,
        "status": "undecided", "stated": "undecided", "label": "", "rating": None, "notes": "", "wish": "", "blind": False,
        "kept": False, "by_hand": False, "generation": 1, "seed": 7, "parents": [], "like": None, "fitness": 0.5,
        "match": 0.7, "novelty": 0.35, "confidence": None, "axes": None, "terms": {"flow": 0.6, "space": 1.0},
        "measures": {"density": 3.0}, "facts": {"style": "plain"}, "promoted": None, "auto": False,
    }  # fmt: skip
    assert document["measures"] == {"density": [2.0, 3.0]}
    assert one(document, candidate("melody", "verse", "b", 0))["promoted"] == "verse_b"


def test_marks_are_told_as_the_human_left_them(client, song, folder, candidate):
    name = candidate()
    edit(folder, "chords", name, "status: undecided", "status: Yes!   # the one")
    edit(folder, "chords", name, "label:", "label: Lighthouse")
    edit(folder, "chords", name, "rating:", "rating: 4.5\n    wish: More\n    blind: true")
    edit(folder, "chords", name, "notes:", 'notes: "long\\nlines"')
    document = client.get(f"/api/songs/{song}/stages/chords").json()
    found = one(document, name)
    assert (found["status"], found["stated"]) == ("approved", "Yes!")
    assert (found["label"], found["rating"], found["wish"], found["blind"]) == ("Lighthouse", 4.5, "more", True)
    assert found["notes"] == "long\nlines"
    assert document["labels"] == ["Lighthouse", "a", "b", "c"]


def test_odd_values_are_not_known_rather_than_wrong(client, song, folder, candidate):
    name = candidate()
    edit(folder, "chords", name, "rating:", "rating: very good")
    edit(folder, "chords", name, "fitness: 1.5", "fitness: .nan\n      axes: [no]\n      when: 2026-01-02")
    edit(folder, "chords", name, "generation: 0", "generation: first")
    edit(folder, "chords", name, "status: undecided", "status: perhaps not")
    answer = client.get(f"/api/songs/{song}/stages/chords")
    found = one(json.loads(answer.text, parse_constant=pytest.fail), name)
    assert (found["rating"], found["fitness"], found["axes"], found["generation"]) == (None, None, None, None)
    assert found["facts"]["when"] == "2026-01-02"
    assert found["status"] == "undecided"
    assert any("perhaps not" in problem for problem in answer.json()["problems"])


def test_newer_facts_of_the_scorer_are_told(client, song, folder, candidate):
    name = candidate()
    axes = '{"when": {"then": 0.75, "now": 0.25}}'
    edit(folder, "chords", name, "fitness: 1.5", f"fitness: 1.5\n      confidence: 0.8\n      axes: {axes}")
    found = one(client.get(f"/api/songs/{song}/stages/chords").json(), name)
    assert found["confidence"] == 0.8
    assert found["axes"] == {"when": {"then": 0.75, "now": 0.25}}


def test_what_auto_chose_is_told_until_someone_touches_it(client, song, folder, candidate):
    name = candidate("bass", "verse", "a", 0)
    write_choice(folder / "bass", {"verse_a": name})
    assert one(client.get(f"/api/songs/{song}/stages/bass").json(), name)["auto"] is True
    assert client.get(f"/api/songs/{song}").json()["phases"][2]["auto"] == 1
    other = folder / "bass" / "candidates" / f"{candidate('bass', 'verse', 'a', 1)}.mid"
    shutil.copy(other, folder / "bass" / "approved" / "verse_a.mid")
    document = client.get(f"/api/songs/{song}/stages/bass").json()
    assert one(document, name)["auto"] is False
    assert one(document, name)["promoted"] is None
    assert one(document, other.stem)["promoted"] == "verse_a"


def test_weights_are_those_of_the_newest_run(client, song, folder):
    for run, weight in (("old, seed 1", 9.0), ("new, seed 2", 1.0)):
        sections = {"verse": {"weights": {"flow": {"weight": weight}, "space": {"weight": 2.0}}},
                    "chorus": {"weights": {"flow": {"weight": weight + 1.0}}}}  # fmt: skip
        record_run(folder / "chords" / "search.yml", run, sections)
    assert client.get(f"/api/songs/{song}/stages/chords").json()["weights"] == {"flow": 1.5, "space": 2.0}


def test_the_version_is_that_of_the_text(client, song, folder, candidate):
    def version():
        return client.get(f"/api/songs/{song}/stages/chords").json()["version"]

    before = version()
    assert version() == before
    edit(folder, "chords", candidate(), "notes:", "notes: more air")
    assert version() != before
    edit(folder, "chords", candidate(), "notes: more air", "notes:")
    assert version() == before


def test_a_stage_without_a_review_is_empty(client, song, folder):
    shutil.rmtree(folder / "lyrics")
    document = client.get(f"/api/songs/{song}/stages/lyrics").json()
    assert (document["candidates"], document["measures"], document["weights"]) == ([], {}, {})


def test_a_stage_that_is_none_is_not_there(client, song):
    answer = client.get(f"/api/songs/{song}/stages/kazoo")
    assert answer.status_code == 404
    assert "chords, drums, bass, melody, harmony, lyrics" in answer.json()["error"]


def test_a_roll_holds_every_note_bar_chord_and_syllable(client, song, folder, candidate):
    name = candidate("lyrics", "verse", "a", 0)
    roll = client.get(f"/api/songs/{song}/stages/lyrics/rolls?id={name}").json()["rolls"][name]
    piece = read_midi(folder / "lyrics" / "candidates" / f"{name}.mid")
    (track,) = roll["tracks"]
    assert track["notes"] == [list(row) for row in piece.midi_tracks[0].notes.to_rows()]
    assert (track["name"], track["program"], track["is_drum"]) == ("Vocal", 53, False)
    assert roll["syllables"][:3] == [
        [tick, text]
        for tick, text in zip(piece.midi_tracks[0].notes.onset_tick.tolist(), ("kit-", "chen", "light"), strict=False)
    ]
    assert roll["bar_ticks"] == [4 * bar * piece.ticks_per_beat for bar in range(8)]
    assert roll["end_tick"] == 32 * piece.ticks_per_beat
    assert (roll["meter"], roll["tempos"]) == ("4/4", [[0, 96.0]])
    assert roll["markers"] == [[0, "verse"]]
    name = candidate()
    roll = client.get(f"/api/songs/{song}/stages/chords/rolls?id={name}").json()["rolls"][name]
    assert [chord for _, chord in roll["chords"]] == ["Am", "F", "Dm", "Em", "Am", "F", "Em", "Am"]
    assert [tick for tick, _ in roll["chords"]] == roll["bar_ticks"]


def test_hand_made_chords_are_named_from_their_notes(client, song, folder, candidate):
    rows = [
        (960 * 2 * bar, 960 * 2, pitch, 80)
        for bar, chord in enumerate([(48, 52, 55), (53, 57, 60)] * 4)
        for pitch in chord
    ]
    piece = Piece(480, TempoMap.constant(96, 480), midi_tracks=(MidiTrack("mine", notes=Notes.from_rows(rows)),))
    name = candidate()
    (folder / "chords" / "candidates" / f"{name}.mid").write_bytes(write_midi(piece))
    roll = client.get(f"/api/songs/{song}/stages/chords/rolls?id={name}").json()["rolls"][name]
    assert [chord for _, chord in roll["chords"]] == ["C", "F"] * 4


def test_files_of_other_ticks_are_counted_as_their_section(client, song, folder, candidate):
    name = candidate("bass", "verse", "a", 0)
    rows = [(96 * beat, 48, 40, 80) for beat in range(32)]
    piece = Piece(96, TempoMap.constant(96, 96), midi_tracks=(MidiTrack("mine", notes=Notes.from_rows(rows)),))
    (folder / "bass" / "candidates" / f"{name}.mid").write_bytes(write_midi(piece))
    roll = client.get(f"/api/songs/{song}/stages/bass/rolls?id={name}").json()["rolls"][name]
    context = client.get(f"/api/songs/{song}/context?section=verse&variant=a").json()["parts"][0]["roll"]
    assert (roll["ticks_per_beat"], roll["end_tick"]) == (context["ticks_per_beat"], context["end_tick"])
    assert [note[0] for note in roll["tracks"][0]["notes"]] == [beat * roll["ticks_per_beat"] for beat in range(32)]


def test_a_missing_or_damaged_file_is_a_problem_of_its_own(client, song, folder, candidate):
    good, gone, damaged = (candidate(label=label, take=take) for label, take in (("a", 0), ("a", 1), ("b", 0)))
    (folder / "chords" / "candidates" / f"{gone}.mid").unlink()
    (folder / "chords" / "candidates" / f"{damaged}.mid").write_bytes(b"MThd\0\0\0\6\0\1")
    query = "&".join(f"id={name}" for name in (good, gone, damaged, "unknown", good))
    found = client.get(f"/api/songs/{song}/stages/chords/rolls?{query}").json()
    assert list(found["rolls"]) == [good]
    assert set(found["problems"]) == {gone, damaged, "unknown"}
    assert found["problems"][gone] == f"candidates/{gone}.mid: No such file or directory"
    assert one(client.get(f"/api/songs/{song}/stages/chords").json(), gone)["exists"] is False


def test_a_roll_follows_its_file(client, song, folder, candidate):
    def velocity():
        found = client.get(f"/api/songs/{song}/stages/bass/rolls?id={candidate('bass')}").json()
        return found["rolls"][candidate("bass")]["tracks"][0]["notes"][0][3]

    assert velocity() == 80
    louder = folder / "bass" / "candidates" / f"{candidate('bass', take=1)}.mid"
    shutil.copy(louder, folder / "bass" / "candidates" / f"{candidate('bass')}.mid")
    assert velocity() == 89


def test_too_many_rolls_at_once_are_refused(client, song):
    query = "&".join(f"id=x{number}" for number in range(201))
    assert client.get(f"/api/songs/{song}/stages/chords/rolls?{query}").status_code == 422
    assert client.get(f"/api/songs/{song}/stages/chords/rolls").status_code == 422


def test_the_context_is_what_is_approved_in_the_section(client, song, folder):
    parts = client.get(f"/api/songs/{song}/context?section=verse&variant=b").json()["parts"]
    assert [(part["stage"], part["name"]) for part in parts] == [
        (stage, "verse_b") for stage in ("chords", "drums", "bass", "melody", "harmony", "lyrics")
    ]
    assert len({(part["roll"]["ticks_per_beat"], part["roll"]["end_tick"]) for part in parts}) == 1
    (folder / "drums" / "approved" / "verse_b.mid").unlink()
    parts = client.get(f"/api/songs/{song}/context?section=verse&variant=b").json()["parts"]
    assert parts[1]["name"] == "verse_a"  # the section's first stands in, as in the song


def test_a_thousand_candidates_are_read_in_a_moment(client, song, folder, candidate):
    import time

    entries = [
        {"id": f"verse-g9-{number:08x}", "section": "verse", "file": f"candidates/x{number}.mid", "status": "undecided", "label": None,
         "rating": None, "notes": None, "machine": {"kept": False, "fitness": number / 7, "terms": {f"t{k}": k / 7 for k in range(12)},
                                                    "parents": [f"verse-g8-{number:08x}"], "axes": {"when": {"then": 0.5}}}}
        for number in range(1000)
    ]  # fmt: skip
    (folder / "chords" / "review.yml").unlink()
    append_entries(folder / "chords" / "review.yml", entries, header="")
    started = time.process_time()
    document = client.get(f"/api/songs/{song}/stages/chords").json()
    assert len(document["candidates"]) == 1000
    assert time.process_time() - started < 1.5  # by the YAML reader it would be 4


def test_an_emptied_review_is_not_a_stage_without_candidates(client, song, folder):
    review = folder / "drums" / "review.yml"
    n_files = len(list((folder / "drums" / "candidates").glob("*.mid")))
    review.write_text("")
    document = client.get(f"/api/songs/{song}/stages/drums").json()
    assert document["candidates"] == []
    assert any(f"though {n_files} files lie in drums/candidates" in problem for problem in document["problems"])
