"""The harmony stage: pads, counter-lines and string quartets that support chords and melody."""

from whitelight.composition.harmony.craft import make_craft
from whitelight.composition.stage import Stage

STAGE = Stage(name="harmony", title="Harmony", hears=("chords", "bass", "melody"), needs=("chords",), craft=make_craft)

__all__ = ["STAGE"]
