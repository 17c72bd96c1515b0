"""`whitelight evaluate`: how right a scorer is about songs it has not heard."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from whitelight.cli.models import find_model
from whitelight.cli.output import JsonFlag, emit, progress_bar, say, table

SUMMARY = "Measure a model on songs it has not heard."


class Unit(StrEnum):
    """What one prediction is about."""

    SEGMENT = "segment"
    CLIP = "clip"
    SONG = "song"


def evaluate_command(
    model: Annotated[Path, typer.Argument(help="Folder of the model bundle, or name@alias of a registry.")],
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    split: Annotated[str | None, typer.Option(help="Evaluate the rows of this split; without it, out of fold.")] = None,
    by: Annotated[Unit, typer.Option(help="Average predictions over this unit.")] = Unit.SEGMENT,
    against: Annotated[Path | None, typer.Option(help="Another model: the difference on the same songs.")] = None,
    folds: Annotated[
        int | None, typer.Option(min=2, help="Train the model's recipe again on folds of songs, and compare.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Shuffles of the folds.")] = 1,
    report: Annotated[Path | None, typer.Option(help="Write a page with curves and the surest mistakes.")] = None,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight evaluate model dataset --by song

    The model, the majority class and a linear model on the same descriptors stand in one table, measured on the same
    rows. With --folds the recipe is judged instead of the model: grouped by song, album left out, and leaky for
    contrast.
    """
    from whitelight.training import evaluate  # noqa: PLC0415  keeps --help fast

    model = find_model(model)
    value = evaluate(model, dataset, split=split, by=by.value)
    if against is not None:
        from whitelight.training.comparison import compare_models  # noqa: PLC0415  as above

        value["against"] = compare_models(model, find_model(against), dataset, split=split, by=by.value)
    if folds is not None:
        from whitelight.training.cross_validation import cross_validate_model  # noqa: PLC0415  loads torch

        with progress_bar("folds") as progress:
            value["folds"] = cross_validate_model(
                model, dataset, n_folds=folds, repeats=repeats, by=by.value, progress=progress
            )
    if report is not None:
        from whitelight.training.evaluation import held_out  # noqa: PLC0415  as above
        from whitelight.training.report import write_evaluation_report  # noqa: PLC0415  as above

        write_evaluation_report(report, value, held_out(model, dataset, split), dataset)
    emit(value, lambda: _lines(value), as_json=as_json)
    if report is not None:
        say(f"wrote {report}")


def _lines(value: dict[str, Any]) -> Iterator[str]:
    yield f"{value['n_segments']} segments of {value['n_songs']} songs, held out: {value['held_out']}"
    yield from table(("", "accuracy", "95 % interval", "macro-F1", "ECE"), _rows(value))
    yield from (f"axis {name}: accuracy {axis['accuracy']:.3f}" for name, axis in value["axes"].items())
    from whitelight.scoring.release import Gate  # noqa: PLC0415  keeps --help fast

    yield "ranking AUC: " + ", ".join(f"{name} {auc:.3f}" for name, auc in value["ranking_auc"].items())
    yield from Gate.from_dict(value["gate"]).lines()
    if value.get("against"):
        yield from _differences(value["against"])
    if value.get("folds"):
        yield from _folds(value["folds"])


def _differences(value: dict[str, Any]) -> Iterator[str]:
    """Yield the table of two models."""
    yield f"against the other model, {value['n_units']} units of {value['n_songs']} songs:"
    rows = []
    for name, row in value.items():
        if isinstance(row, dict):
            low, high = row["interval"]
            numbers = (f"{row['model']:.3f}", f"{row['against']:.3f}", f"{row['difference']:+.3f}")
            rows.append((name, *numbers, f"{low:+.3f}…{high:+.3f}"))
    yield from table(("", "model", "other", "difference", "95 % interval"), rows)


def _folds(value: dict[str, Any]) -> Iterator[str]:
    """Yield the table of the recipe trained again."""
    yield f"trained again: {value['folds']} folds, {value['repeats']} shuffles, {value['n_songs']} songs"
    heads = ("", "accuracy", "95 % interval", "macro-F1", "ECE", "AURC", "90 % sets hold", "size")
    yield from table(heads, [_fold_row(name, row) for name, row in {**value["rows"], **value["views"]}.items()])
    for name, axis in (value["albums"] or {}).items():
        low, high = axis["accuracy_interval"]
        yield (
            f"album left out, {name}: {axis['accuracy']:.3f} ({low:.3f}–{high:.3f}) of {axis['n']}, "
            f"with its songs {axis['grouped']:.3f}, majority {axis['majority']:.3f}"
        )


def _fold_row(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    low, high = row.get("accuracy_interval") or (None, None)
    sets = row.get("sets") or {}
    figures = (row.get("macro_f1"), row.get("ece"), row.get("aurc"), sets.get("coverage"), sets.get("size"))
    first = (
        "" if row.get("accuracy") is None else f"{row['accuracy']:.3f}",
        "" if low is None else f"{low:.3f}–{high:.3f}",
    )
    return (name, *first, *("" if figure is None else f"{figure:.3f}" for figure in figures))


def _rows(value: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, row in {"model": value["class"], **value["baselines"]}.items():
        low, high = row.get("accuracy_interval", (None, None))
        interval = "" if low is None else f"{low:.3f}–{high:.3f}"
        figures = [f"{row[key]:.3f}" if row.get(key) is not None else "" for key in ("accuracy", "macro_f1", "ece")]
        yield (name, figures[0], interval, figures[1], figures[2])
