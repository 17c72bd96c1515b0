import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whitelight.ontology import load_ontology
from whitelight.scoring.bundle import BundleError, check_arrays, check_encoder, read_bundle, write_bundle

RECORD: dict[str, Any] = {
    "inputs": {"descriptors": {"encoder": "descriptors", "version": "1", "dim": 3, "fingerprint": "a" * 64}},
    "experts": ["midi"],
    "fusion": "late",
    "views": ["full"],
    "session": {"intra_op_threads": 1, "block_rows": 64},
    "gate": {"criteria": [{"name": "spread", "question": "do candidates differ?", "checks": []}]},
    "training": {
        "role": "scorer",
        "groups": ["song"],
        "data_hash": "b" * 64,
        "leakage": {"shared": [], "crossing": []},
    },
}


HELD_OUT = {"row_id": np.array(["a", "b", "c"]), "fold": np.arange(3)}


def write(folder: Path, number: float = 1.0) -> Path:
    arrays = {"numbers": np.full(3, number)}
    write_bundle(folder, RECORD, ontology=load_ontology("emopia"), model=b"onnx", arrays=arrays, held_out=HELD_OUT)
    return folder


def change(folder: Path, **entries: Any) -> None:
    path = folder / "bundle.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    bundle = read_bundle(write(tmp_path / "model"))
    assert bundle.ontology.hash == load_ontology("emopia").hash
    assert bundle.model() == b"onnx"
    assert bundle.arrays()["numbers"].tolist() == [1.0, 1.0, 1.0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model"]


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    for name in ("bundle.json", "arrays.npz", "held_out.npz", "model.onnx"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_a_bundle_is_replaced_as_a_whole_and_another_folder_never(tmp_path: Path) -> None:
    write(tmp_path / "model", 1.0)
    assert read_bundle(write(tmp_path / "model", 2.0)).arrays()["numbers"][0] == 2.0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model"]
    music = tmp_path / "music"
    music.mkdir()
    (music / "song.mid").write_bytes(b"precious")
    with pytest.raises(BundleError, match="is no model bundle"):
        write(music)
    assert (music / "song.mid").read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"format": "something"}, "expected format"),
        ({"format_version": 99}, "format version 99"),
        ({"ontology_hash": "0" * 64}, "the ontology's hash"),
        ({"ontology": load_ontology("rainbow").to_dict()}, "the ontology's hash"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(tmp_path: Path, entries: dict[str, Any], reason: str) -> None:
    folder = write(tmp_path / "model")
    change(folder, **entries)
    with pytest.raises(BundleError, match=reason):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"session": 7}, "'session' is 7; expected a valid dictionary"),
        ({"session": {}}, r"'session\.intra_op_threads' is missing"),
        ({"session": {"intra_op_threads": 1, "block_rows": 0}}, r"'session\.block_rows' is 0"),
        ({"gate": None}, r"'gate' is None"),
        ({"files": []}, r"'files' is \[\]; expected a valid dictionary"),
        ({"views": 7}, "'views' is 7; expected a valid list"),
        ({"views": []}, r"'views' is \[\]"),
        ({"experts": ["kazoo"]}, r"'experts\.0' is 'kazoo'; expected 'midi'"),
        ({"inputs": {"descriptors": {**RECORD["inputs"]["descriptors"], "dim": "3"}}}, r"descriptors\.dim' is '3'"),
        ({"training": {}}, r"'training\.role' is missing"),
    ],
)
def test_a_record_of_another_shape_is_refused_with_what_was_found_and_expected(
    tmp_path: Path, entries: dict[str, Any], reason: str
) -> None:
    folder = write(tmp_path / "model")
    change(folder, **entries)
    with pytest.raises(BundleError, match=rf"bundle\.json: .*{reason}.*changed by hand"):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("found", "what"), [({"row_id"}, "'fold' is missing"), ({"row_id", "fold", "extra"}, "'extra' is unknown")]
)
def test_another_set_of_arrays_is_refused(found: set[str], what: str) -> None:
    check_arrays({"row_id", "fold", "logits_midi"}, {"row_id", "fold"}, optional={"logits_midi"}, name="held_out.npz")
    with pytest.raises(BundleError, match=rf"held_out\.npz: array {what}.*train it again"):
        check_arrays(found, {"row_id", "fold"}, optional={"logits_midi"}, name="held_out.npz")


@pytest.mark.parametrize("name", ["model.onnx", "arrays.npz", "held_out.npz"])
def test_a_changed_or_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "model")
    bundle = read_bundle(folder)
    load = bundle.model if name == "model.onnx" else lambda: bundle.arrays(name)
    (folder / name).write_bytes((folder / name).read_bytes() + b"!")
    with pytest.raises(BundleError, match="checksum"):
        load()
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"{name} is missing"):
        read_bundle(folder)


def test_no_pickle_is_ever_loaded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_bundle(
            tmp_path / "model",
            RECORD,
            ontology=load_ontology("emopia"),
            model=b"",
            arrays={"evil": np.array([print], dtype=object)},
            held_out={},
        )
    assert list(tmp_path.iterdir()) == []


def test_no_folder_and_no_json_are_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="train one first"):
        read_bundle(tmp_path / "nowhere")
    (tmp_path / "bundle.json").write_text("{")
    with pytest.raises(BundleError, match="not JSON"):
        read_bundle(tmp_path)


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    record = read_bundle(write(tmp_path / "model")).record
    check_encoder(record, "descriptors", "a" * 64)
    with pytest.raises(BundleError, match="trained on encoder 'descriptors' 1"):
        check_encoder(record, "descriptors", "b" * 64)
