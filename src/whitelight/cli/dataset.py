"""`whitelight dataset`: build a dataset of segments from a catalog, and verify it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whitelight.cli import publish
from whitelight.cli.output import JsonFlag, emit, progress_bar, say

if TYPE_CHECKING:
    from whitelight.catalog import Catalog

MIN_RATE, MAX_RATE = 1_000, 384_000  # Hz; telephone is 8,000, studio converters end at 384,000

app = typer.Typer(help="Build, verify and publish datasets of segments.", no_args_is_help=True)
app.command("publish", short_help=publish.SUMMARY)(publish.publish_command)


@app.command(short_help="Cut a catalog into segments.")
def build(
    path: Annotated[Path, typer.Argument(help="Folder of the catalog.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the dataset.")],
    policy: Annotated[str, typer.Option(help="lines, sections, bars:N or whole.")] = "lines",
    sample_rate: Annotated[
        str, typer.Option(help="Of the audio in Hz, or 'source' to keep each recording's.")
    ] = "44100",
    mono: Annotated[bool, typer.Option("--mono", help="Mix recordings to one channel.")] = False,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Leave recordings out.")] = False,
    render: Annotated[bool, typer.Option("--render", help="Play songs that have MIDI and no recording.")] = False,
    soundfont: Annotated[
        Path | None, typer.Option(help="SoundFont to play with; else the system's, else ours.")
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or ray for a Ray cluster.")] = "local",
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight dataset build songs/ --out dataset --policy lines

    Only songs that changed since the last build are cut again; a build that was interrupted goes on where it stopped.
    Exit code 1 when a song or a file could not be used; everything else is built completely.
    """
    from whitelight.dataset import AudioSettings, update_dataset  # noqa: PLC0415  keeps --help fast

    audio = AudioSettings(
        sample_rate=_hertz(sample_rate), mono=mono, is_cut=not no_audio, render=render, soundfont=soundfont
    )
    with progress_bar("dataset") as progress:
        report = update_dataset(
            path,
            out,
            policy=policy,
            jobs=jobs,
            engine=engine,
            audio=audio,
            when_read=lambda catalog: _tell_of_catalog(catalog, path),
            progress=progress,
        )
    emit(report.to_dict(), report.lines, as_json=as_json)
    if report.left_out:
        say(f"{len(report.left_out)} songs or files could not be used and were left out; the rest is complete")
    say(f"next: whitelight train fusion {out} --out model")
    raise typer.Exit(report.exit_code)


def _tell_of_catalog(catalog: "Catalog", path: Path) -> None:
    say(f"{len(catalog.songs)} songs read from {path}")
    for problem in catalog.problems:
        if problem.severity == "error":  # a song or file is left out; the others are the business of `catalog check`
            say(f"{problem.file}: {problem.message}; {problem.action}")


def _hertz(text: str) -> int | None:
    """Read a sample rate, None for that of the source."""
    if text == "source":
        return None
    if not text.isdecimal() or not MIN_RATE <= int(text) <= MAX_RATE:
        expected = f"'source' or whole Hz from {MIN_RATE:,} to {MAX_RATE:,}"
        raise typer.BadParameter(f"found '{text}', expected {expected}", param_hint="--sample-rate")
    return int(text)


@app.command(short_help="Check a dataset against its manifest and its source.")
def verify(
    path: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    color: Annotated[str, typer.Option(help="Only songs of this class: name, letter or prefix.")] = "",
    song: Annotated[str, typer.Option(help="Only the song of this id.")] = "",
    random: Annotated[
        int | None, typer.Option(min=0, help="Rows to draw and compare with their source; 50 when nothing is said.")
    ] = None,
    all_rows: Annotated[bool, typer.Option("--all", help="Compare every row.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    catalog: Annotated[Path | None, typer.Option(help="Folder of the source, when it is not where it was.")] = None,
    against: Annotated[Path | None, typer.Option(help="A previous build to compare with.")] = None,
    report: Annotated[Path | None, typer.Option(help="HTML page to write, with players.")] = None,
    extract: Annotated[Path | None, typer.Option(help="Folder to write FLAC, MIDI and JSON of every row to.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight dataset verify dataset --random 200 --report verify.html

    Exit code 1 when anything does not hold. Without --random, --all or --catalog an absent source is only told; with
    one of them it is a failure. --random 0 leaves the source alone.
    """
    from whitelight.dataset.verify import Recheck, extract_rows, verify_dataset, write_page  # noqa: PLC0415  fast --help
    from whitelight.dataset.verify.choosing import DEFAULT_ROWS  # noqa: PLC0415  as above

    is_required = all_rows or bool(random) or catalog is not None
    n_rows = None if all_rows else DEFAULT_ROWS if random is None else random
    recheck = Recheck(n_rows, seed, catalog, is_required=is_required, jobs=jobs) if all_rows or random != 0 else None
    with progress_bar("verify") as progress:
        found = verify_dataset(
            path, recheck=recheck, class_name=color, song_id=song, against=against, progress=progress
        )
    if report is not None:
        say(f"wrote {write_page(report, path, found, class_name=color, song_id=song)}")
    if extract is not None:
        drawn = {check.row_id for check in found.fidelity.rows} if random and not all_rows else None
        n_rows_written = extract_rows(path, extract, class_name=color, song_id=song, row_ids=drawn)
        say(f"wrote {n_rows_written:,} rows to {extract}")
    emit(found.to_dict(), found.lines, as_json=as_json)
    raise typer.Exit(0 if found.passed else 1)
