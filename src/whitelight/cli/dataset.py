"""`whitelight dataset`: build a dataset of segments from a catalog, and verify it."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli import publish
from whitelight.cli.output import JsonFlag, emit, progress_bar, say

app = typer.Typer(help="Build, verify and publish datasets of segments.", no_args_is_help=True)
app.command("publish", short_help=publish.SUMMARY)(publish.publish_command)


@app.command(short_help="Cut a catalog into segments.")
def build(
    path: Annotated[Path, typer.Argument(help="Folder of the catalog.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the dataset.")],
    policy: Annotated[str, typer.Option(help="lines, sections, bars:N or whole.")] = "lines",
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight dataset build songs/ --out dataset --policy lines

    Only songs that changed since the last build are cut again; a build that was interrupted goes on where it stopped.
    Exit code 1 when a song or a file could not be used; everything else is built completely.
    """
    from whitelight.catalog import read_catalog  # noqa: PLC0415  keeps --help fast
    from whitelight.dataset import build_dataset  # noqa: PLC0415  as above

    catalog = read_catalog(path)
    say(f"{len(catalog.songs)} songs read from {path}")
    for problem in catalog.problems:
        if problem.severity == "error":  # a song or file is left out; the others are the business of `catalog check`
            say(f"{problem.file}: {problem.message}; {problem.action}")
    with progress_bar("dataset") as progress:
        report = build_dataset(catalog, out, policy=policy, jobs=jobs, progress=progress)
    emit(report.to_dict(), report.lines, as_json=as_json)
    if report.left_out:
        say(f"{len(report.left_out)} songs or files could not be used and were left out; the rest is complete")
    say(f"next: whitelight train fusion {out} --out model")
    raise typer.Exit(report.exit_code)


@app.command(short_help="Check a dataset against its manifest.")
def verify(
    path: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight dataset verify dataset

    Exit code 1 when anything does not hold.
    """
    from whitelight.dataset import verify_dataset  # noqa: PLC0415  keeps --help fast

    report = verify_dataset(path)
    emit(report.to_dict(), report.lines, as_json=as_json)
    raise typer.Exit(0 if report.passed else 1)
