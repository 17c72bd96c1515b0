"""Rendered sound: exactly as long as the section, without a gap when it is looped, bounded, and refused in one line."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from whitelight.audio import Renderer
from whitelight.music import MidiTrack, Notes, Piece, TempoMap
from whitelight.studio import sounds as sounds_module
from whitelight.studio.sounds import SAMPLE_RATE, Sounds, at_tempo, loop_wav


@pytest.fixture
def font(monkeypatch, tmp_path) -> Path:
    """A stand-in for a SoundFont: the built-in synthesizer answers in its place."""
    path = tmp_path / "stand-in.sf2"
    path.write_bytes(b"")
    monkeypatch.setattr(sounds_module, "Renderer", lambda _path: Renderer())
    return path


@pytest.fixture
def client_with_font(make_client, font):
    return make_client(soundfont=font)


def samples_of(data: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, SAMPLE_RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


def part(rows, *, end_tick: int, drums: bool = False) -> Piece:
    track = MidiTrack("part", is_drum=drums, notes=Notes.from_rows(rows))
    return Piece(480, TempoMap.constant(120, 480), midi_tracks=(track,), end_tick=end_tick)


def test_what_rings_beyond_the_end_is_heard_at_the_beginning():
    crash = part([(1920 - 120, 60, 49, 110)], end_tick=1920, drums=True)  # on the last sixteenth
    once = samples_of(loop_wav(crash, Renderer()))
    assert len(once) == 2 * SAMPLE_RATE
    assert np.abs(once[:2000]).max() > 500
    long = Renderer().render(crash, SAMPLE_RATE, n_samples=4 * SAMPLE_RATE).samples
    heard = np.rint(long * 2**15)
    folded = heard[: 2 * SAMPLE_RATE] + heard[2 * SAMPLE_RATE :]
    assert np.abs(once - folded).max() <= 1
    assert np.abs(heard[: SAMPLE_RATE // 2]).max() == 0  # nothing but the ring is heard there


def test_the_loop_point_is_no_click():
    """Sound passes from the last sample to the first as smoothly as anywhere else."""
    ringing = part([(0, 60, 36, 100), (960, 60, 49, 100)], end_tick=1920, drums=True)
    samples = samples_of(loop_wav(ringing, Renderer())).astype(float)
    assert np.abs(samples[-1000:]).max() > 100  # it does ring there
    assert np.abs(samples[-1] - samples[0]).max() <= np.abs(np.diff(samples[-1000:], axis=0)).max()


def test_a_part_is_brought_to_a_tempo_and_a_length():
    piece = part([(0, 480, 60, 80), (1800, 480, 62, 80)], end_tick=0)
    cut = at_tempo(piece, 60.0, 1920)
    assert (cut.end_tick, cut.duration_s) == (1920, 4.0)
    assert cut.midi_tracks[0].notes.last_tick == 1920
    assert at_tempo(piece, 240.0, 3840).duration_s == 2.0


def test_a_candidate_lasts_as_long_as_its_section(make_client, song, candidate, font):
    client = make_client(soundfont=font)
    assert client.get("/api/songs").json()["soundfont"] == "stand-in.sf2"
    for stage in ("drums", "melody"):
        answer = client.get(f"/api/songs/{song}/audio/{stage}/{candidate(stage)}.wav")
        assert answer.headers["content-type"] == "audio/wav"
        samples = samples_of(answer.content)
        assert len(samples) == 20 * SAMPLE_RATE  # 8 bars of 4/4 at 96
        assert np.abs(samples).max() > 1000
    answer = client.get(f"/api/songs/{song}/audio/drums/{candidate('drums')}.wav?tempo_bpm=192")
    assert len(samples_of(answer.content)) == 10 * SAMPLE_RATE


def test_an_approved_part_sounds_like_the_candidate_it_was(make_client, song, candidate, font):
    client = make_client(soundfont=font)
    approved = client.get(f"/api/songs/{song}/audio/approved/bass/verse_a.wav")
    assert approved.content == client.get(f"/api/songs/{song}/audio/bass/{candidate('bass')}.wav").content
    assert approved.content != client.get(f"/api/songs/{song}/audio/bass/{candidate('bass', take=1)}.wav").content


def test_what_was_rendered_is_kept_until_the_file_changes(client_with_font, song, folder, candidate, monkeypatch):
    client = client_with_font
    made = []
    monkeypatch.setattr(sounds_module, "loop_wav", lambda piece, _: made.append(piece) or b"RIFF%d" % len(made))
    path = f"/api/songs/{song}/audio/bass/{candidate('bass')}.wav"
    assert client.get(path).content == client.get(path).content == b"RIFF1"
    file = folder / "bass" / "candidates" / f"{candidate('bass')}.mid"
    file.write_bytes((file.with_name(f"{candidate('bass', take=1)}.mid")).read_bytes())
    assert client.get(path).content == b"RIFF2"


def test_what_is_kept_is_bounded(monkeypatch, tmp_path):
    monkeypatch.setattr(sounds_module, "MAX_KEPT_BYTES", 250)
    monkeypatch.setattr(sounds_module, "Renderer", lambda _path: Renderer())
    monkeypatch.setattr(sounds_module, "loop_wav", lambda *_: b"x" * 100)
    kept = Sounds(tmp_path)
    asked = []

    def ask(key):
        kept.loop((key,), "bass", lambda: asked.append(key) or part([(0, 480, 40, 80)], end_tick=480))

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert asked == ["a", "b", "c", "b"]  # b was heard longest ago when c came


@pytest.mark.parametrize("tempo", ["0", "19", "401", "-5", "nan", "inf", "fast", "1e9"])
def test_the_tempo_is_bounded(make_client, song, candidate, font, tempo):
    answer = make_client(soundfont=font).get(f"/api/songs/{song}/audio/bass/{candidate('bass')}.wav?tempo_bpm={tempo}")
    assert answer.status_code == 422
    assert "tempo_bpm" in answer.json()["error"]


def test_without_a_soundfont_there_is_no_rendered_sound(client, song, candidate):
    for path in (f"bass/{candidate('bass')}", "approved/bass/verse_a", "song"):
        answer = client.get(f"/api/songs/{song}/audio/{path}.wav")
        assert answer.status_code == 404
        assert "--soundfont FILE" in answer.json()["error"]


def test_what_is_not_there_cannot_be_heard(make_client, song, folder, candidate, font):
    client = make_client(soundfont=font)
    (folder / "bass" / "candidates" / f"{candidate('bass')}.mid").unlink()
    for path in ("bass/nobody", "kazoo/a", "approved/bass/verse_z", "approved/kazoo/a", f"bass/{candidate('bass')}"):
        answer = client.get(f"/api/songs/{song}/audio/{path}.wav")
        assert answer.status_code == 404, path
        assert list(answer.json()) == ["error"]


def test_the_song_is_its_preview_while_that_is_fresh(client, song, folder):
    preview = folder / "preview.wav"
    preview.write_bytes(b"RIFF of the song")
    answer = client.get(f"/api/songs/{song}/audio/song.wav")
    assert answer.content == b"RIFF of the song"
    part = client.get(f"/api/songs/{song}/audio/song.wav", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    approved = folder / "bass" / "approved" / "verse_a.mid"
    approved.write_bytes(approved.read_bytes())  # newer now
    assert client.get(f"/api/songs/{song}/audio/song.wav").status_code == 404


@pytest.mark.slow  # two minutes of music
def test_the_song_is_rendered_when_there_is_no_preview(make_client, song, folder, font):
    client = make_client(soundfont=font)
    before = sorted(path.name for path in folder.iterdir())
    samples = samples_of(client.get(f"/api/songs/{song}/audio/song.wav").content)
    assert 110 <= len(samples) / SAMPLE_RATE <= 116  # 44 bars, and what rings
    assert np.abs(samples).max() > 3000
    assert sorted(path.name for path in folder.iterdir()) == before
