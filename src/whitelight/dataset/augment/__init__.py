"""Joint augmentation: an excerpt is changed once, and its audio, its MIDI and its lyric times move together.

    change = Chain((TimeStretch(0.9, 1.1), Sometimes(Transpose(-3, 3), 0.5))).draw(excerpt, rng)   # what, drawn first
    stems = [change.apply(stem) for stem in stems]                                                 # then done, alike to all

A transform says what may happen; `draw` decides and returns a change; a change has no randomness left. `docs/augmentation.md`.
"""

from whitelight.dataset.augment.changes import Change, Changes, Shift, Stretch
from whitelight.dataset.augment.errors import AugmentError
from whitelight.dataset.augment.excerpt import Excerpt
from whitelight.dataset.augment.transforms import Chain, Sometimes, TimeStretch, Transform, Transpose

__all__ = [
    "AugmentError",
    "Chain",
    "Change",
    "Changes",
    "Excerpt",
    "Shift",
    "Sometimes",
    "Stretch",
    "TimeStretch",
    "Transform",
    "Transpose",
]
