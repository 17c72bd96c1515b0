"""The second paths agree with the first ones where both are right, and with paper where there is one."""

from fractions import Fraction

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import measure_levels, read_audio
from whitelight.catalog.song import LyricLine
from whitelight.dataset.sung_lines import lyric_text, sung_lines
from whitelight.dataset.verify.audio_fidelity import measure_likeness
from whitelight.dataset.verify.exact_time import Clock, bar_lines, in_force
from whitelight.dataset.verify.labels import key_words, smpte_seconds
from whitelight.dataset.verify.second_audio import Recording, UnheardError, fast_length, resampled, stretch
from whitelight.dataset.verify.second_levels import level_differences, measure
from whitelight.dataset.verify.second_reader import SecondReaderError, hear_midi
from whitelight.dataset.verify.sung_text import lines_of_file, microseconds, possible_texts, sung_lines_of
from whitelight.dataset.verify.voices import name_voices
from whitelight.dataset.views import find_voices
from whitelight.music import Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, write_midi
from whitelight.music.bars import BarGrid

tempi = st.lists(st.tuples(st.integers(1, 4000), st.integers(100_000, 2_000_000)), max_size=4)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([96, 120, 220, 480]), st.integers(200_000, 1_500_000), tempi, st.integers(0, 30_000_000))
def test_exact_time_is_that_of_tempo_maps(ticks_per_beat, first, changes, us):
    at_tick = {0: first} | dict(changes)
    tempo_map = TempoMap(ticks_per_beat, tuple(sorted(at_tick)), tuple(at_tick[t] for t in sorted(at_tick)))
    clock = Clock(ticks_per_beat, tuple(sorted(at_tick.items())))
    assert tempo_map.seconds_to_ticks(us / 1e6) in clock.nearest(us)
    tick = clock.nearest(us)[0]
    assert clock.time_of(tick) == tempo_map.exact_us(tick)
    assert abs(clock.us_of(tick) - us) <= Fraction(max(at_tick.values()), 2 * ticks_per_beat)
    assert clock.beats_at(clock.us_of(tick)) == Fraction(tick, ticks_per_beat)
    cut = tempo_map.cut(tick, tick + 5000)
    assert in_force(clock.tempi, tick, tick + 5000, 1) == in_force(
        tuple(zip(cut.change_ticks, cut.us_per_beat, strict=True)), 0, 5000, 1
    )


def test_an_edge_between_two_ticks_has_two_answers():
    clock = Clock(100, ((0, 500_000),))
    assert clock.nearest(2_500) == (1, 0)
    assert clock.nearest(2_501) == (1,)
    assert clock.nearest(0) == (0,)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5000), st.sampled_from([(4, 4), (7, 8), (5, 6), (3, 2), (18, 32)])), max_size=3)
)
def test_bar_lines_are_those_of_the_grid(changes):
    meters = tuple(sorted(dict(changes).items()))
    piece = Piece(480, TempoMap.constant(120), tuple(MeterChange(t, Meter(n, d)) for t, (n, d) in meters))
    assert list(bar_lines(meters, 480, 20_000)) == BarGrid.of(piece).starts(20_000).tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 150), st.integers(30, 90)), min_size=1, max_size=40))
def test_voices_found_slowly_are_those_found_fast(notes):
    onsets, ends = [n[0] / 50 for n in notes], [(n[0] + n[1]) / 50 for n in notes]
    pitches = [n[2] for n in notes]
    is_top, is_lowest = find_voices(np.array(onsets), np.array(ends), np.array(pitches))
    found = name_voices(onsets, ends, pitches)
    assert [("melody" in views) for views in found] == is_top.tolist()
    assert [("bass" in views) for views in found] == is_lowest.tolist()


def test_the_second_reader(tools):
    notes = Notes.from_rows([(0, 480, 60, 90), (240, 480, 60, 80), (960, 1, 38, 5)])
    piece = Piece(480, TempoMap.constant(90), midi_tracks=(MidiTrack("Größe", 5, False, notes),), end_tick=2000)
    heard = hear_midi(write_midi(piece))
    ((label, rows),) = heard.tracks
    assert (label.name, label.program, heard.end_tick, heard.n_notes) == ("Größe", 5, 2000, 3)
    assert rows.tolist() == [[0, 480, 60, 90], [240, 720, 60, 80], [960, 961, 38, 5]]
    with pytest.raises(SecondReaderError, match="mido cannot read it"):
        hear_midi(b"RIFF and no more")


