"""What a stage must be able to do so that it can be searched: the contract between `search` and the stages.

A craft is a stage in one section: it knows key, meter, tempo and what was approved before, and makes, changes and plays
genomes. The search knows nothing of music and the craft nothing of scorers.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from whitelight.composition.fitness import Terms
from whitelight.composition.form import SectionPlan
from whitelight.composition.randomness import Rng


class Genome(Protocol):
    """Plain, hashable data: equal genomes sound equal."""

    def __hash__(self) -> int: ...

    def to_json(self) -> str:
        """One canonical line of JSON."""


G = TypeVar("G", bound=Genome)


@dataclass(frozen=True, slots=True)
class Played:
    """A genome as it sounds: the very bytes that are scored and written, its theory terms and its place.

    Attributes
    ----------
    midi : the file. lyrics : words to be scored instead of the music, "" to score the music.
    """

    midi: bytes
    terms: Terms
    measures: Mapping[str, float]
    lyrics: str = ""

    @property
    def content(self) -> bytes:
        """Everything that is written: two candidates of one content are one candidate."""
        return self.midi + self.lyrics.encode()


class Craft(Protocol[G]):
    """A stage in one section."""

    @property
    def section(self) -> SectionPlan:
        """What is composed."""

    @property
    def view(self) -> str:
        """As which view the scorer hears it."""

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """Measure → (low, high): the axes of the archive."""

    def compose(self, rng: Rng) -> G:
        """Make a genome from nothing."""

    def mutate(self, genome: G, rng: Rng) -> G:
        """Change a little."""

    def cross(self, first: G, second: G, rng: Rng) -> G:
        """Make one of two."""

    def again(self, genome: G) -> G:
        """The same music played once more."""

    def play(self, genome: G) -> Played:
        """Play and measure it."""

    def idea(self, genome: G) -> Sequence[Hashable]:
        """What it says, in order: two candidates with one idea are playings of one song."""

    def facts(self, genome: G) -> dict[str, Any]:
        """What the review file tells people about it."""
