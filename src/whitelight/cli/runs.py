"""`whitelight runs`: what was trained, with which settings, and how it went."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from whitelight.cli.output import JsonFlag, emit, table

app = typer.Typer(help="Look at the records of training runs.", no_args_is_help=True)
RunsOption = typer.Option("--runs", help="Folder of run records.")
SHOWN = ("accuracy", "macro_f1", "ece")
WIDTH = 40


@app.callback()
def _runs() -> None:
    """Look at the records of training runs."""


@app.command(name="list", short_help="All runs, the newest first.")
def list_command(
    *,
    runs: Annotated[Path, RunsOption] = Path("runs"),
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight runs list --runs runs

    A run whose process is gone without a word is shown as killed.
    """
    from whitelight.training.runs import list_runs  # noqa: PLC0415  keeps --help fast

    found = list_runs(runs)
    heads = ("id", "status", "command", "name", *SHOWN, "seconds")
    emit({"runs": found}, lambda: table(heads, map(_row, found)) if found else iter(("no runs",)), as_json=as_json)


@app.command(short_help="One run: settings, figures, and where its model lies.")
def show(
    run: Annotated[str, typer.Argument(help="Id of a run, the beginning of one, or 'latest'.")],
    *,
    runs: Annotated[Path, RunsOption] = Path("runs"),
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight runs show latest --runs runs"""
    from whitelight.training.runs import find_run, read_metrics  # noqa: PLC0415  as above

    record = find_run(runs, run)
    steps = read_metrics(runs, record["id"])
    emit({**record, "steps": steps}, lambda: _record(record, steps), as_json=as_json)


@app.command(short_help="What differs in the settings of runs, and their figures side by side.")
def compare(
    ids: Annotated[list[str], typer.Argument(help="Two runs or more, as for show.", metavar="RUN RUN...")],
    *,
    runs: Annotated[Path, RunsOption] = Path("runs"),
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight runs compare 20260412-101530-1a2b3c latest --runs runs"""
    from whitelight.training.runs import RunError, compare_runs, find_run  # noqa: PLC0415  as above

    if len(ids) < 2:
        raise RunError(f"{len(ids)} run to compare; expected two or more; see them with: whitelight runs list")
    value = compare_runs([find_run(runs, name) for name in ids])
    emit(value, lambda: _side_by_side(value), as_json=as_json)


def _row(record: Mapping[str, Any]) -> tuple[str, ...]:
    figures = (_figure(record.get("metrics") or {}, name) for name in SHOWN)
    return (*(str(record.get(k)) for k in ("id", "status", "command", "name")), *figures, _text(record.get("seconds")))


def _figure(metrics: Mapping[str, Any], name: str) -> str:
    """Return a figure out of fold, or the flattered one of songs that chose the epoch, and then say so."""
    chosen = metrics.get(f"validation_{name}")
    return f"{_text(chosen)} (val)" if name not in metrics and chosen is not None else _text(metrics.get(name))


def _record(record: Mapping[str, Any], steps: list[dict[str, Any]]) -> Iterator[str]:
    from whitelight.training.runs import leaves  # noqa: PLC0415  as above

    for name, value in leaves(record):
        if value is not None:
            yield f"{name}: {_text(value)}"
    folds = [step for step in steps if "accuracy" in step]
    yield from (f"fold {s.get('fold')}: accuracy {_text(s['accuracy'])} of {s.get('n')}" for s in folds)


def _side_by_side(value: Mapping[str, Any]) -> Iterator[str]:
    rows = [(name, *map(_text, values)) for part in ("config", "metrics") for name, values in value[part].items()]
    yield from table(("", *value["runs"]), rows)
    if not value["config"]:
        yield "the settings are the same"


def _text(value: Any) -> str:
    text = "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
