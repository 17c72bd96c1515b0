import json
import shutil
import struct
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi, slice_seconds, write_midi
from whitelight.ontology import InvalidTargetError, Target, UnknownClassError
from whitelight.scoring import Candidate, ChromaticScorer, ScoreResult
from whitelight.scoring.bundle import BundleError
from whitelight.scoring.scorer import ScoringError


@pytest.fixture(scope="module")
def clips(tiny: ModuleType) -> list[bytes]:
    """Twenty files, five of each class in turn, made with another seed than the training clips."""
    rng = np.random.default_rng(99)
    return [write_midi(tiny.clip(quadrant, rng)) for _ in range(5) for quadrant in tiny.CLASSES]


def by_index(results: list[ScoreResult]) -> dict[int, ScoreResult]:
    return {result.index: result for result in results}


def with_velocity(piece: Piece, change: int) -> Piece:
    track = piece.midi_tracks[0]
    notes = track.notes
    rows = zip(
        notes.onset_tick, notes.duration_ticks, notes.pitch, np.clip(notes.velocity + change, 1, 127), strict=True
    )
    return piece.with_midi_tracks([track.with_notes(Notes.from_rows([tuple(map(int, row)) for row in rows]))])


def test_a_result_has_every_field_and_probabilities_sum_to_one(scorer: ChromaticScorer, clips: list[bytes]) -> None:
    result = scorer.score(clips[0], target="Q1")
    assert set(result.axes) == set(scorer.ontology.axis_names)
    assert set(result.classes) == set(scorer.ontology.class_names)
    for values in (result.classes, *result.axes.values()):
        assert sum(values.values()) == pytest.approx(1.0)
    assert np.isfinite(result.fitness)
    assert 0 < result.match < 1
    assert 0 <= result.confidence <= 1
    assert result.plausible[0] == max(result.classes, key=lambda name: result.classes[name])
    assert set(result.plausible) <= set(result.classes)
    assert 0 <= result.novelty <= 1
    assert result.modalities == ("midi",)
    assert result.contributions == {"midi": pytest.approx(result.fitness)}
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["index"] == 0


def test_songs_it_has_not_heard_are_ranked_with_the_target_class_first(
    scorer: ChromaticScorer, clips: list[bytes], tiny: ModuleType
) -> None:
    for k, name in enumerate(tiny.CLASSES):
        results = scorer.score_batch(clips, target=name)
        assert [r.fitness for r in results] == sorted((r.fitness for r in results), reverse=True)
        assert sorted(r.index for r in results) == list(range(len(clips)))
        assert sum(r.index % 4 == k for r in results[:5]) >= 3
        match = [r.match for r in results]
        assert match == sorted(match, reverse=True)
        assert np.std(match) >= 0.05


def verdict(result: ScoreResult) -> ScoreResult:
    """All but the place among the candidates; equal only when every number is, to the last bit."""
    return replace(result, index=0)


def test_one_by_one_batched_and_shuffled_say_the_same(scorer: ChromaticScorer, clips: list[bytes]) -> None:
    for target in ("Q2", "60% Q1 + 40% Q3", "arousal=high"):
        together = by_index(scorer.score_batch(clips, target=target))
        order = np.random.default_rng(0).permutation(len(clips))
        shuffled = by_index(scorer.score_batch([clips[i] for i in order], target=target))
        for place, i in enumerate(order):
            assert verdict(shuffled[place]) == verdict(together[i])
            assert verdict(scorer.score(clips[i], target=target)) == verdict(together[i])


@pytest.fixture(scope="module")
def real_candidates(shared_data: Path) -> list[bytes]:
    """Eighty pieces people played: whole clips and songs, and stretches of them from half a second to half a minute."""
    rng = np.random.default_rng(7)
    paths = [path for name in ("emopia", "pop909", "groove") for path in sorted((shared_data / name).rglob("*.mid"))]
    found = [path.read_bytes() for path in rng.choice(np.array(paths, object), 16)]
    while len(found) < 80:
        piece = read_midi(rng.choice(np.array(paths, object)))
        start_s = rng.uniform(0, max(piece.duration_s - 1, 0.1))
        stretch = slice_seconds(piece, start_s, start_s + rng.choice([0.5, 2, 4, 5, 8, 9, 15, 30]))
        if stretch.n_notes:
            found.append(write_midi(stretch))
    return found


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_any_partition_in_any_order_gives_every_candidate_the_same_numbers(
    scorer: ChromaticScorer, real_candidates: list[bytes], data: st.DataObject
) -> None:
    together = _of_everyone(scorer, tuple(real_candidates))
    order = data.draw(st.permutations(range(len(real_candidates))))
    edges = data.draw(st.sets(st.integers(1, len(order) - 1), max_size=12))
    for part in np.split(np.array(order), sorted(edges)):
        for result in scorer.score_batch([real_candidates[i] for i in part], target="Q2"):
            assert verdict(result) == together[part[result.index]]


