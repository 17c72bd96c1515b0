"""The columns of a row that move with its media; see `whitelight.dataset.columns` for all there are."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from whitelight.audio import Audio, measure_levels
from whitelight.catalog.timecode import ENCODINGS
from whitelight.dataset.augment.errors import AugmentError
from whitelight.dataset.augment.midi import transpose_key
from whitelight.dataset.positions import SmpteClock
from whitelight.music import Key

Row = dict[str, Any]
SECONDS = ("start_s", "end_s", "song_duration_s")
TIMED_TEXTS = ("lyric_lines", "lyric_words", "lyric_syllables")
SMPTE = ("start_smpte", "end_smpte")


def stretch_row(row: Mapping[str, Any], rate: Fraction) -> Row:
    """Return the row of the same excerpt in a song that is played `rate` times as fast; beats and bars stay."""
    changed: Row = {name: _seconds(row[name], rate) for name in SECONDS if name in row}
    if "duration_s" in row:
        changed["duration_s"] = _seconds(row["duration_s"], rate)
    for name in TIMED_TEXTS:
        if name in row:
            changed[name] = [
                {**text, "start_s": _seconds(text["start_s"], rate), "end_s": _seconds(text["end_s"], rate)}
                for text in row[name]
            ]
    if row.get("tempo_bpm") is not None:
        changed["tempo_bpm"] = float(row["tempo_bpm"] * rate)
    for name in SMPTE:
        if row.get(name):
            clock = _clock(row[name], row.get("smpte_fps"))
            seconds = (
                row[name.replace("_smpte", "_s")] if name.replace("_smpte", "_s") in row else clock.seconds(row[name])
            )
            changed[name] = clock.text(_seconds(seconds, rate) or 0.0)
    return {**row, **changed}


def transpose_row(row: Mapping[str, Any], semitones: int) -> Row:
    """Return the row with its key moved."""
    if not row.get("musical_key"):
        return dict(row)
    return {**row, "musical_key": str(transpose_key(Key.parse(row["musical_key"]), semitones))}


def sounding_row(row: Mapping[str, Any], audio: Audio | None) -> Row:
    """Return the row with what can be measured of its new sound; a row without audio stays."""
    if audio is None:
        return dict(row)
    levels = measure_levels(audio.samples, audio.sample_rate)
    measured = {
        "n_samples": audio.n_samples,
        "is_silent": levels.is_silent,
        "rms_dbfs": levels.rms_dbfs,
        "peak_dbfs": levels.peak_dbfs,
        "loudness_lufs": levels.loudness_lufs,
        "audio_is_lossless": False,
    }
    return {**row, **{name: value for name, value in measured.items() if name in row}}


def _seconds(value: float | None, rate: Fraction) -> float | None:
    return None if value is None else value * rate.denominator / rate.numerator


def _clock(text: str, frames_per_second: float | None) -> SmpteClock:
    """Return the clock that wrote a time code."""
    drops = ";" in text
    clocks = (SmpteClock(e) for e in ENCODINGS.values() if e.frame_rate and e.drops_frames == drops)
    found = next((c for c in clocks if frames_per_second is None or c.frames_per_second == frames_per_second), None)
    if found is None:
        raise AugmentError(f"time code {text} at {frames_per_second:g} frames per second: no such rate is known")
    return found
