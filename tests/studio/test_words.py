"""Lyrics in the page: laid on the melody, measured while typed, saved beside what was there, taken back."""

import pytest

from whitelight.composition.lyrics.drafts import read_edits
from whitelight.composition.lyrics.rendering import PROGRAM
from whitelight.composition.review import read_review
from whitelight.music import read_midi

CLIENT = "tab-1"


@pytest.fixture
def one(candidate):
    return candidate("lyrics", "verse", "a", 0)


@pytest.fixture
def url(song, one):
    return f"/api/songs/{song}/words/{one}"


def save(client, url, text, before, **more):
    return client.put(url, json={"client": CLIENT, "text": text, "before": before}, **more)


def undo(client, song):
    return client.post(f"/api/songs/{song}/undo", json={"client": CLIENT})


def draft_of(folder, one):
    return (folder / "lyrics" / "candidates" / f"{one}.txt").read_text()


@pytest.fixture
def approved(client, song, one, folder):
    """The candidate stands in `lyrics/approved/`, as promotion leaves it."""
    marks = [{"id": one, "field": "status", "from": "undecided", "to": "approved"}]
    marks += [{"id": one, "field": "label", "from": "", "to": "a"}]
    answer = client.post(
        f"/api/songs/{song}/stages/lyrics/marks", json={"client": CLIENT, "blind": False, "changes": marks}
    )
    assert answer.status_code == 200, answer.text
    path = folder / "lyrics" / "approved" / "verse_a.txt"
    path.write_text(draft_of(folder, one))
    return path


def test_every_note_has_a_slot_with_what_is_sung_on_it(client, url, folder, one):
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    words = answer.json()
    assert (words["id"], words["name"], words["text"]) == (one, None, draft_of(folder, one))
    assert sum(len(line["syllables"]) for line in words["lines"]) == words["n_notes"] > 0
    first = words["lines"][0]
    assert (first["text"], first["n_syllables"]) == ("kitchen light", 3)
    sung = [slot["text"] for slot in first["syllables"] if slot["text"]]
    assert "".join(text.removesuffix("-") + " " * (not text.endswith("-")) for text in sung).split() == [
        "Kitchen",
        "light",
    ]
    ticks = [slot["tick"] for line in words["lines"] for slot in line["syllables"]]
    assert ticks == sorted(set(ticks))


def test_fit_follows_what_is_typed_and_writes_nothing(client, url, folder, song):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    line = client.get(url).json()["lines"][0]
    exact = " ".join(["la"] * line["n_notes"])
    good = client.post(f"{url}/fit", json={"text": exact}).json()
    assert good["lines"][0]["n_syllables"] == good["lines"][0]["n_notes"]
    assert all(slot["fits"] for slot in good["lines"][0]["syllables"])
    crowded = client.post(f"{url}/fit", json={"text": f"{exact} la la"}).json()
    assert "line 1: 2 syllables more than notes" in crowded["problems"]
    assert not all(slot["fits"] for slot in crowded["lines"][0]["syllables"])
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_lines_that_rhyme_share_a_letter(client, url):
    words = client.post(f"{url}/fit", json={"text": "in the light\nof the lamp\nall the night"}).json()
    assert [line["rhyme"] for line in words["lines"][:3]] == ["a", "", "a"]


def test_words_changed_in_the_page_become_a_new_candidate(client, url, folder, one, song):
    review = (folder / "lyrics" / "review.yml").read_bytes()
    saved = save(client, url, "kitchen lamp\nunderstood, oh no\n", draft_of(folder, one))
    assert saved.status_code == 200, saved.text
    name = saved.json()["id"]
    assert name.startswith("verse-a-by-hand-")
    assert draft_of(folder, one) == "kitchen light\nunderstood oh yes\n"
    entry = next(e for e in read_review(folder / "lyrics" / "review.yml").entries if e.candidate_id == name)
    assert (entry.section, entry.variant, entry.status) == ("verse", "a", "undecided")
    piece = read_midi(folder / "lyrics" / entry.file)
    assert piece.midi_tracks[0].program == PROGRAM
    assert "lamp" in [event.text for event in piece.midi_tracks[0].lyrics]
    assert undo(client, song).json()["what"] == f"new words for {one}"
    assert not (folder / "lyrics" / entry.file).exists()
    assert (folder / "lyrics" / "review.yml").read_bytes() == review


def test_approved_words_are_edited_sung_anew_and_kept_as_a_pair(client, url, folder, song, approved):
    draft = approved.read_text()
    sung = approved.with_suffix(".mid").read_bytes()
    shown = client.get(url, params={"approved": 1}).json()
    assert (shown["name"], shown["text"]) == ("verse_a", draft)
    answer = save(client, url, "kitchen lamp\nunderstood oh no", shown["text"], params={"approved": 1})
    assert answer.status_code == 200, answer.text
    assert approved.read_text() == "kitchen lamp\nunderstood oh no\n"
    assert approved.with_suffix(".mid").read_bytes() != sung
    [pair] = read_edits(folder / "lyrics")
    assert (pair["draft"], pair["edited"]) == ("kitchen light\nunderstood oh yes", "kitchen lamp\nunderstood oh no")
    assert undo(client, song).status_code == 200
    assert approved.with_suffix(".mid").read_bytes() == sung
    assert approved.read_text() == draft
    assert not (folder / "lyrics" / "drafts.yml").exists()


def test_words_that_are_the_draft_again_are_sung_as_the_draft(client, url, folder, one, approved):
    save(client, url, "kitchen lamp", draft_of(folder, one), params={"approved": 1})
    back = save(client, url, draft_of(folder, one), "kitchen lamp", params={"approved": 1})
    assert back.status_code == 200, back.text
    draft = folder / "lyrics" / "candidates" / f"{one}.mid"
    assert approved.with_suffix(".mid").read_bytes() == draft.read_bytes()


@pytest.mark.parametrize("params", [{}, {"approved": 1}])
def test_words_that_changed_on_disk_are_not_overwritten(client, url, one, approved, params):
    path = approved if params else approved.parents[1] / "candidates" / f"{one}.txt"
    path.write_text("somebody else\nwas here\n")
    answer = save(client, url, "kitchen lamp", "kitchen light\nunderstood oh yes\n", params=params)
    assert answer.status_code == 409
    assert "+somebody else" in answer.json()["difference"]
    assert path.read_text() == "somebody else\nwas here\n"


def test_what_cannot_be_saved_is_refused(client, url, song, folder, one):
    text = draft_of(folder, one)
    assert "no word to sing" in save(client, url, " \n!\n", text).json()["error"]
    assert client.get(f"/api/songs/{song}/words/nobody").status_code == 404
    assert client.get(url, params={"approved": 2}).status_code == 422
    assert save(client, url, "x" * 20_001, text).status_code == 422
    assert client.put(url, json={"client": CLIENT, "text": "la"}).status_code == 422


def test_words_that_are_not_approved_are_not_found_there(client, song, folder, candidate):
    other = candidate("lyrics", "verse", "a", 1)
    answer = client.get(f"/api/songs/{song}/words/{other}", params={"approved": 1})
    assert answer.status_code == 404
    assert "promote it first" in answer.json()["error"]


def test_a_read_only_studio_measures_and_saves_nothing(make_client, url, folder, one):
    closed = make_client(read_only=True)
    assert closed.get(url).status_code == 200
    assert save(closed, url, "kitchen lamp", draft_of(folder, one)).status_code == 403
