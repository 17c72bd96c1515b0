"""`whitelight train`: train a scorer on a dataset."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar, say
from whitelight.cli.train_network import network
from whitelight.cli.training_options import AllowLeakage, Config, Runs, SplitColumn, Track, given

app = typer.Typer(help="Train models.", no_args_is_help=True)


app.command(short_help="Train one network that reads the notes: rolls or tokens.")(network)


@app.callback()
def _train() -> None:
    """Train models."""


@app.command(short_help="Train the scorer: one expert per modality, fused late.")
def fusion(
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the model bundle.")],
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of folds and weights; else of the config, 0.")] = None,
    config: Config = None,
    split_column: SplitColumn = None,
    allow_leakage: AllowLeakage = False,
    strategy: Annotated[
        str | None,
        typer.Option("--fusion", help="late (default), or one network over all modalities: early, gated, attention."),
    ] = None,
    audio_encoder: Annotated[
        str | None, typer.Option(help="What reads sound: audio-statistics (default), clap, wav2vec2, or none.")
    ] = None,
    lyric_encoder: Annotated[
        str | None, typer.Option(help="What reads lyrics: hashed-ngrams (default), minilm, deberta, …, or none.")
    ] = None,
    concept_encoder: Annotated[str | None, typer.Option(help="What reads the concept, as above.")] = None,
    sounds_like: Annotated[
        bool | None, typer.Option("--sounds-like", help="Read the names of artists beside the concept.")
    ] = None,
    judge: Annotated[
        bool, typer.Option("--judge", help="Train on half of the songs, and a judge on the others: OUT-judge.")
    ] = False,
    runs: Runs = None,
    track: Track = None,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight train fusion dataset --out model --seed 0

    Splits are by song. A run that was interrupted goes on where it stopped and ends with the same weights.
    """
    from whitelight.training import train_fusion  # noqa: PLC0415  loads torch
    from whitelight.training.config import changed, load_config  # noqa: PLC0415  as above

    encoders = {"audio": audio_encoder, "lyric": lyric_encoder, "concept": concept_encoder, "sounds_like": sounds_like}
    explicit = {**given({"seed": seed, "fusion": strategy}), "encoders": given(encoders)}
    settings = changed(load_config(config or "laptop").fusion, explicit, source="the command line")
    with progress_bar("train") as progress:
        report = train_fusion(
            dataset,
            out,
            seed=settings.seed,
            split_column=split_column,
            allow_leakage=allow_leakage,
            judge=judge,
            settings=settings,
            progress=progress,
            runs=runs or out.parent / "runs",
            track=track or (),
        )
    emit(report.to_dict(), report.lines, as_json=as_json)
    say(f"next: whitelight evaluate {out} {dataset}")


@app.command(short_help="Learn from your judgements what you like to hear.")
def taste(
    songs: Annotated[list[Path], typer.Argument(help="Production folders, or folders of them.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the taste.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of folds and of the interval.")] = 0,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight train taste songs --out taste

    Reads what decisions.yml of every song says you approved, rejected, rated or wished more or less of. A taste whose AUC
    on songs it did not hear may be chance is written all the same, and refused by: whitelight compose run --taste taste
    """
    from whitelight.composition.judgements import read_judgements  # noqa: PLC0415  keeps --help fast
    from whitelight.training.taste import train_taste  # noqa: PLC0415  loads scikit-learn

    found = read_judgements(songs)
    report = train_taste(found.judged, out, seed=seed, ontologies=found.ontologies, problems=found.problems)
    emit(report.to_dict(), report.lines, as_json=as_json)
    if report.record["usable"]:
        say(f"next: whitelight compose evolve SONG --stage STAGE --taste {out}")


@app.command(short_help="Make a copy of a scorer that computes in int8, where it ranks as before.")
def quantize(
    model: Annotated[Path, typer.Argument(help="Folder of the model bundle.")],
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset it was trained on.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the new bundle.")],
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight train quantize model dataset --out model-int8

    Nothing is written where the ranks of candidates would agree less than 0.99.
    """
    from whitelight.training.quantizing import quantize_bundle  # noqa: PLC0415  loads onnx

    report = quantize_bundle(model, out, dataset)
    emit(report.to_dict(), report.lines, as_json=as_json)
