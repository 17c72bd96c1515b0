"""SoundFonts: which sample answers to a key, how it is tuned, looped and shaped; damaged fonts."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import AudioError, find_soundfont
from whitelight.audio.sf2 import SoundFont
from whitelight.audio.soundfont import FontVoices
from whitelight.audio.tones import BuiltInVoices


def test_regions_follow_keys_generators_and_global_zones(tiny_font: Path) -> None:
    font = SoundFont(tiny_font)
    (tone,) = font.regions(0, 63)
    assert (tone.loop_samples, len(tone.samples), tone.pan, tone.gain) == (1000, 4200, 0.0, 1.0)
    assert (tone.decay_s, tone.sustain_db) == (1.0, 100.0)  # of the global zone
    assert tone.rate == pytest.approx(32_000 * 311.127 / 320, rel=1e-3)
    (octave,) = font.regions(0, 75)
    assert octave.rate == pytest.approx(2 * tone.rate)
    (low,), (high,) = font.regions(48, 59), font.regions(48, 60)
    assert (low.pan, high.pan) == (-0.5, 0.5)
    drum, *_ = font.regions(0, 38, is_drum=True)
    assert (drum.loop_samples, len(drum.samples)) == (0, 3200)


def test_a_missing_program_is_played_by_its_family_or_the_first(tiny_font: Path) -> None:
    font = SoundFont(tiny_font)
    assert font.regions(19, 60)[0].sustain_db == font.regions(16, 60)[0].sustain_db == 0
    assert font.regions(100, 60)[0].sustain_db == 100


def test_a_pan_puts_the_sound_on_one_side(tiny_font: Path) -> None:
    left = FontVoices(tiny_font).note(48, 50, 4000, 44_100)
    assert np.abs(left[:, 0]).max() > 0.05
    assert np.abs(left[:, 1]).max() < 1e-6


def test_the_loop_goes_on_at_the_same_level_and_pitch(tiny_font: Path) -> None:
    note = FontVoices(tiny_font).note(16, 63, 5 * 44_100, 44_100)[:, 0]
    rms = [float(np.sqrt(np.mean(np.square(note[k * 22_050 : (k + 1) * 22_050])))) for k in range(1, 10)]
    assert max(rms) / min(rms) < 1.01
    spectrum = np.abs(np.fft.rfft(note[44_100:] * np.hanning(4 * 44_100)))
    assert np.argmax(spectrum) / 4 == pytest.approx(311.127, abs=0.25)


def test_the_envelope_falls_by_100_db_in_its_decay(tiny_font: Path) -> None:
    note = FontVoices(tiny_font).note(0, 63, 44_100, 44_100)[:, 0]
    level = [float(np.abs(note[round(s * 44_100) : round((s + 0.02) * 44_100)]).max()) for s in (0.1, 0.5)]
    assert 20 * np.log10(level[0] / level[1]) == pytest.approx(40.0, abs=1.0)


def test_instruments_are_brought_to_one_level(tiny_font: Path) -> None:
    voices = FontVoices(tiny_font)
    levels = [float(np.sqrt(np.mean(np.square(voices.note(p, 60, 22_050, 44_100))))) for p in (16, 48)]
    assert levels[0] == pytest.approx(levels[1], rel=0.01)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damaged_fonts_are_one_error_or_play(tmp_path_factory: pytest.TempPathFactory, make: Any, data: Any) -> None:
    path = make.write_font(tmp_path_factory.mktemp("bad") / "bad.sf2")
    content = bytearray(path.read_bytes())
    tables = content.find(b"pdta")
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, 60) | st.integers(tables, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))])
    with contextlib.suppress(AudioError):
        voices = FontVoices(path)
        sounds = [voices.note(program, 60, 2000, 22_050) for program in (0, 16, 48)] + [voices.drum(38, 22_050)]
        assert all(np.isfinite(sound).all() and len(sound) <= 3 * 22_050 for sound in sounds)


@pytest.mark.parametrize("n_kept", [0, 11, 12, 100, 9_000, 15_000])
def test_a_font_that_breaks_off_is_refused(tmp_path: Path, tiny_font: Path, n_kept: int) -> None:
    (tmp_path / "half.sf2").write_bytes(tiny_font.read_bytes()[:n_kept])
    with pytest.raises(AudioError, match=r"^'half.sf2' is no SoundFont 2 file, or damaged; use another$"):
        FontVoices(tmp_path / "half.sf2")


def test_the_built_in_kit_lends_what_a_font_lacks(tiny_font: Path) -> None:
    voices = FontVoices(tiny_font)
    assert np.array_equal(voices.drum(49, 22_050), BuiltInVoices().drum(49, 22_050))
    assert not np.array_equal(voices.drum(38, 22_050), BuiltInVoices().drum(38, 22_050))


def test_every_instrument_of_a_real_font_sounds() -> None:
    path = find_soundfont()
    if path is None:
        pytest.skip("no SoundFont on this system")
    voices = FontVoices(path)
    for program in range(128):
        rms = float(np.sqrt(np.mean(np.square(voices.note(program, 60, 11_025, 22_050)))))
        assert 0.0005 < rms < 0.3, f"program {program}: {rms}"
    for pitch in range(35, 82):
        assert np.abs(voices.drum(pitch, 22_050)).max() > 0.001, f"drum {pitch}"
