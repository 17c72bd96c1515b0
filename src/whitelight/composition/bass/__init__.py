"""Bass: lines that stand on what the chords stand on, hang on the kick, and lead into the next chord."""

from whitelight.composition.bass.craft import make_craft
from whitelight.composition.bass.learning import bass_style_of_classes, learn_bass
from whitelight.composition.bass.styles import BassStyle
from whitelight.composition.stage import Stage

STAGE = Stage(
    name="bass",
    title="Bass",
    hears=("chords", "drums"),
    needs=("chords",),
    craft=make_craft,
    learn=bass_style_of_classes,
)

__all__ = ["STAGE", "BassStyle", "bass_style_of_classes", "learn_bass"]
