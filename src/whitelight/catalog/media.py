"""Files a manifest names: where they are, whether they are there, what they weigh in a hash, how long they last."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from whitelight.audio import AudioError, AudioInfo, is_silent_recording, probe_audio
from whitelight.audio.levels import SILENT_DBFS
from whitelight.catalog.problems import ProblemLog
from whitelight.errors import WhitelightError
from whitelight.files import UnsafePathError, inside, sha256_of
from whitelight.music import MidiError, read_midi

WHOLE_FILE_BYTES = 8 * 1024 * 1024  # larger files are hashed by samples: 84 songs of stems have 50 GB
MIN_RECORDING_S = 0.1  # shorter than any stem; what an export that failed leaves behind
_SAMPLE_BYTES = 64 * 1024
_N_SAMPLES = 64
FORMAT_OF_SUFFIX = {  # what the endings of file names say
    ".wav": "WAV",
    ".flac": "FLAC",
    ".mp3": "MP3",
    ".ogg": "OGG",
    ".oga": "OGG",
    ".opus": "OGG",
    ".m4a": "M4A",
    ".mp4": "M4A",
    ".aif": "AIFF",
    ".aiff": "AIFF",
    ".caf": "CAF",
    ".au": "AU",
}


def resolve_media(root: Path, folder: Path, name: str, log: ProblemLog, at: tuple[str | int, ...]) -> str | None:
    """Return the path of a named file relative to `root`, None when there is no name or it leads out of `folder`."""
    if not name.strip():
        return None
    try:
        return inside(folder, name.strip()).relative_to(root).as_posix()
    except (UnsafePathError, ValueError, OSError) as err:
        message = str(err) if isinstance(err, UnsafePathError) else f"'{name[:80]}' is not a usable path"
        log.add("path-outside", message, "did not open it", at=at, severity="error")
        return None


def hash_files(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents of files; those above `WHOLE_FILE_BYTES` by size and 64 even samples.

    A re-exported recording differs everywhere, so samples tell it apart at a thousandth of the reading.
    """
    return sha256_of(part for path in paths for part in _parts(path))


def _parts(path: Path) -> Iterator[bytes]:
    yield path.name.encode()
    size = path.stat().st_size
    if size <= WHOLE_FILE_BYTES:
        yield path.read_bytes()
        return
    yield str(size).encode()
    with path.open("rb") as stream:
        for k in range(_N_SAMPLES):
            stream.seek((size - _SAMPLE_BYTES) * k // (_N_SAMPLES - 1))
            yield stream.read(_SAMPLE_BYTES)


def audio_length_s(path: Path, log: ProblemLog) -> float | None:
    """Length of an audio file by its header, whatever its name ends in; None, and a problem, when it cannot be read."""
    try:
        return _probed(path).duration_s
    except AudioError as err:
        log.add("audio-unreadable", str(err), "went on without it", severity="error")
        return None


def _probed(path: Path) -> AudioInfo:
    """Read a header; a recording of a few samples is none, and would make its song as short as itself."""
    info = probe_audio(path)
    if info.duration_s < MIN_RECORDING_S:
        found = f"{path.name}: lasts {info.n_samples} samples"
        raise AudioError(f"{found}, expected a recording of {MIN_RECORDING_S:g} s or more; export it again")
    return info


def longest_audio_s(paths: Iterable[Path]) -> float | None:
    """Length of the longest readable recording, None when there is none."""
    lengths = []
    for path in paths:
        try:
            lengths.append(_probed(path).duration_s)
        except AudioError:  # reported by `check`, which reads every recording
            continue
    return max(lengths, default=None)


def midi_length_s(paths: Iterable[Path]) -> float | None:
    """Length of the longest readable MIDI file, None when there is none."""
    lengths = []
    for path in paths:
        try:
            lengths.append(read_midi(path).duration_s)
        except WhitelightError:  # reported by `check`, which reads every MIDI file
            continue
    return max(lengths, default=None)


def check_midi(path: Path, log: ProblemLog) -> None:
    """Report a MIDI file that cannot be read."""
    try:
        read_midi(path)
    except MidiError as err:
        log.add("midi-unreadable", str(err), "the stem has no usable MIDI", severity="error")


def check_audio(path: Path, log: ProblemLog) -> None:
    """Report a recording that cannot be read, is damaged, is not what its name says, or is silent.

    Of a recording only so much is decoded as shows that it is not silent: one percent, as a rule.
    """
    try:
        info = _probed(path)
        is_silent = is_silent_recording(path)
    except AudioError as err:
        log.add("audio-unreadable", str(err), "the stem has no usable audio", severity="error")
        return
    for problem in info.problems:
        message, _, action = problem.rpartition("; ")
        log.add("audio-flawed", f"{path.name}: {message}", action)
    expected = FORMAT_OF_SUFFIX.get(path.suffix.lower(), info.format)
    if expected != info.format:
        found = f"{path.name} holds {info.format}, its name says {expected}"
        log.add("audio-unusual", found, f"reads as {info.format}", severity="info")
    if is_silent:
        found = f"{path.name} is silent: all of it together is below {SILENT_DBFS:g} dBFS"
        log.add("audio-silent", found, "kept it, marked silent", severity="info")
