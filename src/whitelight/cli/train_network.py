"""`whitelight train network`: train one network that reads the notes themselves."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar
from whitelight.cli.training_options import AllowLeakage, Config, Runs, SplitColumn, Track, given


class Kind(StrEnum):
    """Which network."""

    ROLL = "roll"
    REMI = "remi"


def network(
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the network.")],
    kind: Annotated[
        Kind | None, typer.Option(help="Convolutions over rolls, or a transformer over tokens; else of the config.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Epochs; else of the config.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of split, weights and order; else of the config.")
    ] = None,
    config: Config = None,
    split_column: SplitColumn = None,
    allow_leakage: AllowLeakage = False,
    runs: Runs = None,
    track: Track = None,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight train network dataset --kind roll --out roll-network

    Splits are by song. A run that was interrupted goes on where it stopped and ends with the same weights. Several
    processes: torchrun --nproc-per-node 2 -m whitelight train network …
    """
    from whitelight.training.config import changed, load_config  # noqa: PLC0415  loads torch
    from whitelight.training.networks.fitting import is_first_process  # noqa: PLC0415  as above
    from whitelight.training.networks.train import train_network  # noqa: PLC0415  as above
    from whitelight.training.runs import RunPlan, recorded  # noqa: PLC0415  as above

    asked = {"kind": None if kind is None else kind.value, "epochs": epochs, "seed": seed}
    settings = changed(load_config(config or "laptop").network, given(asked), source="the command line")
    choices: dict[str, Any] = {"split_column": split_column, "allow_leakage": allow_leakage}
    plan = RunPlan("train network", out.name, settings.seed, {**asdict(settings), **choices}, dataset, out)
    with progress_bar("train") as progress, recorded(runs or out.parent / "runs", plan, track or ()) as log:

        def tell(epoch: int, figures: Mapping[str, float]) -> None:
            log.log(figures, step=epoch)

        report = train_network(dataset, out, settings, **choices, progress=progress, tell=tell)
        log.note(data_hash=report.record["data_hash"], metrics=report.metrics())
    if is_first_process():
        emit(report.to_dict(), report.lines, as_json=as_json)
