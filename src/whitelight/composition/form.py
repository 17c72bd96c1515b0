"""The form of a song: sections that are composed, and blocks that say in which order they sound.

A section has a role, which decides what it does, and a free name. It is composed once, in several variants; the song
returns to it in blocks. `form_grammar` draws forms; people edit them in `song.yml`.
"""

from dataclasses import dataclass

from whitelight.errors import WhitelightError

UNIT_BARS = (4, 8)
ROLE_ENERGY = {  # 0–1: where the arc stands when nobody says otherwise
    "intro": 0.3,
    "verse": 0.4,
    "pre-chorus": 0.55,
    "chorus": 0.7,
    "bridge": 0.55,
    "solo": 0.65,
    "interlude": 0.35,
    "breakdown": 0.25,
    "outro": 0.3,
}


class ImpossibleSectionError(WhitelightError):
    """A section that cannot be composed as asked."""


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section that is composed.

    Attributes
    ----------
    name : free label, unique in the form.
    role : what it does ("verse", "chorus", ...); decides its profile.
    n_bars : 4 or 8.
    energy : 0–1; drives density, register and dynamics.
    lift : energy of what follows minus its own, −1 to 1; a fill grows with it.
    """

    name: str
    role: str
    n_bars: int
    energy: float
    lift: float = 0.0

    def __post_init__(self) -> None:
        if self.n_bars not in UNIT_BARS:
            raise ImpossibleSectionError(f"section '{self.name}': {self.n_bars} bars; expected 4 or 8, repeat it later")
        if not 0.0 <= self.energy <= 1.0:
            raise ImpossibleSectionError(f"section '{self.name}': energy {self.energy}; expected 0 to 1")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the song: a section, or its first bars, once.

    Attributes
    ----------
    name : what it is called in the song, "verse 2".
    section : name of the section that sounds.
    variant : which of its variants, from 0; counted round when there are fewer.
    energy : 0–1, the arc at this place.
    n_bars : how many of its bars; of a shortened section the last ones when it closes the song, else the first.
    stages : which parts play; None lets the energy decide.
    """

    name: str
    section: str
    variant: int
    energy: float
    n_bars: int
    stages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SongForm:
    """Sections to compose and the order in which they sound."""

    sections: tuple[SectionPlan, ...]
    blocks: tuple[Block, ...]

    @property
    def n_bars(self) -> int:
        """Bars of the song."""
        return sum(block.n_bars for block in self.blocks)


DEFAULT_FORM = (SectionPlan("verse", "verse", 8, 0.4), SectionPlan("chorus", "chorus", 8, 0.7))
