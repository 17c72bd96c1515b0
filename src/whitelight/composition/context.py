"""What a stage knows of the section it composes for: key, meter, tempo, energy, and what was approved before it.

All approved pieces are at one resolution, at which a pulse of the grid is a whole number of ticks, begin at tick 0 and
end with the section. A hand-made file of another resolution or length is fitted when the context is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from whitelight.composition.form import SectionPlan
from whitelight.composition.meter_grid import MeterGrid, meter_grid, ticks_per_beat
from whitelight.composition.sounding import SoundingChord, read_harmony
from whitelight.music import (
    Key,
    KeyChange,
    Meter,
    MeterChange,
    MidiTrack,
    Notes,
    Piece,
    TempoMap,
    TextEvent,
    slice_piece,
)
from whitelight.music.piece import NO_CONTROLS


@dataclass(frozen=True, slots=True, eq=False)
class SectionContext:
    """One section as a stage meets it.

    Attributes
    ----------
    heard : stage → its approved piece in this section.
    chords : what sounds in the approved chords, over the whole section without gaps; empty without chords.
    label : which variant of the section it is, as the approved chords are called; "" without.
    """

    section: SectionPlan
    key: Key
    meter: Meter
    tempo_bpm: float
    grid: MeterGrid
    heard: Mapping[str, Piece]
    chords: tuple[SoundingChord, ...]
    label: str

    @property
    def n_pulses(self) -> int:
        """Length of the section in pulses."""
        return self.section.n_bars * self.grid.bar_pulses

    @property
    def ticks_per_beat(self) -> int:
        """Resolution of every piece in it."""
        return ticks_per_beat(self.meter, self.grid)

    @property
    def pulse_ticks(self) -> int:
        """Ticks of a pulse."""
        return self.meter.bar_ticks(self.ticks_per_beat) // self.grid.bar_pulses

    @property
    def end_tick(self) -> int:
        """Length of the section in ticks."""
        return self.n_pulses * self.pulse_ticks

    def chord_at(self, pulse: int) -> SoundingChord | None:
        """Chord that sounds at a pulse."""
        return next((chord for chord in self.chords if chord.start <= pulse < chord.end), None)

    def notes_of(self, stage: str) -> Notes:
        """All notes of an approved stage; none when nothing is approved."""
        piece = self.heard.get(stage)
        return Notes.empty() if piece is None else piece.all_notes()

    def piece(self, midi_tracks: Sequence[MidiTrack], markers: Sequence[TextEvent] = ()) -> Piece:
        """Lay parts into the section: its tempo, meter and key, its name as the first marker, its exact end."""
        resolution = self.ticks_per_beat
        return Piece(
            ticks_per_beat=resolution,
            tempo_map=TempoMap.constant(self.tempo_bpm, resolution),
            meters=(MeterChange(0, self.meter),),
            keys=(KeyChange(0, self.key),),
            markers=(TextEvent(0, self.section.name), *markers),
            midi_tracks=tuple(midi_tracks),
            end_tick=self.end_tick,
        )

    def together(self, *pieces: Piece) -> Piece:
        """Everything approved and these pieces, sounding at once."""
        return self.piece([part for piece in (*self.heard.values(), *pieces) for part in piece.midi_tracks])


def make_context(
    section: SectionPlan,
    *,
    key: Key,
    meter: Meter,
    tempo_bpm: float,
    heard: Mapping[str, Piece] | None = None,
    label: str = "",
) -> SectionContext:
    """Prepare a section for a stage; `heard` holds approved pieces by stage, "chords" among them."""
    grid = meter_grid(meter, tempo_bpm)
    plain = SectionContext(section, key, meter, tempo_bpm, grid, {}, (), label)
    fitted = {stage: fit_piece(piece, plain) for stage, piece in (heard or {}).items()}
    chords = fitted.get("chords")
    harmony = () if chords is None else read_harmony(chords, grid, key, n_pulses=plain.n_pulses)
    return replace(plain, heard=fitted, chords=harmony)


def fit_piece(piece: Piece, context: SectionContext) -> Piece:
    """Lay a piece into a section: counted in its ticks, at its tempo; what lasts beyond its end is cut."""
    ratio = context.ticks_per_beat / piece.ticks_per_beat
    parts = [
        replace(part, notes=_recount(part.notes, ratio), lyrics=_moved(part.lyrics, ratio), controls=NO_CONTROLS)
        for part in piece.midi_tracks
    ]
    laid = context.piece(parts, _moved(piece.markers, ratio))
    return slice_piece(replace(laid, markers=laid.markers[1:]), 0, context.end_tick)


def _moved(events: Sequence[TextEvent], ratio: float) -> tuple[TextEvent, ...]:
    return tuple(replace(event, tick=round(event.tick * ratio)) for event in events)


def _recount(notes: Notes, ratio: float) -> Notes:
    """The same notes in other ticks; onsets and ends are rounded, none vanishes."""
    if ratio == 1.0 or not len(notes):
        return notes
    onset = np.rint(notes.onset_tick * ratio).astype(np.int64)
    end = np.rint(notes.end_tick * ratio).astype(np.int64)
    return Notes(onset, np.maximum(end - onset, 1), notes.pitch, notes.velocity)
