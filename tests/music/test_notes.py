import numpy as np
import pytest

from whitelight.music import PITCH_BEND, Controls, NoteError, Notes


def test_rows_come_back_sorted() -> None:
    notes = Notes.from_rows([(10, 5, 60, 64), (0, 5, 62, 64), (0, 5, 60, 100), (0, 2, 60, 1)])
    assert notes.to_rows() == [(0, 2, 60, 1), (0, 5, 60, 100), (0, 5, 62, 64), (10, 5, 60, 64)]
    assert notes.onset_tick.dtype == np.int64
    assert notes.pitch.dtype == np.int16
    assert notes.last_tick == 15


def test_equal_notes_are_equal_whatever_their_order() -> None:
    rows = [(0, 5, 60, 64), (3, 5, 60, 65), (3, 4, 60, 66)]
    assert Notes.from_rows(rows) == Notes.from_rows(reversed(rows))
    assert hash(Notes.from_rows(rows)) == hash(Notes.from_rows(reversed(rows)))
    assert Notes.from_rows(rows) != Notes.from_rows(rows[:2])


def test_empty_and_concatenate() -> None:
    one = Notes.from_rows([(0, 5, 60, 64)])
    assert len(Notes.empty()) == 0
    assert Notes.empty().last_tick == 0
    assert Notes.concatenate([]) == Notes.empty()
    assert Notes.concatenate([one.shifted(3), Notes.empty(), one]).onset_tick.tolist() == [0, 3]


def test_columns_cannot_be_changed() -> None:
    notes = Notes.from_rows([(0, 5, 60, 64)])
    with pytest.raises(ValueError, match="read-only"):
        notes.pitch[0] = 61


def test_source_columns_stay_writeable() -> None:
    onset = np.array([0, 5])
    Notes(onset, np.array([1, 1]), np.array([60, 60]), np.array([1, 1]))
    onset[0] = 1


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ((-1, 5, 60, 64), "onset_tick -1"),
        ((0, 0, 60, 64), "duration_ticks 0: expected at least 1"),
        ((0, 5, 128, 64), "pitch 128: expected 0 to 127"),
        ((0, 5, 60, 0), "velocity 0"),
        ((0.5, 5, 60, 64), "not a whole number"),
        ((0, 5, 70_000, 64), "not a whole number"),
    ],
)
def test_impossible_notes_are_refused(row: tuple[int, int, int, int], complaint: str) -> None:
    with pytest.raises(NoteError, match=complaint):
        Notes.from_rows([row])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(NoteError, match="one length"):
        Notes(np.array([0]), np.array([1, 2]), np.array([60]), np.array([64]))


def test_transposing_an_octave_keeps_pitch_classes() -> None:
    notes = Notes.from_rows([(0, 5, 60, 64), (1, 5, 61, 64)])
    assert (notes.transposed(12).pitch % 12).tolist() == (notes.pitch % 12).tolist()
    with pytest.raises(NoteError, match="pitch 13"):
        notes.transposed(70)


def test_state_of_controls() -> None:
    controls = Controls.from_rows([(0, 7, 100), (10, 64, 127), (20, 64, 0), (20, PITCH_BEND, -5)])
    assert controls.state_at(0) == {}
    assert controls.state_at(20) == {7: 100, 64: 127}
    assert controls.state_at(21) == {7: 100, 64: 0, PITCH_BEND: -5}
    with pytest.raises(NoteError, match="value 128"):
        Controls.from_rows([(0, 7, 128)])
