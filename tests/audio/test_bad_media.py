"""Hostile and damaged recordings: one clear error, or what could be read and a sentence; never an absolute path."""

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from whitelight.audio import AudioError, probe_audio, read_audio

RATE = 44_100


def refused(path: Path, match: str) -> None:
    """Both ways in say the same, and say no path."""
    for read in (probe_audio, read_audio):
        with pytest.raises(AudioError, match=match) as caught:
            read(path)
        assert str(path.parent) not in str(caught.value)
        assert str(caught.value).startswith(f"{path.name}: ")


def test_zero_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    refused(tmp_path / "a.wav", "the file has no bytes, expected a recording; export it again")


def test_header_without_samples(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 2)), RATE)
    refused(tmp_path / "a.wav", "WAV without a single sample")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0MTrk", "a MIDI file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG image"),
        (b"PK\x03\x04" + bytes(100), "a ZIP archive"),
        (b"<html>404 not found</html>" * 10, "text"),
        (bytes(5000), "nothing but zeros"),
        (np.random.default_rng(0).bytes(5000), "unknown data beginning"),
    ],
)
def test_other_files_are_named(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    refused(tmp_path / "a.wav", f"{what}.*expected WAV, FLAC, MP3, OGG or M4A")


@pytest.mark.parametrize("name", ["sound.wav", "sound.flac", "sound.ogg"])
def test_a_header_alone_is_damaged(recordings: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes((recordings / name).read_bytes()[:20])
    refused(tmp_path / name, f"damaged {name.split('.')[1].upper()}")


def test_flac_that_ends_before_its_first_frame(recordings: Path, tmp_path: Path) -> None:
    content = (recordings / "sound.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(content[: content.find(b"\xff\xf8") + 8])
    with pytest.raises(AudioError, match=r"^a.flac: no sample could be decoded \(breaks off after 0.000 s"):
        read_audio(tmp_path / "a.flac")


@pytest.mark.parametrize("name", ["sound.wav", "sound.flac", "sound.mp3", "sound.ogg"])
def test_what_a_truncated_file_holds_is_used_and_said(recordings: Path, tmp_path: Path, name: str) -> None:
    content = (recordings / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: len(content) * 6 // 10])
    audio, whole = read_audio(path), read_audio(recordings / name)
    assert 0.3 * whole.n_samples < audio.n_samples < 0.75 * whole.n_samples
    inner = audio.n_samples - 3000  # lossy coders overlap blocks: the last ones sound different
    assert np.array_equal(audio.samples[:inner], whole.samples[:inner])
    assert any("used" in problem and problem.startswith(f"{name}: ") for problem in audio.problems)


def test_truncated_m4a_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra 'audio' is not installed")
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x1cftypM4A " + bytes(4000))
    refused(tmp_path / "a.m4a", "damaged M4A")


def test_m4a_that_breaks_off_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="the extra 'audio' is not installed")
    path = tmp_path / "a.m4a"
    wave = (0.3 * np.sin(np.arange(10 * RATE) / 20)).astype(np.float32)[np.newaxis].repeat(2, axis=0)
    with av.open(str(path), "w", format="ipod", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        for start in range(0, wave.shape[1], 4096):
            part = np.ascontiguousarray(wave[:, start : start + 4096])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    audio = read_audio(path)
    assert 4 < audio.duration_s < 7
    (problem,) = audio.problems
    assert problem.startswith("a.m4a: breaks off after")
    assert problem.endswith("the header claims 10.000 s; used what it holds")


def test_one_sample(make: Any, tmp_path: Path) -> None:
    make.write_integers(tmp_path / "a.wav", np.array([[7, -7]]), 16)
    assert probe_audio(tmp_path / "a.wav").n_samples == 1
    assert (read_audio(tmp_path / "a.wav").samples * 32768).tolist() == [[7, -7]]
    assert read_audio(tmp_path / "a.wav", sample_rate=8000).n_samples == 1


def test_eight_channels_and_192_khz_are_kept_nine_refused(make: Any, tmp_path: Path) -> None:
    whole = make.random_integers(24, n_channels=8)
    audio = read_audio(make.write_integers(tmp_path / "a.wav", whole, 24, rate=192_000))
    assert (audio.n_channels, audio.sample_rate) == (8, 192_000)
    assert np.array_equal(audio.samples.astype(np.float64) * 2**23, whole)
    make.write_integers(tmp_path / "b.wav", make.random_integers(16, n_channels=9), 16)
    refused(tmp_path / "b.wav", "9 channels, expected at most 8; export single stems")


@pytest.mark.parametrize("rate", [10, 2_000_000])
def test_absurd_sample_rates(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(5000), rate)
    refused(tmp_path / "a.wav", f"sample rate of {rate:,} Hz, expected 1,000 to 384,000 Hz")


def test_not_a_number_is_silenced_and_said(make: Any, tmp_path: Path) -> None:
    samples = make.music()
    samples[100, 0], samples[200:203, 1], samples[300, 0] = np.nan, np.inf, -np.inf
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    audio = read_audio(tmp_path / "a.wav")
    assert audio.problems == ("a.wav: 5 samples are not numbers (NaN or infinite); silenced them",)
    assert np.array_equal(audio.samples, np.nan_to_num(samples, nan=0, posinf=0, neginf=0))
    assert np.isfinite(read_audio(tmp_path / "a.wav", sample_rate=22_050).samples).all()


def test_nothing_but_nan_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full((500, 2), np.nan, np.float32), RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"^a.wav: none of 500 samples is a number; export it again"):
        read_audio(tmp_path / "a.wav")


def test_floats_beyond_full_scale_are_clipped_and_said(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0.5, 1.0, 1.5, -1.0, -7.0], np.float32), RATE, subtype="FLOAT")
    audio = read_audio(tmp_path / "a.wav")
    assert audio.samples[:, 0].tolist() == [0.5, 1 - 2**-23, 1 - 2**-23, -1.0, -1.0]
    assert audio.problems == ("a.wav: 2 samples lie beyond full scale; clipped them",)


def test_wav_that_claims_more_than_it_holds(recordings: Path, tmp_path: Path) -> None:
    content = bytearray((recordings / "sound.wav").read_bytes())
    place = content.find(b"data") + 4
    struct.pack_into("<I", content, place, 400_000_000)
    (tmp_path / "a.wav").write_bytes(content)
    lie = "the header claims 100,000,000 samples, the file holds 88,200; used those"
    assert probe_audio(tmp_path / "a.wav").problems == (lie,)
    assert read_audio(tmp_path / "a.wav").problems == (f"a.wav: {lie}",)
    assert probe_audio(tmp_path / "a.wav").n_samples == 88_200


@pytest.mark.parametrize(("whole", "data"), [(0xFFFFFFFF, 0xFFFFFFFF), (8, 0)])
def test_wav_whose_header_was_never_finished_is_read_to_its_end(
    recordings: Path, tmp_path: Path, whole: int, data: int
) -> None:
    content = bytearray((recordings / "sound.wav").read_bytes())
    struct.pack_into("<I", content, 4, whole)
    struct.pack_into("<I", content, content.find(b"data") + 4, data)
    (tmp_path / "a.wav").write_bytes(content)
    audio = read_audio(tmp_path / "a.wav")
    assert audio.problems == ()
    assert np.array_equal(audio.samples, read_audio(recordings / "sound.wav").samples)


def with_flac_length(content: bytes, n_samples: int) -> bytes:
    """Write another total into the 36 bits of the STREAMINFO block."""
    changed = bytearray(content)
    changed[21] = (changed[21] & 0xF0) | (n_samples >> 32)
    struct.pack_into(">I", changed, 22, n_samples & 0xFFFFFFFF)
    return bytes(changed)


@pytest.mark.parametrize(
    ("claimed", "problem"),
    [
        (0, None),  # a stream: nobody knew
        (2 * RATE + 99, "breaks off after 2.000 s"),
        (3600 * 24 * RATE, "breaks off after 2.000 s"),  # 30 GB, were they allocated
    ],
)
def test_flac_with_another_length(recordings: Path, tmp_path: Path, claimed: int, problem: str | None) -> None:
    (tmp_path / "a.flac").write_bytes(with_flac_length((recordings / "sound.flac").read_bytes(), claimed))
    audio = read_audio(tmp_path / "a.flac")
    assert np.array_equal(audio.samples, read_audio(recordings / "sound.flac").samples)
    assert bool(audio.problems) == bool(problem)
    assert all(problem is not None and problem in found for found in audio.problems)


def test_flac_with_more_sound_than_it_claims(make: Any, tmp_path: Path) -> None:
    path = make.write_integers(tmp_path / "a.flac", make.random_integers(24, n_samples=10 * RATE), 24)
    path.write_bytes(with_flac_length(path.read_bytes(), RATE))
    audio = read_audio(path)
    assert audio.n_samples == RATE
    assert "goes on for" in audio.problems[0]


def test_longer_than_a_day(recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(with_flac_length((recordings / "sound.flac").read_bytes(), 2**36 - 1))
    refused(tmp_path / "a.flac", "lasts 433 hours, expected at most 24; is this a song")


def test_gone_between_probe_and_read(recordings: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes((recordings / "sound.wav").read_bytes())
    probe_audio(path)
    path.unlink()
    refused(path, "No such file or directory; check the path")


def test_folders_pipes_and_closed_files(recordings: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")  # opening it would wait forever
    refused(tmp_path / "a.wav", "not a regular file")
    (tmp_path / "b.wav").mkdir()
    refused(tmp_path / "b.wav", "not a regular file")


def test_nothing_is_written_to_stderr(recordings: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("sound.mp3", "sound.flac", "sound.ogg"):
        content = (recordings / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        read_audio(tmp_path / name)
    assert capfd.readouterr() == ("", "")
