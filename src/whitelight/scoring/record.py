"""The rim: what `bundle.json` must hold before anything reads it. Keys nothing here reads are left alone."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class _Record(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)  # strict: 7 is no text, "7" no number


class InputRecord(_Record):
    """One vector the ONNX model reads, and the encoder that makes it."""

    encoder: str
    version: str
    fingerprint: str
    dim: int = Field(ge=1)


class SessionRecord(_Record):
    """How ONNX Runtime runs the model."""

    intra_op_threads: int = Field(ge=0, le=1024)  # 0 lets the runtime choose
    block_rows: int = Field(default=64, ge=1, le=65536)  # rows of one run


class LeakageRecord(_Record):
    """Songs that share material, and those of them on both sides of a split."""

    shared: list[Any]
    crossing: list[Any]


class CheckRecord(_Record):
    """One number of the release gate."""

    where: str
    found: float | None
    limit: float
    at_most: bool
    n: int
    note: str


class CriterionRecord(_Record):
    """One question of the release gate."""

    name: str
    question: str
    checks: list[CheckRecord]


class GateRecord(_Record):
    """The release gate."""

    criteria: list[CriterionRecord] = Field(min_length=1)


class TrainingRecord(_Record):
    """What it was trained on, as far as others need it."""

    role: Literal["scorer", "judge"]
    groups: list[str]
    data_hash: str
    leakage: LeakageRecord


class BundleRecord(_Record):
    """The whole of `bundle.json`."""

    ontology: dict[str, Any]
    ontology_hash: str
    views: list[str] = Field(min_length=1)
    experts: list[Literal["midi", "audio", "lyric", "concept"]] = Field(min_length=1)
    fusion: Literal["late", "early", "gated", "attention"]
    inputs: dict[str, InputRecord]
    session: SessionRecord
    gate: GateRecord
    training: TrainingRecord
    files: dict[str, str]


def problem_of(record: dict[str, Any]) -> str | None:
    """Say what is wrong with a record: the place, what was found, what was expected; None when it can be used."""
    try:
        BundleRecord.model_validate(record)
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        if first["type"] == "missing":
            return f"'{where}' is missing"
        return f"'{where}' is {first['input']!r:.60}; {first['msg'].replace('Input should be', 'expected')}"
    return None
