from dataclasses import replace

import numpy as np
import pytest

from whitelight.music import MidiTrack, Notes, Piece, TempoMap
from whitelight.training.networks.changes import Change, change_piece, draw_change
from whitelight.training.networks.material import pitched
from whitelight.training.networks.settings import AugmentationSettings

NOTHING = AugmentationSettings(transpose=0, tempo=0.0, velocity=0, note_drop=0.0, view_drop=0.0)


def changed(piece: Piece, change: Change, seed: int = 0) -> Notes:
    return change_piece(pitched(piece), change, np.random.default_rng(seed)).all_notes()


def test_switched_off_nothing_changes(piece: Piece) -> None:
    change = draw_change(NOTHING, np.random.default_rng(3))
    assert change == Change()
    found, notes = changed(piece, change), piece.all_notes()
    for name in ("onset_tick", "duration_ticks", "pitch", "velocity"):
        assert (getattr(found, name) == getattr(notes, name)).all()


@pytest.mark.parametrize(
    ("switch", "value", "field"),
    [
        ("transpose", 5, "semitones"),
        ("velocity", 7, "velocity"),
        ("tempo", 0.2, "tempo"),
        ("note_drop", 0.3, "note_drop"),
    ],
)
def test_each_switch_changes_its_own_part_within_its_range(switch: str, value: float, field: str) -> None:
    settings = replace(NOTHING, **{switch: value})
    drawn = [draw_change(settings, np.random.default_rng(seed)) for seed in range(200)]
    values = np.array([getattr(change, field) for change in drawn])
    low, high = {"tempo": (1 / 1.2, 1.2), "note_drop": (0.0, 0.3)}.get(switch, (-value, value))
    assert low <= values.min() < values.max() <= high
    assert all(replace(change, **{field: getattr(Change(), field)}) == Change() for change in drawn)


def test_the_same_draw_gives_the_same_piece(piece: Piece) -> None:
    change = Change(note_drop=0.5)
    first, again, other = (changed(piece, change, seed).onset_tick.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_transposing_and_velocity_stop_at_the_range_of_midi() -> None:
    notes = Notes.from_rows([(0, 10, 125, 120), (10, 10, 60, 10)])
    piece = Piece(480, TempoMap.constant(120, 480), midi_tracks=(MidiTrack(notes=notes),))
    found = changed(piece, Change(semitones=5, velocity=20))
    assert found.pitch.tolist() == [127, 62]
    assert found.velocity.tolist() == [127, 30]
    assert changed(piece, Change(velocity=-50)).velocity.tolist() == [70, 1]


def test_one_note_is_left_at_least() -> None:
    piece = Piece(480, TempoMap.constant(120, 480), midi_tracks=(MidiTrack(notes=Notes.from_rows([(0, 10, 60, 64)])),))
    assert all(len(changed(piece, Change(note_drop=0.99), seed)) == 1 for seed in range(20))


def test_tempo_changes_the_seconds_and_not_the_beats(piece: Piece) -> None:
    slower = change_piece(pitched(piece), Change(tempo=1.1), np.random.default_rng(0))
    assert slower.duration_s == pytest.approx(1.1 * piece.duration_s, rel=1e-4)
    assert slower.end_tick == piece.end_tick
