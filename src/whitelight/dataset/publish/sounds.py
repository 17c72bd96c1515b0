"""The media of one song as published: every row carries what it sounds like, ready to play.

A dataset stores no sound twice: the row of a bass part names the stems it is the sum of. A published row must stand
alone, since who streams rows cannot look others up, so sums are made here. What is stored is passed on byte for byte.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from whitelight.audio import Audio, decode_flac, encode_flac, mix
from whitelight.audio.samples import Bits
from whitelight.dataset.dataset import DamagedDatasetError, Dataset
from whitelight.dataset.publish.features import AUDIO_TYPE
from whitelight.dataset.publish.scan import check_midi

CHUNK_BYTES = 32 * 2**20  # arrays of 2 GiB do not exist in Arrow, and a song may have more
MEDIA_FIELDS = (pa.field("audio", AUDIO_TYPE), pa.field("midi", pa.binary()))
MEDIA_DOCS = {
    "audio": "a whole FLAC file as `bytes`, and its name as `path`; null without audio",
    "midi": "a whole MIDI file: tempo map, meter, key, names and held notes of the slice; null without notes",
}


@dataclass(frozen=True, slots=True)
class SongMedia:
    """Encoded media of one song, by row id, as the dataset stores them."""

    midi: Mapping[str, bytes]
    flac: Mapping[str, bytes]

    @classmethod
    def read(cls, dataset: Dataset, song_id: str, rows: pa.Table) -> "SongMedia":
        """Read what `rows` of a song need."""
        wanted = {name for names in rows["audio_rows"].to_pylist() for name in names}
        flac = dict(dataset.song_audio(song_id, wanted)) if wanted else {}
        missing = wanted - flac.keys()
        if missing:
            raise DamagedDatasetError(f"song '{song_id}' has no audio of '{min(missing)}'; build the dataset again")
        return cls(dataset.song_media(song_id), flac)

    def audio(self, row_id: str, audio_rows: Sequence[str]) -> dict[str, Any] | None:
        """Return the FLAC file of a row as `datasets` stores audio; None without sound."""
        if not audio_rows:
            return None
        path = f"{row_id}.flac"
        if len(audio_rows) == 1:
            return {"bytes": self.flac[audio_rows[0]], "path": path}
        sound = mix([decode_flac(self.flac[name]) for name in audio_rows])
        return {"bytes": encode_flac(sound.samples, sound.sample_rate, bits=bits_of(sound)), "path": path}


def bits_of(audio: Audio) -> Bits:
    """Return 16 when that loses nothing, else 24: a sum that was turned down has no whole 16-bit samples left."""
    scaled = audio.samples * np.float32(2**15)
    return 16 if audio.bits == 16 and np.array_equal(scaled, np.rint(scaled)) else 24


def with_media(rows: pa.Table, media: SongMedia) -> Iterator[pa.Table]:
    """Yield the rows of a song with their media, in pieces of about `CHUNK_BYTES`.

    Raises
    ------
    LeakError : a MIDI file holds an absolute path or a secret.
    """
    start, n_bytes = 0, 0
    sounds: list[dict[str, Any] | None] = []
    scores: list[bytes | None] = []
    names = zip(rows["row_id"].to_pylist(), rows["audio_rows"].to_pylist(), strict=True)
    for row, (row_id, audio_rows) in enumerate(names):
        score, sound = media.midi.get(row_id), media.audio(row_id, audio_rows)
        if score is not None:
            check_midi(row_id, score)
        sounds.append(sound)
        scores.append(score)
        n_bytes += len(score or b"") + (len(sound["bytes"]) if sound is not None else 0)
        if n_bytes >= CHUNK_BYTES or row == rows.num_rows - 1:
            columns = [pa.array(sounds, AUDIO_TYPE), pa.array(scores, pa.binary())]
            piece = rows.slice(start, row + 1 - start)
            for field, column in zip(MEDIA_FIELDS, columns, strict=True):
                piece = piece.append_column(field, column)
            yield piece
            start, n_bytes, sounds, scores = row + 1, 0, [], []
