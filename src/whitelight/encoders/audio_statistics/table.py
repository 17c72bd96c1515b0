"""What a statistic of sound is, and how a group of related ones is declared.

As with the descriptors of MIDI, a group declares its columns as blocks and offers one function that returns an array
per block, by name, so that a value cannot land under the wrong name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.audio_statistics.window import Window

Values = Mapping[str, Any]
Compute = Callable[[Window], Values]


@dataclass(frozen=True, slots=True)
class Statistic:
    """One named statistic.

    Attributes
    ----------
    name : unique; the column name everywhere.
    group : the concern it belongs to.
    doc : one sentence a musician understands.
    unit : unit or range of the value.
    uses_level : turning the sound up or down changes the value.
    """

    name: str
    group: str
    doc: str
    unit: str
    uses_level: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One array a group computes: a scalar, or a row of `labels` values named ``<name>_<label>``.

    `doc` is a sentence in which ``{}`` stands for the text of the label.
    """

    name: str
    doc: str
    unit: str
    labels: Mapping[str, str] | None = None
    uses_level: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return 1 if self.labels is None else len(self.labels)

    def statistics(self, group: str) -> tuple[Statistic, ...]:
        """Return the statistics of this block, in column order."""
        if self.labels is None:
            return (Statistic(self.name, group, self.doc, self.unit, self.uses_level),)
        return tuple(
            Statistic(f"{self.name}_{label}", group, self.doc.format(text), self.unit, self.uses_level)
            for label, text in self.labels.items()
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Statistics of one concern and the function that computes them for a window."""

    name: str
    blocks: tuple[Block, ...]
    compute: Compute

    def row(self, window: Window) -> NDArray[np.float64]:
        """Compute all blocks of a window, shape (width of the group,)."""
        found = self.compute(window)
        return np.concatenate([np.reshape(np.asarray(found[b.name], np.float64), b.width) for b in self.blocks])
