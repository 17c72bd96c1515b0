"""The rim of the ontology: what a file may say, checked by pydantic, with errors a file's author can act on.

Nothing here knows a color or a mode. Every name that leads to a class (name, letter, prefix) must be unique without
regard to case, because people and files use them interchangeably.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from whitelight.errors import WhitelightError

AXIS_NAME = re.compile(r"[a-z][a-z0-9_]*")  # it becomes a column name and an ONNX output name
HEX_COLOR = re.compile(r"[0-9A-F]{6}")


class InvalidOntologyError(WhitelightError):
    """An ontology does not say what an ontology must say."""


def _text(value: object) -> object:
    """Refuse what YAML read as a number or a date where a name is expected."""
    if isinstance(value, str):
        cleaned = " ".join(value.split())
        if not cleaned.isprintable():
            raise ValueError(f"{value!r} has unprintable characters; write a plain name")
        return cleaned
    raise ValueError(f"found {value!r}, expected text; put it in quotes")


def _text_list(value: object) -> object:
    """Accept one name, a list of names or nothing."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
Names = Annotated[list[Name], BeforeValidator(_text_list)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AxisRecord(_Record):
    """One axis of the file: a name, at least two modes, other names it is read under."""

    name: Name
    modes: Names
    aliases: Names = []

    @model_validator(mode="after")
    def _check(self) -> "AxisRecord":
        for name in (self.name, *self.aliases):
            if not AXIS_NAME.fullmatch(name):
                raise ValueError(f"axis name '{name}' must be lower-case letters, digits and _, starting with a letter")
        _refuse_repeats(self.modes, f"mode of axis '{self.name}'")
        if len(self.modes) < 2:
            raise ValueError(
                f"axis '{self.name}' has {len(self.modes)} modes, an axis needs at least 2 to say anything"
            )
        return self


class ClassRecord(_Record):
    """One class of the file; `modes` maps an axis to one mode, several, or (left out) none."""

    name: Name
    letter: Text = ""
    prefix: Text = ""
    hex: Text = ""
    album: Text = ""
    modes: dict[Name, Names] = {}
    transmigration: Names = []

    @model_validator(mode="after")
    def _check(self) -> "ClassRecord":
        self.hex = self.hex.removeprefix("#").upper()
        if self.hex and not HEX_COLOR.fullmatch(self.hex):
            raise ValueError(f"hex '{self.hex}' of class '{self.name}' is not six hexadecimal digits such as 26294A")
        return self


class OntologyRecord(_Record):
    """The whole file."""

    name: Name
    version: Name = "1"
    axes: list[AxisRecord]
    classes: list[ClassRecord]

    @model_validator(mode="after")
    def _check(self) -> "OntologyRecord":
        if not self.axes:
            raise ValueError("no axes; an ontology needs at least one")
        if len(self.classes) < 2:
            raise ValueError(f"{len(self.classes)} classes; an ontology needs at least 2 to tell anything apart")
        _refuse_repeats([name for axis in self.axes for name in (axis.name, *axis.aliases)], "axis name")
        spellings = [
            s for c in self.classes for s in {c.name.casefold(), c.letter.casefold(), c.prefix.casefold()} if s
        ]
        _refuse_repeats(spellings, "class name, letter or prefix")
        for record in self.classes:
            record.modes = self._known_modes(record)
        return self

    def _known_modes(self, record: ClassRecord) -> dict[str, list[str]]:
        """Return the class's modes by the axis's own name, in the axis's own order."""
        axes = {name: axis for axis in self.axes for name in (axis.name, *axis.aliases)}
        found: dict[str, list[str]] = {}
        for name, modes in record.modes.items():
            where = f"class '{record.name}'"
            axis = axes.get(name)
            if axis is None:
                raise ValueError(f"{where} names axis '{name}'; there is {', '.join(a.name for a in self.axes)}")
            if axis.name in found:
                raise ValueError(f"{where} gives axis '{axis.name}' twice, once as an alias; keep one")
            unknown = [mode for mode in modes if mode not in axis.modes]
            if unknown:
                raise ValueError(
                    f"{where}: '{unknown[0]}' is no mode of '{axis.name}'; there is {', '.join(axis.modes)}"
                )
            _refuse_repeats(modes, f"mode of {where} on '{axis.name}'")
            if len(modes) == len(axis.modes):
                raise ValueError(f"{where} has every mode of '{axis.name}', which says nothing; leave the axis out")
            found[axis.name] = [mode for mode in axis.modes if mode in modes]
        return {axis.name: found[axis.name] for axis in self.axes if found.get(axis.name)}


def _refuse_repeats(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise ValueError(f"{what} '{name}' occurs twice; every one must differ (case does not count)")
        seen.add(name.casefold())


def parse_record(data: Any, source: str) -> OntologyRecord:
    """Check plain data against the form of an ontology.

    Parameters
    ----------
    data : what a YAML or JSON file holds.
    source : file or bundle name for the message.

    Raises
    ------
    InvalidOntologyError : the first problem, with its place in the file.
    """
    if not isinstance(data, Mapping):
        raise InvalidOntologyError(f"{source}: found {type(data).__name__}, expected name, axes and classes")
    try:
        return OntologyRecord.model_validate(data)
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            message = "unknown entry; remove it or correct its spelling"
        more = f" (and {err.error_count() - 1} more)" if err.error_count() > 1 else ""
        raise InvalidOntologyError(f"{source}: {place + ': ' if place else ''}{message}{more}") from err
