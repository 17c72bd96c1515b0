"""From notes to samples: every note begins at the sample its exact time rounds to, and is held as long as its key.

Velocity counts by its square, as General MIDI recommends; so do volume and expression, with volume 100 as the middle.
The sustain pedal holds keys down, pan moves between the sides. The pitch wheel and reverberation are not played.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.audio.samples import Samples, to_mono
from whitelight.audio.voices import Voices
from whitelight.music import SUSTAIN_PEDAL, Controls, MidiTrack, Piece

RELEASE_S = 0.12  # how long a key that was let go still sounds, to −60 dB
_RELEASE_DECAYS = 7.0
_SHORTEST_MADE = 1 << 13  # samples
_LONGEST_KEPT_S = 12.0  # longer notes are made each time
_KEPT_VALUES = 1 << 24  # 64 MB of single notes
_VOLUME, _PAN, _EXPRESSION = 7, 10, 11
_PEDAL_DOWN = 64
_PAN_CENTER = 64


class NoteCupboard:
    """Notes already made, by instrument and pitch, in lengths of powers of two.

    What a note is made from does not depend on what was played before, so that a rendering does not either.
    """

    def __init__(self, voices: Voices) -> None:
        self.voices = voices
        self._notes: dict[tuple[int, int, int, int, bool], Samples] = {}
        self._n_values = 0

    def note(self, program: int, pitch: int, n_samples: int, sample_rate: int, *, mono: bool) -> Samples:
        """Return a note of at least `n_samples`, shape (n, 2), or (n, 1) in mono."""
        n_made = max(1 << (n_samples - 1).bit_length(), _SHORTEST_MADE)
        key = (program, pitch, n_made, sample_rate, mono)
        if key in self._notes:
            return self._notes[key]
        made = _side(self.voices.note(program, pitch, n_made, sample_rate), mono=mono)
        return self._keep(key, made) if n_made <= _LONGEST_KEPT_S * sample_rate else made

    def drum(self, pitch: int, sample_rate: int, *, mono: bool) -> Samples:
        """Return a stroke, shape (n, 2), or (n, 1) in mono."""
        key = (-1, pitch, 0, sample_rate, mono)
        if key not in self._notes:
            return self._keep(key, _side(self.voices.drum(pitch, sample_rate), mono=mono))
        return self._notes[key]

    def _keep(self, key: tuple[int, int, int, int, bool], made: Samples) -> Samples:
        if self._n_values + made.size > _KEPT_VALUES:
            self._notes.clear()
            self._n_values = 0
        self._n_values += made.size
        self._notes[key] = made
        return made


def play_midi_track(
    out: Samples, midi_track: MidiTrack, piece: Piece, sample_rate: int, cupboard: NoteCupboard
) -> None:
    """Add one MIDI track to `out`, shape (n_samples, 1 or 2); what passes its end is cut."""
    notes = midi_track.notes
    if not len(notes):
        return
    held_to = notes.end_tick if midi_track.is_drum else _pedaled(notes.end_tick, midi_track.controls, piece.end_tick)
    starts = _samples_at(piece, notes.onset_tick, sample_rate)
    ends = np.maximum(_samples_at(piece, held_to, sample_rate), starts + 1)
    gains = np.square(notes.velocity / 127.0).astype(np.float32)
    mono = out.shape[1] == 1
    target = np.zeros_like(out) if _has_moves(midi_track.controls) else out
    release = _release(sample_rate)
    for start, end, pitch, gain in zip(starts.tolist(), ends.tolist(), notes.pitch.tolist(), gains, strict=True):
        if midi_track.is_drum:
            sound = cupboard.drum(pitch, sample_rate, mono=mono)
        else:
            n_held, n_all = end - start, end - start + len(release)
            whole = cupboard.note(midi_track.program, pitch, n_all, sample_rate, mono=mono)
            sound = whole[:n_all].copy()
            sound[n_held:] *= release
        n = min(len(sound), len(out) - start)
        if n > 0:
            target[start : start + n] += sound[:n] * gain
    if target is not out:
        out += target * _moves(midi_track.controls, piece, sample_rate, out.shape)


def _side(sound: Samples, *, mono: bool) -> Samples:
    return to_mono(sound) if mono else sound


def _release(sample_rate: int) -> Samples:
    fall = np.linspace(0.0, _RELEASE_DECAYS, round(RELEASE_S * sample_rate))
    return np.exp(-fall).astype(np.float32)[:, np.newaxis]


def _samples_at(piece: Piece, ticks: NDArray[np.int64], sample_rate: int) -> NDArray[np.int64]:
    return np.rint(piece.tempo_map.ticks_to_seconds(ticks) * sample_rate).astype(np.int64)


def _pedaled(end_tick: NDArray[np.int64], controls: Controls, last_tick: int) -> NDArray[np.int64]:
    """Ends of notes, moved to where the sustain pedal that holds them is let go."""
    chosen = controls.number == SUSTAIN_PEDAL
    if not chosen.any():
        return end_tick
    tick, is_down = controls.tick[chosen], controls.value[chosen] >= _PEDAL_DOWN
    lifts = np.append(tick[~is_down], max(last_tick, int(end_tick.max())))
    place = tick.searchsorted(end_tick, side="right") - 1
    is_held = (place >= 0) & is_down[np.maximum(place, 0)]
    next_lift = lifts[np.minimum(lifts.searchsorted(end_tick, side="right"), len(lifts) - 1)]
    return np.where(is_held, np.maximum(next_lift, end_tick), end_tick)


def _has_moves(controls: Controls) -> bool:
    return bool(np.isin(controls.number, (_VOLUME, _PAN, _EXPRESSION)).any())


@dataclass(frozen=True, slots=True)
class _Move:
    """A controller that changes the level: its number, its value before it is first set, and what a value does."""

    number: int
    rest: int
    gain: Callable[[NDArray[np.float64]], NDArray[np.float64]]


_LEVELS = (
    _Move(_VOLUME, 100, lambda value: np.square(value / 100)),
    _Move(_EXPRESSION, 127, lambda value: np.square(value / 127)),
)
_SIDES = (  # equal power: the sum of the squares of both sides stays
    _Move(_PAN, _PAN_CENTER, lambda value: np.sqrt(2) * np.cos(np.pi / 4 * np.minimum(value / _PAN_CENTER, 2))),
    _Move(_PAN, _PAN_CENTER, lambda value: np.sqrt(2) * np.sin(np.pi / 4 * np.minimum(value / _PAN_CENTER, 2))),
)


def _moves(controls: Controls, piece: Piece, sample_rate: int, shape: tuple[int, ...]) -> Samples:
    """Gain of every sample by volume, expression and pan, of the shape of the sound."""
    gain = np.ones(shape, np.float32)
    for move in _LEVELS:
        gain *= _curve(move, controls, piece, sample_rate, shape[0])[:, np.newaxis]
    if shape[1] == 2:
        for channel, move in enumerate(_SIDES):
            gain[:, channel] *= _curve(move, controls, piece, sample_rate, shape[0])
    return gain


def _curve(move: _Move, controls: Controls, piece: Piece, sample_rate: int, n_samples: int) -> NDArray[np.float32]:
    chosen = controls.number == move.number
    places = np.minimum(_samples_at(piece, controls.tick[chosen], sample_rate), n_samples)
    lengths = np.diff(places, prepend=0, append=n_samples)
    values = np.concatenate([[move.rest], controls.value[chosen]]).astype(np.float64)
    return np.repeat(move.gain(values).astype(np.float32), lengths)
