"""What the statistics of sound promise: finite, named, blind to level, and right about sounds whose values are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import Audio
from whitelight.encoders.audio_statistics.document import describe_table
from whitelight.encoders.audio_statistics.encoder import STATISTICS, AudioStatisticsEncoder
from whitelight.encoders.audio_statistics.window import (
    FRAME_RATE,
    HIGHEST_HZ,
    LOWEST_HZ,
    N_FFT,
    SAMPLE_RATE,
    band_centers_hz,
    frequencies_hz,
    mel_bands,
    power_spectra,
)
from whitelight.encoders.sound import UnusableSoundError

ENCODER = AudioStatisticsEncoder()
NAMES = ENCODER.names
RATE = 44_100
SCALE = {"major": (0, 2, 4, 5, 7, 9, 11, 12), "minor": (0, 2, 3, 5, 7, 8, 10, 12)}


def seconds(duration_s, rate=RATE):
    return np.arange(round(duration_s * rate)) / rate


def tone(pitches, duration_s=4.0, rate=RATE, harmonics=6):
    """Tones of falling harmonics that sound together, quieter than full scale."""
    hz = [440 * 2 ** ((p - 69) / 12) * h for p in pitches for h in range(1, harmonics + 1)]
    level = [0.1 / h for _ in pitches for h in range(1, harmonics + 1)]
    time = seconds(duration_s, rate)
    return sum(a * np.sin(2 * np.pi * f * time) for f, a in zip(hz, level, strict=True) if f < rate / 2)


def clicks(tempo_bpm, duration_s=12.0, seed=0):
    """Short bursts of noise, one per beat, over a faint floor."""
    rng = np.random.default_rng(seed)
    sound = 1e-4 * rng.normal(size=round(duration_s * RATE))
    for start in np.arange(0, duration_s - 0.1, 60 / tempo_bpm):
        k = round(start * RATE)
        sound[k : k + 2000] += 0.3 * rng.normal(size=2000) * np.exp(-np.arange(2000) / 400)
    return sound


def melody(scale, tonic, seed=0):
    """Chords of a key, with its tonic in the bass most often."""
    rng = np.random.default_rng(seed)
    steps = SCALE[scale]
    degrees = [0, 3, 4, 0, 5, 3, 4, 0, *rng.integers(0, 7, 4), 0, 0]
    chords = [[tonic + steps[d] - 12, *(tonic + steps[(d + k) % 7] for k in (0, 2, 4))] for d in degrees]
    return np.concatenate([tone(chord, 0.75) for chord in chords])


def texture(seed, duration_s=3.0):
    """Something with pitch, noise, onsets and a fade."""
    rng = np.random.default_rng(seed)
    notes = np.concatenate([tone(rng.integers(45, 80, 3), 0.5) for _ in range(round(2 * duration_s))])
    noise = rng.normal(size=len(notes)) * rng.uniform(0, 0.05)
    return 0.5 * (notes + noise) * np.linspace(1, rng.uniform(0.1, 1), len(notes))


def describe(samples, rate=RATE):
    return dict(zip(NAMES, ENCODER.encode([Audio(np.asarray(samples, np.float32), rate)])[0].tolist(), strict=True))


def far(a, b, tolerance):
    """Names of the columns that differ by more than `tolerance` of their usual size, 1 at least."""
    return [n for n, x, y in zip(NAMES, a, b, strict=True) if abs(x - y) > tolerance * max(1, abs(x), abs(y))]


def test_table_is_complete_and_documented(repository):
    assert len(NAMES) == len(set(NAMES)) == ENCODER.dim >= 256
    assert all(s.doc.endswith(".") and s.unit and "{" not in s.doc for s in STATISTICS)
    assert {s.group for s in STATISTICS} == {"level", "dynamics", "timbre", "harmony", "rhythm"}
    assert [s.name for s in STATISTICS if s.uses_level] == ["loudness", "peak"]
    assert ENCODER.level_mask.sum() == 2
    page = (repository / "docs" / "audio_statistics.md").read_text()
    assert page == describe_table(), (
        "run python -m whitelight.encoders.audio_statistics.document docs/audio_statistics.md"
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.one_of(st.integers(1, 5000), st.integers(1, 60_000)),
    n_channels=st.integers(1, 3),
    rate=st.sampled_from([8000, 16_000, 22_050, 44_100, 96_000]),
    kind=st.sampled_from(["noise", "zeros", "one click", "half silent", "constant", "square"]),
)
def test_whatever_it_hears_is_finite(seed, n, n_channels, rate, kind):
    rng = np.random.default_rng(seed)
    samples = np.zeros((n, n_channels), np.float32)
    if kind == "noise":
        samples[:] = rng.uniform(-1, 1, samples.shape) * 10.0 ** rng.uniform(-6, 0)
    elif kind == "one click":
        samples[rng.integers(n)] = 1 - 2**-23
    elif kind == "half silent":
        samples[: n // 2] = rng.uniform(-1, 1, (n // 2, n_channels))
    elif kind == "constant":
        samples[:] = rng.uniform(-1, 1)
    elif kind == "square":
        samples[:] = np.sign(np.sin(np.arange(n) / 20))[:, None] * 0.5
    found = ENCODER.encode([Audio(samples, rate)])
    assert found.dtype == np.float32
    assert found.shape == (1, ENCODER.dim)
    assert np.isfinite(found).all()


def test_nothing_to_hear_has_no_vector_and_a_bad_sample_is_refused():
    nothing = [np.zeros(RATE), np.full(1, 0.5), np.zeros(0), 1e-5 * np.ones(RATE), 0.5 * np.ones(RATE // 25)]
    assert not ENCODER.encode([Audio(np.float32(samples), RATE) for samples in nothing]).any()
    assert ENCODER.encode([]).shape == (0, ENCODER.dim)
    with pytest.raises(UnusableSoundError, match="1 of 44,100 samples are not numbers"):
        ENCODER.encode([Audio(np.float32([np.nan, *np.ones(RATE - 1)]), RATE)])


def test_the_batch_does_not_matter():
    batch = [Audio(np.float32(texture(k, 1.0 + k)), RATE) for k in range(4)]
    together = ENCODER.encode(batch)
    assert np.array_equal(together, np.concatenate([ENCODER.encode([audio]) for audio in batch]))
    assert np.array_equal(ENCODER.encode(batch[::-1])[::-1], together)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), gain_db=st.floats(-45, 5))
def test_level_changes_only_what_says_so(seed, gain_db):
    sound = texture(seed)
    found = ENCODER.encode([Audio(np.float32(g * sound), RATE) for g in (1, 10 ** (gain_db / 20))])
    level = ENCODER.level_mask
    assert np.allclose(found[1, level] - found[0, level], gain_db, atol=1e-2)
    assert [name for name in far(*found, 2e-3) if name not in ("loudness", "peak")] == []


def test_one_sound_at_other_rates_and_on_two_channels_is_one_sound():
    wanted = {rate: tone([57, 61, 64], rate=rate) for rate in (44_100, 48_000, 96_000)}
    vectors = ENCODER.encode([Audio(np.float32(samples), rate) for rate, samples in wanted.items()])
    for other in vectors[1:]:
        assert len(far(vectors[0], other, 0.05)) <= 0.05 * ENCODER.dim
    sound = np.float32(texture(3))
    mono, stereo, split = (
        ENCODER.encode([Audio(s, RATE)])[0]
        for s in (sound, np.stack([sound, sound], axis=1), np.stack([2 * sound, 0 * sound], axis=1))
    )
    assert np.array_equal(mono, stereo)
    assert np.allclose(mono, split, atol=1e-4)


def test_powers_are_those_of_the_signal_and_bands_share_every_bin():
    rng = np.random.default_rng(0)
    noise = np.float32(rng.normal(size=SAMPLE_RATE * 4))
    assert power_spectra(noise, N_FFT, 512)[:-4].sum(axis=1).mean() == pytest.approx(1, rel=0.03)
    short = power_spectra(noise[:100], N_FFT, 512)
    assert short.shape == (1, 1025)
    hz = frequencies_hz(N_FFT, SAMPLE_RATE)
    centers = band_centers_hz()
    assert LOWEST_HZ < centers[0] < centers[-1] < HIGHEST_HZ
    inside = (hz > centers[0]) & (hz < centers[-1])
    each = mel_bands().sum(np.eye(len(hz), dtype=np.float32))  # one bin per frame
    assert np.allclose(each.sum(axis=1)[inside], 1, atol=1e-5)
    assert (each[hz > HIGHEST_HZ] == 0).all()
    nearest = [int(np.abs(hz - center).argmin()) for center in centers]
    assert (each[nearest].argmax(axis=1) == np.arange(len(centers))).mean() > 0.9


@pytest.mark.parametrize("hz", [110.0, 440.0, 1000.0, 5000.0])
def test_a_sine_lies_where_it_is(hz):
    found = describe(0.3 * np.sin(2 * np.pi * hz * seconds(3)))
    for name in ("centroid_mean", "rolloff_50_mean", "rolloff_85_mean"):
        assert found[name] == pytest.approx(np.log2(hz / 1000), abs=0.13), name
    assert found["crest"] == pytest.approx(3.01, abs=0.1)
    assert found["loudness"] == pytest.approx(20 * np.log10(0.3 / np.sqrt(2)), abs=0.01)
    assert found["peak"] == pytest.approx(20 * np.log10(0.3), abs=0.01)
    bands = {name: value for name, value in found.items() if name.startswith("mel_mean_")}
    loudest = float(max(bands, key=lambda name: bands[name]).removeprefix("mel_mean_").removesuffix("hz"))
    assert loudest == pytest.approx(hz, rel=0.35)
    assert found["level_deviation"] < 0.1


def test_noise_is_flat_and_tones_are_not():
    noise = describe(np.random.default_rng(1).normal(size=3 * RATE) * 0.1)
    sine = describe(tone([57]))
    assert noise["flatness_mean"] > -4
    assert sine["flatness_mean"] < -20
    assert noise["tonal_mean"] < sine["tonal_mean"]
    assert noise["contrast_mean_800hz"] < 15 < sine["contrast_mean_800hz"]
    assert noise["flux_mean"] > 3 * sine["flux_mean"]


@pytest.mark.parametrize("tempo_bpm", [60, 90, 120, 150])
def test_the_tempo_of_clicks(tempo_bpm):
    found = describe(clicks(tempo_bpm))
    assert 120 * 2 ** found["tempo"] == pytest.approx(tempo_bpm, rel=0.04)
    assert found["pulse_clarity"] > 0.6
    assert np.expm1(found["onset_rate"]) == pytest.approx(tempo_bpm / 60, rel=0.15)
    assert 2 ** found["ioi_mean"] == pytest.approx(60 / tempo_bpm, rel=0.02)
    assert found["ioi_deviation"] < 0.1
    repeats = {n: v for n, v in found.items() if n.startswith("repetition_")}
    nearest = min(repeats, key=lambda n: abs(np.log2(float(n[11:-3]) / tempo_bpm)))
    assert repeats[nearest] > 0.5
    band = next(a for a in (1, 2) if a <= tempo_bpm / 60 < 2 * a)
    assert found[f"modulation_middle_{band}hz"] == pytest.approx(
        max(found[f"modulation_middle_{a}hz"] for a in ("0.5", 1, 2, 4, 8)), abs=0.15
    )


def test_a_short_excerpt_repeats_as_clearly_as_a_long_one():
    short, long = describe(clicks(60, 4.0)), describe(clicks(60, 14.0))
    assert short["repetition_60bpm"] == pytest.approx(long["repetition_60bpm"], abs=0.1)
    assert short["repetition_30bpm"] > 0.5
    assert describe(clicks(60, 2.5))["repetition_30bpm"] == 0  # two seconds are too much of two and a half


def test_noise_without_a_beat_has_no_clear_pulse():
    rng = np.random.default_rng(2)
    sound = 1e-4 * rng.normal(size=12 * RATE)
    for k in rng.integers(0, len(sound) - 2000, 24):
        sound[k : k + 2000] += 0.3 * rng.normal(size=2000) * np.exp(-np.arange(2000) / 400)
    irregular, regular = describe(sound), describe(clicks(120))
    assert irregular["pulse_clarity"] < 0.5 * regular["pulse_clarity"]
    assert irregular["ioi_deviation"] > 0.5
    assert irregular["ioi_variability"] > regular["ioi_variability"] + 0.1


@pytest.mark.parametrize("tonic", [57, 60, 66])
def test_major_and_minor_and_their_degrees(tonic):
    major, minor = describe(melody("major", tonic)), describe(melody("minor", tonic))
    assert major["key_major_minus_minor"] > 0 > minor["key_major_minus_minor"]
    assert major["degree_mean_major_3"] > 2 * major["degree_mean_minor_3"]
    assert minor["degree_mean_minor_3"] > 2 * minor["degree_mean_major_3"]
    assert max((major[f"bass_degree_mean_{d}"], d) for d in ("1", "4", "5", "2"))[1] == "1"


def test_transposition_leaves_harmony_nearly_as_it_is():
    harmony = [s.name for s in STATISTICS if s.group == "harmony" and s.name.startswith(("degree", "key", "triad"))]
    base, moved = describe(melody("major", 57)), describe(melody("major", 62))
    assert max(abs(base[name] - moved[name]) for name in harmony) < 0.06


def test_chords_fit_their_triads_and_tuning_is_heard():
    major, minor = describe(tone([60, 64, 67])), describe(tone([60, 63, 67]))
    assert major["triad_mean_major"] > major["triad_mean_minor"]
    assert minor["triad_mean_minor"] > minor["triad_mean_major"]
    assert describe(tone([60.3], harmonics=1))["tuning"] == pytest.approx(0.3, abs=0.02)
    assert describe(tone([60], harmonics=1))["tuning"] < 0.02
    changing = np.concatenate([tone(chord, 0.4) for chord in ([60, 64, 67], [65, 69, 72], [62, 66, 69]) * 3])
    assert describe(changing)["harmony_step"] > 4 * major["harmony_step"]


def test_dynamics_of_pauses_and_fades():
    steady = tone([57], 4)
    half = np.concatenate([steady, np.zeros(4 * RATE)])
    found = describe(half)
    assert found["pauses"] == pytest.approx(0.5, abs=0.02)
    assert describe(steady)["pauses"] == 0
    fade = describe(steady * np.linspace(1, 0.05, len(steady)))
    assert fade["level_trend"] < -0.9
    assert fade["level_p05"] < -15 < fade["level_p95"]


def test_a_song_is_described_as_its_excerpts_and_faded_windows_are_left_out():
    excerpt = texture(9, 15.0)
    song = np.concatenate([excerpt] * 4)
    alone, repeated = (ENCODER.encode([Audio(np.float32(s), RATE)])[0] for s in (excerpt, song))
    assert far(alone, repeated, 0.02) == []
    trailing = np.concatenate([excerpt, np.zeros(15 * RATE)])
    shifted = ENCODER.encode([Audio(np.float32(trailing), RATE)])[0]
    named = dict(zip(NAMES, shifted.tolist(), strict=True))
    assert named["loudness"] == pytest.approx(
        dict(zip(NAMES, alone.tolist(), strict=True))["loudness"] - 3.01, abs=0.05
    )
    assert named["onset_rate"] == pytest.approx(alone[NAMES.index("onset_rate")], abs=0.05)


def test_any_change_of_the_definition_changes_the_fingerprint(monkeypatch):
    from whitelight.encoders.audio_statistics import encoder

    before = ENCODER.fingerprint()
    monkeypatch.setattr(encoder, "WINDOW_S", 10.0)
    assert ENCODER.fingerprint() != before
    assert len(before) == 64
    assert pytest.approx(43.07, abs=0.01) == FRAME_RATE
