"""A trained network as a folder, and reading it back without torch.

network.onnx          windows in, raw logits of every head out; average over the windows of a row
network.json          settings, ontology, temperatures, figures, hashes
weights.safetensors   the same weights for training on
checkpoints/          the other best epochs
"""

import hashlib
import json
import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from whitelight.errors import WhitelightError
from whitelight.files import read_bytes, write_atomic
from whitelight.music import Piece
from whitelight.ontology import Ontology
from whitelight.scoring.calibration import spread
from whitelight.scoring.heads import Array, Head, heads_of, log_probabilities
from whitelight.training.models import deterministic
from whitelight.training.networks.fitting import quiet
from whitelight.training.networks.material import pitched
from whitelight.training.networks.models import NoteNetwork, make_reader
from whitelight.training.networks.settings import ROLL, AugmentationSettings, NetworkSettings
from whitelight.training.settings import LossSettings

RECORD, MODEL, WEIGHTS, CHECKPOINTS = "network.json", "network.onnx", "weights.safetensors", "checkpoints"
FORMAT, FORMAT_VERSION = "whitelight-network", 1
WINDOWS = "windows"
PARITY = 1e-4  # largest difference between ONNX Runtime and torch, in logits
EXAMPLE_ROWS = 2  # torch.export specializes on 1
BLOCK_ROWS = 16


class NetworkFolderError(WhitelightError):
    """A folder holds no network this program can read, or something else where one would be written."""


class _ByHead(nn.Module):
    """Splits the logits of a network by head."""

    def __init__(self, network: NoteNetwork, heads: Sequence[Head]) -> None:
        super().__init__()
        self.network, self.sizes = network, [len(head.labels) for head in heads]

    def forward(self, windows: Tensor) -> tuple[Tensor, ...]:
        return torch.split(self.network(windows), self.sizes, dim=1)


def export_network(network: NoteNetwork, settings: NetworkSettings, heads: Sequence[Head]) -> bytes:
    """Return the network as ONNX bytes: input `windows` (n, …), outputs named after the heads."""
    shape, kind = (EXAMPLE_ROWS, *make_reader(settings).shape), torch.float32 if settings.kind == ROLL else torch.int64
    with quiet(), deterministic(0), warnings.catch_warnings():
        # torch 2.13 says so during every export, and nothing can be done about it
        warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
        warnings.filterwarnings("ignore", message=".*axis name: batch will not be used.*", category=UserWarning)
        program = torch.onnx.export(
            _ByHead(network, heads).eval(),
            (torch.ones(shape, dtype=kind),),
            dynamo=True,
            verbose=False,
            input_names=[WINDOWS],
            output_names=[head.name for head in heads],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned nothing; expected a program")
    return bytes(program.model_proto.SerializeToString())


class WindowSession:
    """An ONNX session on one thread."""

    def __init__(self, model: bytes) -> None:
        import onnxruntime  # noqa: PLC0415  50 ms that reading a record need not pay

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def logits(self, windows: NDArray[Any]) -> Array:
        """Return the logits of windows, (n, n_columns)."""
        return np.concatenate(self._session.run(None, {WINDOWS: windows}), axis=1).astype(np.float64)


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """A network read from its folder.

    Attributes
    ----------
    record : what `network.json` holds.
    """

    record: Mapping[str, Any]
    ontology: Ontology
    settings: NetworkSettings
    session: WindowSession

    def log_p(self, pieces: Sequence[Piece]) -> Array:
        """Return calibrated log-probabilities of every piece, head by head, (n, n_columns)."""
        heads, reader = heads_of(self.ontology), make_reader(self.settings)
        found = []
        for start in range(0, len(pieces), BLOCK_ROWS):
            block = [pitched(piece) for piece in pieces[start : start + BLOCK_ROWS]]
            silent = [index for index, piece in enumerate(block, start=start) if not piece.n_notes]
            if silent:
                raise NetworkFolderError(f"piece {silent[0]} has no pitched notes; a network reads nothing else")
            windows = np.stack([reader.spread(piece) for piece in block])
            logits = self.session.logits(windows.reshape(-1, *windows.shape[2:]))
            found.append(logits.reshape(len(block), self.settings.n_windows, -1).mean(axis=1))
        temperature = np.array([self.record["temperatures"][head.name] for head in heads])
        return log_probabilities(np.concatenate(found) / spread(temperature, heads), heads)


def refuse_other_folder(folder: Path) -> None:
    """Refuse to write a network where something else is."""
    if folder.exists() and not (folder / RECORD).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise NetworkFolderError(f"{folder} exists and is no network; give another folder or remove it")


def write_network(
    folder: Path, record: Mapping[str, Any], ontology: Ontology, files: Mapping[str, bytes]
) -> dict[str, Any]:
    """Write the files and the record that names them with their hashes into a new folder; return the record."""
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "ontology": ontology.to_dict(),
        "ontology_hash": ontology.hash,
        **record,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    for name, data in files.items():
        write_atomic(folder / name, data)
    write_atomic(folder / RECORD, json.dumps(content, indent=1, ensure_ascii=False))
    return content


def replace_folder(finished: Path, folder: Path, aside: Path) -> None:
    """Put a finished folder into its place by renaming; what was there steps aside.

    Killed at any moment, `folder` is the old one, the new one, or missing; never a part.
    """
    shutil.rmtree(aside, ignore_errors=True)
    if folder.exists():
        folder.rename(aside)
    finished.rename(folder)


def read_network(folder: Path) -> TrainedNetwork:
    """Read a network, checking format, ontology and the hash of the model.

    Raises
    ------
    NetworkFolderError : with the reason.
    """
    path = folder / RECORD
    try:
        record = json.loads(read_bytes(path))
    except ValueError as err:
        raise NetworkFolderError(f"{path}: not JSON ({err}); train the network again") from err
    if not isinstance(record, dict) or (record.get("format"), record.get("format_version")) != (FORMAT, FORMAT_VERSION):
        raise NetworkFolderError(f"{path}: expected format '{FORMAT}' {FORMAT_VERSION}; train the network again")
    ontology = Ontology.from_dict(record["ontology"], source=str(path))
    if ontology.hash != record["ontology_hash"]:
        raise NetworkFolderError(
            f"{path}: the ontology's hash is {ontology.hash[:12]}, the record says {record['ontology_hash'][:12]}; "
            "the file was changed by hand; train the network again"
        )
    model = read_bytes(folder / MODEL)
    found, wanted = hashlib.sha256(model).hexdigest(), record["files"].get(MODEL)
    if found != wanted:
        raise NetworkFolderError(
            f"{folder / MODEL}: checksum {found[:12]}, the record says {str(wanted)[:12]}; copy the folder again"
        )
    return TrainedNetwork(record, ontology, settings_of(record["settings"]), WindowSession(model))


def settings_of(values: Mapping[str, Any]) -> NetworkSettings:
    """Return the settings a record holds; nested ones are mappings there.

    Raises
    ------
    NetworkFolderError : one is missing or unknown.
    """
    known = {field.name for field in fields(NetworkSettings)}
    odd = sorted(known ^ set(values))
    if odd:
        raise NetworkFolderError(f"{RECORD}: setting '{odd[0]}' is missing or unknown; train the network again")
    kinds = get_type_hints(NetworkSettings)
    nested = (AugmentationSettings, LossSettings)
    return NetworkSettings(
        **{name: kinds[name](**value) if kinds[name] in nested else value for name, value in values.items()}
    )