@cache
def _of_everyone(scorer: ChromaticScorer, candidates: tuple[bytes, ...]) -> list[ScoreResult]:
    results = by_index(scorer.score_batch(candidates, target="Q2"))
    return [verdict(results[i]) for i in range(len(candidates))]


def test_a_corrupt_an_empty_a_drum_only_a_one_note_and_a_monstrous_candidate_in_one_batch(
    scorer: ChromaticScorer, clips: list[bytes]
) -> None:
    alone = scorer.score_batch(clips, target="Q1")
    tempo_map = TempoMap.constant(120, 480)
    drums = MidiTrack(is_drum=True, notes=Notes.from_rows([(i * 240, 60, 36, 90) for i in range(16)]))
    note = MidiTrack(notes=Notes.from_rows([(0, 480, 60, 80)]))
    odd = [
        clips[0][: len(clips[0]) // 2],
        write_midi(Piece(480, tempo_map)),
        write_midi(Piece(480, tempo_map, midi_tracks=(drums,))),
        write_midi(Piece(480, tempo_map, midi_tracks=(note,))),
        _monster(1_000_000),
    ]
    places = [0, 3, 9, 15, len(clips)]  # among the others, each before the clip of that number
    candidates = list(clips)
    for place, candidate in reversed(list(zip(places, odd, strict=True))):
        candidates.insert(place, candidate)
    results = by_index(scorer.score_batch(candidates, target="Q1"))
    of_odd = [results[place + k] for k, place in enumerate(places)]
    assert [r.error is None for r in of_odd] == [False, False, True, True, False]
    assert "truncated" in str(of_odd[0].error)
    assert "no notes" in str(of_odd[1].error)
    assert "1,000,000 notes, expected at most 500,000" in str(of_odd[4].error)
    assert all(np.isfinite(r.fitness) and 0 < r.match < 1 for r in of_odd[2:4])
    others = [r for r in results.values() if r not in of_odd]
    assert sorted((verdict(r) for r in others), key=lambda r: -r.fitness) == [verdict(r) for r in alone]


def test_a_piece_of_a_million_notes_is_answered_and_changes_nobody_else(
    scorer: ChromaticScorer, clips: list[bytes]
) -> None:
    rng = np.random.default_rng(0)
    n = 1_000_000
    columns = (np.sort(rng.integers(0, 480 * 4000, n)), rng.integers(1, 960, n))
    notes = Notes(*columns, rng.integers(20, 110, n).astype(np.int16), rng.integers(1, 128, n).astype(np.int16))
    huge = Piece(480, TempoMap.constant(120, 480), midi_tracks=(MidiTrack(notes=notes),))
    results = by_index(scorer.score_batch([clips[0], huge, clips[1]], target="Q1"))
    assert np.isfinite(results[1].fitness)
    for place, clip in ((0, clips[0]), (2, clips[1])):
        assert verdict(results[place]) == verdict(scorer.score(clip, target="Q1"))


def _monster(n_notes: int) -> bytes:
    """Return a whole file of so many notes, all of them struck and released."""
    body = bytes.fromhex("00903c40 01803c40") * n_notes + bytes.fromhex("00ff2f00")
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(body)) + body


def test_corrupt_candidates_have_an_error_go_last_and_leave_the_others_alone(
    scorer: ChromaticScorer, clips: list[bytes], tmp_path: Path
) -> None:
    silent = write_midi(Piece(480, TempoMap.constant(120, 480)))
    whole = tmp_path / "whole.mid"
    whole.write_bytes(clips[1])
    broken = [b"", clips[0][:40], silent, tmp_path / "nowhere.mid", Candidate(lyrics="la la")]
    results = scorer.score_batch([broken[0], clips[0], *broken[1:4], whole, broken[4]], target="Q1")
    assert [r.index for r in results][2:] == [0, 2, 3, 4, 6]
    assert {r.index for r in results[:2]} == {1, 5}
    assert all(r.error is not None and np.isnan(r.fitness) and r.classes == {} for r in results[2:])
    assert "no notes" in str(results[4 - 0].error)
    assert "expected MIDI" in str(results[6].error)
    assert verdict(by_index(results)[1]) == verdict(scorer.score(clips[0], target="Q1"))
    with pytest.raises(ScoringError, match="empty"):
        scorer.score(b"")
    assert scorer.score_batch([]) == []


