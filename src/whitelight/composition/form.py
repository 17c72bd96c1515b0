"""The form of a song: sections with a role, a length and an energy."""

from dataclasses import dataclass

from whitelight.errors import WhitelightError

UNIT_BARS = (4, 8)


class ImpossibleSectionError(WhitelightError):
    """A section that cannot be composed as asked."""


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section of the form.

    Attributes
    ----------
    name : free label, unique in the form.
    role : what it does ("verse", "chorus", ...); decides its profile.
    n_bars : 4 or 8.
    energy : 0–1; drives density, register and dynamics.
    """

    name: str
    role: str
    n_bars: int
    energy: float

    def __post_init__(self) -> None:
        if self.n_bars not in UNIT_BARS:
            raise ImpossibleSectionError(f"section '{self.name}': {self.n_bars} bars; expected 4 or 8, repeat it later")
        if not 0.0 <= self.energy <= 1.0:
            raise ImpossibleSectionError(f"section '{self.name}': energy {self.energy}; expected 0 to 1")


DEFAULT_FORM = (SectionPlan("verse", "verse", 8, 0.4), SectionPlan("chorus", "chorus", 8, 0.7))
