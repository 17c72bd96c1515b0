"""A piece: MIDI tracks over one tempo map, with meters, keys and markers, and an exact end.

`end_tick` is where the music stops being described, at or after the last note: trailing silence counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from whitelight.errors import WhitelightError
from whitelight.music.controls import Controls
from whitelight.music.key import Key, KeyChange
from whitelight.music.meter import Meter, MeterChange
from whitelight.music.notes import Notes, TextEvent
from whitelight.music.tempo import TempoMap

DEFAULT_METER = Meter(4, 4)  # what a MIDI file without a time signature means
NO_NOTES, NO_CONTROLS = Notes.empty(), Controls.empty()


class PieceError(WhitelightError):
    """Parts of a piece contradict each other."""


@dataclass(frozen=True, slots=True)
class MidiTrack:
    """One instrument's part.

    Parameters
    ----------
    name : as in the file, may be empty or shared.
    program : General MIDI program 0–127 (0 is grand piano).
    is_drum : plays on channel 10, where pitches are drums.
    lyrics : sung syllables or lines, in order.
    controls : control changes and pitch bends, the sustain pedal among them.
    """

    name: str = ""
    program: int = 0
    is_drum: bool = False
    notes: Notes = NO_NOTES
    lyrics: tuple[TextEvent, ...] = ()
    controls: Controls = NO_CONTROLS

    def __post_init__(self) -> None:
        if not 0 <= self.program <= 127:
            raise PieceError(f"MIDI track '{self.name}' has program {self.program}: expected 0 to 127")

    def with_notes(self, notes: Notes) -> "MidiTrack":
        """The same part with other notes."""
        return replace(self, notes=notes)


@dataclass(frozen=True, slots=True)
class Piece:
    """Tracks and the time they live in.

    Parameters
    ----------
    ticks_per_beat : resolution, that of `tempo_map`.
    meters, keys, markers : in order of time; empty when the file says nothing (4/4 is then understood).
    end_tick : first tick after the music; 0 or less than the last note end is raised to it.
    """

    ticks_per_beat: int
    tempo_map: TempoMap
    meters: tuple[MeterChange, ...] = ()
    keys: tuple[KeyChange, ...] = ()
    markers: tuple[TextEvent, ...] = ()
    midi_tracks: tuple[MidiTrack, ...] = ()
    end_tick: int = 0

    def __post_init__(self) -> None:
        if self.ticks_per_beat != self.tempo_map.ticks_per_beat:
            raise PieceError(
                f"piece of {self.ticks_per_beat} ticks per beat with a tempo map of {self.tempo_map.ticks_per_beat}"
            )
        last = max((midi_track.notes.last_tick for midi_track in self.midi_tracks), default=0)
        if last > self.end_tick:
            object.__setattr__(self, "end_tick", last)

    @property
    def duration_s(self) -> float:
        """Seconds from tick 0 to `end_tick`."""
        return self.tempo_map.ticks_to_seconds(self.end_tick)

    @property
    def duration_beats(self) -> float:
        """Quarter notes from tick 0 to `end_tick`."""
        return self.end_tick / self.ticks_per_beat

    @property
    def n_notes(self) -> int:
        """Notes of all tracks."""
        return sum(len(midi_track.notes) for midi_track in self.midi_tracks)

    def all_notes(self, *, drums: str = "include") -> Notes:
        """Notes of all tracks together; `drums` is "include", "exclude" or "only"."""
        return Notes.concatenate(midi_track.notes for midi_track in self.tracks_with(drums))

    def tracks_with(self, drums: str) -> tuple[MidiTrack, ...]:
        """Tracks chosen by `drums`: "include" all, "exclude" pitched ones, "only" drums."""
        if drums == "include":
            return self.midi_tracks
        if drums not in ("exclude", "only"):
            raise PieceError(f"drums='{drums}': expected include, exclude or only")
        return tuple(midi_track for midi_track in self.midi_tracks if midi_track.is_drum == (drums == "only"))

    def meter_at(self, tick: int) -> Meter:
        """Meter in force at `tick`, 4/4 before the first change."""
        return next((change.meter for change in reversed(self.meters) if change.tick <= tick), DEFAULT_METER)

    def key_at(self, tick: int) -> Key | None:
        """Key in force at `tick`, None when none is stated before it."""
        return next((change.key for change in reversed(self.keys) if change.tick <= tick), None)

    def with_midi_tracks(self, midi_tracks: Iterable[MidiTrack]) -> "Piece":
        """The same time with other tracks; the end moves only when a note passes it."""
        return replace(self, midi_tracks=tuple(midi_tracks))
