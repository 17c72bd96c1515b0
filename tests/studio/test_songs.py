"""The list of songs: what a card says, and that a broken song is a line and not the end."""

import shutil
from pathlib import Path


def test_the_list_says_what_each_song_is_and_what_comes_next(client, song, folder):
    library = client.get("/api/songs").json()
    assert library["problems"] == []
    assert library["read_only"] is False
    assert library["model"] is None
    assert library["soundfont"] is None
    assert library["taste"] is None
    (card,) = library["songs"]
    assert (card["id"], card["folder"], card["title"]) == (song, "kitchen_light", "Kitchen Light")
    assert (card["key"], card["meter"], card["tempo_bpm"], card["n_bars"]) == ("A minor", "4/4", 96, 44)
    assert card["duration_s"] == 110.0  # 44 bars of 2.5 s
    assert [phase["state"] for phase in card["phases"]] == ["approved"] * 6
    assert card["phases"][0] == {
        "stage": "chords", "state": "approved", "candidates": 10, "marked": 0, "approved": 5, "auto": 0, "missing": [],
    }  # fmt: skip
    assert card["sections"][0] == {
        "name": "verse", "slug": "verse", "role": "verse", "bars": 8, "energy": 0.4, "variants": ["a", "b"],
    }  # fmt: skip
    assert card["form"][0] == {"name": "intro", "section": "verse", "variant": 0, "bars": 4, "energy": 0.3}
    assert card["next"]["action"] == "arrange"
    assert client.get(f"/api/songs/{song}").json() == card


def test_cards_agree_with_compose_status(client, song, folder):
    from whitelight.composition.status import song_status

    expected = song_status(folder).to_dict()
    card = client.get(f"/api/songs/{song}").json()
    assert card["phases"] == expected["phases"]
    assert card["files"] == expected["files"]
    assert (card["key"], card["meter"], card["class"]) == (expected["key"], expected["meter"], expected["class"])


def test_the_colors_and_axes_are_those_of_the_ontology(client):
    from whitelight.ontology import load_ontology

    library = client.get("/api/songs").json()
    ontology = load_ontology("rainbow")
    assert [one["name"] for one in library["classes"]] == list(ontology.class_names)
    assert library["axes"] == {axis.name: list(axis.modes) for axis in ontology.axes}


def test_a_card_follows_the_files(client, song, folder):
    before = client.get(f"/api/songs/{song}").json()
    review = folder / "chords" / "review.yml"
    review.write_text(review.read_text().replace("status: undecided", "status: approved", 1))
    for file in (folder / "drums" / "approved").glob("verse_*.mid"):
        file.unlink()
    after = client.get(f"/api/songs/{song}").json()
    assert after["version"] != before["version"]
    assert after["phases"][0]["marked"] == 1
    assert after["phases"][1]["state"] == "partly approved"
    assert after["phases"][1]["missing"] == ["verse"]
    assert after["next"] == {"stage": "chords", "action": "promote", "text": "Promote what is approved in chords: 1"}


def test_what_comes_next_is_the_first_thing_that_is_open(client, song, folder):
    def following():
        return client.get(f"/api/songs/{song}").json()["next"]

    (folder / "song.mid").write_bytes(b"")
    assert following()["action"] == "open"
    for file in (folder / "drums" / "approved").glob("verse_*.mid"):
        file.unlink()
    assert following() == {"stage": "drums", "action": "listen", "text": "Listen to drums: verse"}
    shutil.rmtree(folder / "chords")
    assert following() == {"stage": "chords", "action": "compose", "text": "Compose chords"}


def test_the_swatch_is_that_of_the_class_or_mixture(client, song, folder):
    classes = {one["name"]: one["hex"] for one in client.get("/api/songs").json()["classes"]}
    first, second, *_ = [name for name, color in classes.items() if color]
    sheet = folder / "song.yml"
    plain = sheet.read_text()
    for goal, expected in ((first, classes[first]), ("no such color", None), ("", None)):
        sheet.write_text(f"{plain}class: '{goal}'\n")
        assert client.get(f"/api/songs/{song}").json()["hex"] == expected
    sheet.write_text(f"{plain}class: {first}\ntarget: {first}:0.5+{second}:0.5\n")
    mixed = client.get(f"/api/songs/{song}").json()["hex"]
    assert mixed not in (None, classes[first], classes[second])


