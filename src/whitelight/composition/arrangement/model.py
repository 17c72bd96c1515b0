"""An arrangement: which approved part sounds in which stretch of the song, and how loud.

A part is an approved file, called by its name without the ending: "verse_a" in the stage "bass" is
`bass/approved/verse_a.mid`. Bars count from 0 in code and from 1 in files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from whitelight.composition.production import slug
from whitelight.composition.stages import STAGE_NAMES
from whitelight.errors import WhitelightError

STAGES = STAGE_NAMES  # in the order of the tracks
ENDINGS = ("ring", "none")


class ArrangementError(WhitelightError):
    """An arrangement that cannot be understood or played."""


@dataclass(frozen=True, slots=True)
class PartUse:
    """One part in one block.

    Attributes
    ----------
    from_bar : its bar, from 0, with which the block begins; a part shorter than the block is repeated.
    gain_db : louder or softer than written. mute : stays in the file, is not played.
    """

    stage: str
    part: str
    from_bar: int = 0
    gain_db: float = 0.0
    mute: bool = False


@dataclass(frozen=True, slots=True)
class ArrangedBlock:
    """A stretch of the song.

    Attributes
    ----------
    section : name of the section, as in `song.yml`. n_bars : ≥ 1. energy : 0–1.
    """

    name: str
    section: str
    n_bars: int
    energy: float
    uses: tuple[PartUse, ...] = ()

    def parts(self, stage: str) -> tuple[str, ...]:
        """Parts of a stage that are heard in it."""
        return tuple(use.part for use in self.uses if use.stage == stage and not use.mute)


@dataclass(frozen=True, slots=True)
class StageMix:
    """Level of a stage in the whole song, beside the level it has by itself (`levels`)."""

    gain_db: float = 0.0
    mute: bool = False


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All blocks in order.

    Attributes
    ----------
    mix : stages whose level was changed. ending : "ring", the last chord is held, or "none", the song just stops.
    """

    blocks: tuple[ArrangedBlock, ...]
    mix: Mapping[str, StageMix] = field(default_factory=dict)
    ending: str = "ring"

    @property
    def n_bars(self) -> int:
        """Bars of the song."""
        return sum(block.n_bars for block in self.blocks)

    def parts_used(self) -> dict[str, tuple[str, ...]]:
        """Stage → parts that are heard somewhere, in order of their names."""
        heard = {(use.stage, use.part) for block in self.blocks for use in block.uses if not use.mute}
        return {
            stage: tuple(sorted(part for s, part in heard if s == stage)) for stage in sorted({s for s, _ in heard})
        }

    @property
    def starts(self) -> tuple[int, ...]:
        """Bar, from 0, with which each block begins."""
        return (0, *accumulate(block.n_bars for block in self.blocks))[: len(self.blocks)]


def part_name(section: str, label: str) -> str:
    """Name of an approved file without its ending."""
    return f"{slug(section)}_{slug(label)}"
