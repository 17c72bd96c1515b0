"""The flat columns agree with the pieces they were made of."""

import numpy as np
import pytest

from whitelight.encoders.batch import NoteBatch
from whitelight.encoders.windows import MAX_WINDOWS, cut_windows
from whitelight.music import Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, slice_piece


@pytest.fixture
def changing():
    """Two tracks, a tempo change after two beats, a meter change after one bar of 3/4."""
    return Piece(
        ticks_per_beat=96,
        tempo_map=TempoMap(96, (0, 192), (500_000, 1_000_000)),
        meters=(MeterChange(0, Meter(3, 4)), MeterChange(288, Meter(4, 4))),
        midi_tracks=(
            MidiTrack(name="b", notes=Notes.from_rows([(192, 96, 64, 80), (480, 96, 62, 70)])),
            MidiTrack(name="a", notes=Notes.from_rows([(0, 96, 60, 90), (192, 48, 50, 10)])),
            MidiTrack(name="d", is_drum=True, notes=Notes.from_rows([(96, 10, 36, 100)])),
        ),
        end_tick=576,
    )


def test_columns_of_a_piece_with_changing_tempo_and_meter(changing, make_piece):
    batch = NoteBatch.from_pieces([make_piece([]), changing])
    assert batch.n == 2
    assert batch.item.tolist() == [1] * 5
    assert batch.pitch.tolist() == [60, 36, 50, 64, 62]
    assert batch.is_drum.tolist() == [False, True, False, False, False]
    assert batch.onset_s.tolist() == pytest.approx([0, 0.5, 1, 1, 4])
    assert batch.end_s.tolist() == pytest.approx([0.5, 0.5 + 10 / 192, 1.5, 2, 5])
    assert batch.onset_beats.tolist() == pytest.approx([0, 1, 2, 2, 5])
    assert batch.bar.tolist() == [0, 0, 0, 0, 1]
    assert batch.bar_phase.tolist() == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3, 0.5])
    assert batch.bar_beats.tolist() == [4, 3]
    assert batch.tempo_bpm.tolist() == pytest.approx([120, 72])


def test_every_onset_agrees_with_the_tempo_map(changing):
    batch = NoteBatch.from_pieces([changing])
    expected = changing.tempo_map.ticks_to_seconds((batch.onset_beats * 96).astype(np.int64))
    assert np.allclose(batch.onset_s, expected)


def test_notes_may_sound_through_any_number_of_tempo_changes(make_random_rows):
    rng = np.random.default_rng(4)
    pieces = []
    for n_changes in (1, 2, 40):
        ticks = (0, *np.sort(rng.choice(np.arange(1, 9000), n_changes - 1, replace=False)).tolist())
        tempo_map = TempoMap(480, ticks, tuple(rng.integers(200_000, 900_000, n_changes).tolist()))
        rows = [(o, d * 9, p, v) for o, d, p, v in make_random_rows(rng, 200)]
        pieces.append(Piece(480, tempo_map, midi_tracks=(MidiTrack(notes=Notes.from_rows(rows)),)))
    batch = NoteBatch.from_pieces(pieces)
    for i, piece in enumerate(pieces):
        notes, own = piece.midi_tracks[0].notes, batch.item == i
        assert np.array_equal(batch.onset_s[own], piece.tempo_map.ticks_to_seconds(notes.onset_tick))
        assert np.array_equal(batch.end_s[own], piece.tempo_map.ticks_to_seconds(notes.end_tick))


def test_only_keeps_the_pieces(changing):
    batch = NoteBatch.from_pieces([changing, changing])
    drums, pitched = batch.only(drums=True), batch.only(drums=False)
    assert (drums.n, len(drums.item), len(pitched.item)) == (2, 2, 8)
    assert pitched.only(drums=False) is pitched


def test_no_pieces_at_all():
    assert NoteBatch.from_pieces([]).n == 0


def test_windows_cover_every_note_once(make_piece, make_random_rows):
    rng = np.random.default_rng(2)
    pieces = [make_piece(make_random_rows(rng, n, seconds=s)) for n, s in ((400, 61.0), (5, 2.0), (0, 0.0))]
    batch = NoteBatch.from_pieces(pieces)
    windows = cut_windows(batch)
    assert windows.of_piece.counts.tolist() == [4, 1, 1]
    assert np.array_equal(windows.of_piece.item[windows.notes.item], batch.item)
    assert (np.diff(windows.notes.item) >= 0).all()
    assert np.bincount(windows.notes.item, minlength=6).min() == 0
    assert np.bincount(windows.notes.item)[:4].min() > 50


def test_long_pieces_have_few_long_windows(make_piece):
    song = make_piece([(480 * k, 480, 60, 64) for k in range(600)])  # five minutes
    windows = cut_windows(NoteBatch.from_pieces([song]))
    assert windows.of_piece.counts.tolist() == [MAX_WINDOWS]
    assert np.bincount(windows.notes.item).tolist() == [600 // MAX_WINDOWS] * MAX_WINDOWS


@pytest.mark.parametrize("meter", [Meter(4, 4), Meter(3, 4), Meter(6, 8)])
@pytest.mark.parametrize("start_tick", [0, 17, 96, 130, 384, 1003])
def test_a_cut_inside_a_bar_keeps_the_places_in_beat_and_bar(meter, start_tick):
    rows = [(tick, 20, 60, 80) for tick in range(0, 4000, 24)]
    tracks = (MidiTrack(notes=Notes.from_rows(rows)),)
    song = Piece(96, TempoMap.constant(100, 96), meters=(MeterChange(0, meter),), midi_tracks=tracks, end_tick=4000)
    whole, part = (NoteBatch.from_pieces([p]) for p in (song, slice_piece(song, start_tick, 3000)))
    inside = (whole.onset_beats >= start_tick / 96) & (whole.onset_beats < 3000 / 96)
    begins = part.onset_s > 0 if start_tick % 24 else part.onset_s >= 0  # notes held over the cut begin at it
    assert part.onset_beats[begins] % 1 == pytest.approx(whole.onset_beats[inside] % 1)
    assert part.bar_phase[begins] == pytest.approx(whole.bar_phase[inside], abs=1e-6)
    assert np.diff(part.bar).max() == 1
