"""`whitelight demo`: the whole flow from one command."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar, say

SUMMARY = "Run the whole flow: catalog, dataset, scorer, chords, report."


def demo_command(
    *,
    out: Annotated[Path, typer.Option(help="Folder for catalog, dataset, model, songs and report.")] = Path("demo"),
    catalog: Annotated[Path | None, typer.Option(help="Your own catalog instead of a made one.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 0,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight demo --out demo

    Makes a catalog of eight small albums (or reads yours), checks it, builds the dataset, trains and evaluates a
    scorer, composes chords for each class, and ends with a report to open in a browser.
    """
    from whitelight.pipeline import run_pipeline  # noqa: PLC0415  loads everything

    report = run_pipeline(out, catalog=catalog, seed=seed, say=say, progress_bar=progress_bar)
    emit(report.to_dict(), report.lines, as_json=as_json)
