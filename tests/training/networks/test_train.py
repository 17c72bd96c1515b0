import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.dataset import Dataset
from whitelight.locking import LockedError, locked
from whitelight.music import MidiTrack, Notes, Piece, read_midi, write_midi
from whitelight.scoring.heads import heads_of
from whitelight.training.leakage import LeakageError
from whitelight.training.networks import NetworkSettings
from whitelight.training.networks.checkpoints import read_weights
from whitelight.training.networks.export import NetworkFolderError, WindowSession, export_network, read_network
from whitelight.training.networks.fitting import Fitted, predict_network
from whitelight.training.networks.material import Material
from whitelight.training.networks.models import make_network, make_reader
from whitelight.training.networks.report import NetworkReport
from whitelight.training.networks.train import export_difference, fit_temperatures_of, train_network
from whitelight.training.rows import TooLittleMaterialError

KINDS = pytest.mark.parametrize("kind", ["roll", "remi"])


@pytest.fixture(scope="module")
def trained(
    tiny_dataset: Path, small: Callable[..., NetworkSettings], tmp_path_factory: pytest.TempPathFactory
) -> NetworkReport:
    return train_network(tiny_dataset, tmp_path_factory.mktemp("network") / "remi", small(kind="remi"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_written_and_nothing_beside_it(trained: NetworkReport) -> None:
    assert sorted(contents(trained.out)) == [
        "checkpoints/epoch-001.safetensors",
        "checkpoints/epoch-002.safetensors",
        "checkpoints/epoch-003.safetensors",
        "network.json",
        "network.onnx",
        "weights.safetensors",
    ]
    assert [path.name for path in trained.out.parent.iterdir()] == ["remi"]


def test_the_record_says_what_was_done_on_what(trained: NetworkReport, tiny_source: Dataset) -> None:
    record = json.loads((trained.out / "network.json").read_text())
    assert record["settings"]["kind"] == "remi"
    assert record["ontology_hash"] == tiny_source.ontology.hash
    assert len(record["history"]) == 3
    assert not set(record["training_songs"]) & set(record["validation_songs"])
    assert len(record["validation_songs"]) == 4  # a fifth of the songs of each class
    assert str(trained.out.parent) not in json.dumps(record)


def test_the_report_speaks(trained: NetworkReport) -> None:
    lines = list(trained.lines())
    assert lines[0].endswith("16 songs to train on, 4 to validate on")
    assert "of 3 epochs by validation log-loss" in lines[1]
    assert "these songs chose epoch and temperature" in lines[2]
    json.dumps(trained.to_dict(), allow_nan=False)
    assert set(trained.metrics()) == {f"validation_{n}" for n in ("accuracy", "macro_f1", "log_loss", "ece")}


def test_a_second_run_of_the_same_network_is_refused(
    trained: NetworkReport, tiny_dataset: Path, small: Callable[..., NetworkSettings]
) -> None:
    lock = trained.out.parent / ".remi.work" / ".lock"
    with locked(lock, what="a test"), pytest.raises(LockedError, match="the training of remi is in use"):
        train_network(tiny_dataset, trained.out, small(kind="remi"))
    shutil.rmtree(lock.parent)


@pytest.mark.slow
def test_a_run_stopped_in_writing_leaves_no_part_and_replaces_what_was_there(
    trained: NetworkReport,
    tiny_dataset: Path,
    small: Callable[..., NetworkSettings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "remi"
    out.mkdir()
    (out / "network.json").write_text("{}")
    (out / "older.txt").write_text("")

    def fails(path: Path, data: bytes | str) -> None:
        if path.name == "network.onnx":
            raise OSError("the disk is full")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())

    with monkeypatch.context() as patched:
        patched.setattr("whitelight.training.networks.export.write_atomic", fails)
        with pytest.raises(OSError, match="the disk is full"):
            train_network(tiny_dataset, out, small(kind="remi"))
    assert sorted(contents(out)) == ["network.json", "older.txt"]
    done: list[int] = []
    train_network(tiny_dataset, out, small(kind="remi"), progress=lambda epoch, _: done.append(epoch))
    assert done == []  # it was trained already
    assert contents(out) == contents(trained.out)
    assert [path.name for path in tmp_path.iterdir()] == ["remi"]


@pytest.mark.slow
def test_the_same_run_writes_the_same_bytes(
    trained: NetworkReport, tiny_dataset: Path, small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    again = train_network(tiny_dataset, tmp_path / "remi", small(kind="remi"))
    assert contents(again.out) == contents(trained.out)


@KINDS
def test_the_export_says_what_the_network_says(
    kind: str, tiny_material: Material, tiny_source: Dataset, small: Callable[..., NetworkSettings]
) -> None:
    settings = small(kind=kind)
    heads = heads_of(tiny_source.ontology)
    network = make_network(settings, heads[-1].columns.stop).eval()
    model = export_network(network, settings, heads)
    fitted = Fitted(network, [], [])
    assert export_difference(model, fitted, tiny_material, settings) <= 1e-4
    read_weights_of_another = make_network(replace(settings, seed=1), heads[-1].columns.stop).eval()
    assert export_difference(model, Fitted(read_weights_of_another, [], []), tiny_material, settings) > 1e-3
    window = make_reader(settings).spread(tiny_material.pieces[0])[:1]
    assert WindowSession(model).logits(window).shape == (1, heads[-1].columns.stop)  # a batch of one


def test_a_network_reads_pieces_without_torch_as_it_was_judged(
    trained: NetworkReport, tiny_material: Material, small: Callable[..., NetworkSettings], tiny_source: Dataset
) -> None:
    found = read_network(trained.out)
    assert found.settings == small(kind="remi")
    log_p = found.log_p(tiny_material.pieces)
    heads = heads_of(tiny_source.ontology)
    for head in heads:
        np.testing.assert_allclose(np.exp(log_p[:, head.columns]).sum(axis=1), 1.0)
    network = make_network(found.settings, heads[-1].columns.stop)
    read_weights(trained.out / "weights.safetensors", network)
    logits = predict_network(network.eval(), tiny_material, found.settings)
    best = logits[:, heads[0].columns].argmax(axis=1)
    assert (best == log_p[:, heads[0].columns].argmax(axis=1)).all()


def test_a_piece_of_drums_is_refused(trained: NetworkReport, piece: Piece) -> None:
    drums = replace(piece, midi_tracks=(MidiTrack(is_drum=True, notes=Notes.from_rows([(0, 10, 36, 100)])),))
    with pytest.raises(NetworkFolderError, match="piece 1 has no pitched notes"):
        read_network(trained.out).log_p([piece, drums])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda record: record.update(format_version=9), "expected format 'whitelight-network' 1"),
        (lambda record: record.update(ontology_hash="0" * 64), "the record says 000000000000"),
        (lambda record: record["files"].update({"network.onnx": "1" * 64}), "the record says 111111111111"),
        (lambda record: record["settings"].pop("width"), "setting 'width' is missing or unknown"),
    ],
)
def test_a_changed_record_is_refused(
    change: Callable[[dict[str, object]], object], message: str, trained: NetworkReport, tmp_path: Path
) -> None:
    for name, data in contents(trained.out).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    record = json.loads((tmp_path / "network.json").read_text())
    change(record)
    (tmp_path / "network.json").write_text(json.dumps(record))
    with pytest.raises(NetworkFolderError, match=message):
        read_network(tmp_path)


def test_a_folder_of_something_else_is_left_alone(
    tiny_dataset: Path, small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    (tmp_path / "song.mid").write_bytes(b"")
    with pytest.raises(NetworkFolderError, match="exists and is no network"):
        train_network(tiny_dataset, tmp_path, small())
    assert [path.name for path in tmp_path.iterdir()] == ["song.mid"]


def test_temperatures_of_few_songs_are_one(tiny_material: Material, tiny_source: Dataset) -> None:
    logits = np.random.default_rng(0).normal(size=(len(tiny_material.rows), 8)) * 9
    every = fit_temperatures_of(logits, tiny_material, tiny_source.ontology)
    assert (every > 2).all()  # sure of what is noise
    few = tiny_material.take(tiny_material.rows.split == "val")
    assert (fit_temperatures_of(logits[tiny_material.rows.split == "val"], few, tiny_source.ontology) == 1).all()


def test_too_few_songs_are_refused(tiny: ModuleType, small: Callable[..., NetworkSettings], tmp_path: Path) -> None:
    dataset = tiny.write_tiny_dataset(tmp_path / "one", songs_per_class={"Q1": 1, "Q2": 1}, held_out=0)
    with pytest.raises(TooLittleMaterialError, match="1 of Q1, 1 of Q2; expected at least two classes"):
        train_network(dataset, tmp_path / "out", small())


def test_an_unknown_split_column_is_refused(
    tiny_dataset: Path, small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    with pytest.raises(TooLittleMaterialError, match="no split column 'half'"):
        train_network(tiny_dataset, tmp_path / "out", small(), split_column="half")


def test_drums_alone_are_too_little(tiny: ModuleType, small: Callable[..., NetworkSettings], tmp_path: Path) -> None:
    tiny.write_tiny_dataset(tmp_path, songs_per_class=2)
    for path in (tmp_path / "midi").glob("*.mid"):
        piece = read_midi(path.read_bytes())
        tracks = [replace(track, is_drum=True) for track in piece.midi_tracks]
        path.write_bytes(write_midi(piece.with_midi_tracks(tracks)))
    dataset = rebuilt(tiny, tmp_path)
    with pytest.raises(TooLittleMaterialError, match="has MIDI with pitched notes"):
        train_network(dataset, tmp_path / "out", small())


@pytest.mark.slow
def test_a_copy_on_the_other_side_is_a_leak(
    tiny: ModuleType, small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    tiny.write_tiny_dataset(tmp_path, songs_per_class=3)
    midi = tmp_path / "midi"
    (midi / "Q1_2_0.mid").write_bytes((midi / "Q1_0_0.mid").read_bytes())  # song 2 is held out
    dataset = rebuilt(tiny, tmp_path)
    with pytest.raises(LeakageError, match=r"material: .*alike"):
        train_network(dataset, tmp_path / "out", small(), split_column="split")
    report = train_network(dataset, tmp_path / "out", small(epochs=1), split_column="split", allow_leakage=True)
    assert report.record["allow_leakage"] is True
    assert len(report.record["training_songs"] + report.record["validation_songs"]) == 8


def rebuilt(tiny: ModuleType, folder: Path) -> Path:
    shutil.rmtree(folder / "dataset")
    shutil.rmtree(folder / "catalog")
    found: Path = tiny.import_and_build(folder)
    return found
