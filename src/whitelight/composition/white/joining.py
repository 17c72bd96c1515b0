"""Laying stretches one after the other: notes, chord marks, and where every bar came from.

A note cut off at the end of a stretch ends there, unless the next stretch goes on where this one ends: then it is one
note again. A note tied in from a bar that is not there is struck anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from whitelight.composition.context import SectionContext
from whitelight.composition.white.genome import CutUpGenome
from whitelight.composition.white.library import Library, Material
from whitelight.composition.white.rekeying import mapping_text, tonic_shift
from whitelight.music import MidiTrack, Notes, Piece, TextEvent

Row = tuple[int, int, int, int]  # onset_tick, duration_ticks, pitch, velocity


@dataclass(frozen=True, slots=True)
class Laid:
    """A stretch in its place; `tick` is its first."""

    material: Material
    tick: int
    bar: int
    is_recalled: bool
    goes_on: bool


@dataclass(frozen=True, slots=True)
class BarOrigin:
    """Where a bar, or a stretch of one, came from.

    Attributes
    ----------
    bar, source_bar : from 1. first_group, n_groups : felt groups of the source bar that were taken, from 1.
    semitones : from tonic to tonic; 0 with an empty `mapping` for drums. mapping : "C major → D dorian".
    is_recalled : the bar sounded before. goes_on : the source goes on where the stretch before it ended.
    """

    bar: int
    song: str
    section: str
    stage: str
    file: str
    source_bar: int
    first_group: int
    n_groups: int
    source_meter: str
    semitones: int
    mapping: str
    is_recalled: bool
    goes_on: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain data for `review.yml` and `provenance.yml`."""
        return asdict(self)

    @property
    def text(self) -> str:
        """One line for people."""
        moved = f", {self.semitones:+d} semitones" if self.semitones else ""
        return f"{self.bar}: {self.song}, {self.section}, bar {self.source_bar}{moved}"


def lay(genome: CutUpGenome, library: Library, context: SectionContext) -> tuple[Laid, ...]:
    """Put every stretch of a genome in its place."""
    bar_ticks = context.grid.bar_pulses * context.pulse_ticks
    laid: list[Laid] = []
    before: Material | None = None
    for bar, unit in enumerate(genome.plan):
        tick, is_recalled = bar * bar_ticks, unit in genome.plan[:bar]
        for cut in genome.units[unit]:
            material = library.materials[cut]
            laid.append(Laid(material, tick, bar, is_recalled, material.follows(before)))
            tick, before = tick + material.n_ticks, material
    return tuple(laid)


def joined(laid: Sequence[Laid], library: Library, context: SectionContext) -> Piece:
    """Return the stretches as one piece, one MIDI track per part that sounds."""
    rows: dict[str, list[Row]] = {}
    tied: dict[tuple[str, int], int] = {}  # (part, pitch) → row of the note that was cut off at the last edge
    for one in laid:
        goes_on, open_now = tied if one.goes_on else {}, dict[tuple[str, int], int]()
        for note in one.material.notes:
            voice, place = rows.setdefault(note.part, []), (note.part, note.pitch)
            row = goes_on.get(place) if note.is_tied_in else None
            if row is None:
                row = len(voice)
                voice.append((one.tick + note.onset, note.duration, note.pitch, note.velocity))
            else:
                onset, _, pitch, velocity = voice[row]
                voice[row] = (onset, one.tick + note.onset + note.duration - onset, pitch, velocity)
            if note.is_tied_out:
                open_now[place] = row
        tied = open_now
    midi_tracks = [
        MidiTrack(name, program, is_drum, Notes.from_rows(apart(rows[name])))
        for name, (program, is_drum) in sorted(library.parts.items())
        if name in rows
    ]
    return context.piece(midi_tracks, list(_markers(laid)))


def apart(rows: Sequence[Row]) -> list[Row]:
    """End every note where its pitch sounds again; of two at one moment the longer stays (re-keying can merge two)."""
    following: dict[int, int] = {}
    kept: list[Row] = []
    for onset, duration, pitch, velocity in sorted(rows, key=lambda row: (row[0], row[1]), reverse=True):
        again = following.get(pitch)
        if again == onset:
            continue
        kept.append((onset, duration if again is None else min(duration, again - onset), pitch, velocity))
        following[pitch] = onset
    return kept[::-1]


def _markers(laid: Sequence[Laid]) -> Iterator[TextEvent]:
    """Chord symbols, each said once until it changes."""
    before = ""
    for one in laid:
        for tick, symbol in one.material.marks:
            if symbol != before:
                yield TextEvent(one.tick + tick, symbol)
            before = symbol


def origins(laid: Sequence[Laid], context: SectionContext) -> tuple[BarOrigin, ...]:
    """Say of every stretch where it came from."""
    return tuple(_origin(one, context) for one in laid)


def _origin(one: Laid, context: SectionContext) -> BarOrigin:
    source, cut = one.material.source, one.material.cut
    is_keyed = any(not midi_track.is_drum for midi_track in source.piece.midi_tracks)
    return BarOrigin(
        bar=one.bar + 1,
        song=source.song,
        section=source.section,
        stage=source.stage,
        file=source.file,
        source_bar=cut.bar + 1,
        first_group=cut.first + 1,
        n_groups=cut.n,
        source_meter=str(source.meter),
        semitones=tonic_shift(source.key, context.key) if is_keyed else 0,
        mapping=mapping_text(source.key, context.key) if is_keyed else "",
        is_recalled=one.is_recalled,
        goes_on=one.goes_on,
    )
