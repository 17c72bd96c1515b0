"""The recordings of a song: which there are, what rows they are heard in, and reading them one by one.

A file that several parts name is one recording: it is decoded once and stored once, under the first of its parts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from whitelight.audio import Audio, AudioError, AudioInfo, probe_audio, read_audio
from whitelight.catalog.media import FORMAT_OF_SUFFIX, MIN_RECORDING_S
from whitelight.catalog.song import Song
from whitelight.dataset.settings import AudioSettings
from whitelight.dataset.song_cut import FULL, stem_part
from whitelight.dataset.sound import Provenance
from whitelight.dataset.source import BuildProblem
from whitelight.dataset.views import PART_VIEWS
from whitelight.errors import WhitelightError
from whitelight.files import inside

USUAL_RATES = (8_000, 96_000)  # Hz, telephone to studio; what lies outside is worth a word


@dataclass(frozen=True, slots=True)
class Source:
    """A recording to be read.

    Attributes
    ----------
    parts : rows that are exactly this recording: "full", "stem-02"; it is stored under the first.
    view : of its stem, "" for the main mix.
    file : relative to the catalog; "" for one that is rendered.
    stem : position of its stem, -1 for the main mix.
    """

    parts: tuple[str, ...]
    view: str
    file: str
    stem: int

    @property
    def owner(self) -> str:
        """Part whose rows hold the audio."""
        return self.parts[0]


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording in memory, as it is to be cut."""

    source: Source
    audio: Audio
    provenance: Provenance


def plan_sources(song: Song, root: Path, settings: AudioSettings) -> tuple[Source, ...]:
    """Return the recordings of a song that are there: the main mix first, then stems, those of one view together."""
    found: dict[str, Source] = {}
    if not settings.is_cut:
        return ()
    if song.main_audio_file and (root / song.main_audio_file).is_file():
        found[song.main_audio_file] = Source((FULL,), "", song.main_audio_file, -1)
    rank = {view: i for i, view in enumerate(PART_VIEWS)}
    order = sorted(range(len(song.stems)), key=lambda i: (rank.get(song.stems[i].view, len(rank)), i))
    for index in order:
        stem = song.stems[index]
        if stem.has_audio and stem.audio_file:
            known = found.get(stem.audio_file)
            parts = (*known.parts, stem_part(stem)) if known else (stem_part(stem),)
            view, first = (known.view, known.stem) if known else (stem.view, index)
            found[stem.audio_file] = Source(parts, view, stem.audio_file, first)
    return tuple(found.values())


def read_recording(
    source: Source, song_id: str, root: Path, settings: AudioSettings, problems: list[BuildProblem]
) -> Recording | None:
    """Read a recording once; one that cannot be used is a problem and None."""
    try:
        path = inside(root, source.file)
        info = probe_audio(path)
        audio = read_audio(path, sample_rate=settings.sample_rate, mono=settings.mono)
        if audio.duration_s < MIN_RECORDING_S:
            raise AudioError(
                f"lasts {audio.n_samples} samples, expected a recording of {MIN_RECORDING_S:g} s or more; export it again"
            )
        with path.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
    except (WhitelightError, OSError) as err:
        problems.append(_unusable(err, source.file, song_id, root))
        return None
    problems += _flaws(audio, info, source.file, song_id, settings)
    is_exact = info.is_lossless and audio.sample_rate == info.sample_rate and audio.n_channels == info.n_channels
    return Recording(source, audio, Provenance("file", source.file, digest, is_exact))


def header_length_s(sources: Sequence[Source], root: Path) -> float:
    """Return the longest of the recordings by their headers, 0 when none can be read."""
    lengths = [0.0]
    for source in sources:
        try:
            lengths.append(probe_audio(inside(root, source.file)).duration_s)
        except WhitelightError:  # told when it is read
            continue
    return max(lengths)


def _unusable(err: Exception, file: str, song_id: str, root: Path) -> BuildProblem:
    """Tell a file that is not what it should be from one that could not be opened, and may be there again tomorrow."""
    is_system = isinstance(err, OSError) or isinstance(err.__cause__, OSError)
    text = str(getattr(err, "strerror", None) or err).replace(f"{root / file}", Path(file).name)
    code = "audio-unreadable" if is_system else "audio-damaged"
    return BuildProblem(song_id, file, code, text.removeprefix(f"{Path(file).name}: "), "built without it")


def _flaws(audio: Audio, info: AudioInfo, file: str, song_id: str, settings: AudioSettings) -> Iterator[BuildProblem]:
    """Yield what is wrong or odd about a recording that is used all the same."""
    for text in audio.problems:
        message, _, action = text.removeprefix(f"{Path(file).name}: ").rpartition("; ")
        yield BuildProblem(song_id, file, "audio-flawed", message or action, action if message else "used it")
    expected = FORMAT_OF_SUFFIX.get(Path(file).suffix.lower(), info.format)
    if expected != info.format:
        message = f"holds {info.format}, its name says {expected}"
        yield BuildProblem(song_id, file, "audio-unusual", message, f"read it as {info.format}")
    if info.n_channels > 2:
        action = "mixed to one" if settings.mono else "kept them; --mono mixes them"
        yield BuildProblem(song_id, file, "audio-unusual", f"{info.n_channels} channels, expected 1 or 2", action)
    if not USUAL_RATES[0] <= info.sample_rate <= USUAL_RATES[1]:
        action = "kept it" if settings.sample_rate is None else f"resampled to {settings.sample_rate:,} Hz"
        message = f"{info.sample_rate:,} Hz, expected 44,100 or 48,000 Hz"
        yield BuildProblem(song_id, file, "audio-unusual", message, action)
