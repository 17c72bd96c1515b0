"""Descriptors as people read them: seconds instead of octaves of a second, counts instead of logarithms.

Every change is monotone, so quantiles and shares stay what they are.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from whitelight.encoders.descriptors.encoder import DESCRIPTORS
from whitelight.encoders.descriptors.table import Descriptor


@dataclass(frozen=True, slots=True)
class Words:
    """How one descriptor is told: in words, in which unit, and its value in that unit."""

    meaning: str
    unit: str
    shown: Callable[[float], float]


def _same(value: float) -> float:
    return value


def _percent(value: float) -> float:
    return 100.0 * value


def _bpm(value: float) -> float:
    return float(120.0 * 2.0**value)


_PLAIN: dict[str, tuple[str, Callable[[float], float]]] = {
    "log(1 + x)": ("", math.expm1),
    "octaves of 1 s": ("s", math.exp2),
    "log2 s": ("s", math.exp2),
    "log2 of 120 bpm": ("bpm", _bpm),
}


def readable(descriptor: Descriptor) -> Words:
    """Return the words of a descriptor; spreads and changes of logarithms stay as they are."""
    meaning = _in_full(descriptor).rstrip(".")
    is_level = descriptor.group != "form" and "deviation" not in descriptor.name and "entropy" not in descriptor.name
    if is_level and descriptor.unit in _PLAIN:
        unit, shown = _PLAIN[descriptor.unit]
        for stiff in ("Mean log2 of the ", "Mean log2 "):  # the mean of logarithms is a typical value
            meaning = meaning.replace(stiff, "Typical ")
        return Words(meaning, unit, shown)
    if descriptor.unit == "0 to 1" and meaning.startswith("Share"):
        return Words(meaning, "%", _percent)
    return Words(meaning, descriptor.unit, _same)


def _in_full(descriptor: Descriptor) -> str:
    """The sentence of a descriptor; "the same" is what the table says one line above."""
    if "of the same" not in descriptor.doc:
        return descriptor.doc
    above = DESCRIPTORS[DESCRIPTORS.index(descriptor) - 1].doc
    return descriptor.doc.replace("of the same", f"of this: {above[0].lower()}{above[1:]}")
