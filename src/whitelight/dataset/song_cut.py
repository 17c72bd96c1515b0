"""A song and where it is cut: what the rows, their MIDI and their audio are all made from."""

from dataclasses import dataclass

from whitelight.catalog.song import Song, Stem
from whitelight.dataset.bars import BarLines
from whitelight.dataset.lyrics import SongLyrics
from whitelight.dataset.segments import Segment
from whitelight.dataset.source import SongMidi

FULL, LYRICS = "full", "lyrics"


@dataclass(frozen=True, slots=True)
class SongCut:
    """A song with its MIDI and lyrics read, and its segments.

    Attributes
    ----------
    end_s : where the song ends, 0 when nothing says.
    """

    song: Song
    midi: SongMidi
    lyrics: SongLyrics
    bars: BarLines | None
    segments: tuple[Segment, ...]
    end_s: float

    def row_id(self, segment: Segment, part: str) -> str:
        """Return the id of the row of a part: a view, or "stem-<number>"."""
        return f"{self.segment_id(segment)}/{part}"

    def segment_id(self, segment: Segment) -> str:
        """Return the id that the rows of a segment share."""
        return f"{self.song.song_id}/{segment.index:04d}"

    @property
    def row_stems(self) -> tuple[tuple[int, Stem], ...]:
        """Stems that have rows of their own, by their position.

        None for a song that is one MIDI file, whose only stem is the `full` view.
        """
        stems = self.song.stems
        is_one_file = len(stems) == 1 and self.midi.piece is not None and not self.midi.is_by_stems
        return () if is_one_file and not stems[0].has_audio else tuple(enumerate(stems))

    @property
    def stem_views(self) -> list[str] | None:
        """View of the stem of each MIDI track; None when views come from voices."""
        return [self.song.stems[i].view for i in self.midi.track_stem] if self.midi.is_by_stems else None


def stem_part(stem: Stem) -> str:
    """Return the last part of the row ids of a stem: "01_03/04" is "stem-04"."""
    return "stem-" + stem.stem_id.rpartition("/")[2]
