"""A taste is learned where there is one, refused where there is none, and says how well it does on songs it did not hear."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whitelight.music import Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap
from whitelight.scoring.taste import TASTE_FILE, Judgement, Taste, TasteError, UnusableTasteError
from whitelight.training.taste import MIN_SONGS, TasteReport, TooFewJudgementsError, train_taste
from whitelight.training.taste_figures import Ranking, auc_interval, ranking_auc

N_SONGS, N_SECTIONS, N_SHOWN = 6, 2, 8


def phrase(pulse: int, center: int, rng: np.random.Generator) -> Piece:
    """Four bars of one line: `pulse` ticks from note to note, around `center`."""
    steps = np.clip(np.cumsum(rng.integers(-2, 3, 7680 // pulse)), -9, 9)
    rows = [(i * pulse, pulse, int(center + step), 80) for i, step in enumerate(steps)]
    track = MidiTrack("line", notes=Notes.from_rows(rows))
    return Piece(480, TempoMap.constant(100), meters=(MeterChange(0, Meter(4, 4)),), midi_tracks=(track,))


def sittings(
    likes: Callable[[int, int, np.random.Generator], float], *, seed: int = 0, n_songs: int = N_SONGS
) -> list[Judgement]:
    """Judge phrases: of every section the half that is liked more is liked. Songs differ in register and pace."""
    rng = np.random.default_rng(seed)
    judged = []
    for song in range(n_songs):
        home, paces = int(rng.integers(50, 70)), [(120, 240, 480), (160, 320, 640)][song % 2]
        for section in range(N_SECTIONS):
            shown = [(int(rng.choice(paces)), home + int(rng.integers(-7, 8))) for _ in range(N_SHOWN)]
            worth = [likes(pulse, center - home, rng) for pulse, center in shown]
            for k, (pulse, center) in enumerate(shown):
                music = phrase(pulse, center, rng)
                liked = bool(worth[k] > np.median(worth))
                judged.append(
                    Judgement(f"song {song}", "melody", f"part {section}", f"c{k}", liked, music, {"pace": 0.5})
                )
    return judged


def busy(pulse: int, _height: int, rng: np.random.Generator) -> float:
    return -np.log2(pulse) + float(rng.normal(0, 0.3))


def whatever(_pulse: int, _height: int, rng: np.random.Generator) -> float:
    return float(rng.random())


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> TasteReport:
    return train_taste(sittings(busy), tmp_path_factory.mktemp("taste"))


def test_a_taste_is_found_and_says_so_about_songs_it_did_not_hear(learned: TasteReport) -> None:
    report = learned
    assert report.record["usable"]
    assert report.record["auc"] > 0.8
    low, high = report.record["auc_interval"]
    assert 0.5 < low < report.record["auc"] < high <= 1
    taste = Taste.load(learned.out)
    rng = np.random.default_rng(3)
    slow, quick = ([phrase(pulse, 60, rng) for _ in range(8)] for pulse in (480, 160))
    assert taste.score(quick, "melody").min() > taste.score(slow, "melody").max()
    features = {one["name"]: one["weight"] for one in report.record["stages"]["melody"]["features"]}
    assert features["note_rate_log"] > 0.05
    assert "pace" not in features  # it never varied, so it says nothing
    assert abs(features.get("pitch_mean", 0.0)) < features["note_rate_log"] / 2


def test_register_that_belongs_to_the_song_teaches_nothing(learned: TasteReport, tmp_path: Path) -> None:
    """One likes everything of high songs but in them the busy ones: only what differs inside sections is learned."""
    judged = sittings(busy)
    shifted = [
        replace(one, music=one.music.with_midi_tracks([_raised(one.music.midi_tracks[0], 12 * (k % 2))]))
        for k, one in ((int(one.song.split()[1]), one) for one in judged)
    ]
    again = train_taste(shifted, tmp_path)
    assert again.record["auc"] == pytest.approx(learned.record["auc"], abs=0.03)


def _raised(track: MidiTrack, change: int) -> MidiTrack:
    return track.with_notes(Notes.from_rows([(a, b, p + change, v) for a, b, p, v in track.notes.to_rows()]))


@pytest.mark.parametrize("seed", range(4))
def test_random_judgements_are_refused(tmp_path: Path, seed: int) -> None:
    report = train_taste(sittings(whatever, seed=100 + seed), tmp_path, seed=seed)
    low, high = report.record["auc_interval"]
    assert low <= 0.5 <= high or high < 0.5
    assert not report.record["usable"]
    taste = Taste.load(tmp_path)
    with pytest.raises(UnusableTasteError, match="may be chance"):
        taste.score([phrase(240, 60, np.random.default_rng(0))], "melody")
    assert any("not to be used" in line for line in report.lines())


def test_few_songs_are_refused_however_clear_the_taste(tmp_path: Path) -> None:
    report = train_taste(sittings(busy, n_songs=MIN_SONGS - 1), tmp_path)
    assert not report.record["usable"]
    assert f"expected {MIN_SONGS}" in report.record["reason"]
    one_song = train_taste(sittings(busy, n_songs=1), tmp_path)
    assert one_song.record["auc"] is None
    assert not one_song.record["usable"]


def test_nothing_to_compare_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    for judged in ([], [replace(one, liked=True) for one in sittings(busy)]):
        with pytest.raises(TooFewJudgementsError, match="both kinds"):
            train_taste(judged, tmp_path / "taste")
    assert not (tmp_path / "taste").exists()


def test_same_judgements_same_bytes_in_any_order(tmp_path: Path) -> None:
    judged = sittings(busy, n_songs=5)
    for name, given in (("a", judged), ("b", judged[::-1])):
        train_taste(given, tmp_path / name, seed=4)
    content = (tmp_path / "a" / TASTE_FILE).read_bytes()
    assert content == (tmp_path / "b" / TASTE_FILE).read_bytes()
    other = train_taste([replace(judged[0], liked=not judged[0].liked), *judged[1:]], tmp_path / "c", seed=4)
    assert other.record["data_hash"] != json.loads(content)["data_hash"]


def test_blind_judgements_are_counted_and_told_apart(learned: TasteReport, tmp_path: Path) -> None:
    judged = [replace(one, blind=k % 2 == 0) for k, one in enumerate(sittings(busy))]
    report = train_taste(judged, tmp_path)
    assert report.record["n_blind"] == len(judged) // 2 == report.record["stages"]["melody"]["n_blind"]
    assert report.record["auc_blind"] > 0.7
    assert learned.record["auc_blind"] is None


def test_a_stage_it_knows_nothing_of_is_refused(learned: TasteReport) -> None:
    with pytest.raises(UnusableTasteError, match="nothing of drums"):
        Taste.load(learned.out).for_stage("drums")


# --- figures


def test_auc_counts_pairs_and_the_interval_holds_it() -> None:
    found = [Ranking(song, np.array([[1.0, 1.0], [0.0, 1.0]]), 3.0) for song in range(6)]
    assert ranking_auc(found) == 0.75
    low, high = auc_interval(found, np.random.default_rng(0))
    assert low < 0.75 < high
    many = [Ranking(song, np.array([[1.0, 1.0], [0.0, 1.0]]), 3.0) for song in range(60)]
    tight = auc_interval(many, np.random.default_rng(0))
    assert tight[1] - tight[0] < (high - low) / 2
    assert ranking_auc([]) is None
    assert auc_interval([], np.random.default_rng(0)) is None


@pytest.mark.slow
def test_chance_passes_at_most_one_time_in_twenty() -> None:
    """Without learning: scores by lot for liking by lot, five songs. What passes is the interval's own error."""
    rng, passed = np.random.default_rng(0), 0
    for _ in range(400):
        found = []
        for song in range(5):
            for _section in range(2):
                yes, no = rng.random(3), rng.random(3)
                found.append(Ranking(song, (np.sign(yes[:, None] - no) + 1) / 2, 5.0))
        passed += auc_interval(found, rng, n_draws=400)[0] > 0.5
    assert passed / 400 < 0.05


