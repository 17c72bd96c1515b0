"""From a proposal to all six stages, by hand and by itself; what the human has decided stands."""

import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from whitelight.composition import ReviewError, UnwritableFolderError, compose_stage, new_song, promote
from whitelight.composition.adoption import adopt
from whitelight.composition.approved import NothingApprovedError
from whitelight.composition.arrangement import write_song
from whitelight.composition.automatic import compose_song
from whitelight.composition.automatic_choice import chosen_by_machine, read_choice
from whitelight.composition.decisions import DecisionsError, read_decisions, record_decisions
from whitelight.composition.evolution import NothingLikedError, evolve, next_seed, regenerate
from whitelight.composition.form import SectionPlan
from whitelight.composition.new_song import plain_form, songs_beside
from whitelight.composition.section_search import Effort
from whitelight.composition.song_sheet import SongSheetError, read_song_sheet
from whitelight.composition.stages import STAGE_NAMES, UnknownStageError, find_stage
from whitelight.composition.status import song_status
from whitelight.files import load_yaml
from whitelight.music import Key, read_midi

FORM = plain_form((SectionPlan("verse", "verse", 4, 0.4), SectionPlan("chorus", "chorus", 4, 0.7)))
SMALL = Effort(n_candidates=6, n_generations=0, n_keep=4, n_written=5)


