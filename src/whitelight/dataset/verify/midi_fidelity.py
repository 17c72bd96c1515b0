"""Comparing the MIDI of a row with what its source says: every note, the tempo, the meter, the bars, the length."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset.verify.exact_time import COMMON_TIME, Changes, Clock, Meter, Value, bar_lines, in_force
from whitelight.dataset.verify.second_reader import END, ONSET, PITCH, VELOCITY, HeardMidi, TrackLabel, label_notes
from whitelight.dataset.verify.source_midi import ExpectedSlice

Notes = NDArray[np.int64]
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_NO_NOTES = np.empty((0, 4), np.int64)
_SHOWN = 3


def midi_differences(found: HeardMidi, expected: ExpectedSlice) -> list[str]:
    """Return what differs, worst first; nothing when the slice is what the source says."""
    if found.ticks_per_beat != expected.ticks_per_beat:
        return [f"{found.ticks_per_beat} ticks per quarter note, the source has {expected.ticks_per_beat}"]
    n = expected.n_ticks
    differences = list(_note_differences(found, expected))
    differences += _changes_differ("tempo", in_force(found.tempi, 0, n, found.tempi[0][1]), expected.tempi, _tempo)
    differences += _changes_differ("meter", in_force(found.meters, 0, n, COMMON_TIME), expected.meters, _meter)
    differences += _bars_differ(found, expected)
    differences += _changes_differ("key", in_force(found.keys, 0, n, ""), expected.keys, str)
    if found.end_tick != n:
        differences.append(f"it is {found.end_tick} ticks long, the source's stretch has {n}")
    texts, slack = [text for text in found.texts if text[0] < n], expected.slack_ticks
    if not _texts_match(texts, expected.texts, slack):
        differences.append(f"its markers are {_some(texts)}, the source's {_some(expected.texts)}")
    return differences


def _note_differences(found: HeardMidi, expected: ExpectedSlice) -> Iterator[str]:
    heard = label_notes(iter(found.tracks))
    for label in sorted({*heard, *expected.notes}):
        ours, theirs = heard.get(label, _NO_NOTES), expected.notes.get(label, _NO_NOTES)
        if np.array_equal(ours, theirs):
            continue
        lost, strange = _unmatched(ours, theirs, expected.slack_ticks, expected.n_ticks)
        clock = Clock(expected.ticks_per_beat, tuple(expected.tempi))
        yield from _pairs(lost, strange, label, clock)


def _unmatched(ours: Notes, theirs: Notes, slack: int, n_ticks: int) -> tuple[list[list[int]], list[list[int]]]:
    """Return the notes of the source that are missing, and those that are not in the source.

    With a slack, times may be off by it, and notes that touch an edge by no more than it may be there or not.
    """
    waiting = ours.tolist()
    lost = []
    for note in theirs.tolist():
        near = (other for other in waiting if _is_same(other, note, slack))
        match = min(near, key=lambda other: abs(other[ONSET] - note[ONSET]), default=None)
        if match is None:
            lost.append(note)
        else:
            waiting.remove(match)
    return [n for n in lost if not _grazes(n, slack, n_ticks)], [n for n in waiting if not _grazes(n, slack, n_ticks)]


def _is_same(one: Sequence[int], other: Sequence[int], slack: int) -> bool:
    return (
        one[PITCH] == other[PITCH]
        and one[VELOCITY] == other[VELOCITY]
        and abs(one[ONSET] - other[ONSET]) <= slack
        and abs(one[END] - other[END]) <= slack
    )


def _grazes(note: Sequence[int], slack: int, n_ticks: int) -> bool:
    return bool(slack) and (note[END] <= slack or note[ONSET] >= n_ticks - slack)


def _pairs(lost: list[list[int]], strange: list[list[int]], label: TrackLabel, clock: Clock) -> Iterator[str]:
    """Name what is wrong note by note, a changed note as such, at most `_SHOWN` of a track."""
    told = []
    strange = list(strange)
    for note in lost:
        twin = next((other for other in strange if _is_nearly(other, note)), None)
        if twin is None:
            told.append(f"lost {_note(note, label, clock)}")
        else:
            strange.remove(twin)
            told.append(f"has {_note(twin, label, clock)} for {_note(note, label, clock)}")
    told += [f"has {_note(note, label, clock)}, which is not in the source" for note in strange]
    where = f"track '{label.name}'" if label.name else "its track"
    yield from (f"{where} {text}" for text in told[:_SHOWN])
    if len(told) > _SHOWN:
        yield f"{where} differs in {len(told) - _SHOWN} more notes"


def _is_nearly(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two notes agree in at least two of onset, pitch, end and velocity, their onset or pitch among them."""
    same = [a == b for a, b in zip(one, other, strict=True)]
    return sum(same) >= 2 and (same[ONSET] or same[PITCH])


def _note(note: Sequence[int], label: TrackLabel, clock: Clock) -> str:
    onset_s = clock.time_of(note[ONSET]) / (clock.ticks_per_beat * 1_000_000)
    name = f"drum {note[PITCH]}" if label.is_drum else f"{_NAMES[note[PITCH] % 12]}{note[PITCH] // 12 - 1}"
    return f"{name} at {onset_s:.3f} s (ticks {note[ONSET]} to {note[END]}, velocity {note[VELOCITY]})"


def _changes_differ(
    name: str, found: Changes[Value], expected: Changes[Value], tell: Callable[[Value], str]
) -> Iterator[str]:
    if list(found) != list(expected):
        ours, theirs = (
            _some([f"{tell(value)} from tick {tick}" for tick, value in side]) for side in (found, expected)
        )
        yield f"its {name} is {ours}, the source's {theirs}"


def _bars_differ(found: HeardMidi, expected: ExpectedSlice) -> list[str]:
    """Bar lines may be a tick off where a bar is no whole number of ticks."""
    lines = [line for line in bar_lines(found.meters, found.ticks_per_beat, expected.n_ticks) if line]
    is_broken = any(4 * n * expected.ticks_per_beat % d for _, (n, d) in expected.meters)
    slack = max(expected.slack_ticks, int(is_broken))
    if len(lines) == len(expected.bars) and all(abs(a - b) <= slack for a, b in zip(lines, expected.bars, strict=True)):
        return []
    return [f"its bar lines are at ticks {_some(lines)}, the source's at {_some(expected.bars)}"]


def _texts_match(found: Sequence[tuple[int, str]], expected: Sequence[tuple[int, str]], slack: int) -> bool:
    ours, theirs = sorted(found), sorted(expected)
    if not slack:
        return ours == theirs
    return len(ours) == len(theirs) and all(
        a[1] == b[1] and abs(a[0] - b[0]) <= slack
        for a, b in zip(
            sorted(ours, key=lambda e: (e[1], e[0])), sorted(theirs, key=lambda e: (e[1], e[0])), strict=True
        )
    )


def _tempo(us_per_beat: int) -> str:
    return f"{60_000_000 / us_per_beat:g} bpm"


def _meter(meter: Meter) -> str:
    return f"{meter[0]}/{meter[1]}"


def _some(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values[:_SHOWN]) + (", …" if len(values) > _SHOWN else "") or "none"
