"""`whitelight tune`: search settings of the scorer."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar, say

SUMMARY = "Search settings of the scorer; it goes on where it was killed."


class Engine(StrEnum):
    """Who computes the trials."""

    LOCAL = "local"
    RAY = "ray"


class Metric(StrEnum):
    """What the search makes better."""

    LOG_LOSS = "log-loss"
    MACRO_F1 = "macro-f1"


def tune_command(
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the search; the same one goes on.")],
    trials: Annotated[int, typer.Option(min=1, help="Trials in all, earlier ones included.")] = 30,
    space: Annotated[Path | None, typer.Option(help="What is searched, a YAML file; without it, the usual.")] = None,
    metric: Annotated[Metric, typer.Option(help="Out of fold, by segment.")] = Metric.LOG_LOSS,
    config: Annotated[str, typer.Option(help="What is not searched: laptop, gpu, or a YAML file.")] = "laptop",
    split_column: Annotated[
        str | None, typer.Option(help="Search with the rows whose column says 'train'; else all but split 'test'.")
    ] = None,
    nested: Annotated[
        bool, typer.Option("--nested", help="Judge the search on songs it does not see: one search more per fold.")
    ] = False,
    engine: Annotated[Engine, typer.Option(help="Processes of this machine, or a Ray cluster.")] = Engine.LOCAL,
    jobs: Annotated[int, typer.Option(min=1, help="Trials at a time.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search.")] = 0,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight tune dataset --out search --trials 30

    Whole songs are held out, and those of split 'test' are never looked at. The best trial's own figure is flattered;
    --nested gives one that is not. Afterwards: whitelight train fusion dataset --out model --config search/best.yml
    """
    from whitelight.training.config import load_config  # noqa: PLC0415  loads torch
    from whitelight.training.tuning import load_space, tune  # noqa: PLC0415  as above

    settings = load_config(config)
    with progress_bar("trials") as progress:
        report = tune(
            dataset,
            out,
            trials=trials,
            space=load_space(space, settings.fusion),
            config=settings,
            metric=metric.value,
            seed=seed,
            split_column=split_column,
            engine=engine.value,
            jobs=jobs,
            nested=nested,
            progress=progress,
        )
    emit(report.to_dict(), report.lines, as_json=as_json)
    say(f"next: whitelight train fusion {dataset} --out model --config {out}/best.yml")
