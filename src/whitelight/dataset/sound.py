"""What the rows say about their sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from whitelight.files import sha256_of

AudioSource = Literal["file", "rendered"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where sound comes from.

    Attributes
    ----------
    file : relative to the catalog; "" when rendered or added from several.
    is_lossless : samples are those of the source, each of them.
    """

    source: AudioSource
    file: str
    sha256: str
    is_lossless: bool

    @classmethod
    def of_sum(cls, parts: Sequence["Provenance"]) -> "Provenance":
        """Return where the sum of several comes from."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            source=parts[0].source,
            file="",
            sha256=sha256_of(part.sha256.encode() for part in parts),
            is_lossless=all(part.is_lossless for part in parts),
        )


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound of one row.

    Attributes
    ----------
    rows : row ids whose stored audio, added up, it is.
    n_samples : per channel.
    rms_dbfs, peak_dbfs, loudness_lufs : see `whitelight.audio.Levels`.
    """

    rows: tuple[str, ...]
    sample_rate: int
    n_channels: int
    n_samples: int
    bits: int
    rms_dbfs: float
    peak_dbfs: float
    loudness_lufs: float | None
    is_silent: bool
    provenance: Provenance

    def columns(self) -> dict[str, Any]:
        """Return the columns of a row with this sound."""
        return {
            "has_audio": True,
            "audio_source": self.provenance.source,
            "audio_rows": list(self.rows),
            "sample_rate": self.sample_rate,
            "n_channels": self.n_channels,
            "n_samples": self.n_samples,
            "audio_bits": self.bits,
            "is_silent": self.is_silent,
            "rms_dbfs": round(self.rms_dbfs, 3),
            "peak_dbfs": round(self.peak_dbfs, 3),
            "loudness_lufs": None if self.loudness_lufs is None else round(self.loudness_lufs, 3),
            "audio_is_lossless": self.provenance.is_lossless,
            "audio_file": self.provenance.file,
            "audio_sha256": self.provenance.sha256,
        }


NO_SOUND: dict[str, Any] = {
    "has_audio": False,
    "audio_source": "",
    "audio_rows": [],
    "sample_rate": None,
    "n_channels": None,
    "n_samples": None,
    "audio_bits": None,
    "is_silent": None,
    "rms_dbfs": None,
    "peak_dbfs": None,
    "loudness_lufs": None,
    "audio_is_lossless": None,
    "audio_file": "",
    "audio_sha256": "",
}


def content_type(*, has_audio: bool, has_midi: bool) -> str:
    """Return what media a row has."""
    if has_audio:
        return "audio_midi" if has_midi else "audio_only"
    return "midi_only" if has_midi else "empty"
