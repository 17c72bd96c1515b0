"""`whitelight catalog`: check a catalog, import one from MIDI files, write its base table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar, say, table

app = typer.Typer(help="Read, check and import catalogs of songs.", no_args_is_help=True)


@app.command(short_help="Read a catalog and report every problem.")
def check(
    path: Annotated[Path, typer.Argument(help="Folder of songs, NN_NN/NN_NN.yml each.")],
    *,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight catalog check songs/

    Reads manifests, lyrics and time codes; says for each problem what was found, what was expected and what was done
    about it. Exit code 1 when a file could not be used at all.
    """
    from whitelight.catalog import check_catalog  # noqa: PLC0415  keeps --help fast

    report = check_catalog(path)
    value = report.to_dict()
    emit(value, lambda: _check_lines(value), as_json=as_json)
    if value["songs"]:
        say(f"next: whitelight dataset build {path} --out dataset")
    raise typer.Exit(report.exit_code)


def _check_lines(value: dict[str, Any]) -> Iterator[str]:
    yield from (
        f"{p['file']}{':' + str(p['line']) if p['line'] else ''}  [{p['code']}] {p['message']}; {p['action']}"
        for p in value["problems"]
    )
    encodings: dict[str, int] = {}
    for code in value["time_codes"]:
        encodings[code["encoding"]] = encodings.get(code["encoding"], 0) + 1
    if encodings:
        yield "time codes: " + ", ".join(f"{n} files {name}" for name, n in sorted(encodings.items()))
    n_notes = sum(p["severity"] == "info" for p in value["problems"])
    yield (
        f"{value['songs']} songs, {value['stems']} stems, {value['sections']} sections, "
        f"{value['lyric_lines']} lyric lines, {len(value['problems']) - n_notes} problems, {n_notes} notes"
    )


@app.command("import-midi", short_help="Make a catalog from MIDI files and a table of labels.")
def import_midi_command(
    src: Annotated[Path, typer.Argument(help="Folder with the MIDI files.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the new catalog.")],
    labels: Annotated[Path | None, typer.Option(help="CSV of labels; without it each subfolder is a class.")] = None,
    id_column: Annotated[str | None, typer.Option(help="Column with the file name, with or without .mid.")] = None,
    class_column: Annotated[str | None, typer.Option(help="Column with the class.")] = None,
    song_column: Annotated[str | None, typer.Option(help="Column with the source song, the unit of splits.")] = None,
    split_column: Annotated[str | None, typer.Option(help="Column with a given split.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Take the rows that say so; may be repeated.")
    ] = None,
    class_until: Annotated[str, typer.Option(help="Take the class up to this text: jazz/funk is jazz by '/'.")] = "",
    ontology: Annotated[str, typer.Option(help="Shipped name, YAML file, or auto: one mode per class.")] = "auto",
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight catalog import-midi midi/ --labels labels.csv --id-column clip --class-column mood --out songs/

    Copies each labelled MIDI file beside a manifest of its own. Files without a label and labels without a file are
    reported, not fatal.
    """
    from whitelight.catalog import import_midi  # noqa: PLC0415  keeps --help fast

    with progress_bar("import") as progress:
        report = import_midi(
            src,
            labels,
            id_column=id_column,
            class_column=class_column,
            song_column=song_column,
            split_column=split_column,
            where=where or (),
            class_until=class_until,
            ontology=ontology,
            out=out,
            progress=progress,
        )
    value = report.to_dict()
    emit(value, lambda: [f"{key}: {item}" for key, item in value.items() if key != "problems"], as_json=as_json)
    for problem in value["problems"][:20]:
        say(f"{problem['file']}: {problem['message']}; {problem['action']}")
    say(f"next: whitelight dataset build {out} --out dataset --policy whole")


@app.command("table", short_help="Write the base table, one row per stem.")
def table_command(
    path: Annotated[Path, typer.Argument(help="Folder of the catalog.")],
    *,
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight catalog table songs/ --out base_manifest.parquet"""
    from whitelight.catalog import read_catalog, write_base_table  # noqa: PLC0415  keeps --help fast

    catalog = read_catalog(path)
    n_rows = write_base_table(catalog, out)
    value = {"songs": len(catalog.songs), "rows": n_rows, "out": out.name}
    emit(value, lambda: table(("songs", "rows"), [(str(len(catalog.songs)), str(n_rows))]), as_json=as_json)
