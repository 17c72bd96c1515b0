"""What commands print: data to stdout, talk to stderr, progress only on a terminal."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

from whitelight.progress import Progress, silent

JsonFlag = typer.Option("--json", help="Print one JSON document on stdout instead of text.")


def say(message: str) -> None:
    """Print one line of talk to stderr."""
    typer.echo(message, err=True)


def emit(value: Mapping[str, Any], lines: Callable[[], Iterable[str]], *, as_json: bool) -> None:
    """Print a result to stdout: the whole of `value` as JSON, or the `lines` people read."""
    if as_json:
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
        return
    for line in lines():
        typer.echo(line)


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """Yield a progress callback that draws a bar on stderr when stderr is a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console  # noqa: PLC0415  costs 100 ms that a command without a bar need not pay
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415  as above
    from rich.progress import Progress as Bar  # noqa: PLC0415  as above

    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield aligned text lines: first column to the left, the others to the right."""
    cells = [header, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        first, *rest = (
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([first, *rest]).rstrip()
