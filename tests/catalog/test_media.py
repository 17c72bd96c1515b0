"""Recordings of a catalog: how long a song lasts by them, and what the check says of those that are wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from whitelight.catalog import check_catalog, read_catalog

WriteSong = Callable[..., Path]
RATE = 8000


def record(path: Path, seconds: float, *, amplitude: float = 0.3, container: str = "WAV") -> None:
    wave = amplitude * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)
    soundfile.write(path, wave, RATE, format=container)


def found(root: Path) -> dict[str, tuple[str, str]]:
    """Problems of the check about recordings: code, then severity and message."""
    problems = check_catalog(root).problems
    return {p.code: (p.severity, p.message) for p in problems if p.code.startswith("audio-")}


def test_a_song_of_recordings_alone_lasts_as_long_as_the_longest(root: Path, write_song: WriteSong) -> None:
    stems = [{"id": i, "audio_file": f"{i}.wav"} for i in (1, 2, 3)]
    path = write_song(TRT=..., structure=..., audio_tracks=stems)
    record(path.parent / "1.wav", 20)
    record(path.parent / "2.wav", 31.5)
    (path.parent / "3.wav").write_bytes(b"RIFF")
    assert read_catalog(root).songs[0].duration_s == pytest.approx(31.5)


def test_the_stated_running_time_outweighs_the_stems(root: Path, write_song: WriteSong) -> None:
    path = write_song()
    record(path.parent / "bass.wav", 20)
    assert read_catalog(root).songs[0].duration_s == pytest.approx(64.0)
    assert found(root) == {}


def test_any_format_under_any_name_gives_its_length(root: Path, write_song: WriteSong) -> None:
    path = write_song(main_audio_file="main.wav")
    record(path.parent / "main.wav", 64, container="FLAC")
    assert read_catalog(root).songs[0].duration_s == pytest.approx(64.0)


def test_a_stem_that_is_not_what_its_name_says(root: Path, write_song: WriteSong) -> None:
    path = write_song()
    record(path.parent / "bass.wav", 20, container="FLAC")
    assert found(root) == {"audio-unusual": ("info", "bass.wav holds FLAC, its name says WAV")}


def test_a_silent_stem(root: Path, write_song: WriteSong) -> None:
    path = write_song()
    record(path.parent / "bass.wav", 20, amplitude=0.001)
    assert found(root) == {
        "audio-silent": ("info", "bass.wav is silent: all of it together is below -40 dBFS"),
    }


def test_a_stem_that_breaks_off(root: Path, write_song: WriteSong) -> None:
    path = write_song()
    record(path.parent / "bass.wav", 20)
    content = (path.parent / "bass.wav").read_bytes()
    (path.parent / "bass.wav").write_bytes(content[:100_044])
    assert found(root) == {
        "audio-flawed": ("warning", "bass.wav: the header claims 160,000 samples, the file holds 50,000")
    }


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all"])
def test_a_stem_that_cannot_be_read_is_an_error(root: Path, write_song: WriteSong, content: bytes) -> None:
    path = write_song()
    (path.parent / "bass.wav").write_bytes(content)
    ((severity, message),) = found(root).values()
    assert severity == "error"
    assert message.startswith("bass.wav: ")
    assert str(root) not in message