# --- the file


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "else"}, "this is no taste"),
        ({"format_version": 99}, "format version 99"),
        ({"usable": "yes"}, "usable"),
        ({"encoder": {"name": "descriptors", "fingerprint": "0" * 64}}, "other descriptors"),
        ({"stages": {"melody": {"features": [{"name": "x", "kind": "descriptor"}]}}}, "middle"),
        (
            {
                "stages": {
                    "melody": {
                        "features": [{"name": "x", "kind": "descriptor", "middle": 0.0, "spread": 1.0, "weight": 1.0}]
                    }
                }
            },
            "no descriptor",
        ),
        (
            {
                "stages": {
                    "melody": {"features": [{"name": "x", "kind": "term", "middle": 0.0, "spread": 0.0, "weight": 1.0}]}
                }
            },
            "greater than 0",
        ),
    ],
)
def test_a_changed_file_is_refused_with_the_place(
    learned: TasteReport, tmp_path: Path, change: dict, message: str
) -> None:
    content = json.loads((learned.out / TASTE_FILE).read_text())
    (tmp_path / TASTE_FILE).write_text(json.dumps(content | change))
    with pytest.raises(TasteError, match=message):
        Taste.load(tmp_path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TasteError, match="train taste"):
        Taste.load(tmp_path / "nothing")
    for content in (b"{", b"\xff\xfe", b"[1]", b"[" * 100_000):
        (tmp_path / TASTE_FILE).write_bytes(content)
        with pytest.raises(TasteError):
            Taste.load(tmp_path)


def test_a_file_that_cannot_be_heard_has_no_score(learned: TasteReport) -> None:
    score = Taste.load(learned.out).score([b"no midi", phrase(240, 60, np.random.default_rng(0))], "melody")
    assert np.isnan(score[0])
    assert np.isfinite(score[1])
