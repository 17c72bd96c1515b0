"""A phrase played by hand: MIDI, and audio whose onsets and pitches are those of the MIDI."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from whitelight.audio import Audio
from whitelight.dataset.augment import Excerpt
from whitelight.music import Key, KeyChange, Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, TextEvent

SAMPLE_RATE = 44_100
ROWS = [  # onset, duration, pitch, velocity at 480 ticks a beat, 500 ms a beat
    (240, 240, 57, 90), (672, 240, 61, 80), (1152, 200, 64, 90), (1392, 300, 69, 70),
    (1920, 400, 62, 90), (2496, 300, 66, 90), (2976, 300, 59, 80), (3168, 300, 64, 90),
]  # fmt: skip


def pluck(frequency_hz: float, sample_rate: int) -> NDArray[np.float32]:
    """A struck string of 0.8 s: three partials that decay, an attack of 3 ms."""
    t = np.arange(int(0.8 * sample_rate)) / sample_rate
    partials = sum(np.sin(2 * np.pi * frequency_hz * k * t) / k for k in (1, 2, 3))
    return np.asarray(0.2 * np.exp(-6 * t) * partials * np.minimum(t / 0.003, 1), np.float32)


def play(piece: Piece, sample_rate: int = SAMPLE_RATE, n_channels: int = 1) -> Audio:
    """Play every note as a pluck."""
    samples = np.zeros((round(piece.duration_s * sample_rate), n_channels), np.float32)
    notes = piece.all_notes()
    for onset_s, pitch in zip(piece.tempo_map.ticks_to_seconds(notes.onset_tick), notes.pitch, strict=True):
        sound = pluck(440.0 * 2 ** ((int(pitch) - 69) / 12), sample_rate)
        start = round(float(onset_s) * sample_rate)
        part = samples[start : start + len(sound)]
        part += sound[: len(part), np.newaxis]
    return Audio(samples, sample_rate, 16)


@pytest.fixture(scope="session")
def played() -> Callable[..., Audio]:
    return play


@pytest.fixture(scope="session")
def piece() -> Piece:
    drums = MidiTrack("kit", is_drum=True, notes=Notes.from_rows([(0, 100, 36, 100)]))
    return Piece(
        480,
        TempoMap(480, (0, 960), (500_000, 500_000)),
        meters=(MeterChange(0, Meter(4, 4)),),
        keys=(KeyChange(0, Key.parse("A major")), KeyChange(1920, Key.parse("D major"))),
        markers=(TextEvent(960, "B"),),
        midi_tracks=(MidiTrack("lead", notes=Notes.from_rows(ROWS), lyrics=(TextEvent(240, "la"),)), drums),
        end_tick=3840,
    )


@pytest.fixture(scope="session")
def excerpt(piece: Piece) -> Excerpt:
    lead = piece.with_midi_tracks(piece.midi_tracks[:1])
    row = {
        "row_id": "s/0001/melody", "view": "melody", "start_s": 8.0, "end_s": 12.0, "duration_s": 4.0, "song_duration_s": 60.0,
        "start_beat": 16.0, "start_smpte": "00:00:08:00.00", "end_smpte": "00:00:12:00.00", "smpte_fps": 25.0,
        "tempo_bpm": 120.0, "musical_key": "A major", "n_samples": 176_400, "rms_dbfs": -9.0, "peak_dbfs": -1.0,
        "loudness_lufs": -10.0, "is_silent": False, "audio_is_lossless": True, "lyric_text": "la",
        "lyric_lines": [{"text": "la", "start_s": 8.25, "end_s": None, "source": "lrc"}],
        "lyric_words": [{"text": "la", "start_s": 8.25, "end_s": 9.0, "source": "lrc"}],
        "lyric_syllables": [],
    }  # fmt: skip
    return Excerpt(row, play(lead), piece)
