"""The descriptor encoder: all groups, one table, one matrix."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.batch import NoteBatch
from whitelight.encoders.descriptors.articulation import ARTICULATION
from whitelight.encoders.descriptors.density import DENSITY
from whitelight.encoders.descriptors.drums import DRUMS
from whitelight.encoders.descriptors.energy import ENERGY
from whitelight.encoders.descriptors.form import WindowValues, form_columns, form_descriptors
from whitelight.encoders.descriptors.harmony import HARMONY
from whitelight.encoders.descriptors.lines import LINES
from whitelight.encoders.descriptors.register import REGISTER
from whitelight.encoders.descriptors.rhythm import RHYTHM
from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Descriptor, Group
from whitelight.encoders.descriptors.tonality import TONALITY
from whitelight.encoders.memory import keep_memory
from whitelight.encoders.protocol import Modality, fingerprint_of
from whitelight.encoders.ragged import Ragged
from whitelight.encoders.windows import MAX_WINDOWS, WINDOW_S, Windows, cut_windows
from whitelight.music import Piece

GROUPS: tuple[Group, ...] = (ENERGY, DENSITY, TONALITY, HARMONY, LINES, REGISTER, ARTICULATION, RHYTHM, DRUMS)
_OF_WINDOWS = tuple(d for group in GROUPS for block in group.blocks for d in block.descriptors(group.name))
_PARTS = {
    part: tuple((group, [(b.name, b.width) for b in group.blocks]) for group in GROUPS if group.notes == part)
    for part in ("pitched", "drums")
}
DESCRIPTORS: tuple[Descriptor, ...] = _OF_WINDOWS + form_descriptors({d.name: d for d in _OF_WINDOWS})


class DescriptorEncoder:
    """Named, interpretable musical features of pieces, computed for a batch at once.

    Everything but the group "form" is the mean over the windows of a piece that have notes.
    """

    name = "descriptors"
    version = "3"
    modality: Modality = "midi"

    def __init__(self) -> None:
        keep_memory()

    @property
    def dim(self) -> int:
        """Number of descriptors."""
        return len(DESCRIPTORS)

    @property
    def names(self) -> tuple[str, ...]:
        """Descriptor names, in column order."""
        return tuple(descriptor.name for descriptor in DESCRIPTORS)

    @property
    def velocity_mask(self) -> NDArray[np.bool_]:
        """Columns that use velocity: leave them out, and loudness no longer matters."""
        return np.array([descriptor.uses_velocity for descriptor in DESCRIPTORS])

    def fingerprint(self) -> str:
        """Identify the definition of every column."""
        return fingerprint_of(
            self.name, self.version, self.dim, {"window_s": WINDOW_S, "max_windows": MAX_WINDOWS}, self.names
        )

    def encode(self, batch: Sequence[Piece] | NoteBatch) -> NDArray[np.float32]:
        """Describe every piece.

        Returns
        -------
        shape (n, dim), float32, finite; pieces without notes get every descriptor's neutral value.
        """
        notes = batch if isinstance(batch, NoteBatch) else NoteBatch.from_pieces(batch)
        windows = cut_windows(notes)
        pitched, drums = _describe(windows, "pitched"), _describe(windows, "drums")
        return np.concatenate((pitched.mean(), drums.mean(), form_columns(pitched)), axis=1).astype(np.float32)


def _columns(part: str) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names and neutral values of the descriptors that hear these notes."""
    chosen = [d for d in _OF_WINDOWS if d.group in {group.name for group, _ in _PARTS[part]}]
    return tuple(d.name for d in chosen), np.array([d.neutral for d in chosen])


_COLUMNS = {part: _columns(part) for part in _PARTS}


def _describe(windows: Windows, part: str) -> WindowValues:
    """Compute the groups that hear the pitched notes, or the drums, for all windows that have such notes."""
    names, neutral = _COLUMNS[part]
    notes = windows.notes.only(drums=part == "drums")
    sounding = np.flatnonzero(np.bincount(notes.item, minlength=notes.n))
    everyone = len(sounding) == notes.n
    values = np.empty((len(names), len(sounding)))
    if len(sounding):
        shared, row = Shared(notes), 0
        for group, blocks in _PARTS[part]:
            computed = group.compute(shared)
            for name, width in blocks:
                column = computed[name]  # (n,), or (n, width)
                values[row : row + width] = (column if everyone else column[sounding]).T
                row += width
    of_piece = Ragged.from_items(windows.of_piece.item[sounding], windows.of_piece.n)
    return WindowValues(names, of_piece, values, neutral)
