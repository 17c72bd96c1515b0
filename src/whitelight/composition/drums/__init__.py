"""Drums: kits by family in any meter, fills into what follows, the feel of a person; learned where a catalog has some."""

from whitelight.composition.drums.craft import make_craft
from whitelight.composition.drums.learning import drum_style_of_classes, learn_drums
from whitelight.composition.drums.style import DrumStyle
from whitelight.composition.stage import Stage

STAGE = Stage(name="drums", title="Drums", hears=("chords",), needs=(), craft=make_craft, learn=drum_style_of_classes)

__all__ = ["STAGE", "DrumStyle", "drum_style_of_classes", "learn_drums"]
