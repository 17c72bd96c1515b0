"""Writing a song: `song.mid`, and every track of it alone in `stems/`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from whitelight.composition.arrangement.arrangement_file import ARRANGEMENT_FILE
from whitelight.composition.arrangement.arrangement_writing import write_arrangement
from whitelight.composition.arrangement.assembly import assemble_song
from whitelight.composition.arrangement.parts import approved_parts, foreign_parts
from whitelight.composition.arrangement.planning import plan_arrangement
from whitelight.composition.arrangement.song import Song
from whitelight.composition.lyrics.settling import settle_words
from whitelight.composition.production import UnwritableFolderError, slug, write_when_new
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.music import write_midi

SONG_MIDI, STEMS_FOLDER = "song.mid", "stems"


@dataclass(frozen=True, slots=True)
class AssemblyReport:
    """What `write_song` did.

    Attributes
    ----------
    written : files that are new or changed. stale : stems of tracks the song no longer has; left as they are.
    problems : approved files that belong to no section.
    """

    song: Path
    stems: tuple[Path, ...]
    n_bars: int
    duration_s: float
    written: tuple[Path, ...]
    stale: tuple[Path, ...]
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data; files by name."""
        return {
            "song": self.song.name,
            "stems": [path.name for path in self.stems],
            "bars": self.n_bars,
            "duration_s": round(self.duration_s, 3),
            "written": [path.name for path in self.written],
            "stale": [path.name for path in self.stale],
            "problems": list(self.problems),
        }

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        minutes, seconds = divmod(round(self.duration_s), 60)
        yield f"{self.song.name}: {self.n_bars} bars, {minutes}:{seconds:02d}, {len(self.stems)} tracks"
        yield from (
            f"{STEMS_FOLDER}/{path.name}: not in the song any more; delete it if you do not want it"
            for path in self.stale
        )
        yield from self.problems


def write_song(folder: Path, *, replan: bool = False) -> AssemblyReport:
    """Put the song together and write it; `arrangement.yml` is written when there is none, or planned anew on request.

    Raises
    ------
    ArrangementError, SongSheetError, MidiError : see `assemble_song`; nothing was written but, maybe, the arrangement.
    UnwritableFolderError : the folder cannot be written; what was there is complete as it was.
    """
    try:
        return _written(folder, replan=replan)
    except OSError as err:
        raise UnwritableFolderError.of(err, folder) from err


def _written(folder: Path, *, replan: bool) -> AssemblyReport:
    sheet = read_song_sheet(folder)
    settle_words(folder, sheet)
    if replan:
        write_arrangement(folder, plan_arrangement(sheet, approved_parts(folder)), replan=True)
    song = assemble_song(folder)
    arrangement_is_new = write_arrangement(folder, song.arrangement)
    files = {folder / SONG_MIDI: write_midi(song.piece)}
    stems = {folder / STEMS_FOLDER / f"{name}.mid": data for name, data in stem_files(song).items()}
    files |= stems
    written = [folder / ARRANGEMENT_FILE] if arrangement_is_new else []
    written += [path for path, data in files.items() if write_when_new(path, data)]
    there = sorted((folder / STEMS_FOLDER).glob("*.mid"))
    return AssemblyReport(
        song=folder / SONG_MIDI,
        stems=tuple(stems),
        n_bars=song.arrangement.n_bars,
        duration_s=song.piece.duration_s,
        written=tuple(written),
        stale=tuple(path for path in there if path not in stems),
        problems=tuple(f"{name}.mid: belongs to no section of the song; not used" for name in foreign_parts(folder)),
    )


def stem_files(song: Song) -> dict[str, bytes]:
    """Every track as a MIDI file of its own with tempo, meter, key and markers of the song, by file name."""
    stems: dict[str, bytes] = {}
    for midi_track in song.piece.midi_tracks:
        name = plain = slug(midi_track.name)
        number = 2
        while name in stems:
            name, number = f"{plain}-{number}", number + 1
        stems[name] = write_midi(replace(song.piece, midi_tracks=(midi_track,)))
    return stems
