"""What a descriptor is, and how a room of related descriptors is declared.

A group declares its columns as blocks and offers one function that returns an array per block, by name; so a value
cannot land under the wrong name, and the table is the only place where names, units and flags are written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from whitelight.encoders.descriptors.shared import Shared

Compute = Callable[[Shared], Mapping[str, NDArray[Any]]]


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One named musical feature.

    Attributes
    ----------
    name : unique; the column name everywhere.
    group : the musical concern it belongs to.
    doc : one sentence a musician understands.
    unit : unit or range of the value.
    uses_velocity : how hard notes are struck changes the value.
    uses_notation : the choice of beat, bar line and tempo mark changes the value although the sound is the same.
    transposition_invariant : moving all notes by one interval leaves the value as it is.
    neutral : the value of a piece that has no notes of the kind described.
    """

    name: str
    group: str
    doc: str
    unit: str
    uses_velocity: bool = False
    uses_notation: bool = False
    transposition_invariant: bool = True
    neutral: float = 0.0


@dataclass(frozen=True, slots=True)
class Block:
    """One array that a group computes: a scalar per piece, or a row of `labels` values per piece.

    Attributes
    ----------
    name : name of the scalar, or stem of the names ``<name>_<label>``.
    doc : sentence; ``{}`` stands for the text of the label.
    unit : unit or range.
    labels : label → text for the sentence; None for a scalar.
    velocity, notation, absolute : the value depends on velocity, on notated beats, on absolute pitch.
    neutral : see `Descriptor`.
    """

    name: str
    doc: str
    unit: str
    labels: Mapping[str, str] | None = None
    velocity: bool = False
    notation: bool = False
    absolute: bool = False
    neutral: float = 0.0

    @property
    def width(self) -> int:
        """Number of columns."""
        return 1 if self.labels is None else len(self.labels)

    def descriptors(self, group: str) -> tuple[Descriptor, ...]:
        """Return the descriptors of this block, in column order."""
        labels = {"": ""} if self.labels is None else self.labels
        return tuple(
            Descriptor(
                name=f"{self.name}_{label}" if label else self.name,
                group=group,
                doc=self.doc.format(text),
                unit=self.unit,
                uses_velocity=self.velocity,
                uses_notation=self.notation,
                transposition_invariant=not self.absolute,
                neutral=self.neutral,
            )
            for label, text in labels.items()
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Descriptors of one musical concern and the function that computes them.

    `notes` says which notes it hears: a piece without any gets the neutral values.
    """

    name: str
    notes: Literal["pitched", "drums"]
    blocks: tuple[Block, ...]
    compute: Compute
