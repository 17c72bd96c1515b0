"""`whitelight embed`: vectors for every row of a dataset, and whether they are worth anything."""

import os
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar, say, table

if TYPE_CHECKING:
    from whitelight.dataset import Dataset
    from whitelight.encoders import Encoder

SUMMARY = "Compute the vectors of encoders for every row of a dataset."


class Column(StrEnum):
    """Texts of a dataset."""

    CONCEPT = "concept"
    LYRIC_TEXT = "lyric_text"


def embed_command(
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    encoder: Annotated[
        list[str], typer.Option(help="Name, or name:model with a folder or a hub name; may be repeated.")
    ],
    column: Annotated[Column | None, typer.Option(help="Which text; both when not given.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    check: Annotated[bool, typer.Option("--check", help="Say whether the vectors tell classes apart.")] = False,
    allow_download: Annotated[
        bool, typer.Option("--allow-download", help="Fetch models that are not on this machine.")
    ] = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight embed dataset --encoder audio-statistics --encoder minilm --check

    Songs that are finished and have not changed are skipped; a pass that was interrupted goes on where it stopped.
    With --check a table follows: cosine is the mean of rows of different songs; silhouette and nearest song compare
    songs of one class with the others, p with classes shuffled over songs.
    """
    from whitelight.dataset import Dataset  # noqa: PLC0415  keeps --help fast
    from whitelight.encoders import make_encoder  # noqa: PLC0415  as above
    from whitelight.encoders.options import EncoderOptionError  # noqa: PLC0415  as above

    opened = Dataset.open(dataset)
    n_threads = max(1, (os.cpu_count() or 1) // jobs) if jobs > 1 else None
    made = [make_encoder(name, allow_download=allow_download, n_threads=n_threads) for name in encoder]
    if column is not None and all(one.modality != "text" for one in made):
        raise EncoderOptionError(
            f"--column {column} is for encoders of text, {', '.join(encoder)} is none; leave it out"
        )
    results = [
        _embed(opened, one, text, jobs=jobs, is_checked=check) for one in made for text in _columns_of(one, column)
    ]
    emit({"dataset": dataset.name, "encoders": results}, lambda: _lines(results), as_json=as_json)
    for result in results:
        if result["check"] and result["check"]["warning"]:
            say(f"warning: {_label(result)}: {result['check']['warning']}")


def _columns_of(encoder: "Encoder", column: Column | None) -> list[str | None]:
    """Texts to encode; an encoder of something else has none."""
    if encoder.modality != "text":
        return [None]
    return [str(text) for text in (list(Column) if column is None else [column])]


def _embed(
    dataset: "Dataset", encoder: "Encoder", column: str | None, *, jobs: int, is_checked: bool
) -> dict[str, Any]:
    from whitelight.encoders import check_encoder_spread, embed, has_vectors  # noqa: PLC0415  keeps --help fast

    began = time.perf_counter()
    with progress_bar(f"{encoder.name}{f' {column}' if column else ''}") as progress:
        report = embed(dataset, encoder, column=column, jobs=jobs, progress=progress)
    seconds = time.perf_counter() - began
    has = has_vectors(dataset, encoder, column=column)
    spread = check_encoder_spread(dataset, encoder, column=column) if is_checked else None
    return {
        "encoder": encoder.name,
        "version": encoder.version,
        "modality": encoder.modality,
        "column": column,
        "dim": encoder.dim,
        "fingerprint": encoder.fingerprint(),
        "folder": report.folder.relative_to(dataset.path).as_posix(),
        "encoded": report.encoded,
        "unchanged": report.skipped,
        "n_rows": len(has),
        "n_missing": int((~has).sum()),
        "seconds": round(seconds, 3),
        "check": spread.to_dict() if spread else None,
    }


def _label(result: dict[str, Any]) -> str:
    return f"{result['encoder']} {result['column']}" if result["column"] else str(result["encoder"])


def _lines(results: list[dict[str, Any]]) -> Iterator[str]:
    for r in results:
        yield (
            f"{_label(r)}: {r['encoded']} songs encoded, {r['unchanged']} unchanged, {r['n_rows'] - r['n_missing']:,} of "
            f"{r['n_rows']:,} rows have a vector of {r['dim']}: {r['folder']}, {r['seconds']:.1f} s"
        )
    checked = [r for r in results if r["check"]]
    if checked:
        header = ("", "songs", "classes", "cosine", "eff. dim", "silhouette", "p", "nearest", "chance", "p")
        yield from table(header, (_row(r) for r in checked))


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    found = result["check"] | (result["check"]["separation"] or {})
    shapes = {
        "n_songs": "d",
        "n_classes": "d",
        "mean_cosine": ".3f",
        "effective_dim": ".1f",
        "silhouette": ".3f",
        "silhouette_p": ".3f",
        "hit_rate": ".2f",
        "chance": ".2f",
        "hit_rate_p": ".3f",
    }
    cells = ("–" if found.get(key) is None else format(found[key], shape) for key, shape in shapes.items())
    return (_label(result), *cells)
