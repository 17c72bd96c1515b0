"""SoundFonts: where one lies, and its notes, one at a time.

symusic's synthesizer (0.5.9) was tried first: it plays looped samples at other pitches than their keys' (a piano's held C
sounds a twelfth and more above), every velocity alike and no envelope. So fonts are read by `sf2` and resampled with
soxr, which measures better and is as fast; `playing` puts the notes where and as loud as they belong.
"""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.audio.samples import AudioError, Samples
from whitelight.audio.sf2 import Region, SoundFont
from whitelight.audio.tones import BuiltInVoices
from whitelight.audio.voices import DRUM_S, REFERENCE_RMS

VARIABLE = "WHITELIGHT_SOUNDFONT"
FOLDERS = (
    Path("/usr/share/sounds/sf2"),
    Path("/usr/share/soundfonts"),
    Path("/usr/local/share/sounds/sf2"),
    Path("/usr/local/share/soundfonts"),
)
_REFERENCE_PITCHES, _REFERENCE_DRUMS, _REFERENCE_S, _REFERENCE_RATE = (60, 48, 72, 36, 84), (36, 38), 0.5, 44_100
_LEAST_GAIN, _MOST_GAIN = 0.1, 10.0
_RESAMPLING = "HQ"
_LEAST_RATE, _MOST_RATE = 50.0, 2e6  # Hz; what a damaged font asks for is beyond
_FULL_SCALE = np.float32(2.0**-15)
_AHEAD_SAMPLES = 64  # so that the end of the resampling filter lies behind the note


def find_soundfont(path: Path | None = None) -> Path | None:
    """Return the SoundFont to play with: `path`, else $WHITELIGHT_SOUNDFONT, else the first of the system's folders.

    Returns
    -------
    None when nothing was asked for and the system has none; nothing is ever downloaded.

    Raises
    ------
    AudioError : what was asked for is not a file.
    """
    asked = path or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if asked is not None:
        if not asked.is_file():
            where = "" if path else f" of ${VARIABLE}"
            raise AudioError(f"SoundFont '{asked.name}'{where} is not there; check the path, or leave it out")
        return asked
    for folder in FOLDERS:
        fonts = sorted(font for font in folder.glob("*.sf2") if font.is_file())
        if fonts:
            return fonts[0]
    return None


class FontVoices:
    """The instruments of a SoundFont, each brought to one level: within a font they differ by 30 dB.

    Raises
    ------
    AudioError : not a SoundFont 2 file, or a damaged one.
    """

    def __init__(self, path: Path) -> None:
        self.name = f"SoundFont {path.name}"
        self._font = SoundFont(path)
        self._gains: dict[tuple[int, bool], float] = {}

    def note(self, program: int, pitch: int, n_samples: int, sample_rate: int) -> Samples:
        """Sound of a held key, see `Voices`."""
        sound = _played(self._font.regions(program, pitch), n_samples, sample_rate)
        sound *= np.float32(self._gain(program, is_drum=False))
        return sound

    def drum(self, pitch: int, sample_rate: int) -> Samples:
        """Sound of a stroke, see `Voices`; the built-in kit lends what the font lacks.

        A cymbal that is looped dies away over its last two thirds.
        """
        regions = self._font.regions(0, pitch, is_drum=True)
        if not regions:
            return BuiltInVoices().drum(pitch, sample_rate)
        length_s = max(_length_s(region) for region in regions)
        sound = _played(regions, max(round(length_s * sample_rate), 1), sample_rate)
        sound *= np.float32(self._gain(0, is_drum=True))
        n_fade = 2 * len(sound) // 3 if any(region.loop_samples for region in regions) else 0
        sound[len(sound) - n_fade :] *= (np.linspace(1, 0, n_fade, dtype=np.float32) ** 3)[:, np.newaxis]
        return sound

    def _gain(self, program: int, *, is_drum: bool) -> float:
        key = (program, is_drum)
        if key not in self._gains:
            n_samples = round(_REFERENCE_S * _REFERENCE_RATE)
            rms = 0.0
            for pitch in _REFERENCE_DRUMS if is_drum else _REFERENCE_PITCHES:
                regions = self._font.regions(program, pitch, is_drum=is_drum)
                rms = rms or float(np.sqrt(np.mean(np.square(_played(regions, n_samples, _REFERENCE_RATE)))))
            self._gains[key] = float(np.clip(REFERENCE_RMS / max(rms, 1e-9), _LEAST_GAIN, _MOST_GAIN))
        return self._gains[key]


def _length_s(region: Region) -> float:
    return DRUM_S if region.loop_samples else min(len(region.samples) / region.rate, DRUM_S)


def _played(regions: tuple[Region, ...], n_samples: int, sample_rate: int) -> Samples:
    """All regions of a key together, shape (n_samples, 2)."""
    sound = np.zeros((n_samples, 2), np.float32)
    for region in regions:
        wave = _resampled(region, n_samples, sample_rate)
        wave *= _envelope(region, len(wave), sample_rate)
        angle = np.pi / 2 * (region.pan + 0.5)
        for channel, side in enumerate((np.cos(angle), np.sin(angle))):
            sound[: len(wave), channel] += wave * np.float32(np.sqrt(2) * side * region.gain)
    return sound


def _resampled(region: Region, n_samples: int, sample_rate: int) -> NDArray[np.float32]:
    """The recording at the pitch of the key, its loop as long as needed; shorter when it has no loop."""
    import soxr  # noqa: PLC0415  only those who render need it

    rate = min(max(region.rate, _LEAST_RATE), _MOST_RATE)
    n_needed = int(n_samples * rate / sample_rate) + _AHEAD_SAMPLES
    recording = region.samples
    if region.loop_samples and len(recording) < n_needed:
        loop = recording[-region.loop_samples :]
        recording = np.concatenate([recording, np.tile(loop, -(-(n_needed - len(recording)) // len(loop)))])
    wave = recording[:n_needed] * _FULL_SCALE
    return np.asarray(soxr.resample(wave, rate, sample_rate, quality=_RESAMPLING)[:n_samples], dtype=np.float32)


def _envelope(region: Region, n_samples: int, sample_rate: int) -> NDArray[np.float32]:
    seconds = np.arange(n_samples, dtype=np.float32) / np.float32(sample_rate)
    fall_db = (seconds - np.float32(region.attack_s + region.hold_s)) * np.float32(100.0 / region.decay_s)
    level = np.exp(np.clip(fall_db, 0.0, region.sustain_db) * np.float32(-np.log(10) / 20))
    return np.asarray(level * np.minimum(seconds / np.float32(region.attack_s), 1.0), dtype=np.float32)
