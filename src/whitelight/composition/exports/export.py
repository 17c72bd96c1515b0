"""All exports of a song at once, from one assembly."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.audio import Renderer, find_soundfont
from whitelight.composition.arrangement import assemble_song, write_arrangement
from whitelight.composition.arrangement.song import Song
from whitelight.composition.arrangement.song_writing import SONG_MIDI, STEMS_FOLDER, stem_files
from whitelight.composition.exports.dawproject import to_dawproject
from whitelight.composition.exports.lrc import to_lrc
from whitelight.composition.exports.musicxml import to_musicxml
from whitelight.composition.exports.preview import PreviewReport, write_preview
from whitelight.composition.production import UnwritableFolderError, write_when_new
from whitelight.errors import WhitelightError
from whitelight.music import write_midi

KINDS = ("midi", "stems", "musicxml", "dawproject", "lrc", "wav")
MUSICXML, DAWPROJECT, LRC, PREVIEW = "song.musicxml", "song.dawproject", "lyrics.lrc", "preview.wav"


class UnknownExportError(WhitelightError):
    """A kind of export that does not exist."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `export_song` did.

    Attributes
    ----------
    files : everything that was asked for. written : what is new or changed.
    preview : how the sound came out, None when none was asked for.
    problems : what could not be made, and why.
    """

    folder: Path
    files: tuple[Path, ...]
    written: tuple[Path, ...]
    preview: PreviewReport | None
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data; files by their path in the folder."""
        return {
            "files": [path.relative_to(self.folder).as_posix() for path in self.files],
            "written": [path.relative_to(self.folder).as_posix() for path in self.written],
            "preview": None if self.preview is None else self.preview.to_dict(),
            "problems": list(self.problems),
        }

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        yield f"{len(self.files)} files, {len(self.written)} written"
        if self.preview is not None:
            yield str(self.preview)
        yield from self.problems


def export_song(folder: Path, kinds: Sequence[str] = (), *, soundfont: Path | None = None) -> ExportReport:
    """Write exports of the song of a production folder.

    Parameters
    ----------
    kinds : some of `KINDS`, all when empty. soundfont : what plays the preview; the system's when None.

    Raises
    ------
    UnknownExportError : a kind that does not exist. ArrangementError, SongSheetError : see `assemble_song`.
    UnwritableFolderError : the folder cannot be written; files that were there are complete as they were.
    AudioError : the SoundFont that was asked for cannot be played.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UnknownExportError(f"export '{unknown[0]}': expected some of {', '.join(KINDS)}")
    song = assemble_song(folder)
    try:
        return _written(folder, song, kinds or KINDS, soundfont)
    except OSError as err:
        raise UnwritableFolderError.of(err, folder) from err


def _written(folder: Path, song: Song, kinds: Sequence[str], soundfont: Path | None) -> ExportReport:
    write_arrangement(folder, song.arrangement)
    problems: list[str] = []
    files: dict[Path, bytes] = {}
    for kind in (kind for kind in KINDS if kind in kinds and kind != "wav"):
        made = _MAKERS[kind](song)
        if not made:
            problems.append(f"{LRC}: no lyrics are sung in the song; approve some, or leave it out")
        files |= {folder / name: data for name, data in made.items()}
    written = [path for path, data in files.items() if write_when_new(path, data)]
    preview = None
    if "wav" in kinds:
        preview = write_preview(song.piece, folder / PREVIEW, Renderer(find_soundfont(soundfont)))
        written.append(preview.file)
    everything = (*files, *([preview.file] if preview else []))
    return ExportReport(folder, tuple(everything), tuple(written), preview, tuple(problems))


def _stems(song: Song) -> dict[str, bytes]:
    return {f"{STEMS_FOLDER}/{name}.mid": data for name, data in stem_files(song).items()}


def _lrc(song: Song) -> dict[str, bytes]:
    text = to_lrc(song)
    return {LRC: text.encode()} if text else {}


_MAKERS: dict[str, Callable[[Song], dict[str, bytes]]] = {
    "midi": lambda song: {SONG_MIDI: write_midi(song.piece)},
    "stems": _stems,
    "musicxml": lambda song: {MUSICXML: to_musicxml(song)},
    "dawproject": lambda song: {DAWPROJECT: to_dawproject(song)},
    "lrc": _lrc,
}
