"""From candidates to vectors: the encoders a bundle names, each made and checked when first used.

Candidates come through `encode_all`, as datasets do, so a model is asked with vectors made like those it learned from.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError
from whitelight.scoring.bundle import check_encoder
from whitelight.scoring.engine import VECTOR_INPUT
from whitelight.scoring.result import Candidate, concept_text

if TYPE_CHECKING:
    from whitelight.audio import Audio
    from whitelight.encoders import Encoder

READS = {"midi": "midi", "audio": "audio", "lyric": "lyrics", "concept": "concept"}  # expert → field of a candidate
WORDS = {"midi": "MIDI", "audio": "audio", "lyric": "lyrics", "concept": "a concept"}


class InputEncoders:
    """What reads the sound and the texts of candidates.

    Parameters
    ----------
    record : the content of `bundle.json`.
    names : input → encoder, where the bundle's own name does not find the model on this machine
        (`{"audio_emb": "clap:folder"}`); the fingerprint must be the same.
    """

    def __init__(self, record: Mapping[str, Any], names: Mapping[str, str] | None = None) -> None:
        self._record, self._names = record, dict(names or {})
        self._made: dict[str, Encoder] = {}

    def encode(
        self, expert: str, given: Sequence[Candidate], errors: list[str | None]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Encode what every candidate holds for one expert; sound that cannot be read is noted in `errors`.

        Returns
        -------
        vectors : (n, dim), zeros where there is nothing. present : (n,) bool.
        """
        values = [getattr(c, READS[expert]) for c in given]
        if expert == "concept" and self._record["inputs"][VECTOR_INPUT[expert]].get("sounds_like"):
            values = [concept_text(c.concept, c.sounds_like) or None for c in given]
        if all(value is None for value in values):  # nothing is loaded for nothing
            dim = int(self._record["inputs"][VECTOR_INPUT[expert]]["dim"])
            return np.zeros((len(given), dim), np.float32), np.zeros(len(given), np.bool_)
        from whitelight.encoders import encode_all  # noqa: PLC0415  scoring of MIDI needs none of it

        if expert == "audio":
            values = [_read(value, errors, place) for place, value in enumerate(values)]
        found = encode_all(self._encoder(expert), values)
        return found.vectors, found.has

    def _encoder(self, expert: str) -> "Encoder":
        if expert not in self._made:
            from whitelight.encoders import make_encoder  # noqa: PLC0415  as above

            place = VECTOR_INPUT[expert]
            encoder = make_encoder(self._names.get(place, self._record["inputs"][place]["encoder"]))
            check_encoder(self._record, place, encoder.fingerprint())
            self._made[expert] = encoder
        return self._made[expert]


def _read(source: "bytes | Path | Audio | None", errors: list[str | None], place: int) -> "Audio | None":
    if source is None or not isinstance(source, bytes | Path):
        return source
    from whitelight.audio import read_audio  # noqa: PLC0415  scoring of MIDI needs no sound

    try:
        return read_audio(source)
    except (WhitelightError, OSError) as err:
        errors[place] = str(err)
        return None
