"""Which class of the ontology a proposal means, and whether its modes are those of that class."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from whitelight.catalog.problems import ProblemLog
from whitelight.ontology import Axis, Ontology, OntologyClass, UnknownClassError

_CLASS_FIELDS = ("rainbow_color", "color", "colour", "class", "class_name")
_NAME_FIELDS = ("color_name", "name", "color", "colour", "rainbow_color")
_LETTER_FIELDS = ("mnemonic_character_value", "mnemonic", "letter", "file_prefix")


def resolve_proposal_class(
    data: Mapping[str, Any], at: tuple[str | int, ...], ontology: Ontology, log: ProblemLog
) -> str | None:
    """Return the class a proposal names, None when it names none that exists; contradictions go to `log`.

    The name wins over the letter (real files call Black "B", which is another class's letter), both over the modes.
    """
    field = next((name for name in _CLASS_FIELDS if data.get(name) not in (None, "", {}, [])), None)
    value = data.get(field) if field is not None else None
    modes = _stated_modes(value, ontology) | _stated_modes(data, ontology)
    found = _named_class(value, ontology)
    place = (*at, field or "title")
    if found is None:
        found = _class_of_modes(modes, ontology)
        stated = f"'{_short(value)}' names no class" if value is not None else "no class named"
        known = ", ".join(ontology.class_names)
        action = f"used {found.name}, whose modes it states" if found is not None else "left it open"
        log.add("class-unknown", f"{stated} of ontology '{ontology.name}' ({known})", action, at=place)
        return found.name if found is not None else None
    _check_letter(value, found, ontology, log, place)
    for axis in ontology.axes:
        stated_modes, claimed = modes.get(axis.name, set()), set(found.modes[axis.name])
        if stated_modes and stated_modes != claimed:
            says = f"{found.name} is {' + '.join(found.modes[axis.name]) or 'without a mode'} there"
            log.add(
                "mode-differs",
                f"{axis.name} mode is {' + '.join(sorted(stated_modes))}, but in ontology '{ontology.name}' {says}",
                "used the ontology's",
                at=place,
            )
    return found.name


def _named_class(value: Any, ontology: Ontology) -> OntologyClass | None:
    """Find a class by the name in a text or mapping, then by its letter, then by a name somewhere in the text."""
    texts = list(_texts_of(value, _NAME_FIELDS)) + list(_texts_of(value, _LETTER_FIELDS))
    for text in texts:
        try:
            return ontology.resolve_class(text)
        except UnknownClassError:
            continue
    for text in texts:  # "RainbowColor.INDIGO", "the indigo album", "#26294A"
        words = set(re.findall(r"[a-z0-9]+", text.casefold()))
        within = [c for c in ontology.classes if words & {c.name.casefold(), c.hex.casefold() or c.name.casefold()}]
        if len(within) == 1:
            return within[0]
    return None


def _texts_of(value: Any, fields: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str) and fields is _NAME_FIELDS:
        yield value
    elif isinstance(value, dict):
        for name in fields:
            inner = value.get(name)
            if isinstance(inner, str):
                yield inner
            elif isinstance(inner, dict):
                yield from _texts_of(inner, fields)


def _stated_modes(value: Any, ontology: Ontology) -> dict[str, set[str]]:
    """Modes per axis a mapping states under "<axis>_mode", "<axis>" or in a mapping called modes or ontology."""
    if not isinstance(value, Mapping):
        return {}
    found: dict[str, set[str]] = {}
    for name in ("modes", "ontology", "ontological_modes"):
        found |= _stated_modes(value.get(name), ontology)
    for axis in ontology.axes:
        for spelling in (axis.name, *axis.aliases):
            for field in (f"{spelling}_mode", spelling):
                if modes := _known_modes(value.get(field), axis):
                    found[axis.name] = modes
    return found


def _known_modes(value: Any, axis: Axis) -> set[str]:
    items = value if isinstance(value, list) else [value]
    texts = {item.strip().casefold() for item in items if isinstance(item, str)}
    return {mode for mode in axis.modes if mode.casefold() in texts}


def _class_of_modes(modes: Mapping[str, set[str]], ontology: Ontology) -> OntologyClass | None:
    """Return the only class with exactly these modes on every axis."""
    if not modes:
        return None
    fits = [c for c in ontology.classes if all(set(c.modes[a.name]) == modes.get(a.name, set()) for a in ontology.axes)]
    return fits[0] if len(fits) == 1 else None


def _check_letter(
    value: Any, found: OntologyClass, ontology: Ontology, log: ProblemLog, at: tuple[str | int, ...]
) -> None:
    for letter in _texts_of(value, _LETTER_FIELDS):
        if letter.casefold() in (found.letter.casefold(), found.prefix.casefold(), found.name.casefold()):
            continue
        try:
            other = f"the letter of {ontology.resolve_class(letter).name}"
        except UnknownClassError:
            other = "no letter of the ontology"
        log.add("class-letter-differs", f"'{letter}' is {other}, the name is {found.name}", "used the name", at=at)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
