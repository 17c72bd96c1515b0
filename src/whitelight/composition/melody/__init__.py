"""The melody stage: a line to sing over the approved chords; `composing` makes it, `singing` bends it to what sounds."""

from whitelight.composition.melody.craft import VIEW, MelodyCraft, melody_craft
from whitelight.composition.melody.learning import learn_melody, melody_style_of_classes
from whitelight.composition.melody.tables import MelodyHabit, MelodyStyle
from whitelight.composition.stage import Stage

STAGE = Stage(
    name=VIEW,
    title="Melody",
    hears=("chords", "drums", "bass"),
    needs=("chords",),
    craft=melody_craft,
    learn=melody_style_of_classes,
)

__all__ = ["STAGE", "MelodyCraft", "MelodyHabit", "MelodyStyle", "learn_melody", "melody_style_of_classes"]
