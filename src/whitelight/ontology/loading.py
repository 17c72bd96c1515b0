"""Where an ontology comes from: a shipped name, a YAML file, or the labels of a table column."""

import re
from collections.abc import Iterable
from pathlib import Path

from whitelight.files import load_yaml
from whitelight.ontology.model import Ontology
from whitelight.ontology.records import InvalidOntologyError

_FOLDER = Path(__file__).parent


def shipped_ontologies() -> tuple[str, ...]:
    """Names of the ontologies that come with the package."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yml")))


def load_ontology(name_or_path: str | Path) -> Ontology:
    """Load a shipped ontology by name, or one from a YAML file.

    Raises
    ------
    InvalidOntologyError : no such name or file, or the file does not hold an ontology.
    """
    path = Path(name_or_path)
    if str(name_or_path) in shipped_ontologies():
        path = _FOLDER / f"{name_or_path}.yml"
    elif not path.is_file():
        known = ", ".join(shipped_ontologies())
        raise InvalidOntologyError(f"ontology '{name_or_path}': neither shipped ({known}) nor a file; check the path")
    return Ontology.from_dict(load_yaml(path), source=path.name)


def ontology_from_classes(axis_name: str, class_names: Iterable[str]) -> Ontology:
    """Make an ontology of one axis that has one mode per class, as a column of labels implies.

    Parameters
    ----------
    axis_name : any text (a column's title); made into an axis name.
    class_names : labels, repeats allowed; the order of first occurrence is kept.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", axis_name.casefold()).strip("_") or "label"
    axis = slug if slug[0].isalpha() else f"axis_{slug}"
    names = list(dict.fromkeys(" ".join(name.split()) for name in class_names))
    data = {
        "name": axis,
        "axes": [{"name": axis, "modes": names}],
        "classes": [{"name": name, "modes": {axis: name}} for name in names],
    }
    return Ontology.from_dict(data, source=f"labels of '{axis_name}'")
