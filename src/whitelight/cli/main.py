"""The `whitelight` command: the tree of commands, and how it ends.

Exit codes: 0 done; 1 it failed (one line on stderr, a traceback with ``--debug``); 2 mistyped.
"""

import sys
from typing import Annotated

import typer

from whitelight import __version__
from whitelight.cli import (
    catalog,
    compose,
    dataset,
    demo,
    embed,
    evaluate,
    ideas,
    registry,
    runs,
    score,
    studio,
    train,
    tune,
)
from whitelight.cli.output import say
from whitelight.errors import WhitelightError

app = typer.Typer(
    name="whitelight",
    help="Turn a catalog of songs into a fitness function, and compose with it.\n\nExample: whitelight demo --out demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(catalog.app, name="catalog")
app.add_typer(dataset.app, name="dataset")
app.command(name="embed", short_help=embed.SUMMARY)(embed.embed_command)
app.add_typer(train.app, name="train")
app.command(name="tune", short_help=tune.SUMMARY)(tune.tune_command)
app.add_typer(runs.app, name="runs")
app.add_typer(registry.app, name="registry")
app.command(name="evaluate", short_help=evaluate.SUMMARY)(evaluate.evaluate_command)
app.command(name="score", short_help=score.SUMMARY)(score.score_command)
app.add_typer(ideas.app, name="ideas")
app.add_typer(compose.app, name="compose")
app.command(name="studio", short_help=studio.SUMMARY)(studio.studio_command)
app.command(name="demo", short_help=demo.SUMMARY)(demo.demo_command)


def _print_version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"whitelight {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=lambda asked: _print_version(asked=asked), help="Print the version."
        ),
    ] = False,
) -> None:
    """Turn a catalog of songs into a fitness function, and compose with it."""


def main() -> None:
    """Run the command line; every error raised on purpose becomes one clear line and exit code 1."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(arguments)
    except (WhitelightError, OSError, ModuleNotFoundError) as err:
        if debug:
            raise
        say(f"error: {describe(err)}")
        sys.exit(1)


def describe(err: WhitelightError | OSError | ModuleNotFoundError) -> str:
    """Return the one line people read for `err`."""
    if isinstance(err, ModuleNotFoundError):
        return f"this needs the package '{err.name}', which the core does without; pip install 'whitelight[train]'"
    if isinstance(err, OSError) and err.strerror:
        where = f" '{err.filename}'" if err.filename is not None else ""
        return f"the system refused{where}: {err.strerror}; check that the place exists, has room and may be written"
    return " ".join(str(err).split()) or type(err).__name__
