"""What a catalog teaches the drum stage: each of its parts is a family of its own."""

from dataclasses import dataclass

from whitelight.composition.drums.kits import Family
from whitelight.composition.randomness import Rng

OWN_SHARE = 0.8  # of candidates that play as the catalog does; the others keep the search open
SAME_METER = 8.0  # times as likely: a part in the meter at hand


@dataclass(frozen=True, slots=True)
class DrumStyle:
    """How drums are to be played.

    Attributes
    ----------
    families : one per part that was heard, none when only `family` is asked for. n_bars : the evidence.
    family : name of a shipped family to play in, "" for whatever suits tempo and energy.
    """

    families: tuple[Family, ...] = ()
    n_bars: int = 0
    family: str = ""

    def draw(self, meter: str, rng: Rng) -> Family:
        """Draw one part's family."""
        weights = [SAME_METER if family.meter == meter else 1.0 for family in self.families]
        total = rng.random() * sum(weights)
        for family, weight in zip(self.families, weights, strict=True):
            total -= weight
            if total < 0:
                return family
        return self.families[-1]
