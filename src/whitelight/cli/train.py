"""`whitelight train`: train a scorer on a dataset."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar, say

app = typer.Typer(help="Train models.", no_args_is_help=True)


@app.callback()
def _train() -> None:
    """Train models."""


@app.command(short_help="Train the scorer: one expert per modality, fused late.")
def fusion(
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the model bundle.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of folds and weights.")] = 0,
    split_column: Annotated[
        str | None, typer.Option(help="Train on the rows whose column says 'train'; without it, on every song.")
    ] = None,
    allow_leakage: Annotated[
        bool, typer.Option("--allow-leakage", help="Go on although splits share material.")
    ] = False,
    strategy: Annotated[
        str, typer.Option("--fusion", help="late, or one network over all modalities: early, gated, attention.")
    ] = "late",
    audio_encoder: Annotated[
        str, typer.Option(help="What reads sound: audio-statistics, clap, wav2vec2, or none.")
    ] = "audio-statistics",
    lyric_encoder: Annotated[
        str, typer.Option(help="What reads lyrics: hashed-ngrams, minilm, deberta, …, or none.")
    ] = "hashed-ngrams",
    concept_encoder: Annotated[str, typer.Option(help="What reads the concept, as above.")] = "hashed-ngrams",
    judge: Annotated[
        bool, typer.Option("--judge", help="Train on half of the songs, and a judge on the others: OUT-judge.")
    ] = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight train fusion dataset --out model --seed 0

    Splits are by song. A run that was interrupted goes on where it stopped and ends with the same weights.
    """
    from whitelight.training import train_fusion  # noqa: PLC0415  loads torch
    from whitelight.training.settings import EncoderNames, FusionSettings  # noqa: PLC0415  as above

    settings = FusionSettings(fusion=strategy, encoders=EncoderNames(audio_encoder, lyric_encoder, concept_encoder))
    with progress_bar("train") as progress:
        report = train_fusion(
            dataset,
            out,
            seed=seed,
            split_column=split_column,
            allow_leakage=allow_leakage,
            judge=judge,
            settings=settings,
            progress=progress,
        )
    emit(report.to_dict(), report.lines, as_json=as_json)
    say(f"next: whitelight evaluate {out} {dataset}")


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
