"""Reading by content, exactly, resampled, mixed down; the same for every format."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import AudioError, probe_audio, read_audio
from whitelight.audio import blocks as blocks_module

RATE = 44_100


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sound.wav", ("WAV", "PCM_16", 16, True)),
        ("sound.flac", ("FLAC", "PCM_16", 16, True)),
        ("sound.mp3", ("MP3", "MPEG_LAYER_III", None, False)),
        ("sound.ogg", ("OGG", "VORBIS", None, False)),
        ("float.wav", ("WAV", "FLOAT", 32, False)),
    ],
)
def test_header_of_every_format(recordings: Path, name: str, expected: tuple[Any, ...]) -> None:
    info = probe_audio(recordings / name)
    assert (info.format, info.subtype, info.bits, info.is_lossless) == expected
    assert (info.sample_rate, info.n_channels, info.n_samples) == (RATE, 2, 2 * RATE)
    assert info.duration_s == 2.0
    assert info.problems == ()


@pytest.mark.parametrize("name", ["sound.wav", "sound.flac", "sound.mp3", "sound.ogg", "float.wav"])
def test_every_format_sounds_alike_from_file_and_bytes(make: Any, recordings: Path, name: str) -> None:
    audio = read_audio(recordings / name)
    assert audio.samples.shape == (2 * RATE, 2)
    assert audio.problems == ()
    assert np.abs(audio.samples - make.music()).max() < 0.1
    assert np.array_equal(read_audio((recordings / name).read_bytes()).samples, audio.samples)
    assert audio.samples.dtype == np.float32
    assert not audio.samples.flags.writeable


@pytest.mark.parametrize("container", ["WAV", "FLAC", "AIFF", "RF64", "W64", "CAF"])
@pytest.mark.parametrize("bits", [16, 24])
def test_integers_are_read_exactly(make: Any, tmp_path: Path, container: str, bits: int) -> None:
    whole = make.random_integers(bits)
    audio = read_audio(make.write_integers(tmp_path / "x.bin", whole, bits, container=container))
    assert audio.bits == bits
    assert np.array_equal(audio.samples.astype(np.float64) * (1 << (bits - 1)), whole)


@pytest.mark.parametrize("name", ["sound.mp3", "sound.ogg", "sound.flac"])
def test_small_blocks_decode_the_same(recordings: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_audio(recordings / name).samples
    monkeypatch.setattr("whitelight.audio.sound.BLOCK_SAMPLES", 1000)
    assert np.array_equal(read_audio(recordings / name).samples, expected)


def test_more_sound_than_expected_still_fits(recordings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_audio(recordings / "sound.wav").samples
    monkeypatch.setattr(blocks_module, "FIRST_VALUES", 100)
    monkeypatch.setattr("whitelight.audio.sound.BLOCK_SAMPLES", 1000)
    assert np.array_equal(read_audio(recordings / "sound.wav").samples, expected)


@pytest.mark.parametrize("content", ["sound.flac", "sound.mp3", "sound.ogg", "sound.wav"])
@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".m4a", ".raw", ""])
def test_the_extension_does_not_matter(recordings: Path, tmp_path: Path, content: str, suffix: str) -> None:
    path = tmp_path / f"renamed{suffix}"
    path.write_bytes((recordings / content).read_bytes())
    assert probe_audio(path) == probe_audio(recordings / content)
    assert np.array_equal(read_audio(path).samples, read_audio(recordings / content).samples)


@settings(max_examples=15, deadline=None)
@given(
    n_samples=st.integers(1, 30_000),
    n_channels=st.integers(1, 3),
    rates=st.tuples(
        st.sampled_from([8000, 22050, 44100, 48000, 192000]), st.sampled_from([16000, 22050, 44100, 48000])
    ),
    mono=st.booleans(),
)
def test_resampling_keeps_length_and_channels(
    tmp_path_factory: pytest.TempPathFactory,
    n_samples: int,
    n_channels: int,
    rates: tuple[int, int],
    mono: bool,
) -> None:
    source_rate, target_rate = rates
    path = tmp_path_factory.mktemp("rates") / "x.wav"
    soundfile.write(path, np.zeros((n_samples, n_channels)), source_rate)
    audio = read_audio(path, sample_rate=target_rate, mono=mono)
    assert audio.sample_rate == target_rate
    assert audio.n_channels == (1 if mono else n_channels)
    assert audio.n_samples == max(round(n_samples * target_rate / source_rate), 1)


def test_resampling_keeps_the_sound(tmp_path: Path) -> None:
    seconds = 4.0
    wide, narrow = (np.sin(2 * np.pi * 1000 * np.arange(round(seconds * r)) / r) * 0.5 for r in (96_000, 44_100))
    soundfile.write(tmp_path / "x.wav", wide, 96_000, subtype="PCM_24")
    audio = read_audio(tmp_path / "x.wav", sample_rate=44_100)
    inner = slice(4410, -4410)
    assert np.abs(audio.samples[inner, 0] - narrow[inner]).max() < 1e-5


def test_mono_is_the_mean(make: Any, tmp_path: Path) -> None:
    whole = make.random_integers(16, n_channels=4)
    audio = read_audio(make.write_integers(tmp_path / "x.wav", whole, 16), mono=True)
    assert audio.n_channels == 1
    assert np.allclose(audio.samples[:, 0], whole.mean(axis=1) / 32768, atol=1e-6)


def test_m4a_of_both_kinds(make: Any, tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="the extra 'audio' is not installed")
    samples = make.music()
    for codec, layout in (("aac", "fltp"), ("alac", "s16p")):
        path = tmp_path / f"{codec}.wav"  # content counts
        data = samples.T if layout == "fltp" else np.rint(samples.T * 32768).astype(np.int16)
        with av.open(str(path), "w", format="ipod") as container:
            stream = container.add_stream(codec, rate=RATE, layout="stereo", format=layout)
            for start in range(0, data.shape[1], 4096):
                part = np.ascontiguousarray(data[:, start : start + 4096])
                frame = av.AudioFrame.from_ndarray(part, format=layout, layout="stereo")
                frame.sample_rate, frame.pts = RATE, start
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        info, audio = probe_audio(path), read_audio(path)
        assert (info.format, info.subtype, info.is_lossless) == ("M4A", codec.upper(), codec == "alac")
        assert audio.samples.shape == samples.shape
        assert audio.problems == ()
        if codec == "alac":
            assert np.array_equal(audio.samples * 32768, np.rint(samples * 32768))
        else:
            inner = slice(4000, -4000)
            assert np.corrcoef(audio.samples[inner, 0], samples[inner, 0])[0, 1] > 0.99
        assert read_audio(path, sample_rate=22_050, mono=True).samples.shape == (RATE, 1)


def test_m4a_without_av_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    path = tmp_path / "song.m4a"
    path.write_bytes(b"\0\0\0\x1cftypM4A " + bytes(100))
    with pytest.raises(AudioError, match=r"^song.m4a: M4A needs the package av; pip install 'whitelight\[audio\]'"):
        probe_audio(path)


def test_absurd_target_rate_is_refused(recordings: Path) -> None:
    with pytest.raises(AudioError, match="sample rate of 10 Hz: expected 1,000 to 384,000"):
        read_audio(recordings / "sound.wav", sample_rate=10)


@pytest.mark.slow
def test_memory_is_that_of_the_samples(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    block = np.random.default_rng(0).normal(scale=0.1, size=(44_100 * 10, 2))
    with soundfile.SoundFile(path, "w", 44_100, 2, subtype="PCM_16") as out:
        for _ in range(60):
            out.write(block)
    code = (
        "import resource, sys; from pathlib import Path; from whitelight.audio import read_audio, probe_audio\n"
        "path = Path(sys.argv[1]); read_audio(path.with_name('short.flac'), sample_rate=22_050)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "audio = read_audio(path, sample_rate=22_050, mono=True)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, audio.samples.nbytes)"
    )
    soundfile.write(tmp_path / "short.flac", block, 44_100)
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    path.unlink()
    grown, n_bytes = map(int, done.stdout.split())
    assert n_bytes == 4 * 22_050 * 600
    assert grown < 1.2 * n_bytes
