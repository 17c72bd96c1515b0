"""`whitelight evaluate`: how right a scorer is about songs it has not heard."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from whitelight.cli.output import JsonFlag, emit, table

SUMMARY = "Measure a model on songs it has not heard."


class Unit(StrEnum):
    """What one prediction is about."""

    SEGMENT = "segment"
    CLIP = "clip"
    SONG = "song"


def evaluate_command(
    model: Annotated[Path, typer.Argument(help="Folder of the model bundle.")],
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    split: Annotated[str | None, typer.Option(help="Evaluate the rows of this split; without it, out of fold.")] = None,
    by: Annotated[Unit, typer.Option(help="Average predictions over this unit.")] = Unit.SEGMENT,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight evaluate model dataset --by song

    The model, the majority class and a linear model on the same descriptors stand in one table, measured on the same
    rows.
    """
    from whitelight.training import evaluate  # noqa: PLC0415  keeps --help fast

    value = evaluate(model, dataset, split=split, by=by.value)
    emit(value, lambda: _lines(value), as_json=as_json)


def _lines(value: dict[str, Any]) -> Iterator[str]:
    yield f"{value['n_segments']} segments of {value['n_songs']} songs, held out: {value['held_out']}"
    yield from table(("", "accuracy", "95 % interval", "macro-F1", "ECE"), _rows(value))
    yield from (f"axis {name}: accuracy {axis['accuracy']:.3f}" for name, axis in value["axes"].items())
    from whitelight.scoring.release import Gate  # noqa: PLC0415  keeps --help fast

    yield "ranking AUC: " + ", ".join(f"{name} {auc:.3f}" for name, auc in value["ranking_auc"].items())
    yield from Gate.from_dict(value["gate"]).lines()


def _rows(value: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, row in {"model": value["class"], **value["baselines"]}.items():
        low, high = row.get("accuracy_interval", (None, None))
        interval = "" if low is None else f"{low:.3f}–{high:.3f}"
        figures = [f"{row[key]:.3f}" if row.get(key) is not None else "" for key in ("accuracy", "macro_f1", "ece")]
        yield (name, figures[0], interval, figures[1], figures[2])
