"""What may be cut up: approved parts of other songs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from whitelight.composition.approved import approved_parts
from whitelight.composition.production import SONG_FILE
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.errors import WhitelightError
from whitelight.music import Key, Meter, Piece, read_midi

CUT_STAGES = ("chords", "drums", "bass", "melody", "harmony")  # words are not cut up


class NoFittingSourcesError(WhitelightError):
    """There is nothing to cut a song from."""


@dataclass(frozen=True, slots=True, eq=False)
class SourcePart:
    """One approved part of another song.

    Attributes
    ----------
    piece : as it was approved. key, meter : of that song.
    song : its title. section : name of the part, "verse_a". stage : "chords", "drums", …
    file : path of the file from the folder of songs, "first-song/chords/approved/verse_a.mid".
    """

    piece: Piece
    key: Key
    meter: Meter
    song: str
    section: str
    stage: str
    file: str


def read_sources(folders: Iterable[Path], stage: str | None = None) -> tuple[SourcePart, ...]:
    """Read what is approved in production folders; a folder without a song adds nothing.

    Parameters
    ----------
    stage : only this one; all of `CUT_STAGES` when None.

    Raises
    ------
    SongSheetError, MidiError : a song or part that cannot be read; the message names it.
    """
    songs = [folder for folder in sorted(set(map(Path, folders))) if (folder / SONG_FILE).exists()]
    return tuple(part for folder in songs for part in _parts_of(folder, CUT_STAGES if stage is None else (stage,)))


def _parts_of(folder: Path, stages: Sequence[str]) -> Iterator[SourcePart]:
    sheet = read_song_sheet(folder)
    parts = approved_parts(folder, sheet.form.sections)
    for part in (part for stage in stages for part in parts.get(stage, ())):
        yield SourcePart(
            piece=read_midi(part.file),
            key=sheet.key,
            meter=sheet.meter,
            song=sheet.title,
            section=part.file.stem,
            stage=part.stage,
            file=part.file.relative_to(folder.parent).as_posix(),
        )
