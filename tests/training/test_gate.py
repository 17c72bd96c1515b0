"""The release gate on small but real trainings, and each of its questions on made predictions."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.dataset import VIEWS, Dataset
from whitelight.music import MidiTrack, Notes, Piece, TempoMap
from whitelight.scoring.bundle import read_bundle
from whitelight.scoring.release import FAILED, NOT_JUDGED, PASSED, Check, Criterion, Gate, GateError, refuse_unfit
from whitelight.training.fusion_run import Run
from whitelight.training.gate import calibrated_reading
from whitelight.training.leakage import LeakageReport
from whitelight.training.reading import read_dataset
from whitelight.training.rewriting import doubled, draw_rows, louder, rewrite_rows, transposed
from whitelight.training.rows import Rows


@pytest.fixture(scope="module")
def songs(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Four classes of eight songs of two clips."""
    return Dataset.open(tiny.write_tiny_dataset(tmp_path_factory.mktemp("songs"), songs_per_class=8))


@pytest.fixture(scope="module")
def rows(songs: Dataset) -> Rows:
    return read_dataset(songs).rows


def gate_of(songs: Dataset, rows: Rows, settings: object, out: Path) -> Gate:
    run = Run(songs, rows, settings, LeakageReport(0, ()), lambda _done, _total: None)
    run.write(out, split_column=None, allow_leakage=False)
    stored = Gate.from_dict(read_bundle(out).record["gate"])
    assert stored == run.gate
    return stored


def named(gate: Gate) -> dict[str, str]:
    return {criterion.name: criterion.status for criterion in gate.criteria}


def test_a_scorer_that_hears_its_classes_passes(tiny: ModuleType, songs: Dataset, rows: Rows, tmp_path: Path) -> None:
    gate = gate_of(songs, rows, tiny.SETTINGS, tmp_path / "model")
    assert gate.status == PASSED, list(gate.lines())
    views = {check.where.split(",")[0] for check in gate.criteria[0].checks}
    assert views == {"full", "chords", "bass", "melody"}


def test_shuffling_the_labels_makes_it_fail(tiny: ModuleType, songs: Dataset, rows: Rows, tmp_path: Path) -> None:
    names, song = np.unique(rows.group_id.astype(str), return_inverse=True)
    first = np.array([rows.label[song == index][0] for index in range(len(names))])
    shuffled = np.random.default_rng(0).permutation(first)[song]
    gate = gate_of(songs, replace(rows, label=shuffled), tiny.SETTINGS, tmp_path / "model")
    assert gate.status == FAILED
    assert named(gate)["ranking"] == FAILED
    assert named(gate)["hits"] == FAILED


