"""`whitelight ideas`: threads of artefacts into clean folders, and what proposals repeat too often."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar, say

app = typer.Typer(help="Take in threads of ideas, and learn from them what to avoid.", no_args_is_help=True)


@app.command("shrinkwrap", short_help="Copy a thread of artefacts under clean names, with manifest and index.")
def shrinkwrap_command(
    folder: Annotated[Path, typer.Argument(help="Folder of a thread, or of several threads.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder that gets one folder per thread, and the index.")],
    ontology: Annotated[str, typer.Option(help="Shipped name or YAML file: the classes of the proposals.")] = "rainbow",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, write nothing.")] = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight ideas shrinkwrap threads/the-lighthouse --out ideas

    Sources are copied and never touched. Run it again at any time: names stay, new files are added, a changed source
    becomes a new version beside the old. Exit code 1 when a file could not be kept.
    """
    from whitelight.ideas import shrinkwrap  # noqa: PLC0415  keeps --help fast
    from whitelight.ontology import load_ontology  # noqa: PLC0415  as above

    known = load_ontology(ontology)
    with progress_bar("threads") as progress:
        report = shrinkwrap(folder, out, ontology=known, dry_run=dry_run, progress=progress)
    emit(report.to_dict(), report.lines, as_json=as_json)
    if not dry_run:
        say(f"next: whitelight ideas feedback {out}")
    raise typer.Exit(0 if report.is_complete else 1)


@app.command("feedback", short_help="Find what proposals repeat; write constraints and a prompt.")
def feedback_command(
    folders: Annotated[list[Path], typer.Argument(help="Threads, or folders of threads, shrink-wrapped or not.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder for constraints.yml and prompt.md.")] = Path(),
    ontology: Annotated[str, typer.Option(help="Shipped name or YAML file: the classes of the proposals.")] = "rainbow",
    force: Annotated[bool, typer.Option("--force", help="Write over files that were changed by hand.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what was found, write nothing.")] = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight ideas feedback ideas --out ideas

    Key entropy in bits (enharmonics are one key), spread of tempi, phrases and title words that come back. Nothing is
    concluded from fewer than 8 proposals.
    """
    from whitelight.ideas import FeedbackReport, make_constraints, read_corpus, write_feedback  # noqa: PLC0415  as above
    from whitelight.ontology import load_ontology  # noqa: PLC0415  as above

    constraints = make_constraints(read_corpus(folders, load_ontology(ontology)))
    report = FeedbackReport(constraints, ()) if dry_run else write_feedback(constraints, out, force=force)
    emit(report.to_dict(), report.lines, as_json=as_json)
    if not dry_run:
        say(f"next: whitelight compose new --constraints {out / 'constraints.yml'}")
