"""Changes: what is done to an excerpt once it is decided. The same change to all stems of a segment keeps them together.

A change that changes nothing (rate 1, 0 semitones) returns the excerpt itself: nothing is decoded or resampled.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from whitelight.dataset.augment.errors import AugmentError
from whitelight.dataset.augment.excerpt import Excerpt
from whitelight.dataset.augment.midi import stretch_piece, transpose_piece
from whitelight.dataset.augment.rows import sounding_row, stretch_row, transpose_row
from whitelight.dataset.augment.sound import shift_audio, stretch_audio

SLOWEST, FASTEST = Fraction(3, 5), Fraction(2)  # slower than a half is not deterministic, see `sound`
MAX_SEMITONES = 24


class Change(Protocol):
    """Something decided; applying it is a pure function."""

    def apply(self, excerpt: Excerpt) -> Excerpt:
        """Return the changed excerpt; the given one stays."""
        ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """Play `rate` times as fast, at the same pitch: every time of the excerpt is divided by `rate`."""

    rate: Fraction

    def __post_init__(self) -> None:
        if not SLOWEST <= self.rate <= FASTEST:
            raise AugmentError(
                f"rate {float(self.rate):g}: expected {float(SLOWEST):g} to {FASTEST}; 1 changes nothing"
            )

    def apply(self, excerpt: Excerpt) -> Excerpt:
        """Return the stretched excerpt: the tempo map, the audio, and the seconds and tempo of the row."""
        if self.rate == 1:
            return excerpt
        audio = None if excerpt.audio is None else stretch_audio(excerpt.audio, self.rate)
        piece = None if excerpt.piece is None else stretch_piece(excerpt.piece, self.rate)
        return Excerpt(sounding_row(stretch_row(excerpt.row, self.rate), audio), audio, piece)


@dataclass(frozen=True, slots=True)
class Shift:
    """Sound `semitones` higher (negative: lower), at the same time: pitches and keys move, drums stay."""

    semitones: int

    def __post_init__(self) -> None:
        if abs(self.semitones) > MAX_SEMITONES:
            raise AugmentError(f"{self.semitones} semitones: expected at most {MAX_SEMITONES} up or down")

    def apply(self, excerpt: Excerpt) -> Excerpt:
        """Return the transposed excerpt. The audio of a drum stem is the same; drums inside a mix move with it."""
        if self.semitones == 0:
            return excerpt
        row = transpose_row(excerpt.row, self.semitones)
        piece = None if excerpt.piece is None else transpose_piece(excerpt.piece, self.semitones)
        if excerpt.audio is None or excerpt.is_drums:
            return Excerpt(row, excerpt.audio, piece)
        audio = shift_audio(excerpt.audio, self.semitones)
        return Excerpt(sounding_row(row, audio), audio, piece)


@dataclass(frozen=True, slots=True)
class Changes:
    """Several changes, one after the other; none of them changes nothing."""

    changes: tuple[Change, ...] = ()

    def apply(self, excerpt: Excerpt) -> Excerpt:
        """Return the excerpt after all changes."""
        for change in self.changes:
            excerpt = change.apply(excerpt)
        return excerpt
