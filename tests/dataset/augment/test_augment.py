"""Audio, MIDI and lyric times move together, as decided, and labels stay right."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from whitelight.audio import Audio, encode_flac
from whitelight.dataset.augment import (
    AugmentError,
    Chain,
    Changes,
    Excerpt,
    Shift,
    Sometimes,
    Stretch,
    TimeStretch,
    Transpose,
)
from whitelight.dataset.augment.midi import stretch_piece, transpose_piece
from whitelight.dataset.augment.transforms import exact_rate
from whitelight.dataset.positions import SmpteClock
from whitelight.music import Key, KeyChange, MidiTrack, Notes, Piece, TempoError, TempoMap, read_midi, write_midi

with_stretch = pytest.mark.skipif(find_spec("python_stretch") is None, reason="needs the extra audio")

FLOOR_HZ = 60.0


def onsets_s(audio: Audio) -> NDArray[np.float64]:
    """Onsets by rising energy in windows of 3 ms, no library: where the level jumps and is loud enough to be a note."""
    step = audio.sample_rate // 1000
    power = (audio.samples.mean(axis=1)[: audio.n_samples // step * step].reshape(-1, step) ** 2).mean(axis=1)
    smooth = np.convolve(power, np.ones(5) / 5, mode="same")
    floor = 0.05 * smooth.max()  # tails of several strings beat; they are no onsets
    rise = np.log(smooth[20:] + floor) - np.log(smooth[:-20] + floor)
    peaks = [i for i in range(25, len(rise) - 25) if rise[i] > 0.5 and rise[i] == rise[i - 25 : i + 26].max()]
    return (np.array(peaks) + 10) / 1000


def frequency_hz(audio: Audio, start_s: float, near_hz: float) -> float:
    """Frequency of the strongest partial within a third of `near_hz`, by a window of 0.3 s."""
    start = round((start_s + 0.03) * audio.sample_rate)
    part = audio.samples[start : start + int(0.3 * audio.sample_rate), 0]
    size = 16 * len(part)
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), size))
    frequencies = np.fft.rfftfreq(size, 1 / audio.sample_rate)
    chosen = np.abs(np.log2(np.maximum(frequencies, 1) / near_hz)) < 0.12
    return float(frequencies[chosen][spectrum[chosen].argmax()])


def chroma(audio: Audio) -> NDArray[np.float64]:
    """Energy per pitch class, shape (12,)."""
    power = np.abs(np.fft.rfft(audio.samples.mean(axis=1))) ** 2
    frequencies = np.fft.rfftfreq(audio.n_samples, 1 / audio.sample_rate)
    heard = frequencies > FLOOR_HZ
    pitch = 69 + 12 * np.log2(frequencies[heard] / 440)
    return np.bincount(np.round(pitch).astype(int) % 12, weights=power[heard], minlength=12)


def rotation(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[int, float]:
    """Return by how many semitones `one` must be raised to fit `other`, and how well it fits then."""
    fits = [float(np.corrcoef(np.roll(one, k), other)[0, 1]) for k in range(12)]
    return int(np.argmax(fits)), max(fits)


def played_onsets_s(excerpt: Excerpt) -> NDArray[np.float64]:
    assert excerpt.piece is not None
    return excerpt.piece.tempo_map.ticks_to_seconds(excerpt.piece.all_notes(drums="exclude").onset_tick)


@with_stretch
@pytest.mark.parametrize("rate", [Fraction(17, 20), Fraction(11, 10), Fraction(5, 4)])
def test_stretched_audio_is_where_its_midi_is(excerpt: Excerpt, rate: Fraction) -> None:
    done = Stretch(rate).apply(excerpt)
    assert done.audio is not None
    assert done.piece is not None
    assert excerpt.audio is not None
    found, expected = onsets_s(done.audio), played_onsets_s(done)
    assert len(onsets_s(excerpt.audio)) == len(expected), "the detector works on what was played"
    assert np.abs(found[:, None] - expected).min(axis=0).max() < 0.020, "an onset is missing or late"
    assert len(found) <= len(expected) + 1
    assert done.audio.n_samples == round(excerpt.audio.n_samples / rate)
    assert done.audio.duration_s == pytest.approx(done.piece.duration_s, abs=1e-4)
    near = 440.0 * 2 ** ((57 - 69) / 12)
    assert 1200 * abs(np.log2(frequency_hz(done.audio, float(expected[0]), near) / near)) < 10
    turned, fit = rotation(chroma(excerpt.audio), chroma(done.audio))
    assert turned == 0
    assert fit > 0.98


@with_stretch
@pytest.mark.parametrize("semitones", [-5, -1, 3, 7])
def test_shifted_audio_sounds_what_its_midi_says(excerpt: Excerpt, semitones: int) -> None:
    done = Shift(semitones).apply(excerpt)
    assert done.audio is not None
    assert done.piece is not None
    assert excerpt.audio is not None
    expected = played_onsets_s(done)
    assert done.audio.n_samples == excerpt.audio.n_samples
    assert np.abs(onsets_s(done.audio)[:, None] - expected).min(axis=0).max() < 0.020
    pitch = int(done.piece.midi_tracks[0].notes.pitch[0])
    near = 440.0 * 2 ** ((pitch - 69) / 12)
    assert pitch == 57 + semitones
    assert 1200 * abs(np.log2(frequency_hz(done.audio, float(expected[0]), near) / near)) < 10
    turned, fit = rotation(chroma(excerpt.audio), chroma(done.audio))
    assert turned == semitones % 12
    assert fit > 0.98


@with_stretch
def test_row_moves_with_the_media(excerpt: Excerpt) -> None:
    done = Changes((Stretch(Fraction(5, 4)), Shift(3))).apply(excerpt)
    row = done.row
    assert (row["start_s"], row["end_s"], row["duration_s"], row["song_duration_s"]) == (6.4, 9.6, 3.2, 48.0)
    assert (row["start_smpte"], row["end_smpte"]) == ("00:00:06:10.00", "00:00:09:15.00")
    assert row["lyric_lines"] == [{"text": "la", "start_s": 6.6, "end_s": None, "source": "lrc"}]
    assert row["lyric_words"][0]["end_s"] == pytest.approx(7.2)
    assert (row["tempo_bpm"], row["musical_key"], row["start_beat"]) == (150.0, "C major", 16.0)
    assert (row["n_samples"], row["audio_is_lossless"], row["row_id"]) == (141_120, False, "s/0001/melody")
    assert row["peak_dbfs"] != excerpt.row["peak_dbfs"]
    assert excerpt.row["start_s"] == 8.0
    word_s = row["lyric_words"][0]["start_s"] - row["start_s"]
    assert word_s == pytest.approx(float(played_onsets_s(done)[0])), "the word is sung on its note"
    assert "n_samples" not in Stretch(Fraction(2)).apply(Excerpt({"start_s": 1.0})).row


def test_drop_frame_time_code_stays_what_it_is() -> None:
    row = {"start_s": 120.0, "start_smpte": "00:02:00;00.00", "smpte_fps": 29.97}
    later = Stretch(Fraction(3, 4)).apply(Excerpt(row)).row["start_smpte"]
    assert ";" in later
    assert SmpteClock.of("0FF@29.97df").seconds(later) == pytest.approx(160, abs=0.001)
    assert Stretch(Fraction(3, 4)).apply(Excerpt(row | {"smpte_fps": None})).row["start_s"] == 160.0
    with pytest.raises(AugmentError, match="17 frames per second"):
        Stretch(Fraction(2)).apply(Excerpt(row | {"smpte_fps": 17.0}))


tempi = st.lists(st.integers(250_000, 1_500_000), min_size=1, max_size=5)


@given(tempi, st.floats(0.5, 2.0))
@settings(deadline=None, max_examples=100)
def test_tempo_maps_scale(us_per_beat: list[int], drawn: float) -> None:
    ticks = tuple(480 * i for i in range(len(us_per_beat)))
    piece = Piece(480, TempoMap(480, ticks, tuple(us_per_beat)), end_tick=480 * 8)
    rate = exact_rate(drawn, piece.tempo_map)
    assert abs(float(rate) / drawn - 1) < 2e-4
    done = stretch_piece(piece, rate)
    n_beats = 8
    assert abs(done.duration_s - piece.duration_s / rate) <= n_beats * 0.5e-6
    if len(set(us_per_beat)) == 1:
        exact = [Fraction(p.tempo_map.exact_us(1234)) for p in (piece, done)]
        assert exact[0] == exact[1] * rate
    assert done.tempo_map.change_ticks == piece.tempo_map.change_ticks


def test_several_tempi_with_a_common_step_scale_exactly() -> None:
    tempo_map = TempoMap(480, (0, 480, 960), (500_000, 400_000, 600_000))
    rate = exact_rate(1.0731, tempo_map)
    assert all(us % rate == 0 or (Fraction(us) / rate).denominator == 1 for us in tempo_map.us_per_beat)


@given(st.lists(st.integers(0, 127), min_size=1, max_size=20), st.integers(-24, 24))
@settings(deadline=None, max_examples=100)
def test_no_note_is_lost(pitches: list[int], semitones: int) -> None:
    notes = Notes.from_rows([(10 * i, 5, pitch, 64) for i, pitch in enumerate(pitches)])
    drums = MidiTrack("kit", is_drum=True, notes=notes)
    piece = Piece(
        480,
        TempoMap(480),
        keys=(KeyChange(0, Key.parse("F# minor")),),
        midi_tracks=(MidiTrack("p", notes=notes), drums),
    )
    done = transpose_piece(piece, semitones)
    moved = done.midi_tracks[0].notes
    assert (moved.pitch % 12 == (notes.pitch + semitones) % 12).all()
    inside = (notes.pitch + semitones >= 0) & (notes.pitch + semitones <= 127)
    assert (moved.pitch[inside] == (notes.pitch + semitones)[inside]).all()
    assert (moved.onset_tick == notes.onset_tick).all()
    assert done.midi_tracks[1] == drums
    assert done.keys[0].key.tonic == (6 + semitones) % 12
    assert read_midi(write_midi(done)).midi_tracks[0].notes == moved


def test_keys_are_spelled_plainly() -> None:
    spelled = [transpose_piece(Piece(480, TempoMap(480), keys=(KeyChange(0, Key.parse("A# major")),)), k).keys[0].key for k in (1, 12, -2)]  # fmt: skip
    assert [str(key) for key in spelled] == ["B major", "A# major", "Ab major"]


def test_nothing_changed_is_the_same_object(excerpt: Excerpt) -> None:
    for change in (Stretch(Fraction(1)), Shift(0), Changes(), Changes((Stretch(Fraction(1)), Shift(0)))):
        assert change.apply(excerpt) is excerpt
    rng = np.random.default_rng(1)
    assert Chain((TimeStretch(1, 1), Transpose(0, 0))).draw(excerpt, rng).apply(excerpt) is excerpt


@with_stretch
def test_same_seed_same_bytes(excerpt: Excerpt) -> None:
    transform = Chain((TimeStretch(0.8, 1.25), Sometimes(Transpose(-4, 4), 0.7)))

    def once(seed: int) -> tuple[bytes, bytes, dict[str, object]]:
        done = transform.draw(excerpt, np.random.default_rng(seed)).apply(excerpt)
        assert done.audio is not None
        assert done.piece is not None
        flac = encode_flac(done.audio.samples, done.audio.sample_rate, bits=done.audio.bits)
        return flac, write_midi(done.piece), dict(done.row)

    assert once(5) == once(5)
    assert once(5)[:2] != once(6)[:2]


@with_stretch
def test_another_process_makes_the_same_bytes() -> None:
    code = """if True:
        import hashlib
        import numpy as np
        from fractions import Fraction
        from whitelight.audio import Audio
        from whitelight.dataset.augment import Changes, Excerpt, Shift, Stretch
        samples = np.random.default_rng(0).uniform(-0.5, 0.5, (44100, 2))
        changes = [Changes((Stretch(Fraction(rate)), Shift(k))) for rate, k in (("3/5", -24), ("2", 24), ("11/10", 1))]
        for rate in (8000, 22050, 44100, 48000):
            for change in changes:
                done = change.apply(Excerpt({}, Audio(samples, rate, 16)))
                print(hashlib.sha256(done.audio.samples.tobytes()).hexdigest())"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)]
    assert len(runs[0]) > 100
    assert runs[0] == runs[1]


