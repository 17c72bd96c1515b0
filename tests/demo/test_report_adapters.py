"""From check, evaluation, model and stage reports to the page: what the other rooms return is what is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whitelight.catalog import CheckReport, check_catalog, read_proposal
from whitelight.composition import StageReport, compose_chords
from whitelight.demo.catalog import DemoCatalogReport
from whitelight.demo.proposals import write_demo_proposals
from whitelight.demo.report.adapters import report_data, song_rows
from whitelight.demo.report.composed import composed_song
from whitelight.demo.report.page import render_report
from whitelight.demo.report.projection import held_out_map, principal_components
from whitelight.music import read_midi
from whitelight.ontology import load_ontology
from whitelight.reporting.adapters import bar_lines, class_styles, evaluation_of
from whitelight.scoring import bundle

RECORD: dict[str, Any] = {
    "n_segments": 40,
    "n_songs": 4,
    "n_units": 4,
    "by": "song",
    "held_out": "out-of-fold",
    "class": {"accuracy": 0.75, "accuracy_interval": [0.5, 1.0], "macro_f1": 0.7, "ece": 0.1},
    "axes": {"arousal": {"accuracy": 0.9, "accuracy_interval": [0.8, 1.0], "n": 4}, "valence": {"accuracy": None}},
    "baselines": {
        "majority": {"accuracy": 0.25, "accuracy_interval": [0.0, 0.5], "macro_f1": 0.1, "ece": 0.0},
        "descriptor": {"accuracy": None, "note": "no songs to learn from"},
    },
    "ranking_auc": {"Q1": 0.9},
    "confusion": {"classes": ["Q1", "Q2", "Q3"], "counts": [[2, 1, 0], [0, 1, 0], [0, 0, 0]]},
    "per_class": {"Q1": {"recall": 2 / 3, "n": 3, "taken": 2}, "Q2": {"recall": 1.0, "n": 1, "taken": 2}},
    "reliability": [{"probability": 0.8, "accuracy": 0.75, "n": 4}],
    "views": {"bass": {"n": 4, "accuracy": 0.5, "accuracy_interval": [0.2, 0.8]}},
    "velocity_free": {"accuracy": 0.7},
    "by_modality": {"midi": {"n": 4, "accuracy": 0.75, "accuracy_interval": [0.5, 1.0]}},
}


@dataclass
class Verdict:
    index: int
    fitness: float
    match: float
    novelty: float = 0.5
    confidence: float = 0.6
    error: str | None = None


class HashScorer:
    """Ranks files by their hash: any ranking will do here."""

    ontology = load_ontology("rainbow")

    def score_batch(self, candidates: Sequence[Any], *_: Any, **__: Any) -> list[Verdict]:
        contents = [one if isinstance(one, bytes) else one.read_bytes() for one in candidates]
        values = [int(sha256(content).hexdigest()[:8], 16) / 2**32 for content in contents]
        return sorted((Verdict(i, v, v) for i, v in enumerate(values)), key=lambda verdict: -verdict.fitness)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def check(demo: DemoCatalogReport) -> CheckReport:
    return check_catalog(demo.root)


@pytest.fixture(scope="module")
def stage(folder: Path) -> StageReport:
    proposal = write_demo_proposals(folder / "proposals")[0]
    return compose_chords(
        read_proposal(proposal.path), scorer=HashScorer(), out=folder / "songs" / "one", n_candidates=6, n_keep=3
    )


def test_songs_are_shown_with_what_is_wrong_in_them(check: CheckReport) -> None:
    rows = {row.song_id: row for row in song_rows(check)}
    assert len(rows) == 56
    assert rows["02_03"].n_problems > 0
    assert rows["02_01"].n_problems == 0
    assert rows["01_05"].musical_key == "A# minor"
    assert rows["01_01"].duration_s is not None


def test_the_check_finds_what_is_wrong_on_purpose_and_none_of_it_is_fatal(check: CheckReport) -> None:
    assert check.exit_code == 0
    found = {(problem.file[:5], problem.code) for problem in check.problems}
    assert {
        ("01_02", "time-offset"),
        ("02_03", "section-backwards"),
        ("03_02", "running-time-wrong"),
        ("04_05", "lrc-stamp-unreadable"),
        ("05_04", "media-missing"),
        ("06_03", "media-missing"),
        ("06_06", "lrc-stamp-malformed"),
        ("07_02", "lrc-order"),
    } <= found
    allowed = {"01_02", "02_03", "03_02", "03_06", "04_05", "05_04", "06_03", "06_06", "07_02", "08_05"}
    assert {song_id for song_id, code in found if code != "stem-without-audio"} <= allowed


def test_every_stem_of_the_demo_has_the_view_it_was_made_for(check: CheckReport) -> None:
    for song in check.catalog.songs:
        for stem in song.stems:
            if stem.midi_file is not None and stem.has_midi:
                assert stem.view == Path(stem.midi_file).stem[6:], stem


def test_classes_without_a_hex_still_have_a_chip() -> None:
    styles = class_styles(load_ontology("emopia"))
    assert all(style.letter and len(style.hex) == 6 for style in styles)


def test_the_evaluation_keeps_its_figures_and_drops_empty_classes() -> None:
    shown = evaluation_of(RECORD)
    assert (shown.n_items, shown.unit) == (4, "song")
    assert [system.name for system in shown.systems] == ["whitelight", "majority"]
    assert shown.labels == ("Q1", "Q2")
    assert shown.confusion == ((2, 1), (0, 1))
    assert [row.recall.n for row in shown.classes if row.recall] == [3, 1]
    assert set(shown.axes) == {"arousal"}
    assert shown.views["bass"].low == 0.2


def test_composed_candidates_are_read_back_from_the_folder(folder: Path, stage: StageReport) -> None:
    song = composed_song(stage, folder, HashScorer(), per_section=2)  # type: ignore[arg-type]  # a stand-in that ranks
    assert len(song.candidates) == 4
    for candidate in song.candidates:
        assert (folder / candidate.file).is_file()
        assert candidate.notes
        assert candidate.chords[0].start_s == 0
        assert candidate.confidence == 0.6
        assert candidate.match is not None
        assert candidate.terms
        assert len(candidate.bars_s) == 8


def test_bar_lines_follow_the_meter(demo: DemoCatalogReport) -> None:
    path = next(demo.root.glob("05_*/*_chords.mid"))
    piece = read_midi(path)
    lines = bar_lines(piece)
    bar_s = piece.tempo_map.ticks_to_seconds(piece.meter_at(0).bar_ticks(piece.ticks_per_beat))
    assert np.allclose(np.diff(lines), bar_s)


def test_a_whole_run_becomes_a_page(check: CheckReport, folder: Path, stage: StageReport) -> None:
    data = report_data(check=check, report_folder=folder, evaluation=RECORD, stages=[stage])
    text = render_report(data)
    assert "No map:" in text
    assert f"whitelight compose promote {folder.name}/songs/one" in text
    assert "of unheard songs named right" in text


def test_principal_components_keep_distances_and_their_sign() -> None:
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(20, 2)) @ np.array([[3.0, 0, 0, 0], [0, 1.0, 0, 0]])
    places, share = principal_components(flat)
    assert share[0] + share[1] == pytest.approx(1.0)
    centered = flat - flat.mean(axis=0)
    assert np.allclose(np.linalg.norm(places, axis=1), np.linalg.norm(centered, axis=1))
    assert np.array_equal(places, principal_components(flat)[0])


def test_the_map_holds_the_songs_that_were_held_out(check: CheckReport, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of other views, of unknown songs and of songs never held out must not move a song."""
    ids = ["01_01", "02_01", "03_01", "04_01"]
    names = check.catalog.ontology.class_names
    row_id = [f"{song}/{i:04d}/full" for song in ids for i in range(2)] + [
        "01_01/0000/bass",
        "99_99/0000/full",
        "05_01/0000/full",
    ]
    logits = np.zeros((2, len(row_id), len(names) + 9), dtype=np.float32)
    for index, name in enumerate(row_id):
        if name[:5] in ids and name.endswith("full"):
            logits[0, index, ids.index(name[:5])] = 5.0
    fold = np.array([0] * (len(row_id) - 1) + [-1])
    stored = {"row_id": np.array(row_id), "fold": fold, "logits_midi": logits}

    class Stored:
        def arrays(self, name: str) -> dict[str, Any]:
            assert name == bundle.HELD_OUT
            return stored

    monkeypatch.setattr("whitelight.demo.report.projection.read_bundle", lambda _: Stored())
    chart = held_out_map(Path("model"), check.catalog.ontology, check.catalog.songs)
    assert chart is not None
    assert [point.song_id for point in chart.points] == ids
    assert [point.estimated for point in chart.points] == list(names[:4])
    assert [point.class_name for point in chart.points] == list(names[:4])
    assert held_out_map(Path("model"), check.catalog.ontology, check.catalog.songs[:2]) is None
