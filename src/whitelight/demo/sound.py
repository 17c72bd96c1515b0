"""Recordings of the demo: every stem rendered from its MIDI and brought to one level, and a main mix, their sum.

Stems are mono FLAC of 16 bits at 22,050 Hz, a quarter of what a real catalog would have: all 56 songs take 270 MB.
The last song of each album has its main mix as MP3, as mixes are sent around, so that lossy recordings occur too.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from whitelight.audio import Audio, Renderer, encode_flac, measure_levels, mix, render_song_stems
from whitelight.demo.irregular import Irregularity, add_stem
from whitelight.demo.manifest import SongFiles
from whitelight.music import read_midi

SAMPLE_RATE = 22_050  # Hz
SOUND = "a mono FLAC file per stem and a main mix, 16 bits at 22,050 Hz; the last mix of each album is MP3."
SOUND_FAULTS = "irregular_sound.yml"
LAST_OF_ALBUM = 7
STEM_RMS_DBFS, STEM_PEAK_DBFS = -30.0, -4.0  # four such stems together do not clip; louder ones take more bytes


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """How a song is recorded: with which SoundFont (None: the built-in synthesizer), and what goes wrong."""

    soundfont: Path | None
    faults: tuple[Irregularity, ...] = ()


def record_song(files: SongFiles, plan: RecordingPlan) -> None:
    """Add the recordings of a song to its files and name them in its manifest."""
    pieces = {name.removesuffix(".mid"): read_midi(data) for name, data in files.midi.items()}
    played = render_song_stems(pieces, _renderer(plan.soundfont), sample_rate=SAMPLE_RATE, mono=True)
    stems = {name: _at_level(stem) for name, stem in played}
    for track in files.manifest["audio_tracks"]:
        name = str(track.get("midi_file", "")).removesuffix(".mid")
        if name in stems:
            track["audio_file"] = f"{name}.flac"
            files.audio[f"{name}.flac"] = _flac(stems[name])
    main = mix(list(stems.values()))
    is_mp3 = files.manifest["album_sequence"] == LAST_OF_ALBUM
    name = f"{files.song_id}_main.{'mp3' if is_mp3 else 'flac'}"
    files.audio[name] = _mp3(main) if is_mp3 else _flac(main)
    tracks = files.manifest.pop("audio_tracks")
    files.manifest |= {"main_audio_file": name, "audio_tracks": tracks}
    for fault in plan.faults:
        KINDS[fault.kind](files, fault.value)


@lru_cache(maxsize=1)
def _renderer(soundfont: Path | None) -> Renderer:
    return Renderer(soundfont)


def _at_level(stem: Audio) -> Audio:
    """Bring a stem to the level a mixing desk gives it: some albums play chords so softly that they pass for silence."""
    levels = measure_levels(stem.samples, stem.sample_rate)
    gain_db = min(STEM_RMS_DBFS - levels.rms_dbfs, STEM_PEAK_DBFS - levels.peak_dbfs)
    return Audio(stem.samples * np.float32(10 ** (gain_db / 20)), stem.sample_rate, stem.bits, stem.problems)


def _flac(audio: Audio) -> bytes:
    return encode_flac(audio.samples, audio.sample_rate, bits=16)


def _mp3(audio: Audio) -> bytes:
    import soundfile  # noqa: PLC0415  only a demo with recordings needs it

    target = io.BytesIO()
    soundfile.write(target, audio.samples, audio.sample_rate, format="MP3")
    return target.getvalue()


def _lost_recording(files: SongFiles, part: str) -> None:
    del files.audio[f"{files.song_id}_{part}.flac"]


def _misnamed_recording(files: SongFiles, part: str) -> None:
    right, wrong = f"{files.song_id}_{part}.flac", f"{files.song_id}_{part}.wav"
    files.audio[wrong] = files.audio.pop(right)
    for track in files.manifest["audio_tracks"]:
        if track.get("audio_file") == right:
            track["audio_file"] = wrong


def _silent_recording(files: SongFiles, part: str) -> None:
    longest_s = max(read_midi(data).duration_s for data in files.midi.values())
    name = f"{files.song_id}_{part}.flac"
    silence = np.zeros((round(longest_s * SAMPLE_RATE), 1), np.float32)
    files.audio[name] = _flac(Audio(silence, SAMPLE_RATE, 16))
    add_stem(files, {"description": "scratch guitar, muted", "audio_file": name})


KINDS: Mapping[str, Callable[[SongFiles, str], None]] = MappingProxyType(
    {
        "lost_recording": _lost_recording,
        "misnamed_recording": _misnamed_recording,
        "silent_recording": _silent_recording,
    }
)