@pytest.mark.parametrize(("rate", "n_channels"), [(44100, 2), (48000, 1), (22050, 6)])
def test_levels_by_two_ways(rate, n_channels):
    rng = np.random.default_rng(rate)
    sound = (rng.normal(size=(rate * 7, n_channels)) * np.linspace(0.001, 0.2, rate * 7)[:, None]).astype(np.float32)
    first, second = measure_levels(sound, rate), measure(sound, rate)
    assert second.loudness_lufs == pytest.approx(first.loudness_lufs, abs=1e-4)
    row = {"rms_dbfs": first.rms_dbfs, "peak_dbfs": first.peak_dbfs, "loudness_lufs": first.loudness_lufs}
    row |= {"is_silent": first.is_silent, "audio_bits": 16}
    assert list(level_differences(row, second)) == []
    assert list(level_differences(row | {"is_silent": True}, second))


def test_levels_of_nothing():
    silence = measure(np.zeros((4410, 1), np.float32), 44100)
    row = {"rms_dbfs": -150.0, "peak_dbfs": -140.0, "loudness_lufs": None, "is_silent": True, "audio_bits": 16}
    assert list(level_differences(row, silence)) == []
    assert len(list(level_differences(row | {"is_silent": False, "peak_dbfs": -60.0}, silence))) == 2


@pytest.mark.parametrize("rate", [48000, 22050, 32000])
def test_resampling_by_two_ways(tmp_path, rate):
    rng = np.random.default_rng(1)
    t = np.arange(rate * 4) / rate
    wave = sum(np.sin(2 * np.pi * f * t + rng.random()) for f in (97, 440, 1731, 6011)) / 10
    soundfile.write(tmp_path / "a.wav", wave * np.linspace(0.2, 1, len(t)), rate, subtype="PCM_16")
    ours = read_audio(tmp_path / "a.wav", sample_rate=44100).samples
    recording = Recording.open(tmp_path / "a.wav")
    start, stop = stretch(recording, 44100, 1.2345, 9.0)
    assert stop == len(ours)
    likeness = measure_likeness(ours[start:stop], resampled(recording, 44100, start, stop), 44100)
    assert likeness["correlation"] > 0.9999
    assert abs(likeness["lag_ms"]) < 0.001
    late = measure_likeness(ours[start - 44 : stop - 44], resampled(recording, 44100, start, stop), 44100)
    assert late["lag_ms"] == pytest.approx(1.0, abs=0.02)


def test_recordings_that_cannot_be_heard(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"no sound")
    with pytest.raises(UnheardError):
        Recording.open(tmp_path / "a.wav")
    with pytest.raises(UnheardError, match="is not there"):
        Recording.open(tmp_path / "b.wav")


def test_a_recording_that_breaks_off(tmp_path):
    sound = np.random.default_rng(0).normal(size=44100) * 0.1
    soundfile.write(tmp_path / "a.flac", sound, 44100)
    (tmp_path / "a.flac").write_bytes((tmp_path / "a.flac").read_bytes()[:40_000])
    recording = Recording.open(tmp_path / "a.flac", is_damaged=True)
    assert 0 < recording.n_samples < 44100
    assert recording.samples(0, 44100).shape == (44100, 1)
    assert stretch(recording, 44100, 0.0, 1.0) == (0, recording.n_samples)


@pytest.mark.parametrize("n", [1, 2, 7, 100, 4097, 123_457])
def test_fast_lengths(n):
    length = fast_length(n)
    assert n <= length <= 1.6 * n + 1
    for factor in (2, 3, 5):
        while length % factor == 0:
            length //= factor
    assert length == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 600), min_size=1, max_size=8), st.integers(0, 600), st.integers(1, 200))
def test_words_by_two_ways(tools, starts, start, length):
    lines = tuple(LyricLine(s / 10, None, f"line {s}", "") for s in sorted(starts))
    song = tools.song(lyric_lines=lines, sections=(tools.section("Verse", 0.0, 33.3),))
    first = lyric_text(sung_lines(song, 61.0), start / 10, (start + length) / 10)
    assert first in possible_texts(sung_lines_of(song, 61.0), start * 100_000, (start + length) * 100_000)


def test_times_are_rounded_as_they_are_stored():
    assert microseconds(125.1625375) == 125_162_537 == microseconds(round(125.1625375, 6))
    assert microseconds(float("nan")) == -1


def test_words_of_a_file():
    text = "[ti:A Song]\n[00:08.000]the  river\n[00:09.0][00:11.0] and <00:13.00>no<00:14.00>thing <00:15.00> more\nloose\n"
    assert lines_of_file(text).endswith("the  river and nothing more loose")


def test_names_and_time_codes():
    assert [key_words(name) for name in ("F#m", "Bb", "D dorian", "")] == ["F# minor", "Bb major", "D dorian", ""]
    assert smpte_seconds("00:01:02:10.40", 25.0) == 62.42
    assert smpte_seconds("00:01:00;02.00", 29.97) == pytest.approx(60.06, abs=1e-9)
    assert smpte_seconds("01:02", 25.0) is None
