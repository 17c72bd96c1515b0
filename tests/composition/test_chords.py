import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from whitelight.composition import (
    ImpossibleSectionError,
    NoCandidatesError,
    OtherSongError,
    ReviewError,
    SectionPlan,
    UnwritableFolderError,
    compose_chords,
)
from whitelight.files import load_yaml
from whitelight.music import SCALES, Chord, Key, Meter
from whitelight.scoring import ScoreResult

SHORT = (SectionPlan("verse", "verse", 4, 0.4), SectionPlan("chorus", "chorus", 8, 0.7))


def tree(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def entries(folder: Path) -> list[dict]:
    return load_yaml(folder / "chords" / "review.yml")["candidates"]


def test_a_proposal_becomes_a_folder_of_candidates(tmp_path, proposal, scorer):
    report = compose_chords(proposal, scorer=scorer, out=tmp_path / "song", n_candidates=50)
    listed = entries(tmp_path / "song")
    files = sorted((tmp_path / "song" / "chords" / "candidates").glob("*.mid"))
    assert len(files) == len(listed) == len(report.added) == 100
    assert {f"candidates/{file.name}" for file in files} == {entry["file"] for entry in listed}
    song = load_yaml(tmp_path / "song" / "song.yml")
    assert (song["title"], song["key"], song["meter"], song["class"]) == (proposal.title, "A minor", "4/4", "calm")
    for section in report.sections:
        assert section.n_scored == 200
        assert section.match_spread >= 0.05
        kept = [entry for entry in listed if entry["section"] == section.name and entry["machine"]["kept"]]
        assert [entry["id"] for entry in kept] == list(section.kept)
        assert len({entry["machine"]["roman"] for entry in kept}) >= 2
        assert kept[0]["machine"]["match"] > report.to_dict()["sections"][section.name]["match"]["mean"]
    verse, chorus = ({e["machine"]["roman"] for e in listed if e["section"] == name} for name in ("verse", "chorus"))
    assert len(verse & chorus) <= 2


def test_what_is_scored_is_what_is_written(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=12)
    listed = entries(tmp_path)
    files = [(tmp_path / "chords" / entry["file"]).read_bytes() for entry in listed]
    again = {v.index: v for v in scorer.score_batch(files, "calm", view="chords", velocity="free")}
    for index, entry in enumerate(listed):
        assert entry["machine"]["match"] == pytest.approx(again[index].match, abs=1e-4)


@pytest.mark.parametrize("scale_name", SCALES)
@pytest.mark.parametrize("tonic", range(12))
def test_chords_are_in_the_asked_key(tmp_path, make_proposal, scorer, sounded, scale_name, tonic):  # noqa: PLR0917  fixtures
    key = Key(tonic, scale_name)
    compose_chords(
        make_proposal(musical_key=key), scorer=scorer, out=tmp_path, n_candidates=3, n_generations=0, form=SHORT
    )
    scale = {(tonic + step) % 12 for step in SCALES[scale_name]}
    listed = entries(tmp_path)
    assert len(listed) == 6
    for entry in listed:
        music = sounded((tmp_path / "chords" / entry["file"]).read_bytes())
        borrowed = set(entry["machine"]["borrowed"])
        assert len(borrowed) <= 1
        changes = [marker for marker in music.markers if marker[1] != entry["section"] and ": " not in marker[1]]
        for start, _end, pitch, _velocity in music.notes:
            chord = [text for tick, text in changes if tick <= start][-1]
            assert pitch % 12 in scale or chord in borrowed, (entry["id"], chord, pitch)
        last_change = changes[-1][0]
        closing = {pitch % 12 for start, _, pitch, _ in music.notes if start >= last_change}
        lowest = min(pitch for start, _, pitch, _ in music.notes if start >= last_change)
        assert lowest % 12 == tonic
        assert (tonic + SCALES[scale_name][2]) % 12 in closing


METERS = ("4/4", "3/4", "5/8", "7/8", "11/8", "6/8", "18/32", "2/2", "2+2+3/8", "5/4", "9/8")


@pytest.mark.parametrize(
    ("meter", "tempo_bpm"),
    [(meter, (40, 108, 220)[place % 3]) for place, meter in enumerate(METERS)]
    + [("4/4", 220), ("5/8", 40), ("11/8", 220), ("18/32", 40), ("3/4", 40)],
)
def test_meters_and_tempi(tmp_path, make_proposal, scorer, sounded, meter, tempo_bpm):  # noqa: PLR0917  fixtures
    asked = Meter.parse(meter)
    song = make_proposal(meter=asked, tempo_bpm=tempo_bpm)
    compose_chords(song, scorer=scorer, out=tmp_path, n_candidates=4, n_generations=1, form=SHORT)
    for entry in entries(tmp_path):
        music = sounded((tmp_path / "chords" / entry["file"]).read_bytes())
        n_bars = 4 if entry["section"] == "verse" else 8
        assert music.meter == (asked.numerator, asked.denominator)
        assert music.tempo_bpm == pytest.approx(tempo_bpm, rel=1e-4)
        assert music.end_tick == n_bars * music.bar_ticks
        assert music.hanging == 0
        assert max(end for _, end, _, _ in music.notes) <= music.end_tick
        assert music.track_names == ["Chords"]
        assert (0, entry["section"]) in music.markers
        assert all(end > start for start, end, _, _ in music.notes)
        onsets = sorted({start for start, _, _, _ in music.notes})
        assert onsets[0] < 0.1 * music.bar_ticks
        assert all(33 <= pitch <= 84 for _, _, pitch, _ in music.notes)


def test_velocities_live(tmp_path, proposal, scorer, sounded):
    import numpy as np

    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=30, n_generations=0)
    spreads = [
        np.std([note[3] for note in sounded((tmp_path / "chords" / entry["file"]).read_bytes()).notes])
        for entry in entries(tmp_path)
    ]
    assert min(spreads) > 2.0
    assert 5.0 <= np.median(spreads) <= 21.0


