"""The stages in the order in which a song is made. To add one: a package with a `STAGE`, its name here, one test."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from whitelight.composition.stage import Stage
from whitelight.errors import WhitelightError

STAGE_NAMES = ("chords", "drums", "bass", "melody", "harmony", "lyrics")


class UnknownStageError(WhitelightError):
    """A stage that does not exist."""


def find_stage(name: str) -> Stage:
    """Return a stage by name; its package is loaded when it is asked for."""
    if name not in STAGE_NAMES:
        raise UnknownStageError(f"stage '{name}': expected one of {', '.join(STAGE_NAMES)}")
    stage: Stage = import_module(f"whitelight.composition.{name}").STAGE
    return stage


def genome_reader(name: str) -> Callable[[dict[str, Any]], Any]:
    """Return what rebuilds genomes of a stage, cut-ups among them, from plain data."""
    own: Callable[[dict[str, Any]], Any] = import_module(
        f"whitelight.composition.{find_stage(name).name}.genome"
    ).genome_from_dict

    def read(value: dict[str, Any]) -> Any:
        cut = import_module("whitelight.composition.white.genome")
        return cut.genome_from_dict(value) if cut.is_cut_up(value) else own(value)

    return read


def stages_through(name: str) -> tuple[Stage, ...]:
    """All stages up to one, in order."""
    return tuple(find_stage(each) for each in STAGE_NAMES[: STAGE_NAMES.index(find_stage(name).name) + 1])