@with_stretch
def test_one_draw_serves_all_stems(excerpt: Excerpt, played: Callable[..., Audio]) -> None:
    assert excerpt.piece is not None
    change = Chain((TimeStretch(0.8, 1.25), Transpose(2, 2))).draw(excerpt, np.random.default_rng(0))
    drums = Excerpt(
        {"view": "drums", "start_s": 8.0, "musical_key": "A major"}, played(excerpt.piece, 22_050, 2), excerpt.piece
    )
    done, done_drums = change.apply(excerpt), change.apply(drums)
    assert done_drums.audio is not None
    assert done.audio is not None
    assert done_drums.audio.n_channels == 2
    assert done_drums.audio.duration_s == pytest.approx(done.audio.duration_s, abs=1e-4)
    assert done_drums.row["start_s"] == done.row["start_s"]
    assert Shift(2).apply(drums).audio is drums.audio
    assert Shift(2).apply(drums).row["musical_key"] == "B major"


def test_draws_follow_their_ranges(excerpt: Excerpt) -> None:
    rng = np.random.default_rng(3)
    rates = [float(TimeStretch(0.8, 1.25).draw(excerpt, rng).rate) for _ in range(300)]
    assert min(rates) + 1e-5 >= 0.8
    assert max(rates) <= 1.25 + 1e-5
    assert np.mean([rate < 1 for rate in rates]) == pytest.approx(0.5, abs=0.1)
    intervals = {Transpose(-2, 2).draw(excerpt, rng).semitones for _ in range(200)}
    assert intervals == {-2, -1, 0, 1, 2}
    often = [Sometimes(Transpose(1, 1), 0.25).draw(excerpt, rng) != Changes() for _ in range(400)]
    assert np.mean(often) == pytest.approx(0.25, abs=0.07)