def test_same_seed_same_bytes_and_another_seed_another_song(tmp_path, proposal, scorer, make_proposal):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        compose_chords(proposal, scorer=scorer, out=tmp_path / name, seed=seed, n_candidates=10)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    ids = [{entry["id"] for entry in entries(tmp_path / name)} for name in ("a", "c")]
    assert not ids[0] & ids[1]
    other = make_proposal(iteration_id="lighthouse-2")
    compose_chords(other, scorer=scorer, out=tmp_path / "d", seed=1, n_candidates=10)
    assert not ids[0] & {entry["id"] for entry in entries(tmp_path / "d")}


def test_a_rerun_adds_nothing_and_another_seed_appends(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=6)
    before = (tmp_path / "chords" / "review.yml").read_text()
    assert compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=6).added == ()
    assert (tmp_path / "chords" / "review.yml").read_text() == before
    report = compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=6, seed=5)
    assert len(report.added) == 12
    assert (tmp_path / "chords" / "review.yml").read_text().startswith(before)


def test_a_lost_candidate_comes_back(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=6)
    before = tree(tmp_path)
    next((tmp_path / "chords" / "candidates").glob("*.mid")).unlink()
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=6)
    assert tree(tmp_path) == before


def test_progress_reaches_its_total(tmp_path, proposal, scorer):
    told: list[tuple[int, int]] = []
    compose_chords(
        proposal, scorer=scorer, out=tmp_path, n_candidates=4, progress=lambda done, total: told.append((done, total))
    )
    assert [done for done, _ in told] == list(range(1, told[-1][1] + 1))


def test_what_the_proposal_leaves_open_is_said(tmp_path, make_proposal, scorer):
    song = make_proposal(tempo_bpm=None, meter=None, musical_key=None, class_name=None)
    report = compose_chords(song, scorer=scorer, out=tmp_path, n_candidates=4)
    assert len(report.problems) == 4
    assert "composed by theory alone" in " ".join(report.problems)
    section = report.to_dict()["sections"]["verse"]
    assert section["match"]["spread"] is None
    assert section["weights"]["chromatic"]["weight"] == 0
    assert entries(tmp_path)[0]["machine"]["match"] is None


class WordsOnly:
    """A scorer trained on lyrics: real in that it answers every MIDI file with an error, as ChromaticScorer does."""

    def score_batch(self, candidates, target=None, *, view="full", velocity="full"):
        return [ScoreResult(index=index, error="candidate holds midi") for index in range(len(candidates))]


def test_a_scorer_without_ears_leaves_it_to_theory_and_that_is_said(tmp_path, proposal):
    report = compose_chords(proposal, scorer=WordsOnly(), out=tmp_path, n_candidates=4)
    assert any("cannot judge music" in problem for problem in report.problems)
    assert len(list((tmp_path / "chords" / "candidates").glob("*.mid"))) == 8
    with pytest.raises(NoCandidatesError, match="target 'Red': the scorer cannot judge music"):
        compose_chords(proposal, scorer=WordsOnly(), out=tmp_path / "b", target="Red", n_candidates=4)
    assert not (tmp_path / "b").exists()


def test_a_class_the_scorer_never_heard_is_said_and_an_explicit_one_refused(tmp_path, make_proposal, scorer):
    report = compose_chords(make_proposal(class_name="loud"), scorer=scorer, out=tmp_path, n_candidates=4)
    assert any("never heard" in problem for problem in report.problems)
    with pytest.raises(Exception, match="never heard"):
        compose_chords(make_proposal(), scorer=scorer, out=tmp_path / "b", target="loud", n_candidates=4)
    assert not (tmp_path / "b").exists()


