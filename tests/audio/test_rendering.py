"""Rendering: onsets where the notes are, holds as long as the keys, instruments apart; with and without a SoundFont."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import Audio, AudioError, Renderer, find_soundfont, mix, render_piece, render_song_stems
from whitelight.audio.playing import RELEASE_S
from whitelight.music import Controls, MidiTrack, Notes, Piece, TempoMap, read_midi

RATE = 22_050
PIANO, ORGAN, GUITAR, BASS, STRINGS = 0, 16, 24, 33, 48


@pytest.fixture(scope="module", params=["built-in", "tiny font", "font of the system"])
def font(request: pytest.FixtureRequest, tiny_font: Path) -> Path | None:
    if request.param == "built-in":
        return None
    if request.param == "tiny font":
        return tiny_font
    found = find_soundfont()
    if found is None:
        pytest.skip("no SoundFont on this system")
    return found


@pytest.fixture(scope="module")
def renderer(font: Path | None) -> Renderer:
    return Renderer(font)


def piece_of(rows: Any, *, tempo_map: TempoMap | None = None, end_tick: int = 0, **of_track: Any) -> Piece:
    tempo_map = tempo_map or TempoMap(480)
    midi_track = MidiTrack(notes=Notes.from_rows(rows), **of_track)
    return Piece(tempo_map.ticks_per_beat, tempo_map, midi_tracks=(midi_track,), end_tick=end_tick)


def onsets_s(audio: Audio, near_s: np.ndarray) -> np.ndarray:
    """Moments at which sound begins after silence: the first sample above −66 dB of the peak after each −30 ms."""
    level = np.abs(audio.samples).max(axis=1)
    loud = level > level.max() * 5e-4
    found = []
    for moment in near_s:
        start = max(round((moment - 0.03) * RATE), 0)
        assert not loud[start : max(round(moment * RATE) - 1, 0)].any(), "sound before its note"
        found.append((start + int(np.argmax(loud[start:]))) / RATE)
    return np.array(found)


@settings(max_examples=12, deadline=None)
@given(
    tempi=st.lists(st.integers(200_000, 1_500_000), min_size=1, max_size=6),
    beats=st.lists(st.integers(2, 9), min_size=3, max_size=12),
    is_drum=st.booleans(),
)
def test_onsets_are_where_the_tempo_map_puts_them(
    renderer: Renderer, tempi: list[int], beats: list[int], is_drum: bool
) -> None:
    tempo_map = TempoMap(96, tuple(range(0, 400 * len(tempi), 400)), tuple(tempi))
    ticks = np.cumsum([96 * n + 7 for n in beats])
    pitch = 38 if is_drum else 60
    piece = piece_of([(int(t), 6, pitch, 100) for t in ticks], tempo_map=tempo_map, is_drum=is_drum)
    expected_s = piece.tempo_map.ticks_to_seconds(ticks)
    apart = np.append(True, np.diff(expected_s) > 0.6)
    audio = renderer.render(piece, RATE, mono=True)
    late_s = (onsets_s(audio, expected_s[apart]) - expected_s[apart]) if audio.n_samples else np.zeros(0)
    assert late_s.min() >= -1 / RATE
    assert late_s.max() <= 0.006  # recorded instruments take a moment


def test_a_note_far_into_the_piece_starts_on_its_sample() -> None:
    ticks = 480 * 60 * 10
    audio = render_piece(piece_of([(ticks, 480, 69, 127)], tempo_map=TempoMap(480, (0,), (500_001,))), sample_rate=RATE)
    first = int(np.argmax(np.abs(audio.samples[:, 0]) > 0))
    assert abs(first - 600 * 500_001e-6 * RATE) <= 2  # the envelope begins at zero


@pytest.mark.parametrize("program", [ORGAN, STRINGS])
@pytest.mark.parametrize("held_s", [0.5, 3.0, 12.0])
def test_notes_are_held_as_long_as_their_keys(renderer: Renderer, program: int, held_s: float) -> None:
    piece = piece_of([(0, round(960 * held_s), 62, 100)], program=program, end_tick=round(960 * (held_s + 1)))
    audio = renderer.render(piece, RATE, mono=True)
    assert audio.duration_s == pytest.approx(held_s + 1)

    def level(start_s: float, end_s: float) -> float:
        return float(np.sqrt(np.mean(np.square(audio.slice_s(start_s, end_s).samples))))

    assert level(held_s - 0.1, held_s) > 0.3 * level(0.2, 0.3)
    assert level(held_s + RELEASE_S + 0.01, held_s + 1) < 1e-4


def test_the_pedal_holds_what_it_finds_and_not_what_comes_after(renderer: Renderer) -> None:
    rows = [(0, 240, 60, 100), (1920, 240, 60, 100)]
    pedal = Controls.from_rows([(120, 64, 127), (1440, 64, 0)])
    plain, pedaled = (
        renderer.render(piece_of(rows, program=ORGAN, end_tick=2880, **extra), RATE, mono=True)
        for extra in ({}, {"controls": pedal})
    )
    for audio, is_held in ((plain, False), (pedaled, True)):
        assert (np.abs(audio.slice_s(0.6, 1.4).samples).max() > 0.005) == is_held
        assert np.abs(audio.slice_s(1.7, 1.95).samples).max() < 1e-3
        assert np.abs(audio.slice_s(2.4, 2.8).samples).max() < 1e-3


def test_velocity_volume_expression_and_pan_count(renderer: Renderer) -> None:
    def levels(velocity: int = 100, *controls: tuple[int, int, int]) -> np.ndarray:
        piece = piece_of([(0, 960, 60, velocity)], program=ORGAN, controls=Controls.from_rows(controls))
        return np.asarray(np.sqrt(np.mean(np.square(renderer.render(piece, RATE).samples), axis=0)))

    middle = levels(100)
    assert levels(50) / middle == pytest.approx([0.25, 0.25], rel=1e-3)
    assert levels(100, (0, 7, 50)) / middle == pytest.approx([0.25, 0.25], rel=1e-3)
    assert levels(100, (0, 11, 64)) / middle == pytest.approx([(64 / 127) ** 2] * 2, rel=1e-3)
    assert levels(100, (0, 10, 64)) / middle == pytest.approx([1.0, 1.0], rel=1e-3)
    left = levels(100, (0, 10, 0))
    assert left[1] < 1e-6
    assert left[0] / middle[0] == pytest.approx(np.sqrt(2), rel=1e-3)


def test_a_controller_acts_from_its_moment(renderer: Renderer) -> None:
    piece = piece_of([(0, 1920, 60, 100)], program=ORGAN, controls=Controls.from_rows([(960, 7, 0)]))
    audio = renderer.render(piece, RATE)
    assert np.abs(audio.slice_s(0.8, 0.99).samples).max() > 0.005
    assert not audio.slice_s(1.0, 2.0).samples.any()


@pytest.mark.parametrize("program", [PIANO, GUITAR, BASS, ORGAN, STRINGS])
@pytest.mark.parametrize("pitch", [45, 48, 60, 69, 81])
def test_held_notes_keep_the_pitch_of_their_key(renderer: Renderer, program: int, pitch: int) -> None:
    audio = renderer.render(piece_of([(0, 1920, pitch, 100)], program=program), RATE, mono=True)
    part = audio.slice_s(0.6, 1.6).samples[:, 0]  # where samples are looped
    magnitude = np.abs(np.fft.rfft(part * np.hanning(len(part)), 4 * RATE))  # bins of a quarter of a hertz
    frequency_hz = 440 * 2 ** ((pitch - 69) / 12)
    power, at_hz = magnitude**2, np.arange(len(magnitude)) / 4
    partial = np.maximum(np.rint(at_hz / frequency_hz * 2) / 2, 0.5)  # an organ adds the octave below
    off_hz = np.abs(at_hz - partial * frequency_hz)
    is_near = (off_hz < 0.012 * partial * frequency_hz) | (off_hz < 3)  # strings are not one string
    assert power[is_near & (partial < 9)].sum() > 0.8 * power[40:].sum()


def test_programs_differ(renderer: Renderer) -> None:
    spectra = []
    for program in (PIANO, ORGAN, STRINGS):
        audio = renderer.render(piece_of([(0, 1920, 62, 100)], program=program), RATE)
        shape = np.sqrt([np.square(audio.slice_s(k / 4, k / 4 + 0.25).samples).mean(axis=0) for k in range(6)])
        magnitude = np.abs(np.fft.rfft(audio.samples[:, 0]))[:8000] + 1e-9
        spectra.append((shape / shape.max(), magnitude / np.linalg.norm(magnitude)))
    for i, (shape, magnitude) in enumerate(spectra):
        for other_shape, other in spectra[i + 1 :]:
            assert float(magnitude @ other) < 0.99 or np.abs(shape - other_shape).max() > 0.2


def test_the_same_piece_gives_the_same_samples_whatever_was_played_before(
    renderer: Renderer, font: Path | None
) -> None:
    rows = [(i * 100, 90 + 37 * i, 48 + i % 24, 60 + i % 60) for i in range(40)]
    piece = piece_of(rows, tempo_map=TempoMap(480, (0, 1000), (500_000, 333_333)), program=PIANO)
    first = renderer.render(piece, RATE)
    fresh = Renderer(font)
    fresh.render(piece_of([(0, 9600, pitch, 90) for pitch in range(40, 80)], program=PIANO), RATE)
    assert np.array_equal(first.samples, fresh.render(piece, RATE).samples)
    assert np.array_equal(first.samples, Renderer(font).render(piece, RATE).samples)
    assert first.n_samples == round(piece.duration_s * RATE)


def test_a_real_song_is_rendered_whole(renderer: Renderer, shared_data: Path) -> None:
    piece = read_midi(min((shared_data / "pop909").glob("*/*.mid")))
    audio = renderer.render(piece, RATE, mono=True)
    assert audio.duration_s == pytest.approx(piece.duration_s, abs=1 / RATE)
    notes = piece.all_notes()
    starts = piece.tempo_map.ticks_to_seconds(notes.onset_tick)
    level = [float(np.abs(audio.slice_s(s, s + 0.1).samples).max()) for s in starts[:: len(starts) // 50]]
    assert min(level) > 1e-3


def test_stems_of_a_song_are_equally_long_and_sum_to_it(renderer: Renderer) -> None:
    parts = {
        "bass": piece_of([(480 * i, 400, 40, 80) for i in range(8)], program=BASS),
        "drums": piece_of([(240 * i, 60, 42, 70) for i in range(4)], is_drum=True),
    }
    whole = Piece(480, TempoMap(480), midi_tracks=tuple(part.midi_tracks[0] for part in parts.values()))
    stems = dict(render_song_stems(parts, renderer, sample_rate=RATE, mono=True))
    assert {stem.n_samples for stem in stems.values()} == {round(whole.duration_s * RATE)}
    together = renderer.render(whole, RATE, mono=True)
    steps = np.abs(mix(list(stems.values())).samples - together.samples) * 2**15
    assert steps.max() <= (len(stems) + 1) / 2 + 1e-3  # each is rounded to 16 bits


def test_samples_are_what_16_bits_hold_and_a_key_struck_again_ends_the_note_before(renderer: Renderer) -> None:
    twice = [(0, 100, 60, 90), (960, 100, 60, 90)]
    held = piece_of(twice, controls=Controls.from_rows([(0, 64, 127)]), end_tick=4800)
    plain = piece_of([(0, 960, 60, 90), (960, 3840, 60, 90)], end_tick=4800)
    played = renderer.render(held, RATE).samples
    assert np.array_equal(played * 2**15, np.rint(played * 2**15))
    assert np.abs(played - renderer.render(plain, RATE).samples).max() < 2**-14


def test_too_loud_a_piece_is_turned_down_and_said(renderer: Renderer) -> None:
    piece = piece_of([(0, 960, pitch, 127) for pitch in range(30, 100)], program=ORGAN)
    audio = renderer.render(piece, RATE)
    assert np.abs(audio.samples).max() < 1.0
    assert "turned down by" in audio.problems[0]


def test_what_cannot_be_rendered_is_refused() -> None:
    with pytest.raises(AudioError, match=r"a piece of 0.0 s cannot be rendered"):
        render_piece(Piece(480, TempoMap(480)))
    with pytest.raises(AudioError, match=r"piece of 80,000.0 s cannot be rendered: expected up to 7,200 s"):
        render_piece(piece_of([(0, 480, 60, 90)], end_tick=480 * 160_000))
    with pytest.raises(AudioError, match="sample rate of 10 Hz"):
        render_piece(piece_of([(0, 480, 60, 90)]), sample_rate=10)


def test_silent_pieces_are_silent() -> None:
    audio = render_piece(Piece(480, TempoMap(480), end_tick=960), sample_rate=RATE, mono=True)
    assert audio.samples.shape == (RATE, 1)
    assert not audio.samples.any()


def test_what_plays_is_said(tiny_font: Path) -> None:
    assert Renderer(tiny_font).instrument == "SoundFont tiny.sf2"
    assert Renderer(None).instrument == "built-in synthesizer, for want of a SoundFont"


@pytest.mark.parametrize("content", [b"", b"RIFF\0\0\0\0sfbk", b"no font at all" * 99])
def test_a_broken_soundfont_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "my.sf2").write_bytes(content)
    with pytest.raises(AudioError, match=r"^'my.sf2' is no SoundFont 2 file, or damaged; use another$"):
        Renderer(tmp_path / "my.sf2")


def test_where_a_soundfont_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHITELIGHT_SOUNDFONT", raising=False)
    monkeypatch.setattr("whitelight.audio.soundfont.FOLDERS", (tmp_path / "none", tmp_path))
    assert find_soundfont() is None
    for name in ("b.sf2", "a.sf2", "c.txt"):
        (tmp_path / name).touch()
    assert find_soundfont() == tmp_path / "a.sf2"
    monkeypatch.setenv("WHITELIGHT_SOUNDFONT", str(tmp_path / "b.sf2"))
    assert find_soundfont() == tmp_path / "b.sf2"
    assert find_soundfont(tmp_path / "c.txt") == tmp_path / "c.txt"
    with pytest.raises(AudioError, match=r"SoundFont 'gone.sf2' is not there"):
        find_soundfont(tmp_path / "gone.sf2")
    monkeypatch.setenv("WHITELIGHT_SOUNDFONT", str(tmp_path / "gone.sf2"))
    with pytest.raises(AudioError, match=r"SoundFont 'gone.sf2' of \$WHITELIGHT_SOUNDFONT is not there"):
        find_soundfont()
