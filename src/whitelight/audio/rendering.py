"""Rendering pieces: with a SoundFont when there is one, else with the small built-in synthesizer, and it says which."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from whitelight.audio.info import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from whitelight.audio.playing import NoteCupboard, play_midi_track
from whitelight.audio.samples import LARGEST, Audio, AudioError, Samples
from whitelight.audio.soundfont import FontVoices
from whitelight.audio.tones import BuiltInVoices
from whitelight.music import Piece

MAX_RENDER_S = 2 * 60 * 60.0  # of one piece, all of which is in memory
_END_FADE_S = 0.005  # what is cut at the end of a piece is not cut with a click


class Renderer:
    """Plays pieces; a SoundFont is loaded once.

    Parameters
    ----------
    soundfont : a SoundFont (`find_soundfont`), None for the built-in synthesizer.

    Attributes
    ----------
    instrument : what plays, for people: ``SoundFont NAME`` or that it is the built-in synthesizer.

    Raises
    ------
    AudioError : the file is not a SoundFont.
    """

    def __init__(self, soundfont: Path | None = None) -> None:
        self._cupboard = NoteCupboard(FontVoices(soundfont) if soundfont is not None else BuiltInVoices())
        self.instrument = self._cupboard.voices.name

    def render(
        self, piece: Piece, sample_rate: int = 44_100, *, mono: bool = False, n_samples: int | None = None
    ) -> Audio:
        """Play a piece; the same piece gives the same samples.

        Parameters
        ----------
        sample_rate : Hz.
        n_samples : length; that of the piece when None, so that stems of one song are equally long. Sound that would
            ring longer is cut.

        Returns
        -------
        16 bits; turned down, which `problems` says, only when it would clip.

        Raises
        ------
        AudioError : the piece has no length, or lasts longer than two hours.
        """
        duration_s = piece.duration_s if n_samples is None else n_samples / sample_rate
        if not 0 < duration_s <= MAX_RENDER_S:
            raise AudioError(f"a piece of {duration_s:,.1f} s cannot be rendered: expected up to {MAX_RENDER_S:,.0f} s")
        if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
            raise AudioError(f"sample rate of {sample_rate} Hz: expected {MIN_SAMPLE_RATE:,} to {MAX_SAMPLE_RATE:,}")
        out = np.zeros((max(round(duration_s * sample_rate), 1), 1 if mono else 2), np.float32)
        for midi_track in piece.midi_tracks:
            play_midi_track(out, midi_track, piece, sample_rate, self._cupboard)
        n_fade = min(round(_END_FADE_S * sample_rate), len(out))
        out[len(out) - n_fade :] *= np.linspace(1, 0, n_fade, dtype=np.float32)[:, np.newaxis]
        peak = max(float(out.max()), -float(out.min()))
        problems: tuple[str, ...] = ()
        if peak > LARGEST:
            out *= np.float32(LARGEST / peak)
            problems = (f"rendering turned down by {20 * math.log10(peak):.1f} dB: it clipped",)
        return Audio(_in_steps(out), sample_rate, 16, problems)


def _in_steps(sound: Samples) -> Samples:
    """Round to what 16 bits hold, in place, so that what is measured is what is kept."""
    sound *= np.float32(2**15)
    np.rint(sound, out=sound)
    np.clip(sound, -(2**15), 2**15 - 1, out=sound)
    sound *= np.float32(2.0**-15)
    return sound


def render_piece(
    piece: Piece, *, sample_rate: int = 44_100, soundfont: Path | None = None, mono: bool = False
) -> Audio:
    """Play one piece, see `Renderer`, which is for several."""
    return Renderer(soundfont).render(piece, sample_rate, mono=mono)


def render_song_stems(
    pieces: Mapping[str, Piece], renderer: Renderer, *, sample_rate: int = 44_100, mono: bool = False
) -> Iterator[tuple[str, Audio]]:
    """Play the stems of one song, one in memory at a time, all as long as the longest.

    Parameters
    ----------
    pieces : by stem; all share the time of the song.
    """
    longest_s = max((piece.duration_s for piece in pieces.values()), default=0.0)
    for stem, piece in pieces.items():
        yield stem, renderer.render(piece, sample_rate, mono=mono, n_samples=round(longest_s * sample_rate))
