import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.dataset import PART_VIEWS, derive_views
from whitelight.dataset.views import LEGATO_S, SOLO_SPLIT, SPREAD_S, find_voices
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi, write_midi


def piece_of(*tracks):
    return Piece(480, TempoMap.constant(120), midi_tracks=tracks)


def pitches(piece):
    return sorted(piece.all_notes().pitch.tolist())


def test_a_piano_is_split_into_voices():
    rows = [(0, 480, 76, 90), (0, 480, 60, 60), (0, 480, 64, 60), (0, 960, 40, 60), (480, 480, 77, 90)]
    views = derive_views(piece_of(MidiTrack("Piano", notes=Notes.from_rows(rows))))
    assert list(views) == ["full", "chords", "bass", "melody"]
    assert pitches(views["melody"]) == [76, 77]
    assert pitches(views["bass"]) == [40]
    assert pitches(views["chords"]) == [40, 60, 64]
    assert pitches(views["full"]) == [40, 60, 64, 76, 77]
    assert views["melody"].end_tick == views["full"].end_tick
    assert views["bass"].tempo_map is views["full"].tempo_map


def test_a_note_under_a_held_one_is_no_melody_but_legato_is():
    held = [(0, 1920, 80, 90), (480, 480, 70, 90)]  # 70 enters a second before 80 ends
    assert pitches(derive_views(piece_of(MidiTrack(notes=Notes.from_rows(held))))["melody"]) == [80]
    overlap = round(LEGATO_S * 0.9 * 960)  # ticks; 960 are a second
    legato = [(0, 480 + overlap, 80, 90), (480, 480, 70, 90)]
    assert pitches(derive_views(piece_of(MidiTrack(notes=Notes.from_rows(legato))))["melody"]) == [70, 80]


def test_a_spread_chord_is_one_chord():
    ticks = round(SPREAD_S * 0.9 * 960)
    spread = [(0, 900, 60, 80), (ticks, 900, 64, 80), (2 * ticks, 900, 72, 80)]
    assert pitches(derive_views(piece_of(MidiTrack(notes=Notes.from_rows(spread))))["melody"]) == [72]


@pytest.mark.parametrize(("pitch", "view"), [(SOLO_SPLIT, "melody"), (SOLO_SPLIT - 1, "bass")])
def test_a_voice_alone_is_a_melody_or_a_bass(pitch, view):
    solo = piece_of(MidiTrack(notes=Notes.from_rows([(0, 480, pitch, 80), (480, 480, pitch, 80)])))
    views = derive_views(solo)
    assert len(views[view].all_notes()) == 2
    assert {"melody", "bass"} - views.keys()


def test_drums_are_drums_either_way():
    drums = MidiTrack("Kit", is_drum=True, notes=Notes.from_rows([(0, 10, 36, 100)]))
    tune = MidiTrack("Tune", notes=Notes.from_rows([(0, 480, 70, 80)]))
    assert set(derive_views(piece_of(drums))) == {"full", "drums"}
    assert pitches(derive_views(piece_of(drums, tune))["drums"]) == [36]
    by_stems = derive_views(piece_of(drums, tune), ["other", "melody"])
    assert set(by_stems) == {"full", "drums", "melody"}
    assert [t.name for t in by_stems["melody"].midi_tracks] == ["Tune"]


def test_a_piece_without_notes_has_no_views():
    assert derive_views(piece_of(MidiTrack("silent"))) == {}
    assert derive_views(piece_of(), []) == {}


def test_tracks_and_views_must_match():
    with pytest.raises(ValueError, match="zip"):
        derive_views(piece_of(MidiTrack("a")), ["bass", "melody"])


NOTES = st.lists(
    st.tuples(st.integers(0, 4000), st.integers(1, 3000), st.integers(20, 108), st.just(80)), min_size=1, max_size=60
)


@settings(deadline=None, max_examples=150)
@given(NOTES)
def test_voices_are_what_the_definition_says(rows):
    notes = Notes.from_rows(rows)
    onset, end, pitch = notes.onset_tick / 960, notes.end_tick / 960, notes.pitch
    is_top, is_lowest = find_voices(onset, end, pitch)
    assert not (is_top & is_lowest).any()
    order = np.argsort(onset, kind="stable")
    cell = np.empty(len(order), int)
    cell[order] = np.cumsum(np.diff(onset[order], prepend=onset[order][0]) > SPREAD_S)
    times = [onset[cell == c].min() for c in range(cell.max() + 1)]
    for i in range(len(notes)):
        sounding = [
            int(pitch[j])
            for j in range(len(notes))
            if cell[j] == cell[i] or (cell[j] < cell[i] and end[j] - LEGATO_S > times[cell[i]])
        ]
        top, lowest = pitch[i] == max(sounding), pitch[i] == min(sounding)
        if top and lowest:
            top, lowest = pitch[i] >= SOLO_SPLIT, pitch[i] < SOLO_SPLIT
        assert (is_top[i], is_lowest[i]) == (top, lowest)


@settings(deadline=None, max_examples=40)
@given(NOTES)
def test_melody_and_chords_are_the_whole_and_survive_a_file(rows):
    piece = piece_of(MidiTrack("Piano", notes=Notes.from_rows(dict.fromkeys((r[0], r[2]) for r in rows) and rows)))
    views = derive_views(piece)
    parts = [views[v].all_notes() for v in ("melody", "chords") if v in views]
    assert Notes.concatenate(parts) == piece.all_notes()
    for view in views.keys() & set(PART_VIEWS):
        assert read_midi(write_midi(views[view])).n_notes == views[view].n_notes


def test_a_long_piece_is_looked_at_in_blocks():
    rng = np.random.default_rng(0)
    n = 6000
    onset = np.sort(rng.uniform(0, 2000, n))
    end, pitch = onset + rng.uniform(0.05, 3.0, n), rng.integers(30, 90, n)
    is_top, is_lowest = find_voices(onset, end, pitch)
    half = onset < 1000
    top_half, _ = find_voices(onset[half], end[half], pitch[half])
    assert (is_top[half][:-50] == top_half[:-50]).all()
    assert 0.1 < is_top.mean() < 0.9
    assert is_lowest.any()