def test_one_note_and_drums_alone_are_answered(scorer: ChromaticScorer) -> None:
    tempo_map = TempoMap.constant(120, 480)
    note = MidiTrack(notes=Notes.from_rows([(0, 480, 60, 80)]))
    drums = MidiTrack(is_drum=True, notes=Notes.from_rows([(i * 240, 60, 36, 90) for i in range(16)]))
    results = scorer.score_batch([Piece(480, tempo_map, midi_tracks=(t,)) for t in (note, drums)], target="Q3")
    assert all(r.error is None and np.isfinite(r.fitness) for r in results)


def test_without_a_target_nothing_is_ranked(scorer: ChromaticScorer, clips: list[bytes]) -> None:
    results = scorer.score_batch(clips[:3])
    assert [r.index for r in results] == [0, 1, 2]
    assert all(np.isnan(r.fitness) and np.isnan(r.match) and r.contributions == {} for r in results)


def test_targets_may_be_mixtures_axes_or_objects(scorer: ChromaticScorer, clips: list[bytes]) -> None:
    for target in ("60% Q1 + 40% Q4", "arousal=high", Target.of_class(scorer.ontology, "Q2")):
        assert all(np.isfinite(r.fitness) and 0 < r.match < 1 for r in scorer.score_batch(clips[:4], target=target))
    loud = scorer.score_batch(clips[:4], target="arousal=high")
    assert {r.index for r in loud[:2]} == {0, 1}
    with pytest.raises((InvalidTargetError, UnknownClassError)):
        scorer.score(clips[0], target="Q9")


def test_velocity_free_scoring_cannot_be_bought_by_loudness(scorer: ChromaticScorer, tiny: ModuleType) -> None:
    quiet = tiny.clip("Q3", np.random.default_rng(5))
    loud = with_velocity(quiet, 40)
    free = [scorer.score(p, target="arousal=high", velocity="free").fitness for p in (quiet, loud)]
    full = [scorer.score(p, target="arousal=high").fitness for p in (quiet, loud)]
    assert free[1] == pytest.approx(free[0], abs=1e-3)
    assert full[1] > full[0] + 0.1


def test_views_are_judged_by_their_own_scale(scorer: ChromaticScorer, clips: list[bytes]) -> None:
    whole, bare = (scorer.score(clips[0], target="Q1", view=view) for view in ("full", "chords"))
    assert whole.fitness != bare.fitness
    with pytest.raises(ScoringError, match="view 'guitar'; expected one of full"):
        scorer.score(clips[0], view="guitar")
    with pytest.raises(ScoringError, match="velocity 'loud'"):
        scorer.score(clips[0], velocity="loud")
    with pytest.raises(ScoringError, match="no audio expert"):
        scorer.score(clips[0], audio=b"RIFF")


def test_a_bundle_of_another_encoder_or_with_a_damaged_file_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    other = shutil.copytree(tiny_model, tmp_path / "other")
    record = json.loads((other / "bundle.json").read_text())
    record["inputs"]["descriptors"]["fingerprint"] = "0" * 64
    (other / "bundle.json").write_text(json.dumps(record))
    with pytest.raises(BundleError, match="input 'descriptors' was trained on encoder"):
        ChromaticScorer(other)
    damaged = shutil.copytree(tiny_model, tmp_path / "damaged")
    (damaged / "model.onnx").write_bytes(b"no model")
    with pytest.raises(BundleError, match=r"model\.onnx: checksum"):
        ChromaticScorer(damaged)


def test_scoring_loads_no_torch_and_no_text_encoder(tiny_model: Path, clips: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "clip.mid").write_bytes(clips[0])
    program = (
        "import sys; from pathlib import Path; from whitelight.scoring import ChromaticScorer\n"
        f"r = ChromaticScorer({str(tiny_model)!r}).score(Path({str(tmp_path / 'clip.mid')!r}), target='Q1')\n"
        "loaded = {m for m in ('torch', 'sklearn', 'pyarrow', 'whitelight.encoders.text') if m in sys.modules}\n"
        "print(r.fitness == r.fitness, sorted(loaded))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"
