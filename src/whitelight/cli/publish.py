"""`whitelight dataset publish`: write a dataset as a Hugging Face dataset repository, into a folder or on the hub."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.output import JsonFlag, emit, progress_bar, say

SUMMARY = "Publish a dataset into a folder or on the Hugging Face hub."


def publish_command(
    path: Annotated[Path, typer.Argument(help="Folder of the dataset.")],
    *,
    to: Annotated[str, typer.Option(help="A folder, or hub:OWNER/NAME.")],
    version: Annotated[str, typer.Option(help="Version of the publication, as 1.0.0.")],
    public: Annotated[bool, typer.Option("--public", help="Make a new repository public; needs a license.")] = False,
    include_media: Annotated[
        bool, typer.Option("--include-media", help="Add the config with sound and notes; needs a license.")
    ] = False,
    include_embeddings: Annotated[
        bool, typer.Option("--include-embeddings", help="Add the vectors of every encoder that was run.")
    ] = False,
    preview_per_class: Annotated[int, typer.Option(min=0, help="Segments per class of the preview; 0: none.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and plan; write and send nothing.")] = False,
    token_from: Annotated[
        str | None, typer.Option(help="Environment variable with the hub's token; its login when missing.")
    ] = None,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight dataset publish dataset --to published --version 1.0.0 --include-media

    Checks the dataset, its license, and that no absolute path or secret goes out; says what will be published, and
    writes or sends it. A run that was interrupted is taken up by the same command.
    """
    from whitelight.dataset.publish import PublishSettings, Version, make_plan, plan_lines, publish_dataset  # noqa: PLC0415  keeps --help fast

    settings = PublishSettings(Version.parse(version), public, include_media, include_embeddings, preview_per_class)
    plan = make_plan(path, settings)
    if not dry_run:
        for line in plan_lines(plan):
            say(line)
    with progress_bar("publish") as progress:
        report = publish_dataset(
            path, to, settings, is_dry_run=dry_run, token_from=token_from, progress=progress, plan=plan
        )
    emit(report.to_dict(), report.lines, as_json=as_json)
