import itertools
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from whitelight.composition.melody.breath import NOTE_S, REST_S, SUNG_S, breathe


@dataclass(frozen=True)
class Note:
    start: int
    end: int


def shorten(note: Note, end: int) -> Note:
    return replace(note, end=end)


def test_what_can_be_sung_stays() -> None:
    line = [Note(0, 10), Note(10, 30), Note(40, 50)]
    assert breathe(line, 0.1, shorten) == line


def test_the_longest_late_note_is_cut() -> None:
    line = [Note(place * 10, place * 10 + 10) for place in range(4)] + [Note(40, 60), Note(60, 70), Note(70, 80)]
    assert breathe(line, 0.1, shorten)[4] == Note(40, 57)
    assert breathe([Note(0, 90)], 0.1, shorten) == [Note(0, 45)]


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3)), min_size=1, max_size=60), st.floats(0.03, 1.0))
def test_nobody_runs_out_of_breath(rows, pulse_s) -> None:
    line, at = [], 0
    for length, rest in rows:
        line.append(Note(at, at + length))
        at += length + rest
    sung = breathe(line, pulse_s, shorten)
    assert all(before.end <= after.start for before, after in itertools.pairwise(sung))
    assert {note.start for note in sung} <= {note.start for note in line}
    begin = sung[0].start
    for before, after in itertools.pairwise(sung):
        if (after.start - before.end) * pulse_s >= REST_S - 1e-9:
            begin = after.start
        assert (after.end - begin) * pulse_s <= max(SUNG_S, NOTE_S) + 1e-9 or after.end - after.start == 1
