"""Cutting recordings: one at a time into FLAC files, and levels of the rows that are sums of several.

Edges of slices are samples round(seconds · rate), so neighbors meet exactly. A recording that ends early gives a
shorter last slice and none after it. Rows that are sums (a view of several stems, the whole song without a main mix)
are measured on a running sum and stored nowhere: they name the rows to add.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from whitelight.audio import Audio, encode_flac, measure_levels, slice_samples
from whitelight.audio.samples import Samples
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
    """

    def __init__(self, part: str) -> None:
        self.part = part
        self._members: list[_Member] = []
        self._total: Audio | None = None
        self._misfit = ""

    def add(self, recording: Recording) -> None:
        """Add a recording; one of another rate, or whose channels do not fit, spoils the sum."""
        audio = recording.audio
        self._members.append(_Member(recording.source.owner, audio.n_samples, recording.provenance))
        total = self._total
        if total is None:
            self._total = replace(audio, samples=audio.samples.copy())
        elif audio.sample_rate != total.sample_rate:
            self._misfit = f"stems of {total.sample_rate:,} and {audio.sample_rate:,} Hz cannot be added"
        elif audio.n_channels != total.n_channels and 1 not in (audio.n_channels, total.n_channels):
            self._misfit = f"stems of {total.n_channels} and {audio.n_channels} channels cannot be added"
        elif not self._misfit:
            bits = max(audio.bits, total.bits)
            self._total = Audio(_added(total.samples, audio.samples), audio.sample_rate, bits)

    def finish(self, cut: SongCut, known: SongSound) -> None:
        """Tell `known` the sound of the part in every segment that something of it reaches."""
        if self._total is None:
            return
        if self._misfit:
            action = f"'{self.part}' has no audio; build with one sample rate, or --mono"
            problem = BuildProblem(cut.song.song_id, cut.song.manifest_file, "audio-misfit", self._misfit, action)
            known.problems.append(problem)
            return
        for segment in cut.segments:
            samples = slice_samples(self._total, segment.start_s, segment.end_s)
            start = round(segment.start_s * self._total.sample_rate)
            heard = [member for member in self._members if member.n_samples > start]
            if len(samples):
                rows = tuple(cut.row_id(segment, member.owner) for member in heard)
                provenance = Provenance.of_sum([member.provenance for member in heard])
                known.sounds[cut.row_id(segment, self.part)] = _measured(samples, self._total, rows, provenance)


def parts_to_sum(sources: Sequence[Source], views: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return view → owners of the recordings it is the sum of; those that are recordings themselves are not there.

    Parameters
    ----------
    views : owner → view of its stem.
    """
    stems = [source for source in sources if source.stem >= 0]
    sums = {view: tuple(s.owner for s in sources if views.get(s.owner) == view) for view in PART_VIEWS}
    if not any(FULL in source.parts for source in sources):
        whole = [source for source in stems if source.view == FULL] or stems
        sums[FULL] = tuple(source.owner for source in whole)
    return {view: owners for view, owners in sums.items() if owners}


def _measured(samples: Samples, audio: Audio, rows: tuple[str, ...], provenance: Provenance) -> Sound:
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


def _added(total: Samples, samples: Samples) -> Samples:
    """Return the sum, as long as the longer and as wide as the wider of the two; mono joins every channel."""
    shape = (max(len(total), len(samples)), max(total.shape[1], samples.shape[1]))
    result = np.zeros(shape, np.float32)
    result[: len(total)] = total
    result[: len(samples)] += samples
    return result
