"""What the MIDI of a row must hold, from the source files alone: read by mido, cut in whole numbers.

The rules are those of docs/formats.md (Rows) and of `music.slicing`, `dataset.source` and `dataset.views`, none of whose
code runs here: an edge is the tick nearest to its time; a note that sounds over an edge is clipped to it; what was in
force at the start is stated at tick 0; files of one song are laid on the time line of the one with most tempo changes,
then the finest resolution, then the first. Notes of files with another time line may be one tick off (`is_moved`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.catalog.song import Song, Stem
from whitelight.dataset.verify.exact_time import COMMON_TIME, Clock, Meter, bar_lines, in_force
from whitelight.dataset.verify.second_reader import (
    END,
    ONSET,
    PITCH,
    HeardMidi,
    TrackLabel,
    hear_midi,
    label_notes,
    sort_notes,
)
from whitelight.dataset.verify.voices import name_voices
from whitelight.files import inside, read_bytes, sha256_of

Notes = NDArray[np.int64]
_PARTS_OF_A_SONG = ("chords", "bass", "drums", "melody")


@dataclass(frozen=True, slots=True)
class SourceTrack:
    """One track of one file on the song's time line; `stem` is its place among the song's stems, −1 for a whole song."""

    stem: int
    label: TrackLabel
    notes: Notes
    is_moved: bool


@dataclass(frozen=True, slots=True)
class SourceMidi:
    """All MIDI of a song.

    Attributes
    ----------
    hashes : file → hash of its content, of every file that was read.
    """

    clock: Clock
    meters: tuple[tuple[int, Meter], ...]
    keys: tuple[tuple[int, str], ...]
    texts: tuple[tuple[int, str], ...]
    lyrics: str
    tracks: tuple[SourceTrack, ...]
    end_tick: int
    hashes: Mapping[str, str]

    @property
    def is_by_stems(self) -> bool:
        """Whether views come from stems; else from voices."""
        return any(track.stem >= 0 for track in self.tracks)

    @property
    def is_moved(self) -> bool:
        """Whether a file was laid on the time line of another one."""
        return any(track.is_moved for track in self.tracks)

    @property
    def duration_us(self) -> float:
        """Where the last file ends, in microseconds."""
        return float(self.clock.us_of(self.end_tick))


@dataclass(frozen=True, slots=True)
class ExpectedSlice:
    """What a MIDI file of a row must say; ticks from the start of the segment.

    Attributes
    ----------
    notes : of each track label, sorted; shape (n, 4).
    tempi, meters, keys : what is in force, as (tick, value) without repetitions.
    bars : bar lines after tick 0.
    slack_ticks : how far a note may be off.
    """

    n_ticks: int
    ticks_per_beat: int
    notes: Mapping[TrackLabel, Notes]
    tempi: Sequence[tuple[int, int]]
    meters: Sequence[tuple[int, Meter]]
    keys: Sequence[tuple[int, str]]
    texts: Sequence[tuple[int, str]]
    bars: Sequence[int]
    slack_ticks: int


def read_source_midi(song: Song, root: Path, left_out: frozenset[str] = frozenset()) -> SourceMidi | None:
    """Read every MIDI file of a song with the second reader; None where none has notes.

    Parameters
    ----------
    left_out : files that the build reports as unusable.

    Raises
    ------
    SecondReaderError, UnreadableFileError : a file the song was built from cannot be read.
    """
    hashes: dict[str, str] = {}

    def hear(file: str) -> HeardMidi:
        content = read_bytes(inside(root, file))
        hashes[file] = sha256_of([content])
        return hear_midi(content)

    heard = [
        (index, stem, hear(stem.midi_file))
        for index, stem in enumerate(song.stems)
        if stem.has_midi and stem.midi_file and stem.midi_file not in left_out
    ]
    files = [(index, _named(midi, stem)) for index, stem, midi in heard if midi.n_notes]
    main = song.main_midi_file
    if not files and main and main not in left_out and (root / main).exists():
        midi = hear(main)
        files = [(-1, midi)] if midi.n_notes else []
    if not files:
        return None
    if len(song.stems) == 1 and song.stems[0].view not in _PARTS_OF_A_SONG:
        files = [(-1, midi) for _, midi in files]
    return _merge(files, hashes)


def _named(midi: HeardMidi, stem: Stem) -> HeardMidi:
    """Give tracks without a name that of the stem; every track of a drum stem is drums."""
    tracks = tuple(
        (TrackLabel(label.name or stem.description, label.program, label.is_drum or stem.view == "drums"), notes)
        for label, notes in midi.tracks
    )
    return replace(midi, tracks=tracks)


def _merge(files: Sequence[tuple[int, HeardMidi]], hashes: Mapping[str, str]) -> SourceMidi:
    clocks = [Clock(midi.ticks_per_beat, midi.tempi) for _, midi in files]
    lead = max(range(len(files)), key=lambda i: (len(clocks[i].tempi), clocks[i].ticks_per_beat))
    clock = clocks[lead]

    def place(own: Clock, tick: int) -> int:
        return tick if own == clock else clock.nearest(own.us_of(tick))[0]

    tracks, texts, end_tick = [], set(), 0
    for (stem, midi), own in zip(files, clocks, strict=True):
        for label, notes in midi.tracks:
            tracks.append(SourceTrack(stem, label, _placed(notes, own, clock), own != clock))
        texts |= {(place(own, tick), text) for tick, text in midi.texts}
        end_tick = max(end_tick, place(own, midi.end_tick))
    in_order = [files[lead][1], *(midi for i, (_, midi) in enumerate(files) if i != lead)]
    owners = [clock, *(own for i, own in enumerate(clocks) if i != lead)]
    metered = next(((m.meters, own) for m, own in zip(in_order, owners, strict=True) if m.meters), ((), clock))
    keyed = next(((m.keys, own) for m, own in zip(in_order, owners, strict=True) if m.keys), ((), clock))
    return SourceMidi(
        clock=clock,
        meters=tuple((place(metered[1], tick), meter) for tick, meter in metered[0]),
        keys=tuple((place(keyed[1], tick), key) for tick, key in keyed[0]),
        texts=tuple(sorted(texts)),
        lyrics="\n".join(midi.lyrics for _, midi in files),
        tracks=tuple(tracks),
        end_tick=end_tick,
        hashes=hashes,
    )


def _placed(notes: Notes, own: Clock, clock: Clock) -> Notes:
    """Lay notes on another time line by their exact times."""
    if own == clock:
        return notes
    rows = []
    for onset, end, pitch, velocity in notes.tolist():
        first = clock.nearest(own.us_of(onset))[0]
        rows.append((first, max(clock.nearest(own.us_of(end))[0], first + 1), pitch, velocity))
    return np.array(rows, np.int64)


def expected_slice(source: SourceMidi, tracks: Sequence[SourceTrack], edges: tuple[int, int]) -> ExpectedSlice:
    """Return what a slice of some tracks between two ticks must hold."""
    start, end = edges
    tpb = source.clock.ticks_per_beat
    lines = [line - start for line in bar_lines(source.meters, tpb, end) if line > start]
    return ExpectedSlice(
        n_ticks=end - start,
        ticks_per_beat=tpb,
        notes=label_notes((track.label, clip_notes(track.notes, start, end)) for track in tracks),
        tempi=in_force(source.clock.tempi, start, end, source.clock.tempi[0][1]),
        meters=in_force(source.meters, start, end, COMMON_TIME),
        keys=in_force(source.keys, start, end, ""),
        texts=[(tick - start, text) for tick, text in source.texts if start <= tick < end],
        bars=lines,
        slack_ticks=int(any(track.is_moved for track in tracks)),
    )


def clip_notes(notes: Notes, start: int, end: int) -> Notes:
    """Return the notes sounding in [start, end), clipped to it, counted from its start."""
    if not len(notes):
        return notes
    sounding = notes[(notes[:, ONSET] < end) & (notes[:, END] > start)]
    clipped = sounding.copy()
    clipped[:, ONSET] = np.maximum(sounding[:, ONSET], start) - start
    clipped[:, END] = np.minimum(sounding[:, END], end) - start
    return clipped


def tracks_of_stem(source: SourceMidi, stem: int) -> list[SourceTrack]:
    """Return the tracks of a stem, by its place among the song's stems."""
    return [track for track in source.tracks if track.stem == stem]


