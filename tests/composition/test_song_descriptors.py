"""Descriptors of pieces whose values can be counted by hand, and of real songs against their own bands."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from whitelight.composition.meter_grid import meter_grid
from whitelight.composition.song_bands import describe_song, fits, has_bands, song_bands
from whitelight.composition.song_descriptors import (
    SongReading,
    accompaniment_descriptors,
    chord_descriptors,
    function_of,
    merged,
    ngram_repetition,
    notes_called,
    read_song,
)
from whitelight.composition.song_melody import melody_bars, melody_descriptors
from whitelight.composition.sounding import SoundingChord
from whitelight.music import Key, Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap

C_MAJOR = Key.parse("C major")
C, F, G7, D = (
    (0, (0, 4, 7), "C"),
    (5, (5, 9, 0), "F"),
    (7, (7, 11, 2, 5), "G7"),
    (2, (2, 6, 9), "D"),
)


def chords(*plan) -> tuple[SoundingChord, ...]:
    """Chords of given lengths in pulses, one after the other."""
    found, start = [], 0
    for (root, tones, symbol), length in plan:
        found.append(SoundingChord(start, length, root, root, tones, symbol))
        start += length
    return tuple(found)


def song(plan=(), *, meter="4/4", n_bars=4, tempo_bpm=120.0, **parts) -> SongReading:
    """A song of named parts, each a list of (pulse, duration in pulses, pitch)."""
    grid = meter_grid(Meter.parse(meter), tempo_bpm)
    ticks = Meter.parse(meter).bar_ticks(480) // grid.bar_pulses
    tracks = tuple(
        MidiTrack(name.capitalize(), notes=Notes.from_rows([(s * ticks, d * ticks, p, 80) for s, d, p in rows]))
        for name, rows in parts.items()
    )
    piece = Piece(
        480,
        TempoMap.constant(tempo_bpm, 480),
        meters=(MeterChange(0, Meter.parse(meter)),),
        midi_tracks=tracks,
        end_tick=n_bars * grid.bar_pulses * ticks,
    )
    return read_song(piece, chords(*plan), key=C_MAJOR, grid=grid)


def test_chords_are_counted_by_function_and_time() -> None:
    found = chord_descriptors(song([(C, 32), (F, 8), (G7, 8), (C, 16)]))
    assert found["chord_changes_per_bar"] == pytest.approx(1.0)
    assert found["distinct_functions"] == 3
    assert found["tonic_time"] == pytest.approx(0.75)
    assert found["sevenths_time"] == pytest.approx(0.125)
    assert found["chromatic_chord_time"] == 0.0
    assert found["function_entropy_bits"] == pytest.approx(-(0.75 * np.log2(0.75) + 2 * 0.125 * np.log2(0.125)))
    assert found["root_moves_by_fourth"] == pytest.approx(2 / 3)
    assert found["root_moves_by_step"] == pytest.approx(1 / 3)
    assert found["common_tones_per_change"] == pytest.approx((1 + 1 + 1) / 3)
    assert "chord_4gram_repetition" not in found  # one run of four says nothing


def test_a_chord_outside_the_scale_is_chromatic() -> None:
    assert chord_descriptors(song([(C, 16), (D, 16), (C, 32)]))["chromatic_chord_time"] == pytest.approx(0.25)
    assert function_of(chords((D, 16))[0], C_MAJOR) == (2, "major")
    assert function_of(SoundingChord(0, 4, 11, 11, (11, 2, 5), "Bdim"), C_MAJOR) == (11, "diminished")
    assert function_of(SoundingChord(0, 4, 7, 7, (7, 0, 2), "Gsus4"), C_MAJOR) == (7, "sus")


def test_the_same_chord_twice_is_no_change() -> None:
    assert len(merged(chords((C, 8), (C, 8), (F, 16), (F, 16)))) == 2
    gap = (*chords((C, 8)), SoundingChord(16, 8, 0, 0, (0, 4, 7), "C"))
    assert len(merged(gap)) == 2


def test_repetition_of_runs() -> None:
    assert ngram_repetition("abcdabcdabcd") == pytest.approx(1 - 4 / 9)
    assert ngram_repetition("abcdefgh") == 0.0
    assert ngram_repetition("abcd") is None


def test_bass_and_chord_part() -> None:
    found = accompaniment_descriptors(
        song(
            [(C, 16), (F, 16)],
            n_bars=2,
            bass=[(0, 8, 36), (8, 8, 43), (16, 16, 40)],
            chords=[(0, 16, p) for p in (48, 60, 64, 67)] + [(16, 16, p) for p in (53, 60, 65, 69)],
        )
    )
    assert found["bass_notes_per_bar"] == pytest.approx(1.5)
    assert found["root_on_downbeat"] == pytest.approx(0.5)
    assert found["chord_notes_per_bar"] == pytest.approx(4.0)
    assert found["chord_velocity_sd"] == 0.0
    assert found["upper_voice_motion_st"] == pytest.approx((0 + 1 + 2) / 3)
    assert accompaniment_descriptors(song()) == {}


def test_the_shape_of_a_melody() -> None:
    found = melody_descriptors(song(melody=[(0, 4, 60), (4, 4, 60), (8, 4, 62), (12, 4, 67), (16, 4, 60)]))
    assert found["range_st"] == 7
    assert found["repeated_notes"] == pytest.approx(0.25)
    assert found["step_share"] == pytest.approx(0.25)
    assert found["leap_share"] == pytest.approx(0.5)
    assert found["mean_interval_st"] == pytest.approx((0 + 2 + 5 + 7) / 4)
    assert found["longest_run"] == 2
    assert found["distinct_pitches"] == 3
    assert found["melody_notes_per_active_bar"] == pytest.approx(2.5)
    assert found["bars_with_melody"] == pytest.approx(0.5)
    assert found["rest_share"] == 0.0
    assert found["melody_notes_per_sung_second"] == pytest.approx(2.0)  # quarters at 120


def test_the_melody_against_the_chords() -> None:
    plan = [(C, 16), (G7, 16), (C, 32)]
    found = melody_descriptors(song(plan, melody=[(0, 4, 64), (4, 4, 65), (8, 2, 66), (10, 2, 67), (14, 6, 62)]))
    assert found["chord_tones"] == pytest.approx(2 / 5)
    assert found["chord_tones_on_beats"] == pytest.approx(1 / 3)
    assert found["semitones_on_beats"] == pytest.approx(2 / 3)  # F and F sharp over C
    assert found["out_of_key_notes"] == pytest.approx(1 / 5)
    assert found["phrase_end_chord_tones"] == 1.0  # D: the chord that arrives under it has it


def test_beats_follow_the_grouping_of_the_meter() -> None:
    eighths = [(2 * i, 2, 60 + i) for i in range(6)]
    assert melody_descriptors(song(meter="6/8", melody=eighths))["off_beat_onsets"] == pytest.approx(4 / 6)
    assert melody_descriptors(song(meter="3/4", melody=eighths))["off_beat_onsets"] == pytest.approx(3 / 6)


def test_syncopations_sound_on_over_the_beat() -> None:
    even, held = [(0, 4, 60), (6, 2, 62), (8, 8, 64)], [(0, 4, 60), (6, 6, 62), (12, 4, 64)]
    assert melody_descriptors(song(melody=even))["syncopations_per_bar"] == 0
    assert melody_descriptors(song(melody=held))["syncopations_per_bar"] == 1


def test_bars_that_come_back() -> None:
    bar = [(0, 4, 60), (4, 4, 62), (8, 8, 64)]
    other = [(0, 2, 60), (2, 14, 62)]
    moved = [(p, d, pitch + 2) for p, d, pitch in bar]
    rows = [(16 * at + p, d, pitch) for at, content in enumerate((bar, other, moved, bar)) for p, d, pitch in content]
    found = melody_descriptors(song(melody=rows))
    assert found["bar_rhythms_that_recur"] == pytest.approx(0.75)
    assert found["bars_that_recur"] == pytest.approx(0.5)
    assert found["bars_in_units_that_recur"] == 0.0
    assert sorted(melody_bars(song(melody=rows), song(melody=rows).melody)) == [0, 1, 2, 3]
    rows = [(16 * at + p, d, pitch + at % 8) for at in range(16) for p, d, pitch in bar]
    assert melody_descriptors(song(melody=rows, n_bars=16))["bars_in_units_that_recur"] == 1.0


def test_phrases_end_with_rests() -> None:
    rows = [(0, 4, 60), (4, 4, 62), (8, 4, 64), (24, 4, 60), (28, 4, 59)]
    found = melody_descriptors(song(melody=rows))
    assert found["notes_per_phrase"] == pytest.approx(2.5)
    assert found["phrase_quarters"] == pytest.approx(2.5)


def test_nothing_is_said_of_what_is_not_there() -> None:
    assert describe_song(song()) == {}
    assert "chord_tones" not in melody_descriptors(song(melody=[(0, 4, 60), (4, 4, 62)]))


def test_parts_are_found_by_the_beginning_of_their_names() -> None:
    parts = tuple(
        MidiTrack(name, notes=Notes.from_rows([(0, 10, 60, 80)])) for name in ("Chords (guitar)", "chords", "Pad")
    )
    assert len(notes_called(Piece(480, TempoMap(480), midi_tracks=parts), "chords")) == 2


def test_bands_rise_and_name_their_sources() -> None:
    assert set(song_bands()) == {"pop", "lead"}
    for bands in song_bands().values():
        for name, values in bands.percentiles.items():
            assert len(values) == 5, name
            assert list(values) == sorted(values), name
    assert set(song_bands()["lead"].percentiles) < set(song_bands()["pop"].percentiles)


def test_the_better_set_comes_first() -> None:
    middle = {name: values[2] for name, values in song_bands()["lead"].percentiles.items()}
    best, other = fits(middle)
    assert (best.name, best.inside, best.outside) == ("lead", 1.0, ())
    assert other.inside < 1.0
    assert set(other.outside) <= set(middle)
    strange = fits(dict.fromkeys(middle, 1000000.0))
    assert [fit.inside for fit in strange] == [0.0, 0.0]


def test_no_band_for_what_the_sets_do_not_hold() -> None:
    assert has_bands(C_MAJOR, Meter(3, 4))
    assert not has_bands(C_MAJOR, Meter(7, 8))
    assert not has_bands(Key.parse("D phrygian"), Meter(4, 4))


def test_real_songs_lie_in_their_own_bands(shared_data: Path, repository: Path) -> None:
    spec = importlib.util.spec_from_file_location("pop909_songs", repository / "benchmarks" / "pop909_songs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    songs = list(module.read_songs(shared_data / "pop909", shared_data / "pop909-cl", 6))
    assert len(songs) == 6
    found = [fits(describe_song(reading)) for _, reading in songs]
    inside = [next(fit.inside for fit in both if fit.name == "pop") for both in found]
    assert np.median(inside) >= 0.85
    assert min(inside) >= 0.7
    assert sum(both[0].name == "pop" for both in found) >= 5
