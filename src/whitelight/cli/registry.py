"""`whitelight registry`: models by name, with versions, aliases, and the way back."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whitelight.cli.models import REGISTRY
from whitelight.cli.output import JsonFlag, emit, say, table

if TYPE_CHECKING:
    from whitelight.registry import Promotion

app = typer.Typer(help="Keep models under names, with versions and aliases.", no_args_is_help=True)
RegistryOption = typer.Option("--registry", help="Folder of the registry.")
ByOption = typer.Option("--by", help="Who it was, as the log shall say.")
ReasonOption = typer.Option(help="Why, for the log.")


@app.callback()
def _registry() -> None:
    """Keep models under names, with versions and aliases."""


@app.command(short_help="Copy a model into the registry as the next version of a name.")
def add(
    model: Annotated[Path, typer.Argument(help="Folder of the model bundle.")],
    *,
    name: Annotated[str, typer.Option(help="Name of the model.")],
    notes: Annotated[str, typer.Option(help="What is worth knowing about it.")] = "",
    registry: Annotated[Path, RegistryOption] = REGISTRY,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight registry add model --name rainbow --notes "more bass"

    A bundle that does not load is refused; one that is there already keeps its version.
    """
    from whitelight.registry import Registry  # noqa: PLC0415  keeps --help fast

    version = Registry(registry).add(model, name, notes=notes)
    emit(
        asdict(version),
        lambda: iter((f"{version.name}@{version.version}: {version.role}, release gate {version.gate}",)),
        as_json=as_json,
    )
    say(f"next: whitelight registry promote {version.name}@{version.version} production")


@app.command(name="list", short_help="Models, their versions, and what their aliases mean.")
def list_command(
    name: Annotated[str | None, typer.Argument(help="One model; without it, all.")] = None,
    *,
    registry: Annotated[Path, RegistryOption] = REGISTRY,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight registry list rainbow"""
    from whitelight.registry import Registry  # noqa: PLC0415  as above

    store = Registry(registry)
    models = [
        {"name": one, "aliases": store.aliases(one), "versions": [asdict(v) for v in store.versions(one)]}
        for one in ([name] if name else store.names())
    ]
    heads = ("model", "gate", "role", "added", "aliases", "notes")
    rows = [row for model in models for row in _rows(model)]
    emit({"models": models}, lambda: table(heads, rows) if rows else iter(("no models",)), as_json=as_json)


@app.command(short_help="Let an alias mean a version.")
def promote(
    model: Annotated[str, typer.Argument(help="name@version.")],
    alias: Annotated[str, typer.Argument(help="The alias: production, …")],
    *,
    reason: Annotated[str, ReasonOption] = "",
    by: Annotated[str, ByOption] = "",
    force: Annotated[bool, typer.Option("--force", help="Although its release gate did not pass.")] = False,
    registry: Annotated[Path, RegistryOption] = REGISTRY,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight registry promote rainbow@2 production --reason "hears bass better"

    A version whose release gate did not pass is refused without --force, and the log says when it was forced.
    """
    from whitelight.registry import Registry, RegistryError  # noqa: PLC0415  as above

    name, _, version = model.partition("@")
    if not version.isdigit():
        raise RegistryError(f"'{model}'; expected name@version, such as rainbow@2; see: whitelight registry list")
    _tell(Registry(registry).alias(name, alias, int(version), reason=reason, who=by, force=force), as_json=as_json)


@app.command(short_help="Let an alias mean what it meant before.")
def rollback(
    model: Annotated[str, typer.Argument(help="name@alias.")],
    *,
    reason: Annotated[str, ReasonOption] = "",
    by: Annotated[str, ByOption] = "",
    registry: Annotated[Path, RegistryOption] = REGISTRY,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight registry rollback rainbow@production --reason "too bright"

    Again, it goes back to what it meant before that.
    """
    from whitelight.registry import Registry  # noqa: PLC0415  as above

    name, _, alias = model.partition("@")
    _tell(Registry(registry).rollback(name, alias, reason=reason, who=by), as_json=as_json)


@app.command(name="log", short_help="Every move of every alias, the oldest first.")
def log_command(
    *,
    registry: Annotated[Path, RegistryOption] = REGISTRY,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight registry log"""
    from whitelight.registry import Registry  # noqa: PLC0415  as above

    moves = Registry(registry).promotions()
    emit({"promotions": [m.to_dict() for m in moves]}, lambda: (m.line() for m in moves), as_json=as_json)


def _tell(moved: "Promotion", *, as_json: bool) -> None:
    emit(moved.to_dict(), lambda: iter((moved.line(),)), as_json=as_json)


def _rows(model: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for one in model["versions"]:
        aliases = ", ".join(alias for alias, version in model["aliases"].items() if version == one["version"])
        added = one["added"].partition("T")[0]
        yield (f"{one['name']}@{one['version']}", one["gate"], one["role"], added, aliases, one["notes"])
