"""Files a manifest names: where they are, whether they are there, what they weigh in a hash, how long they last."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from whitelight.catalog.problems import ProblemLog
from whitelight.errors import WhitelightError
from whitelight.files import UnsafePathError, inside, sha256_of
from whitelight.music import MidiError, read_midi
from whitelight.music.midi import MAX_DURATION_S

WHOLE_FILE_BYTES = 8 * 1024 * 1024  # larger files are hashed by samples: 84 songs of stems have 50 GB
_SAMPLE_BYTES = 64 * 1024
_N_SAMPLES = 64


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
    """Length of an audio file by its header; None, and a problem, when it cannot be read."""
    import soundfile  # noqa: PLC0415  only catalogs with audio need it

    try:
        length_s = float(soundfile.info(path).duration)
    except (soundfile.SoundFileError, OSError, ValueError) as err:
        # the whole text of either error repeats the absolute path
        reason = getattr(err, "error_string", None) or getattr(err, "strerror", None) or "no header of a recording"
        log.add(
            "audio-unreadable",
            f"{path.name}: {' '.join(reason.split())[:120]}",
            "went on without it",
            severity="error",
        )
        return None
    if length_s > MAX_DURATION_S:
        found = f"{path.name}: lasts {length_s / 3600:,.0f} hours, expected at most {MAX_DURATION_S / 3600:g}"
        log.add("audio-unreadable", found, "went on without its length", severity="error")
        return None
    return length_s


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