def test_songs_are_found_in_a_tree_but_not_in_songs_or_hidden_folders(client, root, folder):
    shutil.copytree(folder, root / "album" / "side b" / "other")
    shutil.copytree(folder, root / ".trash" / "old")
    shutil.copytree(folder, folder / "backup")
    shutil.copytree(folder, root / "candidates" / "x")
    found = client.get("/api/songs").json()["songs"]
    assert [card["folder"] for card in found] == ["kitchen_light", "album/side b/other"]
    assert len({card["id"] for card in found}) == 2


def test_a_production_folder_itself_can_be_opened(make_client, folder):
    (card,) = make_client(root=folder).get("/api/songs").json()["songs"]
    assert card["folder"] == "kitchen_light"


def test_a_broken_sheet_is_a_problem_of_the_list(client, root, folder):
    shutil.copytree(folder, root / "other")
    (root / "other" / "song.yml").write_text("title: [unclosed\n")
    library = client.get("/api/songs").json()
    assert [card["folder"] for card in library["songs"]] == ["kitchen_light"]
    (problem,) = library["problems"]
    assert problem.startswith("other: song.yml line 2")
    assert str(root) not in problem


def test_a_broken_review_is_a_problem_of_its_stage_only(client, song, folder):
    (folder / "bass" / "review.yml").write_text("candidates:\n  - id: a\n    status: [open\n")
    card = client.get(f"/api/songs/{song}").json()
    assert [phase["candidates"] for phase in card["phases"]] == [10, 10, 0, 10, 10, 10]
    assert any(problem.startswith("bass: review.yml line 4") for problem in card["problems"])
    refused = client.get(f"/api/songs/{song}/stages/bass")
    assert refused.status_code == 400
    assert "review.yml line 4" in refused.json()["error"]
    assert client.get(f"/api/songs/{song}/stages/chords").status_code == 200


def test_records_that_cannot_be_read_are_problems_of_what_they_say(client, song, folder):
    for name in ("auto.yml", "search.yml"):
        (folder / "bass" / name).write_text("runs: [unclosed\n")
    document = client.get(f"/api/songs/{song}/stages/bass").json()
    assert len(document["candidates"]) == 10
    assert document["weights"] == {}
    assert [problem.split(":")[0] for problem in document["problems"]] == [
        "bass/auto.yml line 2",
        "bass/search.yml line 2",
    ]
    card = client.get(f"/api/songs/{song}").json()
    assert card["phases"][2]["candidates"] == 10
    assert [problem.split(":")[0] for problem in card["problems"]] == ["bass/auto.yml line 2"]


def test_a_link_out_of_the_folder_is_not_followed(client, root, folder, tmp_path):
    outside = tmp_path / "outside"
    shutil.copytree(folder, outside / "secret")
    (root / "link").symlink_to(outside / "secret")
    (root / "loop").symlink_to(root)
    assert [card["folder"] for card in client.get("/api/songs").json()["songs"]] == ["kitchen_light"]


def test_a_song_that_is_moved_is_not_there_any_more(client, song, folder, root):
    assert client.get(f"/api/songs/{song}").status_code == 200
    folder.rename(root / "elsewhere")
    assert client.get(f"/api/songs/{song}").status_code == 404
    (card,) = client.get("/api/songs").json()["songs"]
    assert card["folder"] == "elsewhere"


def test_a_song_that_becomes_a_link_out_is_not_served(client, song, folder, root, tmp_path):
    assert client.get(f"/api/songs/{song}").status_code == 200
    shutil.move(folder, tmp_path / "moved")
    folder.symlink_to(Path(tmp_path / "moved"))
    assert client.get(f"/api/songs/{song}").status_code == 404