def tree(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def entries(song: Path, stage: str) -> list[dict[str, Any]]:
    return list(load_yaml(song / stage / "review.yml")["candidates"])


def approve(song: Path, stage: str, ids: dict[str, str]) -> None:
    """Mark candidates as an editor would: id → label."""
    path = song / stage / "review.yml"
    text = path.read_text()
    for name, label in ids.items():
        head, rest = text.split(f"- id: {name}\n", 1)
        rest = rest.replace("status: undecided", "status: approved", 1).replace("label:", f"label: {label}", 1)
        text = f"{head}- id: {name}\n{rest}"
    path.write_text(text)


@pytest.fixture
def song(tmp_path: Path, proposal: Any, scorer: Any) -> Path:
    """A song whose chords are approved in two variants of the verse and one of the chorus."""
    folder = tmp_path / "song"
    new_song(proposal, folder, form=FORM)
    compose_stage(folder, "chords", scorer=scorer, effort=SMALL)
    listed = entries(folder, "chords")
    verses = [entry["id"] for entry in listed if entry["section"] == "verse"]
    chorus = next(entry["id"] for entry in listed if entry["section"] == "chorus")
    approve(folder, "chords", {verses[0]: "a", verses[1]: "sparse", chorus: "a"})
    promote(folder)
    return folder


def test_a_stage_waits_for_what_it_follows(tmp_path: Path, proposal: Any, scorer: Any) -> None:
    new_song(proposal, tmp_path / "song", form=FORM)
    with pytest.raises(NothingApprovedError, match=r"stage 'bass' follows approved chords.*chords/review.yml"):
        compose_stage(tmp_path / "song", "bass", scorer=scorer, effort=SMALL)
    with pytest.raises(UnknownStageError, match="chords, drums"):
        find_stage("kazoo")
    with pytest.raises(SongSheetError, match="whitelight compose new"):
        compose_stage(tmp_path / "nowhere", "chords", scorer=scorer)


@pytest.mark.parametrize("stage", STAGE_NAMES[1:5])
def test_later_stages_are_composed_for_every_variant(song: Path, scorer: Any, stage: str) -> None:
    report = compose_stage(song, stage, scorer=scorer, effort=SMALL)
    assert [section.name for section in report.sections] == ["verse a", "verse sparse", "chorus a"]
    listed = entries(song, stage)
    assert {(entry["section"], entry["variant"]) for entry in listed} == {
        ("verse", "a"),
        ("verse", "sparse"),
        ("chorus", "a"),
    }
    for entry in listed:
        piece = read_midi(song / stage / entry["file"])
        assert piece.end_tick == 4 * piece.meter_at(0).bar_ticks(piece.ticks_per_beat)
    sparse = next(entry for entry in listed if entry["variant"] == "sparse")
    approve(song, stage, {sparse["id"]: ""})
    assert [path.name for path in promote(song, stage)] == ["verse_sparse.mid"]  # called as what it goes with
    assert compose_stage(song, stage, scorer=scorer, effort=SMALL).added == ()


def test_one_part_can_be_composed_alone(song: Path, scorer: Any) -> None:
    report = compose_stage(song, "bass", scorer=scorer, effort=SMALL, sections=["verse sparse"])
    assert [section.name for section in report.sections] == ["verse sparse"]
    with pytest.raises(SongSheetError, match=r"section 'coda': not in the song; it has verse, chorus"):
        compose_stage(song, "bass", scorer=scorer, effort=SMALL, sections=["coda"])


def test_a_song_by_itself_has_two_variants_of_everything(tmp_path: Path, proposal: Any, scorer: Any) -> None:
    new_song(proposal, tmp_path / "song", form=FORM)
    reports = compose_song(tmp_path / "song", scorer=scorer, effort=SMALL)
    assert [report.stage for report in reports] == list(STAGE_NAMES)
    for stage in STAGE_NAMES:
        names = {path.stem for path in (tmp_path / "song" / stage / "approved").glob("*.mid")}
        assert names == {"verse_a", "verse_b", "chorus_a", "chorus_b"}
        for section in ("verse", "chorus"):
            one, other = (
                (tmp_path / "song" / stage / "approved" / f"{section}_{label}.mid").read_bytes() for label in "ab"
            )
            assert one != other
        assert {entry["status"] for entry in entries(tmp_path / "song", stage)} == {
            "undecided"
        }  # marks are the human's
    before = tree(tmp_path / "song")
    again = compose_song(tmp_path / "song", scorer=scorer, effort=SMALL)
    assert all(report.added == () for report in again)
    assert tree(tmp_path / "song") == before


def test_what_the_human_approved_stands(song: Path, scorer: Any) -> None:
    approved = tree(song / "chords" / "approved")
    compose_song(song, scorer=scorer, through="bass", effort=SMALL)
    assert tree(song / "chords" / "approved") == approved
    assert set(read_choice(song / "chords")) == set()
    assert {path.stem for path in (song / "bass" / "approved").glob("*.mid")} == {"verse_a", "verse_sparse", "chorus_a"}
    assert chosen_by_machine(song / "bass") == {"verse_a", "verse_sparse", "chorus_a"}
    other = next(
        e
        for e in entries(song, "bass")
        if e["variant"] == "sparse" and e["id"] != read_choice(song / "bass")["verse_sparse"]
    )
    approve(song, "bass", {other["id"]: ""})
    promote(song)
    assert chosen_by_machine(song / "bass") == {"verse_a", "chorus_a"}
    kept = (song / "bass" / "approved" / "verse_sparse.mid").read_bytes()
    compose_song(song, scorer=scorer, through="bass", effort=SMALL)
    assert (song / "bass" / "approved" / "verse_sparse.mid").read_bytes() == kept


def test_a_part_edited_in_place_is_the_humans(song: Path, scorer: Any) -> None:
    compose_song(song, scorer=scorer, through="drums", effort=SMALL)
    part = song / "drums" / "approved" / "verse_a.mid"
    part.write_bytes((song / "drums" / "approved" / "chorus_a.mid").read_bytes())
    edited = part.read_bytes()
    compose_song(song, scorer=scorer, through="bass", effort=SMALL)
    assert part.read_bytes() == edited
    assert "verse_a" not in chosen_by_machine(song / "drums")


def test_regenerate_appends_and_evolve_needs_something_liked(song: Path, scorer: Any) -> None:
    compose_stage(song, "bass", scorer=scorer, effort=SMALL)
    before = (song / "bass" / "review.yml").read_text()
    report = regenerate(song, "bass", scorer=scorer, effort=SMALL, sections=["verse"])
    assert report.added
    assert (song / "bass" / "review.yml").read_text().startswith(before)
    assert next_seed(song, "bass") == 2
    with pytest.raises(NothingLikedError, match="rate it 4 or more"):
        evolve(song, "bass", scorer=scorer, effort=SMALL)
    with pytest.raises(NothingLikedError, match="no candidate is called 'nobody'"):
        evolve(song, "bass", scorer=scorer, effort=SMALL, like=["nobody"])
    liked = entries(song, "bass")[0]
    bred = evolve(song, "bass", scorer=scorer, effort=Effort(8, 2, 4, n_written=24), like=[liked["id"]])
    assert [section.name for section in bred.sections] == [f"{liked['section']} {liked['variant']}"]
    parents = {p for e in entries(song, "bass") if e["id"] in bred.added for p in e["machine"]["parents"]}
    assert liked["id"].rsplit("-", 1)[1] in {parent.rsplit("-", 1)[1] for parent in parents}


def test_hand_made_midi_is_adopted(song: Path) -> None:
    mine = song / "bass" / "candidates" / "verse-sparse-by-hand.mid"
    mine.parent.mkdir(parents=True)
    mine.write_bytes((song / "chords" / "approved" / "verse_a.mid").read_bytes())
    (mine.parent / "noise.mid").write_bytes(mine.read_bytes())
    (mine.parent / "verse-broken.mid").write_bytes(b"no music")
    adopted, problems = adopt(song, "bass", read_song_sheet(song))
    assert adopted == ("verse-sparse-by-hand",)
    assert len(problems) == 2
    entry = entries(song, "bass")[0]
    assert (entry["section"], entry["variant"], entry["machine"]["adopted"]) == ("verse", "sparse", True)
    assert adopt(song, "bass", read_song_sheet(song))[0] == ()
    approve(song, "bass", {entry["id"]: "mine"})
    assert [path.name for path in promote(song, "bass")] == ["verse_mine.mid"]


def test_decisions_are_recorded_once_with_the_music_they_were_made_on(song: Path, scorer: Any) -> None:
    assert record_decisions(song) == 3
    assert record_decisions(song) == 0
    first = read_decisions(song)[0]
    assert (first["by"], first["status"], first["label"]) == ("human", "approved", "a")
    assert first["machine"]["terms"]
    assert first["music"].startswith("Chords 0+")
    path = song / "chords" / "review.yml"
    path.write_text(path.read_text().replace("rating:", "rating: 5", 1))
    assert record_decisions(song) == 1
    compose_song(song, scorer=scorer, through="drums", effort=SMALL)
    assert record_decisions(song, {"chords": ("verse_a",), "drums": ("verse_a",)}) == 6
    last = {(record["stage"], record["id"]): record for record in read_decisions(song)}
    assert sum(record["used"] for record in last.values()) == 2
    assert {record["by"] for record in last.values() if record["stage"] == "drums"} == {"auto"}
    (song / "decisions.yml").write_text("decisions: lost")
    with pytest.raises(DecisionsError, match="restore it"):
        record_decisions(song)


def test_status_says_what_to_do_next(tmp_path: Path, song: Path, proposal: Any, scorer: Any) -> None:
    fresh = tmp_path / "fresh"
    new_song(proposal, fresh, form=FORM)
    assert "--stage chords" in song_status(fresh).next_steps[0]
    found = song_status(song)
    assert [phase.state for phase in found.phases[:2]] == ["approved", "open"]
    assert "--stage drums" in found.next_steps[0]
    compose_stage(song, "drums", scorer=scorer, effort=SMALL)
    found = song_status(song)
    assert found.phases[1].state == "composed"
    assert "missing: verse, chorus" in found.next_steps[0]
    text = "\n".join(found.lines())
    assert "8 bars" in text
    assert "▄" in text


def test_songs_of_one_folder_keep_away_from_each_other(
    tmp_path: Path, proposal: Any, make_proposal: Any, scorer: Any
) -> None:
    first = tmp_path / "first"
    new_song(proposal, first, form=FORM, neighbors=songs_beside(first))
    compose_song(first, scorer=scorer, through="chords", effort=SMALL)
    second = tmp_path / "second"
    twin = make_proposal(title="Twin", iteration_id="lighthouse-1")  # the same draws
    sheet = new_song(twin, second, form=FORM, neighbors=songs_beside(second))
    assert sheet.neighbors == ("first",)
    compose_song(second, scorer=scorer, through="chords", effort=SMALL)
    same = [e["id"] for e in entries(second, "chords") if e["id"] in {o["id"] for o in entries(first, "chords")}]
    assert same  # they are found again, and it is said whose they are
    told = [e["machine"]["like"] for e in entries(second, "chords") if "like" in e["machine"]]
    assert any(text.startswith("The Lighthouse Keeps Count, ") and "100%" in text for text in told)
    ideas = [
        {(second.parent / n / "chords" / "approved" / f"{p}.mid").read_bytes() for p in ("verse_a", "chorus_a")}
        for n in ("first", "second")
    ]
    assert not ideas[0] & ideas[1]


def test_what_the_human_edits_in_song_yml_counts(song: Path, proposal: Any, scorer: Any) -> None:
    path = song / "song.yml"
    path.write_text("# mine\n" + path.read_text().replace("key: A minor", "key: D dorian  # warmer"))
    sheet = read_song_sheet(song)
    assert str(sheet.key) == "D dorian"
    report = regenerate(song, "chords", scorer=scorer, effort=SMALL, sections=["chorus"])
    piece = read_midi(song / "chords" / "candidates" / f"{report.added[0]}.mid")
    assert str(piece.key_at(0)) == "D dorian"
    assert "# mine" in path.read_text()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("key: A minor", "key: H minor", "mend it"),
        ("bars: 4", "bars: 5", "4 or 8"),
        ("section: chorus", "section: coda", "'coda' is no section"),
        ("name: chorus, role: chorus", "name: Verse, role: chorus", "two sections are called 'verse'"),
    ],
)
def test_a_song_sheet_that_cannot_be_understood(song: Path, old: str, new: str, words: str) -> None:
    path = song / "song.yml"
    text = path.read_text()
    if old not in text:
        old, new = "name: chorus", "name: Verse"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(SongSheetError, match=words):
        read_song_sheet(song)


_KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import RegisterScorer
from whitelight.composition.automatic import compose_song
from whitelight.composition.section_search import Effort
print("begun", flush=True)
compose_song(Path({song!r}), scorer=RegisterScorer(), effort=Effort(6, 0, 4, n_written=5))
"""


@pytest.mark.slow
def test_killed_in_any_stage_a_rerun_finishes_the_same(tmp_path: Path, proposal: Any, scorer: Any) -> None:
    """Killed as soon as a stage's folder appears, for every stage: nothing half-written, and the same song in the end."""
    whole = tmp_path / "whole" / "song"
    new_song(proposal, whole, form=FORM)
    compose_song(whole, scorer=scorer, effort=SMALL)
    for stage in STAGE_NAMES:
        song = tmp_path / stage / "song"
        new_song(proposal, song, form=FORM)
        code = _KILLED.format(tests=str(Path(__file__).parent), song=str(song))
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            until = time.monotonic() + 60
            while not (song / stage).exists() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.001)
            process.kill()
        assert process.returncode == -signal.SIGKILL, "it ended before it could be killed"
        assert all(file.read_bytes().startswith(b"MThd") for file in song.rglob("*.mid"))
        compose_song(song, scorer=scorer, effort=SMALL)
        assert {n: d for n, d in tree(song).items() if not n.endswith(".tmp")} == tree(whole)


