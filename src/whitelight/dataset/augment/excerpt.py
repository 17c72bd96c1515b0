"""What a change is applied to: a row of a dataset with its media."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from whitelight.audio import Audio
from whitelight.music import Piece, read_midi


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """A segment of one stem or view, in whichever modalities it has.

    Attributes
    ----------
    row : columns of the dataset (`docs/formats.md`), all or some; those that speak of seconds, tempo, key or sound
        follow the media, all others stay.
    audio : what it sounds like; None without.
    piece : its MIDI, tick 0 where the audio begins; None without.
    """

    row: Mapping[str, Any] = field(default_factory=dict)
    audio: Audio | None = None
    piece: Piece | None = None

    @classmethod
    def of_media(cls, row: Mapping[str, Any], *, midi: bytes | None = None, audio: Audio | None = None) -> Self:
        """Return the excerpt of a row and its media as a dataset keeps them."""
        return cls(row, audio, None if midi is None else read_midi(midi))

    @property
    def is_drums(self) -> bool:
        """Whether it is drums alone, whose pitches are no notes of a key."""
        return bool(self.row.get("view") == "drums")
