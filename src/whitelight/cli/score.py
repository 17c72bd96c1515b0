"""`whitelight score`: how well MIDI files fit a class."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from whitelight.cli.models import find_model
from whitelight.cli.output import JsonFlag, emit, say, table

SUMMARY = "Score MIDI files against a target and rank them."


def score_command(
    model: Annotated[Path, typer.Argument(help="Folder of the model bundle, or name@alias of a registry.")],
    files: Annotated[list[Path], typer.Argument(help="MIDI files.")],
    *,
    target: Annotated[str, typer.Option(help="A class, its letter, or a mixture: '60% A + 40% B'.")],
    view: Annotated[str, typer.Option(help="What the files hold: full, chords, bass, drums or melody.")] = "full",
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight score model song.mid loop.mid --target Green

    Ranked by fitness. A file that cannot be read is reported and does not stop the others; exit code 1 then.
    """
    from whitelight.scoring import ChromaticScorer  # noqa: PLC0415  keeps --help fast

    results = ChromaticScorer(find_model(model)).score_batch(files, target=target, view=view)
    value: dict[str, Any] = {
        "target": target,
        "results": [{"file": str(files[r.index]), **r.to_dict()} for r in results],
    }
    emit(
        value,
        lambda: table(("file", "fitness", "match", "confidence", "novelty", "most likely"), _rows(value)),
        as_json=as_json,
    )
    broken = [item for item in value["results"] if item["error"]]
    for item in broken:
        say(f"error: {item['file']}: {item['error']}")
    raise typer.Exit(1 if broken else 0)


def _rows(value: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for item in value["results"]:
        if item["error"]:
            continue
        top = max(item["classes"], key=item["classes"].get)
        figures = (f"{item[key]:.2f}" for key in ("fitness", "match", "confidence", "novelty"))
        yield (item["file"], *figures, f"{top} {item['classes'][top]:.2f}")
