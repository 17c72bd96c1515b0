"""A sentence encoder as files: read from a sentence-transformers folder, kept as an ONNX graph beside its tokenizer.

A ready folder holds `model.onnx`, `tokenizer.json` and `encoder.json`, which says what it was made from. It needs
neither torch nor `onnx`, so it can be copied to where a model is served.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from whitelight.encoders.bert_graph import GRAPH_VERSION, BertShape, build_graph
from whitelight.encoders.cache import made_once
from whitelight.encoders.options import MissingExtraError, MissingModelError, UnusableModelError
from whitelight.files import UnreadableFileError, read_bytes, sha256_of, write_atomic

RECORD, GRAPH, TOKENIZER = "encoder.json", "model.onnx", "tokenizer.json"
WEIGHTS = "model.safetensors"
SOURCES = ("config.json", TOKENIZER, WEIGHTS)


class SentenceModel(BaseModel):
    """What a ready model says about itself: content of ``encoder.json``.

    Attributes
    ----------
    source_sha256 : of configuration, tokenizer and weights. max_tokens : longer texts are cut, as they are in training.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    graph_version: int
    source_sha256: str
    graph_sha256: str = ""
    dim: int
    max_tokens: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A sentence-transformers folder, its weights not yet read."""

    folder: Path
    shape: BertShape
    model: SentenceModel


@cache
def describe_model(folder: Path) -> SentenceModel:
    """Say what model a folder holds, ready or as it was published.

    Raises
    ------
    MissingModelError, UnusableModelError : it holds none, or one of another kind.
    """
    return _read_record(folder) if (folder / RECORD).is_file() else _read_source(folder).model


@cache
def ready_folder(folder: Path) -> Path:
    """Return the folder with graph and tokenizer; made once in the cache unless `folder` is one.

    Raises
    ------
    MissingModelError, UnusableModelError, MissingExtraError : as `describe_model`, or it cannot be made here.
    """
    if not (folder / RECORD).is_file():
        source = _read_source(folder)
        key = f"{source.model.source_sha256[:16]}-{GRAPH_VERSION}"
        folder = made_once(f"sentence-models/{key}", lambda out: _make_ready(source, out))
    record = _read_record(folder)
    if sha256_of([read_bytes(folder / GRAPH)]) != record.graph_sha256:
        raise UnusableModelError(
            f"{folder / GRAPH} is not the file that {RECORD} states; delete the folder {folder.name}, it is made again"
        )
    return folder


def _make_ready(source: _Source, out: Path) -> None:
    try:
        from safetensors.numpy import load  # noqa: PLC0415  needed once per model, not to run it
    except ImportError as err:
        raise MissingExtraError(
            "making the graph of 'minilm' once needs the package 'safetensors'; pip install 'whitelight[text]'"
        ) from err
    try:
        graph = build_graph(load(read_bytes(source.folder / WEIGHTS)), source.shape)
    except (KeyError, ValueError) as err:
        reason = " ".join(str(err).split())[:200]
        raise UnusableModelError(
            f"{source.folder.name}/{WEIGHTS} does not hold the weights expected: {reason}"
        ) from err
    record = source.model.model_copy(update={"graph_sha256": sha256_of([graph])})
    write_atomic(out / GRAPH, graph)
    write_atomic(out / TOKENIZER, read_bytes(source.folder / TOKENIZER))
    write_atomic(out / RECORD, record.model_dump_json(indent=1) + "\n")


def _read_record(folder: Path) -> SentenceModel:
    try:
        return SentenceModel.model_validate_json(read_bytes(folder / RECORD))
    except (ValidationError, UnreadableFileError) as err:
        reason = " ".join(str(err).split())[:200]
        raise UnusableModelError(
            f"{folder / RECORD} is damaged ({reason}); delete the folder, it is made again"
        ) from err


def _read_source(folder: Path) -> _Source:
    missing = [name for name in SOURCES if not (folder / name).is_file()]
    if missing:
        raise MissingModelError(
            f"encoder 'minilm': folder {folder.name} has no {', '.join(missing)}; give a folder with "
            f"{', '.join(SOURCES)}, or one with {RECORD}, {GRAPH} and {TOKENIZER}"
        )
    config = _json(folder / "config.json")
    _check(folder, config)
    limit = int(_json(folder / "sentence_bert_config.json").get("max_seq_length") or 512)
    shape = BertShape(
        n_layers=int(config["num_hidden_layers"]),
        n_heads=int(config["num_attention_heads"]),
        dim=int(config["hidden_size"]),
        epsilon=float(config["layer_norm_eps"]),
    )
    max_tokens = min(limit, int(config["max_position_embeddings"]))
    digest = sha256_of([*(read_bytes(folder / name) for name in SOURCES), str(max_tokens).encode()])
    model = SentenceModel(graph_version=GRAPH_VERSION, source_sha256=digest, dim=shape.dim, max_tokens=max_tokens)
    return _Source(folder, shape, model)


def _check(folder: Path, config: Mapping[str, Any]) -> None:
    """Refuse what the graph would get wrong."""
    pooling = _json(folder / "1_Pooling" / "config.json")
    steps = json.loads(read_bytes(folder / "modules.json")) if (folder / "modules.json").is_file() else []
    kinds = [str(step.get("type", "")).rpartition(".")[2] for step in steps]
    expected = {"model_type": "bert", "hidden_act": "gelu"}
    found = {key: config.get(key) for key in expected}
    if config.get("position_embedding_type", "absolute") != "absolute":
        found["position_embedding_type"] = config["position_embedding_type"]
    if not pooling.get("pooling_mode_mean_tokens", pooling.get("pooling_mode", "mean") == "mean"):
        found["pooling"] = "not the mean"
    if kinds and kinds != ["Transformer", "Pooling", "Normalize"]:
        found["steps"] = kinds
    if found != expected:
        raise UnusableModelError(
            f"encoder 'minilm': the model in {folder.name} is {found}; expected {expected}, the mean over tokens and "
            "length one; give a sentence-transformers model of that kind"
        )


def _json(file: Path) -> dict[str, Any]:
    """Return a JSON object; an empty one where the file is not there."""
    if not file.is_file():
        return {}
    try:
        value = json.loads(read_bytes(file))
    except ValueError as err:
        raise UnusableModelError(f"{file} is not JSON ({err}); copy the model again") from err
    return value if isinstance(value, dict) else {}
