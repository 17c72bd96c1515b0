"""What `datasets` calls features: the schema of a table, in its JSON (inside parquet files) and its YAML (on the card).

Both are written down here rather than made by `datasets`, which the core does without; tests compare them with what
`datasets` itself makes. Audio is a struct of bytes and path, marked so that `datasets` knows it as audio and hands out
the bytes: decoding is the reader's choice (`decode: false`).
"""

import json
from typing import Any

import pyarrow as pa

AUDIO_TYPE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
_NAMES = {
    pa.string(): "string",
    pa.float64(): "float64",
    pa.float32(): "float32",
    pa.int64(): "int64",
    pa.int32(): "int32",
    pa.int16(): "int16",
    pa.int8(): "int8",
    pa.bool_(): "bool",
    pa.binary(): "binary",
}


def to_json(schema: pa.Schema) -> dict[str, Any]:
    """Return the features of a schema as `datasets` keeps them in JSON."""
    return {field.name: _json(field.type) for field in schema}


def to_yaml(schema: pa.Schema) -> list[dict[str, Any]]:
    """Return the features of a schema as `datasets` keeps them on a card."""
    return [{"name": field.name, **_yaml(field.type)} for field in schema]


def with_features(schema: pa.Schema) -> pa.Schema:
    """Return the schema with its features in the metadata, where `datasets` finds them."""
    info = {"info": {"features": to_json(schema)}}
    return schema.with_metadata({"huggingface": json.dumps(info)})


def leaf_paths(schema: pa.Schema) -> dict[str, pa.DataType]:
    """Return the path of every parquet column with its type, as `pyarrow.parquet` calls them."""
    paths: dict[str, pa.DataType] = {}
    for field in schema:
        _add_leaves(field.name, field.type, paths)
    return paths


def _json(kind: pa.DataType) -> dict[str, Any]:
    if kind == AUDIO_TYPE:
        return {"decode": False, "_type": "Audio"}
    if pa.types.is_fixed_size_list(kind):
        return {"feature": _json(kind.value_type), "length": kind.list_size, "_type": "List"}
    if pa.types.is_list(kind):
        return {"feature": _json(kind.value_type), "_type": "List"}
    if pa.types.is_struct(kind):
        return {field.name: _json(field.type) for field in kind}
    return {"dtype": _name(kind), "_type": "Value"}


def _yaml(kind: pa.DataType) -> dict[str, Any]:
    if kind == AUDIO_TYPE:
        return {"dtype": {"audio": {"decode": False}}}
    if pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind):
        inner = _yaml(kind.value_type)
        length = {"length": kind.list_size} if pa.types.is_fixed_size_list(kind) else {}
        return {"list": next(iter(inner.values())) if set(inner) <= {"dtype", "struct"} else inner, **length}
    if pa.types.is_struct(kind):
        return {"struct": [{"name": field.name, **_yaml(field.type)} for field in kind]}
    return {"dtype": _name(kind)}


def _name(kind: pa.DataType) -> str:
    if kind not in _NAMES:
        raise NotImplementedError(f"no feature for {kind}; add it to {__name__}")
    return _NAMES[kind]


def _add_leaves(path: str, kind: pa.DataType, paths: dict[str, pa.DataType]) -> None:
    if pa.types.is_struct(kind):
        for field in kind:
            _add_leaves(f"{path}.{field.name}", field.type, paths)
    elif pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        _add_leaves(f"{path}.list.element", kind.value_type, paths)
    else:
        paths[path] = kind