def test_a_full_disk_and_a_broken_review_are_one_clear_error(song: Path, scorer: Any) -> None:
    (song / "drums").write_text("a file where a folder should be")
    with pytest.raises(UnwritableFolderError, match="choose another folder"):
        compose_stage(song, "drums", scorer=scorer, effort=SMALL)
    path = song / "chords" / "review.yml"
    marks = path.read_text() + "  - id: [unclosed\n"
    path.write_text(marks)
    with pytest.raises(ReviewError, match="your marks were not touched"):
        compose_song(song, scorer=scorer, effort=SMALL)
    assert path.read_text() == marks


def test_a_cut_up_is_made_of_approved_bars_beside_it(
    tmp_path: Path, proposal: Any, make_proposal: Any, scorer: Any
) -> None:
    first = tmp_path / "first"
    new_song(proposal, first, form=FORM)
    compose_song(first, scorer=scorer, through="drums", effort=SMALL)
    blend = tmp_path / "blend"
    other = make_proposal(title="Everything", iteration_id="all-1", musical_key=Key.parse("C major"))
    new_song(other, blend, form=FORM, neighbors=songs_beside(blend), cut_up=True)
    reports = compose_song(blend, scorer=scorer, through="bass", effort=SMALL)
    assert [any("to cut from" in p for p in report.problems) for report in reports] == [False, False, True]
    told = entries(blend, "chords")[0]["machine"]["cut_from"]
    assert "The Lighthouse Keeps Count" in str(told)
    piece = read_midi(blend / "chords" / "approved" / "verse_a.mid")
    assert set((piece.all_notes().pitch % 12).tolist()) <= set(Key.parse("C major").scale_pitch_classes) | {
        1,
        3,
        6,
        8,
        10,
    }
    assert str(piece.key_at(0)) == "C major"
    liked = entries(blend, "chords")[0]["id"]
    assert evolve(blend, "chords", scorer=scorer, effort=SMALL, like=[liked]).sections


def test_words_that_are_edited_are_sung_and_the_draft_is_kept(tmp_path: Path, proposal: Any, scorer: Any) -> None:
    song = tmp_path / "song"
    new_song(proposal, song, form=FORM)
    compose_song(song, scorer=scorer, effort=SMALL)
    words = song / "lyrics" / "approved" / "verse_a.txt"
    draft = words.read_text()
    write_song(song)
    assert not (song / "lyrics" / "drafts.yml").exists()
    first, *rest = draft.splitlines()
    words.write_text("\n".join(["Oh " + first.split(" ", 1)[1].lower(), *rest]) + "\n")
    write_song(song)
    sung = [e.text for part in read_midi(song / "song.mid").midi_tracks for e in part.lyrics]
    assert "oh" in [text.strip().lower() for text in sung]
    kept = load_yaml(song / "lyrics" / "drafts.yml")["candidates"]
    assert [entry["draft"].strip() == draft.strip() for entry in kept] == [True]
    compose_song(song, scorer=scorer, effort=SMALL)
    assert words.read_text().startswith("Oh ")
    assert "verse_a" not in chosen_by_machine(song / "lyrics")