def test_a_probability_changes_no_other_draw(excerpt: Excerpt) -> None:
    def last(probability: float) -> object:
        chain = Chain((Sometimes(TimeStretch(), probability), Transpose(-12, 12)))
        return chain.draw(excerpt, np.random.default_rng(8)).changes[-1]

    assert last(0.0) == last(0.5) == last(1.0)


@with_stretch
def test_loud_audio_is_turned_down_and_says_so(excerpt: Excerpt) -> None:
    rng = np.random.default_rng(0)
    loud = Audio(np.clip(rng.standard_normal((22_050, 2)), -0.99, 0.99).astype(np.float32), 44_100, 16)
    done = Shift(1).apply(Excerpt({}, loud)).audio
    assert done is not None
    assert float(np.abs(done.samples).max()) < 1.0
    assert "turned down by" in " ".join(done.problems)


@with_stretch
@pytest.mark.parametrize("n_samples", [0, 1, 7, 500])
def test_very_short_audio(n_samples: int) -> None:
    audio = Audio(np.full((n_samples, 2), 0.1, np.float32), 8_000, 16)
    for change in (Stretch(Fraction(9, 10)), Shift(1)):
        done = change.apply(Excerpt({}, audio)).audio
        assert done is not None
        assert done.samples.shape == (round(n_samples / getattr(change, "rate", 1)), 2)


def test_refusals(excerpt: Excerpt, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AugmentError, match="rate 9"):
        Stretch(Fraction(9))
    with pytest.raises(AugmentError, match="30 semitones"):
        Shift(30)
    with pytest.raises(AugmentError, match="lowest ≤ highest"):
        TimeStretch(1.2, 0.9)
    with pytest.raises(AugmentError, match="lowest ≤ highest"):
        Transpose(3, -3)
    with pytest.raises(AugmentError, match="probability"):
        Sometimes(Transpose(), 1.5)
    slow = Piece(480, TempoMap(480, (0,), (16_000_000,)))
    with pytest.raises(TempoError):
        Stretch(Fraction(3, 4)).apply(Excerpt({}, None, slow))
    monkeypatch.setitem(sys.modules, "python_stretch", None)
    with pytest.raises(AugmentError, match=r"python-stretch; pip install 'whitelight\[audio\]'"):
        Stretch(Fraction(2)).apply(excerpt)
    assert Stretch(Fraction(2)).apply(replace(excerpt, audio=None)).piece is not None, "MIDI alone needs no extra"
