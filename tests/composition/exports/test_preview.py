"""Previews: one loudness, no peak above the ceiling, stages balanced, the file whole or not there."""

import wave
from pathlib import Path

import numpy as np
import pytest

from whitelight.audio import Renderer, loudness_lufs, read_audio
from whitelight.composition.arrangement import assemble_song
from whitelight.composition.arrangement.levels import LEVELS, volume_of
from whitelight.composition.exports.limiting import CEILING_DBFS, TARGET_LUFS, brought_to_level
from whitelight.composition.exports.preview import balanced, write_preview
from whitelight.music import Piece, TempoMap, read_midi

RATE = 22_050


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def noise(seconds: float, level: float, *, peaks: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(3)
    samples = (level * rng.standard_normal((round(seconds * RATE), 2))).astype(np.float32)
    if peaks:
        samples[:: RATE // 2] = peaks
    return np.clip(samples, -1, 1)


@pytest.mark.parametrize(("level", "peaks"), [(0.02, 0.0), (0.2, 0.0), (0.05, 0.95), (0.01, 0.5), (0.3, 1.0)])
def test_everything_comes_to_one_loudness_below_the_ceiling(level: float, peaks: float) -> None:
    done = brought_to_level(noise(6, level, peaks=peaks), RATE)
    measured = loudness_lufs(done.samples, RATE)
    assert measured == pytest.approx(TARGET_LUFS, abs=0.5)
    assert done.loudness_lufs == pytest.approx(measured, abs=0.05)
    assert np.abs(done.samples).max() <= 10 ** (CEILING_DBFS / 20) + 1e-6


def test_the_limiter_holds_back_peaks_and_leaves_the_rest() -> None:
    samples = noise(4, 0.05)
    samples[2 * RATE] = 1.0
    done = brought_to_level(samples, RATE)
    assert done.held_db > 3
    untouched = done.samples[:RATE] / samples[:RATE]
    assert untouched.std() < 1e-3 * abs(untouched.mean())


def test_silence_stays_silent() -> None:
    done = brought_to_level(np.zeros((RATE, 2), np.float32), RATE)
    assert (done.gain_db, done.loudness_lufs, float(np.abs(done.samples).max())) == (0.0, None, 0.0)


def test_a_song_is_written_whole(production: Path, renderer: Renderer, tmp_path: Path) -> None:
    song = assemble_song(production)
    report = write_preview(song.piece, tmp_path / "preview.wav", renderer, sample_rate=RATE)
    with wave.open(str(report.file)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        assert file.getnframes() == round((song.piece.duration_s + 1) * RATE)
    audio = read_audio(report.file)
    assert loudness_lufs(audio.samples, RATE) == pytest.approx(TARGET_LUFS, abs=0.5)
    assert report.loudness_lufs == pytest.approx(TARGET_LUFS, abs=0.5)
    assert np.abs(audio.samples).max() <= 10 ** (CEILING_DBFS / 20) + 1e-4
    assert "built-in" in report.instrument
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["preview.wav"]


def test_a_candidate_is_heard_with_what_was_approved(production: Path, renderer: Renderer, tmp_path: Path) -> None:
    parts = {stage: read_midi(production / stage / "approved" / "verse_a.mid") for stage in ("chords", "drums", "bass")}
    piece = balanced(parts)
    volumes = {midi_track.name: int(midi_track.controls.value[0]) for midi_track in piece.midi_tracks}
    assert volumes == {stage.capitalize(): volume_of(LEVELS[stage].gain_db) for stage in parts}
    report = write_preview(piece, tmp_path / "a.wav", renderer, sample_rate=RATE)
    again = write_preview(piece, tmp_path / "b.wav", renderer, sample_rate=RATE)
    assert report.file.read_bytes() == again.file.read_bytes()
    assert report.to_dict()["file"] == "a.wav"


def test_a_piece_without_length_leaves_no_file(renderer: Renderer, tmp_path: Path) -> None:
    report = write_preview(Piece(480, TempoMap(480)), tmp_path / "x.wav", renderer, sample_rate=RATE)
    assert report.loudness_lufs is None


def test_a_failed_write_leaves_what_was_there(
    production: Path, renderer: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "preview.wav"
    target.write_bytes(b"before")

    def full(self: wave.Wave_write, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(wave.Wave_write, "writeframesraw", full)
    piece = read_midi(production / "bass" / "approved" / "verse_a.mid")
    with pytest.raises(OSError, match="No space"):
        write_preview(piece, target, renderer, sample_rate=RATE)
    assert target.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["preview.wav"]
