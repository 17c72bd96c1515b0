"""Cutting recordings: one at a time into FLAC files, and levels of the rows that are sums of several.

Edges of slices are samples round(seconds · rate), so neighbors meet exactly. A recording that ends early gives a
shorter last slice and none after it. Rows that are sums (a view of several stems, the whole song without a main mix)
are measured on a running sum and stored nowhere: they name the rows to add.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whitelight.audio import Audio, encode_flac, measure_levels, slice_samples
from whitelight.dataset.media_file import StoredAudio
from whitelight.dataset.recordings import Recording, Source
from whitelight.dataset.song_cut import FULL, SongCut
from whitelight.dataset.sound import Provenance, Sound
from whitelight.dataset.source import BuildProblem
from whitelight.dataset.views import PART_VIEWS

CUTTING_VERSION = 1  # raised when the same source would give other bytes or other levels


@dataclass(slots=True)
class SongSound:
    """What is known of the sound of a song's rows so far."""

    sounds: dict[str, Sound] = field(default_factory=dict)
    problems: list[BuildProblem] = field(default_factory=list)


def cut_recording(cut: SongCut, recording: Recording, known: SongSound) -> Iterator[tuple[str, StoredAudio]]:
    """Yield (row id, audio) of every segment the recording reaches; what the rows say of it goes to `known`."""
    audio, parts = recording.audio, recording.source.parts
    for segment in cut.segments:
        samples = slice_samples(audio, segment.start_s, segment.end_s)
        if not len(samples):
            continue
        row_id = cut.row_id(segment, recording.source.owner)
        flac = encode_flac(samples, audio.sample_rate, bits=audio.bits)
        sound = _measured(samples, audio, (row_id,), recording.provenance)
        known.sounds |= {cut.row_id(segment, part): sound for part in parts}
        yield row_id, StoredAudio(flac, audio.sample_rate, audio.n_channels, len(samples))


@dataclass(frozen=True, slots=True)
class _Member:
    """A recording in a sum: the part that holds it, and how long it is."""

    owner: str
    n_samples: int
    provenance: Provenance


class SoundSum:
    """The sum of several recordings, for the rows of one part.

    Parameters
    ----------
    part : view whose sound it is.
    end_s : what lies beyond is of no interest.
    """

    def __init__(self, part: str, end_s: float) -> None:
        self.part = part
        self._end_s = end_s
        self._members: list[_Member] = []
        self._samples: NDArray[np.float32] | None = None
        self._sample_rate = 0
        self._bits: Literal[16, 24] = 16
        self._misfit = ""

    def add(self, recording: Recording) -> None:
        """Add a recording; one of another rate, or whose channels do not fit, spoils the sum."""
        audio = recording.audio
        self._members.append(_Member(recording.source.owner, audio.n_samples, recording.provenance))
        self._bits = max(self._bits, audio.bits)
        samples = audio.samples[: round(self._end_s * audio.sample_rate)]
        if self._samples is None:
            self._samples, self._sample_rate = samples.copy(), audio.sample_rate
            return
        widths = sorted({self._samples.shape[1], audio.n_channels})
        if audio.sample_rate != self._sample_rate:
            self._misfit = f"stems of {self._sample_rate:,} and {audio.sample_rate:,} Hz cannot be added"
        elif len(widths) == 2 and widths[0] != 1:
            self._misfit = f"stems of {widths[0]} and {widths[1]} channels cannot be added"
        else:
            self._samples = _roomy(self._samples, len(samples), widths[-1])
            self._samples[: len(samples)] += samples

    def finish(self, cut: SongCut, known: SongSound) -> None:
        """Tell `known` the sound of the part in every segment that something of it reaches."""
        if self._samples is None:
            return
        if self._misfit:
            action = f"'{self.part}' has no audio; build with one sample rate, or --mono"
            problem = BuildProblem(cut.song.song_id, cut.song.manifest_file, "audio-misfit", self._misfit, action)
            known.problems.append(problem)
            return
        total = Audio(self._samples, self._sample_rate, self._bits)
        for segment in cut.segments:
            samples = slice_samples(total, segment.start_s, segment.end_s)
            start = round(segment.start_s * self._sample_rate)
            heard = [member for member in self._members if member.n_samples > start]
            if len(samples):
                rows = tuple(cut.row_id(segment, member.owner) for member in heard)
                provenance = Provenance.of_sum([member.provenance for member in heard])
                known.sounds[cut.row_id(segment, self.part)] = _measured(samples, total, rows, provenance)


def sums_of(sources: Sequence[Source]) -> dict[str, tuple[str, ...]]:
    """Return view → owners of the recordings it is the sum of, one or more; the main mix is a recording itself."""
    stems = [source for source in sources if source.stem >= 0]
    sums = {view: tuple(source.owner for source in stems if source.view == view) for view in PART_VIEWS}
    if not any(FULL in source.parts for source in sources):
        whole = [source for source in stems if source.view == FULL] or stems
        sums[FULL] = tuple(source.owner for source in whole)
    return {view: owners for view, owners in sums.items() if owners}


def _measured(samples: NDArray[np.float32], audio: Audio, rows: tuple[str, ...], provenance: Provenance) -> Sound:
    levels = measure_levels(samples, audio.sample_rate)
    turned_down = max(levels.peak_dbfs, 0.0)  # as `mix` does with a sum that clips
    loudness = levels.loudness_lufs
    return Sound(
        rows=rows,
        sample_rate=audio.sample_rate,
        n_channels=audio.n_channels,
        n_samples=len(samples),
        bits=audio.bits,
        rms_dbfs=levels.rms_dbfs - turned_down,
        peak_dbfs=levels.peak_dbfs - turned_down,
        loudness_lufs=None if loudness is None else loudness - turned_down,
        is_silent=levels.is_silent,
        provenance=provenance,
    )


def _roomy(samples: NDArray[np.float32], n_samples: int, n_channels: int) -> NDArray[np.float32]:
    """Return samples with room for longer and wider ones; mono joins every channel."""
    if len(samples) >= n_samples and samples.shape[1] == n_channels:
        return samples
    result = np.zeros((max(len(samples), n_samples), n_channels), np.float32)
    result[: len(samples)] = samples
    return result