def tracks_of_view(source: SourceMidi, view: str, stems: Sequence[Stem]) -> list[SourceTrack]:
    """Return the tracks of a view of a song with stems: `full` all, `drums` what is drums, else those of its stems."""
    if view == "full":
        return list(source.tracks)
    if view == "drums":
        return [track for track in source.tracks if track.label.is_drum]
    return [track for track in source.tracks if track.stem >= 0 and stems[track.stem].view == view]


def expected_voice(source: SourceMidi, view: str, edges: tuple[int, int]) -> ExpectedSlice:
    """Return what a slice of a view of a song without stems must hold: its voices are named within the slice."""
    whole = expected_slice(source, source.tracks, edges)
    if view == "full":
        return whole
    if view == "drums":
        return _with_notes(whole, {label: notes for label, notes in whole.notes.items() if label.is_drum})
    clock = source.clock.cut(*edges)
    unit = source.clock.ticks_per_beat * 1_000_000
    pitched = [(label, row) for label, notes in whole.notes.items() if not label.is_drum for row in notes.tolist()]
    voices = name_voices(
        [clock.time_of(row[ONSET]) / unit for _, row in pitched],
        [clock.time_of(row[END]) / unit for _, row in pitched],
        [row[PITCH] for _, row in pitched],
    )
    chosen: dict[TrackLabel, list[list[int]]] = {}
    for (label, row), views in zip(pitched, voices, strict=True):
        if view in views:
            chosen.setdefault(label, []).append(row)
    return _with_notes(whole, {label: sort_notes(np.array(rows, np.int64)) for label, rows in chosen.items()})


def _with_notes(whole: ExpectedSlice, notes: Mapping[TrackLabel, Notes]) -> ExpectedSlice:
    return replace(whole, notes=notes)