def test_candidates_the_scorer_cannot_judge_are_left_out(tmp_path, proposal, scorer, verdict_class):
    class Picky:
        def score_batch(self, candidates, target=None, *, view="full", velocity="full"):
            verdicts = scorer.score_batch(candidates, target, view=view, velocity=velocity)
            return [v if v.index % 3 else verdict_class(v.index, error="unreadable") for v in verdicts]

    report = compose_chords(proposal, scorer=Picky(), out=tmp_path, n_candidates=9, n_generations=0)
    assert [section.n_scored for section in report.sections] == [6, 6]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"n_candidates": 1}, NoCandidatesError, "at least 2"),
        ({"form": ()}, ImpossibleSectionError, "unique names"),
        ({"form": (SHORT[0], SHORT[0])}, ImpossibleSectionError, "unique names"),
    ],
)
def test_impossible_requests_are_refused(tmp_path, proposal, scorer, change, error, message):  # noqa: PLR0917  fixtures
    with pytest.raises(error, match=message):
        compose_chords(proposal, scorer=scorer, out=tmp_path / "song", **change)
    assert not (tmp_path / "song").exists()


def test_sections_and_tempi_have_limits(tmp_path, make_proposal, scorer):
    with pytest.raises(ImpossibleSectionError, match="4 or 8"):
        SectionPlan("bridge", "bridge", 5, 0.5)
    song = r"^proposal 'The Lighthouse Keeps Count': tempo 900 bpm; expected 20 to 400; change its bpm$"
    with pytest.raises(ImpossibleSectionError, match=song):
        compose_chords(make_proposal(tempo_bpm=900), scorer=scorer, out=tmp_path)


def test_another_song_does_not_move_in(tmp_path, proposal, scorer, make_proposal):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=4)
    before = tree(tmp_path)
    with pytest.raises(OtherSongError, match="choose another folder"):
        compose_chords(make_proposal(iteration_id="other"), scorer=scorer, out=tmp_path, n_candidates=4)
    assert tree(tmp_path) == before


def test_an_unreadable_review_stops_before_any_work(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=4)
    review = tmp_path / "chords" / "review.yml"
    review.write_text(review.read_text() + "\n  broken: [\n")
    before, n_calls = tree(tmp_path), len(scorer.calls)
    with pytest.raises(ReviewError, match=r"review\.yml line \d+.*not touched"):
        compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=4, seed=3)
    assert tree(tmp_path) == before
    assert len(scorer.calls) == n_calls


def test_song_yml_keeps_what_a_human_adds(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=4)
    song = tmp_path / "song.yml"
    song.write_text("# mine\n" + song.read_text() + "dedication: to M.  # do not lose\n")
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=4, seed=9)
    text = song.read_text()
    assert "# mine" in text
    assert "dedication: to M.  # do not lose" in text
    assert load_yaml(song)["seed"] == 9


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path, proposal, scorer):
    (tmp_path / "song").write_text("a file, not a folder")
    with pytest.raises(UnwritableFolderError, match="choose another folder"):
        compose_chords(proposal, scorer=scorer, out=tmp_path / "song", n_candidates=4)
    assert (tmp_path / "song").read_text() == "a file, not a folder"


def test_markers_name_the_chords_that_sound(tmp_path, proposal, scorer, sounded):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=12, n_generations=0)
    for entry in entries(tmp_path):
        music = sounded((tmp_path / "chords" / entry["file"]).read_bytes())
        named = [text for _, text in music.markers[1:]]
        assert named == [word for word in entry["machine"]["chords"].replace("|", " ").split() if word != "%"]
        key = Key.parse("A minor")
        romans = [word for word in entry["machine"]["roman"].replace("|", " ").split() if word != "%"]
        for tick, roman, until in zip(
            [tick for tick, _ in music.markers[1:]],
            romans,
            [tick for tick, _ in music.markers[2:]] + [music.end_tick],
            strict=True,
        ):
            wanted = set(Chord.from_roman(roman, key).pitch_classes) if hasattr(Chord, "from_roman") else None
            heard = {pitch % 12 for start, end, pitch, _ in music.notes if start < until and end > tick}
            if wanted is not None:
                assert len(wanted - heard) <= 1


_KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import Proposal, RegisterScorer
from whitelight.composition import compose_chords
print("ready", flush=True)
compose_chords(Proposal(), scorer=RegisterScorer(), out=Path({out!r}), n_candidates=40)
"""


@pytest.mark.slow
def test_killed_at_any_moment_a_rerun_finishes_the_same(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path / "whole", n_candidates=40)
    for attempt, delay in enumerate((0.3, 0.7, 0.9, 1.0, 1.1, 1.3)):
        out = tmp_path / f"killed{attempt}"
        code = _KILLED.format(tests=str(Path(__file__).parent), out=str(out))
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for file in out.rglob("*.mid"):
            assert file.read_bytes().startswith(b"MThd")
        compose_chords(proposal, scorer=scorer, out=out, n_candidates=40)
        finished = {name: digest for name, digest in tree(out).items() if not name.endswith(".tmp")}
        assert finished == tree(tmp_path / "whole")


def test_report_is_plain_data(tmp_path, proposal, scorer):
    import json

    report = compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=6)
    content = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert content["kept"] == list(report.kept)
    assert {"weight", "mean", "spread", "noise", "status"} == set(content["sections"]["verse"]["weights"]["flow"])
    assert any("match spread" in line for line in report.lines())
    assert dataclasses.is_dataclass(report)
