"""How a piece changes from window to window: the standard deviation, and the last window minus the first."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.descriptors.table import Descriptor
from whitelight.encoders.ragged import Ragged

VARYING = (
    "power_log",
    "velocity_mean",
    "note_rate_log",
    "ioi_mean",
    "legato",
    "pitch_mean",
    "pitch_range",
    "melody_interval_mean",
    "key_major_minus_minor",
    "chord_change",
)
RISING = ("power_log", "note_rate_log", "pitch_mean", "key_major_minus_minor")


@dataclass(frozen=True, slots=True)
class WindowValues:
    """Descriptors of all windows that have notes.

    Attributes
    ----------
    names : of the rows.
    of_piece : layout of the windows by piece.
    values : shape (len(names), windows).
    neutral : value of each row for pieces without such windows.
    """

    names: tuple[str, ...]
    of_piece: Ragged
    values: NDArray[np.float64]
    neutral: NDArray[np.float64]

    def mean(self) -> NDArray[np.float64]:
        """Mean over the windows of each piece, shape (n, len(names))."""
        means = self.of_piece.mean(self.values).T
        means[self.of_piece.counts == 0] = self.neutral
        return means


def form_columns(windows: WindowValues) -> NDArray[np.float64]:
    """Compute the columns of `form_descriptors`, shape (n, len(VARYING) + len(RISING)); 0 with fewer than two windows."""
    row = {name: k for k, name in enumerate(windows.names)}
    varying = windows.values[[row[name] for name in VARYING]]
    rising = windows.values[[row[name] for name in RISING]]
    layout = windows.of_piece
    rise = np.stack([layout.last(values) - layout.first(values) for values in rising], axis=1)
    return np.concatenate((layout.deviation(varying).T, rise), axis=1)


def form_descriptors(known: Mapping[str, Descriptor]) -> tuple[Descriptor, ...]:
    """Describe the columns of this group from those they are taken of."""
    return (
        *(
            _changed(known[name], "variation", "Standard deviation over windows of about 15 s of: {}")
            for name in VARYING
        ),
        *(_changed(known[name], "rise", "Last minus first window of about 15 s of: {}") for name in RISING),
    )


def _changed(source: Descriptor, suffix: str, doc: str) -> Descriptor:
    absolute = not source.transposition_invariant and "pitch" not in source.name
    return Descriptor(
        name=f"{source.name}_{suffix}",
        group="form",
        doc=doc.format(source.doc[0].lower() + source.doc[1:]),
        unit=source.unit if source.unit != "MIDI pitch" else "semitones",
        uses_velocity=source.uses_velocity,
        uses_notation=source.uses_notation,
        transposition_invariant=not absolute,
    )
