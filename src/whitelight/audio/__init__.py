"""Recordings: read whatever their format, cut to the sample, kept as FLAC, measured, added, rendered from pieces."""

from whitelight.audio.flac import decode_flac, encode_flac
from whitelight.audio.info import AudioInfo
from whitelight.audio.levels import Levels, measure_levels, peaks
from whitelight.audio.loudness import loudness_lufs
from whitelight.audio.reading import is_silent_recording, probe_audio, read_audio
from whitelight.audio.rendering import Renderer, render_piece, render_song_stems
from whitelight.audio.samples import Audio, AudioError, mix, slice_samples
from whitelight.audio.soundfont import find_soundfont

__all__ = [
    "Audio",
    "AudioError",
    "AudioInfo",
    "Levels",
    "Renderer",
    "decode_flac",
    "encode_flac",
    "find_soundfont",
    "is_silent_recording",
    "loudness_lufs",
    "measure_levels",
    "mix",
    "peaks",
    "probe_audio",
    "read_audio",
    "render_piece",
    "render_song_stems",
    "slice_samples",
]
