"""`preview.wav`: a candidate or a song as sound, balanced per stage, at one loudness, 16 bits.

With a SoundFont when there is one, else with the built-in synthesizer; the report says which. The file is written block by
block and takes its name when it is complete.
"""

import math
import os
import tempfile
import wave
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.audio import Renderer
from whitelight.composition.arrangement.levels import DOUBLED_MELODY_DB, LEVELS, SPREAD, Level, leveled
from whitelight.composition.exports.limiting import Samples, brought_to_level
from whitelight.music import MidiTrack, Piece

SAMPLE_RATE = 44_100
_FULL_SCALE, _BLOCK = 2**15, 1 << 18
TAIL_S = 1.0  # what rings at the end is not cut off


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """What was written.

    Attributes
    ----------
    instrument : what played. loudness_lufs : of the file, None for silence. peak_dbfs : of the file.
    gain_db : by how much all of it was turned up. held_db : by how much the loudest peak was held back.
    """

    file: Path
    instrument: str
    duration_s: float
    loudness_lufs: float | None
    peak_dbfs: float
    gain_db: float
    held_db: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data; the file by name."""
        return {
            "file": self.file.name,
            "instrument": self.instrument,
            "duration_s": round(self.duration_s, 2),
            "loudness_lufs": None if self.loudness_lufs is None else round(self.loudness_lufs, 1),
            "peak_dbfs": round(self.peak_dbfs, 1),
            "gain_db": round(self.gain_db, 1),
            "held_db": round(self.held_db, 1),
        }

    def __str__(self) -> str:
        loud = "silent" if self.loudness_lufs is None else f"{self.loudness_lufs:.1f} LUFS"
        return f"{self.file.name}: {self.duration_s:.0f} s, {loud}, peak {self.peak_dbfs:.1f} dBFS, {self.instrument}"


def write_preview(piece: Piece, path: Path, renderer: Renderer, *, sample_rate: int = SAMPLE_RATE) -> PreviewReport:
    """Play a piece into a WAV file.

    Parameters
    ----------
    piece : at the levels it is to have (`balanced`, or a song that was put together).
    renderer : `Renderer(find_soundfont())`; one for many candidates, since it keeps its notes.

    Raises
    ------
    AudioError : the piece has no length.
    """
    n_samples = round((piece.duration_s + TAIL_S) * sample_rate)
    samples = renderer.render(piece, sample_rate, n_samples=n_samples).samples
    leveled_sound = brought_to_level(samples, sample_rate)
    peak = _write_wav(path, leveled_sound.samples, sample_rate)
    return PreviewReport(
        file=path,
        instrument=renderer.instrument,
        duration_s=n_samples / sample_rate,
        loudness_lufs=leveled_sound.loudness_lufs,
        peak_dbfs=20 * math.log10(max(peak, 1 / _FULL_SCALE)),
        gain_db=leveled_sound.gain_db,
        held_db=leveled_sound.held_db,
    )


def _write_wav(path: Path, samples: Samples, sample_rate: int) -> float:
    """Write 16 bits block by block under another name, then rename; return the largest sample."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = path.parent / Path(name).name
    peak = 0.0
    try:
        with os.fdopen(handle, "wb") as stream, wave.open(stream, "wb") as file:
            file.setnchannels(samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(sample_rate)
            file.setnframes(len(samples))
            for first in range(0, len(samples), _BLOCK):
                block = np.rint(samples[first : first + _BLOCK] * _FULL_SCALE)
                peak = max(peak, float(np.abs(block).max()) / _FULL_SCALE)
                file.writeframesraw(np.clip(block, -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return peak


def balanced(parts: Mapping[str, Piece]) -> Piece:
    """Lay parts of stages over each other at their levels: a candidate with what was approved before it.

    Parameters
    ----------
    parts : stage → piece, all of one resolution; the first gives tempo, meter and key.
    """
    first = next(iter(parts.values()))
    return replace(
        first,
        midi_tracks=tuple(_balanced(parts)),
        end_tick=max(piece.end_tick for piece in parts.values()),
    )


def _balanced(parts: Mapping[str, Piece]) -> Iterable[MidiTrack]:
    for stage, piece in parts.items():
        level = LEVELS.get(stage, Level(0.0))
        gain_db = DOUBLED_MELODY_DB if stage == "melody" and "lyrics" in parts else level.gain_db
        for midi_track in piece.midi_tracks:
            yield leveled(midi_track, gain_db, SPREAD.get(midi_track.name, level.pan))
