"""The arrangement through the server: shown, changed without losing a word, refused when the file is another."""

from typing import Any

import pytest

from whitelight.composition.arrangement import assemble_song, read_arrangement, write_song

STAGES = ["chords", "drums", "bass", "melody", "harmony", "lyrics"]


@pytest.fixture
def url(song):
    return f"/api/songs/{song}/arrangement"


def asked(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    kept = {key: document[key] for key in ("version", "blocks", "mix", "ending")}
    return {"client": "tab-1"} | kept | changes


def test_without_a_file_the_plan_is_shown_and_nothing_is_written(client, url, folder):
    document = client.get(url).json()
    assert document["planned"] is True
    assert [block["name"] for block in document["blocks"]][:3] == ["intro", "verse 1", "chorus 1"]
    assert [block["origin"] for block in document["blocks"]] == list(range(7))
    assert document["blocks"][0]["parts"] == dict.fromkeys(STAGES) | {"chords": "verse_a"}
    assert document["choices"]["bridge"]["bass"] == ["bridge_a"]
    assert document["mix"]["drums"] == {"gain_db": 0.0, "mute": False}
    assert document["endings"] == ["ring", "none"]
    assert not (folder / "arrangement.yml").exists()


def test_the_first_change_writes_the_plan_with_its_header(client, url, folder):
    document = client.get(url).json()
    first, second, *others = document["blocks"]
    answer = client.put(url, json=asked(document, blocks=[second, first, *others]))
    assert answer.status_code == 200
    assert answer.json()["planned"] is False
    assert [block["name"] for block in answer.json()["blocks"]][:2] == ["verse 1", "intro"]
    text = (folder / "arrangement.yml").read_text()
    assert text.startswith('# Arrangement of "Kitchen Light"')
    assert read_arrangement(folder).blocks[1].name == "intro"


def test_a_stage_approved_later_is_offered_with_what_it_would_play(client, url, folder):
    bass = {file.name: file.read_bytes() for file in (folder / "bass" / "approved").glob("*.mid")}
    planned = [block["parts"]["bass"] for block in client.get(url).json()["blocks"]]
    for name in bass:
        (folder / "bass" / "approved" / name).unlink()
    document = client.get(url).json()
    written = client.put(url, json=asked(document, ending="none")).json()
    assert written["unheard"] == {}
    for name, content in bass.items():
        (folder / "bass" / "approved" / name).write_bytes(content)
    later = client.get(url).json()
    assert later["unheard"] == {"bass": planned}
    blocks = [
        block | {"parts": block["parts"] | {"bass": part}} for block, part in zip(later["blocks"], planned, strict=True)
    ]
    assert client.put(url, json=asked(later, blocks=blocks)).json()["unheard"] == {}
    left_out = later["mix"] | {"bass": {"gain_db": 0.0, "mute": True}}
    client.post(f"{url.removesuffix('/arrangement')}/undo", json={"client": "tab-1"})
    again = client.get(url).json()
    assert client.put(url, json=asked(again, mix=left_out)).json()["unheard"] == {}


def test_what_the_human_wrote_stays(client, url, folder):
    write_song(folder)
    path = folder / "arrangement.yml"
    path.write_text(
        path.read_text()
        .replace('  - name: "chorus 1"', '  # the lamp goes on\n  - name: "chorus 1"\n    lights: out')
        .replace("bass: chorus_a", "bass: {part: chorus_b, gain_db: -3}  # softer", 1)
    )
    document = client.get(url).json()
    assert [block["extra"] for block in document["blocks"]] == [False, False, True, False, False, False, True]
    assert document["blocks"][2]["parts"]["bass"] == "chorus_b"
    blocks = document["blocks"]
    twin = blocks[2] | {"name": "chorus 1b", "parts": blocks[2]["parts"] | {"drums": None}}
    answer = client.put(url, json=asked(document, blocks=[*blocks[:3], twin, *blocks[4:]], ending="none"))
    assert answer.status_code == 200
    text = path.read_text()
    assert text.count("{part: chorus_b, gain_db: -3}  # softer") == 2
    assert text.count("    lights: out") == 2
    assert text.index("# the lamp goes on") < text.index('"chorus 1"')
    assert "verse 2" not in text
    assert read_arrangement(folder).ending == "none"


def test_a_file_that_was_changed_elsewhere_is_not_overwritten(client, url, folder):
    write_song(folder)
    document = client.get(url).json()
    path = folder / "arrangement.yml"
    path.write_text(path.read_text().replace("bars: 4", "bars: 2  # shorter", 1))
    theirs = path.read_bytes()
    answer = client.put(url, json=asked(document, blocks=document["blocks"][1:]))
    assert answer.status_code == 409
    assert "changed elsewhere" in answer.json()["error"]
    lines = answer.json()["difference"].splitlines()
    assert "-    bars: 4" in lines
    assert "+    bars: 2  # shorter" in lines
    assert path.read_bytes() == theirs
    again = client.get(url).json()
    assert client.put(url, json=asked(again, blocks=again["blocks"][1:])).status_code == 200
    assert "name: intro" not in path.read_text()


def test_every_change_is_undone_and_done_again(client, url, song, folder):
    document = client.get(url).json()
    blocks = document["blocks"]
    moved = client.put(url, json=asked(document, blocks=[*blocks[:3], blocks[5], *blocks[3:5], blocks[6]])).json()
    assert moved["history"] == {"undo": "move chorus 2 before verse 2", "redo": None}
    first = (folder / "arrangement.yml").read_bytes()
    quiet = moved["mix"] | {"drums": {"gain_db": -3.0, "mute": False}}
    done = client.put(url, json=asked(moved, mix=quiet)).json()
    assert done["history"]["undo"] == "drums at -3 dB"
    second = (folder / "arrangement.yml").read_bytes()
    assert client.put(url, json=asked(done)).json()["history"] == done["history"]  # nothing changed, nothing recorded
    undone = client.post(f"/api/songs/{song}/undo", json={"client": "tab-1"}).json()
    assert (undone["what"], undone["arrangement"]) == ("drums at -3 dB", True)
    assert (folder / "arrangement.yml").read_bytes() == first
    client.post(f"/api/songs/{song}/undo", json={"client": "tab-1"})
    assert not (folder / "arrangement.yml").exists()
    assert client.get(f"{url}?client=tab-1").json()["history"]["redo"] == "move chorus 2 before verse 2"
    for _ in range(2):
        client.post(f"/api/songs/{song}/redo", json={"client": "tab-1"})
    assert (folder / "arrangement.yml").read_bytes() == second


def test_a_byte_order_mark_can_be_undone_to(client, url, song, folder):
    write_song(folder)
    path = folder / "arrangement.yml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    before = path.read_bytes()
    document = client.get(url).json()
    assert client.put(url, json=asked(document, blocks=document["blocks"][1:])).status_code == 200
    client.post(f"/api/songs/{song}/undo", json={"client": "tab-1"})
    assert path.read_bytes() == before


def test_a_plan_that_is_no_longer_the_plan_is_refused(client, url, folder):
    document = client.get(url).json()
    (folder / "bass" / "approved" / "verse_b.mid").unlink()
    assert client.put(url, json=asked(document)).status_code == 409
    assert not (folder / "arrangement.yml").exists()


@pytest.mark.parametrize(
    ("block", "refusal"),
    [
        ({"section": "refrain"}, (400, "no section 'refrain'")),
        ({"parts": {"bass": "../../song"}}, (400, "no approved part '../../song' in bass")),
        ({"bars": 0}, (422, "bars")),
        ({"bars": 1000}, (422, "bars")),
        ({"energy": 2}, (422, "energy")),
        ({"name": "x" * 500}, (422, "name")),
        ({"parts": {"kazoo": "verse_a"}}, (422, "kazoo")),
        ({"origin": 9}, (400, "no block 10; there are 7")),
        ({"color": "red"}, (422, "color")),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(client, url, folder, block, refusal):
    status, said = refusal
    write_song(folder)
    before = (folder / "arrangement.yml").read_bytes()
    document = client.get(url).json()
    answer = client.put(url, json=asked(document, blocks=[document["blocks"][0] | block, *document["blocks"][1:]]))
    assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.json()
    assert str(folder) not in answer.text
    assert (folder / "arrangement.yml").read_bytes() == before


def test_a_part_that_is_gone_can_be_replaced(client, url, folder):
    write_song(folder)
    (folder / "bass" / "approved" / "verse_b.mid").unlink()
    document = client.get(url).json()
    assert document["blocks"][3]["parts"]["bass"] == "verse_b"
    assert document["problems"] == [
        "verse 2: bass plays 'verse_b', which is not approved; choose another part, or approve and promote it"
    ]
    refused = client.put(url, json=asked(document, ending="none"))
    assert (refused.status_code, "no approved part 'verse_b'" in refused.json()["error"]) == (400, True)
    blocks = document["blocks"]
    blocks[3]["parts"]["bass"] = "verse_a"
    answer = client.put(url, json=asked(document, blocks=blocks)).json()
    assert answer["problems"] == []
    assert answer["history"]["undo"] == "verse 2: bass plays verse_a"


def test_names_are_data(client, url, folder):
    document = client.get(url).json()
    hostile = '</script><b>" # : - {x}\n- name: y'
    blocks = [document["blocks"][0] | {"name": hostile}, *document["blocks"][1:]]
    answer = client.put(url, json=asked(document, blocks=blocks)).json()
    assert answer["blocks"][0]["name"] == " ".join(hostile.split())
    assert len(answer["blocks"]) == 7


def test_a_broken_file_is_said_and_left(client, url, folder):
    (folder / "arrangement.yml").write_text("blocks:\n  - name: [\n")
    answer = client.get(url)
    assert answer.status_code == 400
    assert "arrangement.yml" in answer.json()["error"]
    assert (folder / "arrangement.yml").read_text() == "blocks:\n  - name: [\n"


def test_read_only_writes_nothing(make_client, url, folder):
    client = make_client(read_only=True)
    document = client.get(url).json()
    assert client.put(url, json=asked(document, blocks=document["blocks"][1:])).status_code == 403
    assert not (folder / "arrangement.yml").exists()


def test_the_whole_song_is_what_would_be_assembled(client, song, folder):
    answer = client.get(f"/api/songs/{song}/song").json()
    expected = assemble_song(folder)
    roll = answer["roll"]
    assert roll["end_tick"] == expected.piece.end_tick == answer["blocks"][-1]["end_tick"]
    assert [t["name"] for t in roll["tracks"]] == list(answer["stages"])
    assert list(answer["stages"].values()) == list(expected.stages)
    for track, midi_track in zip(roll["tracks"], expected.piece.midi_tracks, strict=True):
        assert [tuple(note) for note in track["notes"]] == [tuple(row) for row in midi_track.notes.to_rows()]
    assert len(roll["bar_ticks"]) == expected.arrangement.n_bars
    assert roll["chords"][0] == [0, "Am"]
    assert [tick for tick, _ in roll["markers"]] == [block["start_tick"] for block in answer["blocks"]]
    assert "kit-" in [text for _, text in roll["syllables"]]
    assert {track["gain_db"] for track in roll["tracks"]} == {0.0}
    assert not (folder / "arrangement.yml").exists()
    assert not (folder / "song.mid").exists()


def test_the_song_follows_the_arrangement(client, url, song):
    before = client.get(f"/api/songs/{song}/song").json()
    document = client.get(url).json()
    mix = document["mix"] | {"drums": {"gain_db": -6.0, "mute": False}, "bass": {"gain_db": 0, "mute": True}}
    client.put(url, json=asked(document, blocks=document["blocks"][:3], mix=mix))
    after = client.get(f"/api/songs/{song}/song").json()
    assert [block["name"] for block in after["blocks"]] == ["intro", "verse 1", "chorus 1"]
    assert after["roll"]["end_tick"] < before["roll"]["end_tick"]
    assert "bass" not in after["stages"].values()
    assert [track["gain_db"] for track in after["roll"]["tracks"] if track["is_drum"]] == [-6.0]


def test_without_anything_approved_it_says_what_to_do(client, url, song, folder):
    for path in folder.glob("*/approved/*"):
        path.unlink()
    for address in (url, f"/api/songs/{song}/song"):
        answer = client.get(address)
        assert answer.status_code == 400
        assert "nothing is approved" in answer.json()["error"]


def test_a_song_that_is_not_there(client):
    assert client.get("/api/songs/nowhere/arrangement").status_code == 404
    assert client.get("/api/songs/nowhere/song").status_code == 404
