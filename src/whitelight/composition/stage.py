"""A stage: its name, how the scorer hears it, and how it becomes a craft in one section.

`stages` lists them in order. To add one: a package with a `craft.py`, one entry there, one test.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Craft


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of composition.

    Attributes
    ----------
    name : folder of the stage. title : how its candidates are called.
    hears : stages whose approved parts it follows; it can do without those that are missing, except `needs`.
    needs : stages without which it cannot begin.
    craft : makes the craft for one section; `style` is what the catalog taught this stage, None when nothing did.
    brief : adds title and concept of the song, and the words of its other sections, to a style, for stages whose
        material is about something.
    learn : listens to the songs of some classes in a dataset and returns such a style; None where nothing is learned.
    """

    name: str
    title: str
    hears: tuple[str, ...]
    needs: tuple[str, ...]
    craft: Callable[[SectionContext, Any], Craft[Any]]
    learn: Callable[[Path, Collection[str]], Any] | None = None
    brief: Callable[[Any, str, str, Sequence[str]], Any] | None = None
