"""The audio encoder that needs no download: all groups, one table, one matrix."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.audio import Audio
from whitelight.encoders.audio_statistics.dynamics import DYNAMICS
from whitelight.encoders.audio_statistics.harmony import HARMONY
from whitelight.encoders.audio_statistics.rhythm import RHYTHM
from whitelight.encoders.audio_statistics.table import Block, Group, Statistic
from whitelight.encoders.audio_statistics.timbre import TIMBRE
from whitelight.encoders.audio_statistics.window import HOP, N_FFT, SAMPLE_RATE, Window
from whitelight.encoders.memory import keep_memory
from whitelight.encoders.protocol import Modality, fingerprint_of
from whitelight.encoders.sound import SILENCE_DBFS, equal_parts, is_heard, mono_at, rms_dbfs

WINDOW_S = 15.0  # as the descriptors of MIDI; a song and an excerpt are described on one scale
FADED_DB = -60.0  # a window so far below the mean of the recording is left out
GROUPS: tuple[Group, ...] = (DYNAMICS, TIMBRE, HARMONY, RHYTHM)
LEVEL = (
    Block("loudness", "RMS of the recording, all channels mixed.", "dB below full scale", uses_level=True),
    Block("peak", "Highest sample of the recording, all channels mixed.", "dB below full scale", uses_level=True),
)
STATISTICS: tuple[Statistic, ...] = tuple(s for block in LEVEL for s in block.statistics("level")) + tuple(
    s for group in GROUPS for block in group.blocks for s in block.statistics(group.name)
)


class AudioStatisticsEncoder:
    """Named statistics of sound: level, dynamics, timbre, harmony and rhythm.

    Mono at 22,050 Hz. Only the group "level" tells how loud a recording is; everything else is measured after scaling
    it to an RMS of 1. Values are means over equal windows of at most 15 s, those that fade to nothing left out.
    """

    name = "audio-statistics"
    version = "1"
    modality: Modality = "audio"

    def __init__(self) -> None:
        keep_memory()

    @property
    def dim(self) -> int:
        """Number of statistics."""
        return len(STATISTICS)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the statistics, in column order."""
        return tuple(statistic.name for statistic in STATISTICS)

    @property
    def level_mask(self) -> NDArray[np.bool_]:
        """Columns that use the level: leave them out, and turning the sound up or down no longer matters."""
        return np.array([statistic.uses_level for statistic in STATISTICS])

    def fingerprint(self) -> str:
        """Identify the definition of every column."""
        parameters = {
            "sample_rate": SAMPLE_RATE,
            "frames": (N_FFT, HOP),
            "window_s": WINDOW_S,
            "silence_dbfs": (SILENCE_DBFS, FADED_DB),
        }
        return fingerprint_of(self.name, self.version, self.dim, parameters, self.names)

    def encode(self, batch: Sequence[Audio]) -> NDArray[np.float32]:
        """Describe every recording.

        Returns
        -------
        shape (n, dim), float32, finite; zeros where nothing is heard (see `whitelight.encoders.sound.is_heard`).

        Raises
        ------
        UnusableSoundError : a sample is not a finite number.
        """
        vectors = np.zeros((len(batch), self.dim), np.float32)
        for vector, audio in zip(vectors, batch, strict=True):
            if is_heard(audio):
                vector[:] = _describe(audio)
        return vectors


def _describe(audio: Audio) -> NDArray[np.float64]:
    native = audio.mono().samples[:, 0]
    samples = mono_at(audio, SAMPLE_RATE)
    samples = samples * np.float32(10 ** (-rms_dbfs(samples) / 20))
    windows = [samples[part] for part in equal_parts(len(samples), round(WINDOW_S * SAMPLE_RATE))]
    heard = [part for part in windows if rms_dbfs(part) > FADED_DB]
    rows = [np.concatenate([group.row(window) for group in GROUPS]) for window in map(Window, heard)]
    level = (rms_dbfs(native), 20 * np.log10(np.abs(native).max()))
    return np.concatenate([level, np.mean(rows, axis=0)])
