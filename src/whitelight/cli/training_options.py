"""Options every training command has, said once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

Config = Annotated[str | None, typer.Option(help="laptop, gpu, or a YAML file; an option given here counts more.")]
SplitColumn = Annotated[
    str | None, typer.Option(help="Train on the rows whose column says 'train'; without it, on every song.")
]
AllowLeakage = Annotated[bool, typer.Option("--allow-leakage", help="Go on although splits share material.")]
Runs = Annotated[Path | None, typer.Option(help="Folder of run records; without it, 'runs' beside the output.")]
Track = Annotated[
    list[str] | None, typer.Option(help="Log figures there too: csv, mlflow, tensorboard, wandb; repeatable.")
]


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given on the command line."""
    return {name: value for name, value in options.items() if value is not None}
