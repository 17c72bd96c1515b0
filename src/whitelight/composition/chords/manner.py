"""How a catalog plays its chords: register, voices, figures, stroke patterns and pace, heard in chord parts.

What `learning` is for the changes, this is for the hands: statistics of the chord view of a class (`manner_learning`),
which the generator draws from, so that a candidate lies where the class's own chord parts lie.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from whitelight.composition.randomness import Rng
from whitelight.music import Meter

Pattern = tuple[float, ...]  # onsets of one bar as shares of it, 0 first


@dataclass(frozen=True, slots=True)
class Habit:
    """How one chord part is played.

    Attributes
    ----------
    lowest, center : mean MIDI pitch of the lowest note of a bar, and of all others.
    n_voices : mean number of different pitches in a bar. figure : name in `genome.FIGURES`.
    gate : share of the time to the next stroke that a stroke sounds. roll_s : from first to last note of a stroke.
    bass_again, full_again : share of the strokes after a bar's first that sound its bass, or nearly all its voices.
    swing : where in its beat the second eighth falls; 1/2 is straight, 2/3 a triplet.
    strokes_per_s : pace of the hand. hold, pace : share of bars that keep the chord before, that have a second one.
    richness : share of chords with more than a triad. is_colored : whether it leaves the seven notes that fit it best.
    """

    lowest: float
    center: float
    n_voices: float
    figure: str
    gate: float
    roll_s: float
    bass_again: float
    full_again: float
    swing: float
    strokes_per_s: float
    hold: float
    pace: float
    richness: float
    is_colored: bool


@dataclass(frozen=True, slots=True)
class Manner:
    """Habits of many chord parts, and the bars they play.

    Attributes
    ----------
    habits : one per part that lasts long enough. patterns : (meter, figure) of the bars, and their onsets.
    """

    habits: tuple[Habit, ...]
    patterns: dict[tuple[Meter, str], tuple[Pattern, ...]]
    flavors: Mapping[str, float]
    n_bars: int

    def draw(self, rng: Rng) -> Habit:
        """Draw the habit of one part."""
        return self.habits[int(rng.integers(len(self.habits)))]

    def draw_pattern(self, meter: Meter, figure: str, rng: Rng) -> Pattern | None:
        """Draw a bar that was played so; None when there is none in this meter."""
        found = self.patterns.get((meter, figure), ())
        return found[int(rng.integers(len(found)))] if found else None
