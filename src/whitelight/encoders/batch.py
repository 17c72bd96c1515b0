"""All notes of a batch of pieces as flat columns, computed once and shared by every MIDI encoder.

Conventions: rows are sorted by (item, onset, pitch); `item` is the position of the piece in the batch; seconds and
beats (quarter notes) count from the start of the piece; a note sounds in [onset, end).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.ragged import Array, Ragged
from whitelight.music import Meter, NoteColumns, Piece, columns_of

SHORTEST_NOTE_S = 0.01  # notes of no length are counted as this long, so that they are heard at all

_PITCH_BITS = 7
_TICK_BITS = 40  # 2^40 ticks are 13 days at 480 ticks per beat and 2000 bpm
_TICKS = (1 << _TICK_BITS) - 1


@dataclass(frozen=True, slots=True)
class NoteBatch:
    """Flat note columns of `n` pieces.

    Attributes
    ----------
    item : piece of each note, ascending.
    onset_s, end_s : seconds from the start of the piece, exact through tempo changes.
    onset_beats : quarter notes from the beat in which the piece starts, so that whole numbers are beats.
    onset_bars : notated bars from the start of the piece; a change of meter starts a new bar.
    pitch : MIDI note number (for drums the instrument), 0-127.
    velocity : 0-127.
    is_drum : the note is played on a drum track.
    tempo_bpm : notated quarter notes per minute, averaged over the piece, shape (n,).
    bar_beats : length of the first notated bar in quarter notes, shape (n,).
    """

    item: NDArray[np.int64]
    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    onset_beats: NDArray[np.float64]
    onset_bars: NDArray[np.float64]
    pitch: NDArray[np.int64]
    velocity: NDArray[np.float32]
    is_drum: NDArray[np.bool_]
    tempo_bpm: NDArray[np.float32]
    bar_beats: NDArray[np.float32]

    @property
    def n(self) -> int:
        """Number of pieces."""
        return len(self.tempo_bpm)

    @property
    def duration_s(self) -> NDArray[np.float32]:
        """Length of every note in seconds, at least `SHORTEST_NOTE_S`."""
        return np.maximum(self.end_s - self.onset_s, SHORTEST_NOTE_S).astype(np.float32)

    @property
    def bar(self) -> NDArray[np.int64]:
        """Number of the notated bar of every note, from 0."""
        return self.onset_bars.astype(np.int64)

    @property
    def bar_phase(self) -> NDArray[np.float32]:
        """Position of every note in its notated bar, [0, 1)."""
        return phase_of(self.onset_bars)

    def ragged(self) -> Ragged:
        """Return where each piece lies in the columns."""
        return Ragged.from_items(self.item, self.n)

    def only(self, *, drums: bool) -> "NoteBatch":
        """Return the same pieces with only their drum notes, or only their pitched notes."""
        chosen = self.is_drum if drums else ~self.is_drum
        if chosen.all():
            return self
        return self.take(np.flatnonzero(chosen))

    def take(self, rows: Array) -> "NoteBatch":
        """Return the same pieces with the notes in `rows` (ascending by piece), in that order."""
        columns = {name: getattr(self, name)[rows] for name in _NOTE_COLUMNS}
        return replace(self, **columns)

    @classmethod
    def from_pieces(cls, pieces: Sequence[Piece]) -> "NoteBatch":
        """Flatten `pieces`."""
        return cls.from_columns(columns_of(pieces))

    @classmethod
    def from_columns(cls, columns: NoteColumns) -> "NoteBatch":
        """Sort the notes of a batch and place them in seconds, beats and bars."""
        times = columns.times
        item, onset_tick, pitch, order = _sorted(columns)
        duration_ticks = columns.duration_ticks[order].astype(np.int64)
        is_drum = np.repeat(columns.part_is_drum, columns.part_notes)
        ragged = Ragged.from_items(item, len(times))
        onset_s, end_s = _seconds(times, ragged, onset_tick, duration_ticks)
        ticks_per_beat = np.array([time.ticks_per_beat for time in times], np.float64)
        return cls(
            item=item,
            onset_s=onset_s,
            end_s=end_s,
            onset_beats=(onset_tick + _per_note(ragged, _before_first_beat(times))) / _per_note(ragged, ticks_per_beat),
            onset_bars=_bars(times, ragged, onset_tick),
            pitch=pitch,
            velocity=columns.velocity[order].astype(np.float32),
            is_drum=is_drum[order] if is_drum.any() else is_drum,
            tempo_bpm=np.array([_mean_tempo_bpm(time) for time in times], np.float32),
            bar_beats=np.array([_bar_ticks(time.meter_at(0), 1) for time in times], np.float32),
        )


_NOTE_COLUMNS = (
    "item",
    "onset_s",
    "end_s",
    "onset_beats",
    "onset_bars",
    "pitch",
    "velocity",
    "is_drum",
)


def phase_of(bars: Array) -> NDArray[np.float32]:
    """Position in the bar, [0, 1), of moments counted in bars."""
    return np.asarray(np.minimum(bars - np.floor(bars), 1 - 1e-6), np.float32)


def _sorted(columns: NoteColumns) -> tuple[Array, Array, Array, Array]:
    """Item, onset and pitch of the notes in order, and the order: rows sorted by (item, onset, pitch).

    Of notes that start together on one pitch, those of earlier tracks, shorter and softer ones come first.
    """
    item = np.repeat(columns.part_piece, columns.part_notes)
    place = item << _TICK_BITS
    place += columns.onset_tick
    place <<= _PITCH_BITS
    place += columns.pitch
    order = np.argsort(place, kind="stable")  # merges runs: one per track
    placed = place[order]
    together = np.flatnonzero(placed[1:] == placed[:-1])
    if len(together):
        part = np.repeat(np.arange(len(columns.part_notes)), columns.part_notes)
        one, two = order[together], order[together + 1]
        lasting, striking = columns.duration_ticks, columns.velocity
        later = (lasting[one] > lasting[two]) | ((lasting[one] == lasting[two]) & (striking[one] > striking[two]))
        if ((part[one] == part[two]) & later).any():
            order = np.lexsort((striking, lasting, part, place))
    return item, placed >> _PITCH_BITS & _TICKS, placed & 127, order


def _seconds(times: Sequence[Piece], ragged: Ragged, onset_tick: Array, duration_ticks: Array) -> tuple[Array, Array]:
    """Exact seconds of onsets and ends, for all tempo maps at once.

    Between two changes of tempo time is ``tick * us + base`` in units of 1/ticks_per_beat microseconds.
    """
    maps = [time.tempo_map for time in times]
    unit = _per_note(ragged, np.array([1e6 * m.ticks_per_beat for m in maps], np.float64))
    if all(len(m.change_ticks) == 1 for m in maps):
        us = _per_note(ragged, np.array([m.us_per_beat[0] for m in maps], np.int64))
        onset = onset_tick * us
        return onset / unit, (onset + duration_ticks * us) / unit
    place = (ragged.item << _TICK_BITS) + onset_tick
    stretches = Ragged.from_counts(np.array([len(m.change_ticks) for m in maps], np.int64))
    tick = np.array([*chain.from_iterable(m.change_ticks for m in maps)], np.int64)
    us = np.array([*chain.from_iterable(m.us_per_beat for m in maps)], np.int64)
    passed = np.concatenate(([0], np.cumsum((tick[1:] - tick[:-1]) * us[:-1])))[: len(tick)]
    base = passed - stretches.spread(stretches.first(passed)) - tick * us
    start = (stretches.item << _TICK_BITS) + tick
    counts = _notes_from(place, start)
    us_of_note = np.repeat(us, counts)
    onset = onset_tick * us_of_note + np.repeat(base, counts)
    end_place = place + duration_ticks
    end = onset + duration_ticks * us_of_note
    until = np.append(start[1:], np.iinfo(np.int64).max)[: len(start)]
    across = np.flatnonzero(end_place > np.repeat(until, counts))  # the tempo changes while these notes sound
    stretch = np.searchsorted(start, end_place[across], side="right") - 1
    stretch = np.minimum(stretch, stretches.offsets[ragged.item[across] + 1] - 1)
    end[across] = (onset_tick + duration_ticks)[across] * us[stretch] + base[stretch]
    return onset / unit, end / unit


def _bars(times: Sequence[Piece], ragged: Ragged, onset_tick: Array) -> NDArray[np.float64]:
    """Onsets in notated bars from the start of the first one; a change of meter starts a new bar."""
    if not any(change.tick for time in times for change in time.meters):
        return onset_tick / _per_note(ragged, np.array([_bar_ticks(t.meter_at(0), t.ticks_per_beat) for t in times]))
    place = (ragged.item << _TICK_BITS) + onset_tick
    rows: list[tuple[int, int, float, float]] = []  # (place, tick, bars before, ticks per bar) of every meter
    for i, piece in enumerate(times):
        length = _bar_ticks(piece.meter_at(0), piece.ticks_per_beat)
        tick, before = 0, -_pickup_ticks(piece) % length / length
        rows.append((i << _TICK_BITS, tick, before, length))
        for change in piece.meters:
            if change.tick > tick:
                before = float(np.ceil(before + (change.tick - tick) / length - 1e-9))
            tick, length = change.tick, _bar_ticks(change.meter, piece.ticks_per_beat)
            rows.append(((i << _TICK_BITS) + tick, tick, before, length))
    start = np.array([row[0] for row in rows], np.int64)
    counts = _notes_from(place, start)
    tick_of, bars_before, bar_ticks = (np.repeat([float(row[k]) for row in rows], counts) for k in (1, 2, 3))
    return np.asarray(bars_before + (onset_tick - tick_of) / bar_ticks)


def _pickup_ticks(piece: Piece) -> int:
    """Ticks up to the first bar line where the piece starts inside a bar; 0 where it starts with one.

    A cut says so by its meter, stated at tick 0 and again at the bar line (`whitelight.music.slicing`).
    """
    if len(piece.meters) < 2 or piece.meters[0].meter != piece.meters[1].meter:
        return 0
    line = piece.meters[1].tick
    return line if piece.meters[0].tick == 0 and line < _bar_ticks(piece.meters[0].meter, piece.ticks_per_beat) else 0


def _before_first_beat(times: Sequence[Piece]) -> NDArray[np.int64]:
    """Ticks from the last beat before a piece to its start, which may lie inside a beat."""
    return np.array([-_pickup_ticks(time) % time.ticks_per_beat for time in times], np.int64)


def _per_note(ragged: Ragged, per_piece: Array) -> Array:
    """Repeat one value per piece for every note of it; the value itself where it is the same for all."""
    same = len(per_piece) > 0 and (per_piece == per_piece[0]).all()
    return per_piece[:1] if same else ragged.spread(per_piece)


def _notes_from(place: Array, starts: Array) -> NDArray[np.int64]:
    """How many of the ascending places lie from each start to the next."""
    return np.diff(np.searchsorted(place, starts), append=len(place))


@lru_cache(maxsize=256)
def _bar_ticks(meter: Meter, ticks_per_beat: int) -> float:
    """Length of a bar; with one tick per beat, in quarter notes."""
    return float(meter.beats_per_bar * ticks_per_beat)


def _mean_tempo_bpm(piece: Piece) -> float:
    """Beats of the whole piece by its minutes; the first tempo when it has no length."""
    tempo = piece.tempo_map
    if len(tempo.change_ticks) == 1 or piece.duration_s <= 0:
        return 60e6 / tempo.us_per_beat[0]
    return piece.duration_beats * 60 / piece.duration_s
