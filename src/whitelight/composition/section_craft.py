"""What crafts have in common: a setting, and the functions of their stage that work on it; see `craft.Craft`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from whitelight.composition.form import SectionPlan
from whitelight.composition.randomness import Rng


class Placed(Protocol):
    """A setting: what a stage knows of one section."""

    @property
    def section(self) -> SectionPlan:
        """What is composed."""


G = TypeVar("G")
S = TypeVar("S", bound=Placed)


@dataclass(frozen=True, slots=True)
class Operators:
    """Functions of a stage: a genome from nothing, a change of one, one made of two; each takes the setting and an rng."""

    compose: Callable[..., Any]
    mutate: Callable[..., Any]
    cross: Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class SectionCraft(Generic[G, S]):
    """A stage in one section. Subclasses name view, measures and operators, and play.

    Attributes
    ----------
    view : as which view the scorer hears it. ranges : measure → (low, high), the axes of the archive.
    """

    view: ClassVar[str]
    ranges: ClassVar[Mapping[str, tuple[float, float]]]
    operators: ClassVar[Operators]
    setting: S

    @property
    def section(self) -> SectionPlan:
        """What is composed."""
        return self.setting.section

    def compose(self, rng: Rng) -> G:
        """Make a genome from nothing."""
        made: G = self.operators.compose(self.setting, rng)
        return made

    def mutate(self, genome: G, rng: Rng) -> G:
        """Change a little."""
        changed: G = self.operators.mutate(genome, self.setting, rng)
        return changed

    def cross(self, first: G, second: G, rng: Rng) -> G:
        """Make one of two."""
        child: G = self.operators.cross(first, second, self.setting, rng)
        return child
