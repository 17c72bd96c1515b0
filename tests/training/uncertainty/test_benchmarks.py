"""The benchmarks of doubt and of training tricks do what their tables say."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from whitelight.dataset import Dataset
from whitelight.music import read_midi
from whitelight.ontology import Ontology
from whitelight.training.rows import Rows
from whitelight.training.settings import ExpertSettings, FusionSettings
from whitelight.training.uncertainty import Evidential, MidiLesson, PlainExpert, midi_lesson

QUICK = ExpertSettings(network_steps=60, width=16)
FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def lesson(make_rows: Callable[..., Rows], quadrants: Ontology) -> MidiLesson:
    rows = make_rows(songs_per_class=6, noise=1.5)
    blind = np.zeros(rows.descriptors.shape[1], np.bool_)
    everyone = np.ones(len(rows), np.bool_)
    return midi_lesson(rows, everyone, uses_velocity=blind, ontology=quadrants, settings=FusionSettings())


def test_a_curriculum_begins_with_the_easy_rows_of_every_class_and_ends_with_all(lesson: MidiLesson) -> None:
    tricks = load("training_tricks")
    features, loss = lesson.examples.features, tricks.difficulty(lesson, 0)
    place = {row.tobytes(): hard for row, hard in zip(features, loss, strict=True)}

    def hardness(draw: Callable[[int], object], step: int) -> float:
        batch = draw(step)
        assert (batch.targets[:, :4].sum(dim=0) > 0).all()  # type: ignore[attr-defined]  # a Batch
        return float(np.mean([place[row.tobytes()] for row in batch.features.numpy()]))  # type: ignore[attr-defined]  # as above

    torch.manual_seed(0)
    easy, hard = (tricks.curriculum(turned=turned)(lesson, 0) for turned in (False, True))
    plain = tricks.TRICKS[tricks.AS_IT_IS](lesson, 0)
    usual = hardness(plain, 0)
    assert hardness(easy, 0) < 0.5 * usual < 1.5 * usual < hardness(hard, 0)
    assert hardness(easy, 599) == pytest.approx(usual, rel=0.4)


def test_mixup_mixes_rows_and_targets_alike(lesson: MidiLesson) -> None:
    tricks = load("training_tricks")
    torch.manual_seed(0)
    batch = tricks.mixup(1.0)(lesson, 0)(0)
    np.testing.assert_allclose(batch.targets[:, :4].sum(dim=1), 1.0, atol=1e-5)
    assert ((batch.targets[:, :4] > 0).sum(dim=1) == 2).float().mean() > 0.5
    assert batch.features.shape == (256, lesson.examples.features.shape[1])


def test_shuffled_music_keeps_its_notes_and_times(tiny_dataset: Path) -> None:
    doubt = load("uncertainty")
    source = Dataset.open(tiny_dataset)
    row_id = source.rows(columns=["row_id"]).column("row_id").to_pylist()[0]
    piece = read_midi(dict(source.media([row_id]))[row_id])
    other = doubt.shuffled(piece, np.random.default_rng(0))
    for before, after in zip(piece.midi_tracks, other.midi_tracks, strict=True):
        assert sorted(before.notes.onset_tick) == sorted(after.notes.onset_tick)
        assert sorted(before.notes.pitch) == sorted(after.notes.pitch)
        assert len(before.notes) > 20
        assert (before.notes.pitch != after.notes.pitch).mean() > 0.5  # both sides are sorted by onset


@pytest.mark.slow
def test_the_table_of_doubt_has_every_figure(tiny_dataset: Path) -> None:
    doubt = load("uncertainty")
    doubt.METHODS = {"recipe": lambda: PlainExpert(QUICK), "evidential": lambda: Evidential(QUICK)}
    midi = tiny_dataset.parent / "midi"
    material = doubt.read_material(tiny_dataset, {"itself": midi})
    found = doubt.compare(material, ["recipe", "evidential"], 2, [0], n_draws=10)
    first, second = (one["figures"] for one in found)
    assert set(first) == set(second)
    assert {"accuracy", "ECE, tempered", "AURC", "mistakes by total", "shuffled by novelty"} <= set(first)
    assert "difference" in second["accuracy"]
    assert first["itself by novelty"]["value"] < 0.6  # the same music is not foreign, and half of it was learned from
    assert len(doubt.lines(found)) == 1 + 2 * len(first)


@pytest.mark.slow
def test_the_table_of_tricks_is_paired(tiny_dataset: Path) -> None:
    tricks = load("training_tricks")
    tricks.SETTINGS = FusionSettings(midi=QUICK)
    runs = tricks.measure(tiny_dataset, [tricks.AS_IT_IS, "mixup 1"], 2, [0])
    assert [str(g) for g in runs["mixup 1"][0].group] == [str(g) for g in runs[tricks.AS_IT_IS][0].group]
    assert not (runs["mixup 1"][0].raw == runs[tricks.AS_IT_IS][0].raw).all()
