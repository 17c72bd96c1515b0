"""What goes into the scorer and what comes out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whitelight.music import Piece

if TYPE_CHECKING:
    from whitelight.audio import Audio


@dataclass(frozen=True, slots=True)
class Candidate:
    """Material to judge; at least one of the four is given.

    Attributes
    ----------
    midi : file content, path or piece.
    audio : file content, path or decoded sound.
    lyrics : words that are sung.
    concept : what the song is about; changes `classes` and `axes`, never the fitness.
    sounds_like : names of artists, which models trained with them read beside the concept.
    """

    midi: bytes | Path | Piece | None = None
    lyrics: str | None = None
    concept: str | None = None
    audio: "bytes | Path | Audio | None" = None
    sounds_like: tuple[str, ...] = ()


def concept_text(concept: str | None, sounds_like: Sequence[str]) -> str:
    """Return the concept and the artists' names as one text, empty where there is neither."""
    return "\n".join(filter(None, ((concept or "").strip(), ", ".join(sounds_like))))


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """The verdict on one candidate.

    Attributes
    ----------
    index : position among the candidates as given.
    axes : axis → mode → probability. classes : class → probability. Both from every modality that is present.
    fitness : log-likelihood ratio of the target against the rest, natural log units, from the music alone: from MIDI,
        else from sound (from the lyrics where a candidate has neither); NaN without a target.
    match : share of the catalog's own held-out segments of the target and view that score lower, (0, 1).
    confidence : calibrated probability that the most likely class is right.
    plausible : classes that cannot be ruled out, most likely first: a conformal set, which holds the right class for 90 % of
        what new songs of every class hold (never an empty one: the most likely class is always in it).
    novelty : share of the catalog's held-out rows that lie closer to the rest than this does, (0, 1); NaN without music.
    contributions : modality → its term of the target's log-likelihood ratio.
    modalities : which were used.
    error : why there is no verdict; every other field is then empty.
    """

    index: int
    axes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    classes: Mapping[str, float] = field(default_factory=dict)
    fitness: float = math.nan
    match: float = math.nan
    confidence: float = math.nan
    plausible: tuple[str, ...] = ()
    novelty: float = math.nan
    contributions: Mapping[str, float] = field(default_factory=dict)
    modalities: tuple[str, ...] = ()
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; what is not known is null."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
