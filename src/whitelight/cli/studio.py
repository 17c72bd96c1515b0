"""`whitelight studio`: hear, judge and promote in the browser."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.composing_options import TasteOption
from whitelight.cli.models import find_model
from whitelight.cli.output import JsonFlag, emit, say
from whitelight.errors import WhitelightError

SUMMARY = "Open a production folder in the browser: hear, judge, promote, arrange."
_PACKAGES = ("fastapi", "starlette", "uvicorn")


class StudioStartError(WhitelightError):
    """The studio cannot be opened as asked."""


def studio_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Production folder, or a folder of them.")],
    *,
    model: Annotated[
        Path | None, typer.Option("--model", help="Folder of the model bundle, or name@alias of a registry.")
    ] = None,
    dataset: Annotated[Path | None, typer.Option(help="Dataset whose songs show how parts are played.")] = None,
    taste: TasteOption = None,
    soundfont: Annotated[Path | None, typer.Option(help="SoundFont (.sf2); one of the system's otherwise.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this computer; 0 takes a free one.")] = 0,
    read_only: Annotated[bool, typer.Option("--read-only", help="Write nothing.")] = False,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
    force: Annotated[
        bool, typer.Option("--force", help="Compose with a scorer that did not pass its release gate.")
    ] = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight studio songs --model model

    Serves a page to this computer only, under an address with a secret of this start. Ctrl-C ends it.
    """
    _check(folder, soundfont)
    _check_taste(taste)
    bundle = None if model is None else find_model(model)
    if bundle is not None and not (bundle / "bundle.json").is_file():
        raise StudioStartError(f"{model}: no model bundle there; see whitelight train fusion, or leave --model out")
    try:
        from whitelight.studio.serving import serve  # noqa: PLC0415  keeps --help fast
        from whitelight.studio.state import StudioSettings  # noqa: PLC0415  as above
    except ModuleNotFoundError as err:
        if (err.name or "").split(".")[0] not in _PACKAGES:
            raise
        raise StudioStartError(
            f"the studio needs the package '{err.name}', which the core does without; pip install 'whitelight[studio]'"
        ) from err

    def opened(address: str) -> None:
        value = {"address": address, "folder": str(folder), "read_only": read_only}
        emit(value, lambda: [address], as_json=as_json)
        typer.get_text_stream("stdout").flush()
        say("open this address in a browser on this computer; Ctrl-C ends the studio")
        if open_browser:
            _open(address)

    settings = StudioSettings(
        folder, model=bundle, dataset=dataset, soundfont=soundfont, system_soundfont=soundfont is None,
        read_only=read_only, force=force, taste=taste, port=port,
    )  # fmt: skip
    serve(settings, opened)


def _check(folder: Path, soundfont: Path | None) -> None:
    if not folder.is_dir():
        raise StudioStartError(f"{folder}: no such folder; begin a song with: whitelight compose new")
    if soundfont is not None and not soundfont.is_file():
        raise StudioStartError(f"SoundFont '{soundfont.name}' is not there; check the path, or leave it out")


def _check_taste(taste: Path | None) -> None:
    """A taste that is none, or not to be used, is said at the start and not by the first search."""
    if taste is not None:
        from whitelight.composition.taste import open_taste  # noqa: PLC0415  keeps --help fast

        open_taste(taste)


def _open(address: str) -> None:
    """Open the browser beside the server, which answers it."""
    import webbrowser  # noqa: PLC0415  keeps --help fast
    from threading import Thread  # noqa: PLC0415  as above

    Thread(target=webbrowser.open, args=(address,), daemon=True).start()