def test_feeding_only_the_concept_makes_it_fail_and_composing_is_refused(
    tiny: ModuleType, songs: Dataset, rows: Rows, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    names, song = np.unique(rows.group_id.astype(str), return_inverse=True)
    label = np.array([rows.label[song == index][0] for index in range(len(names))])
    concepts = (6 * np.eye(16)[label] + rng.normal(size=(len(names), 16))).astype(
        np.float32
    )  # names the class outright
    alone = replace(
        rows,
        has_midi=np.zeros(len(rows), bool),
        lyric=type(rows.concept)(concepts[:0], np.full(len(rows), -1)),
        concept=type(rows.concept)(concepts, song),
    )
    gate = gate_of(songs, alone, tiny.SETTINGS, tmp_path / "model")
    record = read_bundle(tmp_path / "model").record
    assert record["evaluation"]["class"]["accuracy"] >= 0.95  # it looks all but perfect
    assert gate.status == FAILED
    assert named(gate) == {"spread": FAILED, **dict.fromkeys(("ranking", "hits", "share", "calibration"), NOT_JUDGED)}
    scorer = type("Scorer", (), {"record": record})()
    with pytest.raises(
        GateError, match=r"did not pass its release gate\. spread: failed; .* no expert of music: .* 0\.00"
    ):
        refuse_unfit(scorer, force=False)
    refuse_unfit(scorer, force=True)


def test_too_few_songs_are_said_not_passed(tiny: ModuleType, tmp_path: Path) -> None:
    few = Dataset.open(tiny.write_tiny_dataset(tmp_path, songs_per_class=2, held_out=0))
    gate = gate_of(few, read_dataset(few).rows, tiny.SETTINGS, tmp_path / "model")
    assert gate.status == NOT_JUDGED
    assert all(check.found is None for criterion in gate.criteria for check in criterion.checks)
    assert any("16 rows of 8 songs held out" in line for line in gate.lines())
    with pytest.raises(GateError, match="could not be judged"):
        refuse_unfit(type("Scorer", (), {"record": read_bundle(tmp_path / "model").record})(), force=False)


def test_a_judge_is_refused_whatever_is_forced() -> None:
    judge = type("Scorer", (), {"record": {"training": {"role": "judge"}, "gate": {"criteria": []}}})()
    with pytest.raises(GateError, match="this model is a judge"):
        refuse_unfit(judge, force=True)


def test_a_stand_in_without_a_record_has_no_gate() -> None:
    refuse_unfit(object(), force=False)


def test_the_verdict_is_the_worst_of_its_criteria() -> None:
    good, bad = Check("a", 0.9, 0.5, at_most=False, n=9), Check("b", 3.0, 2.0, at_most=True, n=9)
    unknown = Check("c", None, 0.5, at_most=False, n=1, note="1 row")
    assert [c.status for c in (good, bad, unknown)] == [PASSED, FAILED, NOT_JUDGED]
    passed, failed, none = (
        Criterion("x", "", (good, unknown)),
        Criterion("y", "", (good, bad)),
        Criterion("z", "", (unknown,)),
    )
    assert [Gate(found).status for found in ((passed,), (passed, failed, none), (passed, none))] == [
        PASSED,
        FAILED,
        NOT_JUDGED,
    ]
    assert (
        passed.line()
        == "x: passed; 1 of 1 checks passed, nearest: a 0.90 (expected at least 0.50), not judged: c (1 row)"
    )
    assert failed.line() == "y: failed; 1 of 2 checks passed, b 3.00 (expected at most 2.00)"
    assert Gate.from_dict(Gate((passed, failed)).to_dict()) == Gate((passed, failed))


def test_true_probabilities_read_some_error_and_more_with_fewer_rows() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(4), size=1000)
    many, few = calibrated_reading(probabilities), calibrated_reading(probabilities[:100])
    assert 0.01 < many < few < 0.25


def piece() -> Piece:
    notes = Notes.from_rows([(0, 240, 60, 80), (240, 240, 64, 120), (960, 480, 67, 50)])
    drums = Notes.from_rows([(0, 120, 36, 100)])
    tempo = TempoMap(480, (0, 480), (500_000, 400_000))
    return Piece(480, tempo, midi_tracks=(MidiTrack("p", notes=notes), MidiTrack("d", is_drum=True, notes=drums)))


def test_ways_of_writing_the_same_music() -> None:
    assert louder(piece()).midi_tracks[0].notes.velocity.tolist() == [100, 127, 70]
    higher = transposed(piece())
    assert higher.midi_tracks[0].notes.pitch.tolist() == [65, 69, 72]
    assert higher.midi_tracks[1].notes.pitch.tolist() == [36]
    twice = doubled(piece())
    assert twice.midi_tracks[0].notes.duration_ticks.tolist() == [480, 480, 960]
    assert twice.duration_s == pytest.approx(piece().duration_s, abs=1e-9)
    for before, after in zip(piece().midi_tracks, twice.midi_tracks, strict=True):
        start_s = piece().tempo_map.ticks_to_seconds(before.notes.onset_tick)
        assert twice.tempo_map.ticks_to_seconds(after.notes.onset_tick) == pytest.approx(start_s)


def test_high_music_goes_down_a_fourth() -> None:
    high = Piece(480, TempoMap.constant(100), midi_tracks=(MidiTrack("p", notes=Notes.from_rows([(0, 9, 125, 9)])),))
    assert transposed(high).midi_tracks[0].notes.pitch.tolist() == [120]


def test_rewritten_rows_know_where_they_come_from(songs: Dataset, rows: Rows) -> None:
    drawn = draw_rows(rows, np.ones(len(rows), bool), per_view=5, rng=np.random.default_rng(0))
    assert np.bincount(rows.view[drawn]).tolist()[: len(VIEWS)] == [5, 5, 5, 0, 5]
    found = rewrite_rows(songs, rows, drawn)
    assert sorted(found.origin.tolist()) == sorted(np.repeat(drawn, 3).tolist())
    assert (found.rows.row_id == rows.row_id[found.origin]).all()
    from whitelight.encoders import DescriptorEncoder

    free = ~DescriptorEncoder().velocity_mask
    loud = found.way == 0
    before, after = rows.descriptors[found.origin[loud]], found.rows.descriptors[loud]
    assert np.allclose(before[:, free], after[:, free], atol=1e-4)  # loudness is hidden from these
    assert not np.allclose(before[:, ~free], after[:, ~free], atol=1e-2)
