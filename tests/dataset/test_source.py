from dataclasses import replace

import numpy as np

from whitelight.catalog.song import Stem
from whitelight.dataset.source import merge_pieces, read_song_midi
from whitelight.music import Meter, MidiTrack, Notes, Piece, TempoMap, TextEvent, write_midi


def test_stems_come_onto_one_time_line(tools, tmp_path):
    song = tools.with_stems(tmp_path, "01_01")
    midi = read_song_midi(song, tmp_path)
    assert midi.piece is not None
    assert midi.is_by_stems
    assert midi.track_stem == (0, 1, 2, 3)
    assert midi.piece.ticks_per_beat == 480
    bass = midi.piece.midi_tracks[1]
    assert bass.notes.onset_tick[:3].tolist() == [0, 960, 1920]  # written at 96 ticks per beat
    assert [t.name for t in midi.piece.midi_tracks] == ["Chords", "Bass", "Drums", "Voice"]
    assert [t.is_drum for t in midi.piece.midi_tracks] == [False, False, True, False]
    assert midi.problems == ()


def test_seconds_stay_when_tempo_maps_differ():
    changing = Piece(
        480,
        TempoMap(480, (0, 960), (500_000, 250_000)),
        midi_tracks=(MidiTrack("a", notes=Notes.from_rows([(1920, 480, 60, 80)])),),
        markers=(TextEvent(960, "faster"),),
    )
    steady = Piece(
        96,
        TempoMap.constant(60, 96),
        meters=(),
        midi_tracks=(
            MidiTrack("b", notes=Notes.from_rows([(0, 96, 50, 80), (144, 48, 52, 80)]), lyrics=(TextEvent(144, "la"),)),
        ),
        markers=(TextEvent(144, "here"),),
    )
    merged = merge_pieces([steady, changing])
    assert merged.tempo_map == changing.tempo_map
    assert [t.name for t in merged.midi_tracks] == ["b", "a"]
    for before, after in (
        (steady.midi_tracks[0], merged.midi_tracks[0]),
        (changing.midi_tracks[0], merged.midi_tracks[1]),
    ):
        own = steady.tempo_map if before.name == "b" else changing.tempo_map
        for column in ("onset_tick", "end_tick"):
            old = own.ticks_to_seconds(getattr(before.notes, column))
            assert np.allclose(merged.tempo_map.ticks_to_seconds(getattr(after.notes, column)), old, atol=1e-3)
    assert merged.midi_tracks[0].lyrics == (TextEvent(merged.tempo_map.seconds_to_ticks(1.5), "la"),)
    assert [m.text for m in merged.markers] == ["faster", "here"]


def test_one_file_is_viewed_by_voices_whether_main_or_only_stem(tools, tmp_path):
    rng = np.random.default_rng(0)
    main = tools.piano(tmp_path, "02_01", rng)
    assert not read_song_midi(main, tmp_path).is_by_stems
    stem = Stem("02_01/1", "Piano", "other", None, main.main_midi_file, has_midi=True)
    only = replace(main, main_midi_file=None, stems=(stem,))
    midi = read_song_midi(only, tmp_path)
    assert not midi.is_by_stems
    assert midi.piece is not None
    a_bass_alone = replace(only, stems=(replace(stem, view="bass"),))
    assert read_song_midi(a_bass_alone, tmp_path).is_by_stems


def test_damaged_and_missing_files_are_problems_and_the_rest_is_read(tools, tmp_path):
    song = tools.with_stems(tmp_path, "01_01")
    whole = (tmp_path / "01_01/01_01_01.mid").read_bytes()
    (tmp_path / "01_01/01_01_01.mid").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "01_01/01_01_02.mid").unlink()
    (tmp_path / "01_01/01_01_03.mid").write_bytes(write_midi(tools.piece([], 4)))
    midi = read_song_midi(song, tmp_path)
    assert [(p.file, p.code) for p in midi.problems] == [
        ("01_01/01_01_01.mid", "midi-damaged"),
        ("01_01/01_01_02.mid", "midi-unreadable"),
        ("01_01/01_01_03.mid", "midi-no-notes"),
    ]
    assert midi.track_stem == (3,)
    assert all(str(tmp_path) not in p.message for p in midi.problems)


def test_a_file_outside_the_catalog_is_not_read(tools, tmp_path):
    (tmp_path / "outside.mid").write_bytes(write_midi(tools.piece([60], 4)))
    root = tmp_path / "catalog"
    root.mkdir()
    midi = read_song_midi(tools.song(main_midi_file="../outside.mid"), root)
    assert midi.piece is None
    assert "outside its folder" in midi.problems[0].message


def test_another_tempo_and_notes_after_the_end_are_told(tools, tmp_path):
    (tmp_path / "a.mid").write_bytes(write_midi(tools.piece([60], 80, tempo_bpm=100, meter=Meter(7, 8))))
    song = tools.song(main_midi_file="a.mid", duration_s=20.0)
    midi = read_song_midi(song, tmp_path)
    assert [p.code for p in midi.problems] == ["midi-tempo-differs", "midi-after-end"]
    assert "100 bpm, expected the song's 120 bpm" in midi.problems[0].message
    assert "notes start up to 47.4 s, the song ends at 20.0 s" in midi.problems[1].message
