"""A song that was put together: its piece, and what exports ask of it beside the notes."""

from dataclasses import dataclass

from whitelight.composition.arrangement.model import ArrangedBlock, Arrangement
from whitelight.composition.meter_grid import MeterGrid
from whitelight.composition.song_sheet import SongSheet
from whitelight.composition.sounding import SoundingChord
from whitelight.music import MidiTrack, Piece


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A block and where it lies, in ticks; `start_bar` counts from 0."""

    block: ArrangedBlock
    start_tick: int
    end_tick: int
    start_bar: int


@dataclass(frozen=True, slots=True)
class SongChord:
    """A chord of the song, in ticks."""

    start_tick: int
    end_tick: int
    chord: SoundingChord


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """A song that was put together.

    Attributes
    ----------
    piece : all tracks, whole length. stages : stage of each of its tracks.
    chords : in order; stretches without chords are not covered.
    """

    sheet: SongSheet
    arrangement: Arrangement
    piece: Piece
    stages: tuple[str, ...]
    blocks: tuple[PlacedBlock, ...]
    chords: tuple[SongChord, ...]
    grid: MeterGrid

    @property
    def bar_ticks(self) -> int:
        """Length of a bar in ticks."""
        return self.sheet.meter.bar_ticks(self.piece.ticks_per_beat)

    @property
    def pulse_ticks(self) -> int:
        """Length of a pulse of the grid in ticks."""
        return self.bar_ticks // self.grid.bar_pulses

    def tracks_of(self, stage: str) -> tuple[MidiTrack, ...]:
        """Tracks of a stage."""
        return tuple(
            midi_track for midi_track, name in zip(self.piece.midi_tracks, self.stages, strict=True) if name == stage
        )
