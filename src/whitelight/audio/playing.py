"""From notes to samples: every note begins at the sample its exact time rounds to, and is held as long as its key.

Velocity counts by its square, as General MIDI recommends; so do volume and expression, with volume 100 as the middle.
The sustain pedal holds keys down until they are struck again, pan moves between the sides. The pitch wheel and
reverberation are not played.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.audio.samples import Samples, to_mono
from whitelight.audio.voices import Voices
from whitelight.music import SUSTAIN_PEDAL, Controls, MidiTrack, Notes, Piece

RELEASE_S = 0.12  # how long a key that was let go still sounds, to −60 dB
_RELEASE_DECAYS = 7.0
_SHORTEST_MADE, _LONG = 1 << 13, 1 << 18  # samples
_KEPT_VALUES = 1 << 25  # 128 MB of single notes
_BLOCK = 1024  # samples
_INAUDIBLE = 2.0**-17  # a quarter of what 16 bits can hold
_VOLUME, _PAN, _EXPRESSION = 7, 10, 11
_PEDAL_DOWN = 64
_PAN_CENTER = 64


class NoteCupboard:
    """Notes already made, by instrument and pitch, in lengths of powers of two, or multiples when long, and as far as they are heard.

    What a note is made from does not depend on what was played before, so that a rendering does not either.
    """

    def __init__(self, voices: Voices) -> None:
        self.voices = voices
        self._notes: dict[tuple[int, int, int, int, bool], Samples] = {}
        self._n_values = 0

    def note(self, program: int, pitch: int, n_samples: int, sample_rate: int, *, mono: bool) -> Samples:
        """Return a note for a key held `n_samples`, shape (n, 2), or (n, 1) in mono; fewer where it has died away."""
        n_made = max(min(1 << (n_samples - 1).bit_length(), -(-n_samples // _LONG) * _LONG), _SHORTEST_MADE)
        key = (program, pitch, n_made, sample_rate, mono)
        if key not in self._notes:
            self._keep(key, self.voices.note(program, pitch, n_made, sample_rate))
        return self._notes[key]

    def drum(self, pitch: int, sample_rate: int, *, mono: bool) -> Samples:
        """Return a stroke, shape (n, 2), or (n, 1) in mono."""
        key = (-1, pitch, 0, sample_rate, mono)
        if key not in self._notes:
            self._keep(key, self.voices.drum(pitch, sample_rate))
        return self._notes[key]

    def _keep(self, key: tuple[int, int, int, int, bool], made: Samples) -> None:
        heard = _audible(to_mono(made) if key[-1] else made)
        if self._n_values + heard.size > _KEPT_VALUES:
            self._notes.clear()
            self._n_values = 0
        self._n_values += heard.size
        self._notes[key] = heard


def play_midi_track(
    out: Samples, midi_track: MidiTrack, piece: Piece, sample_rate: int, cupboard: NoteCupboard
) -> None:
    """Add one MIDI track to `out`, shape (n_samples, 1 or 2); what passes its end is cut."""
    notes = midi_track.notes
    if not len(notes):
        return
    mono = out.shape[1] == 1
    held_to = notes.end_tick if midi_track.is_drum else _held_to(notes, midi_track.controls, piece.end_tick)
    starts = _samples_at(piece, notes.onset_tick, sample_rate)
    ends = np.minimum(np.maximum(_samples_at(piece, held_to, sample_rate), starts + 1), len(out))
    gains = np.square(notes.velocity / 127.0).astype(np.float32)
    moves = _has_moves(midi_track.controls)
    is_steady = moves and not midi_track.controls.tick[_are_moves(midi_track.controls)].any()
    level = _moves(midi_track.controls, piece, sample_rate, (1, out.shape[1]))[0] if is_steady else np.float32(1.0)
    target = np.zeros_like(out) if moves and not is_steady else out
    release = _release(sample_rate)
    for pitch in np.unique(notes.pitch).tolist():  # one note of each key at a time, or long songs fill the memory
        chosen = np.flatnonzero((notes.pitch == pitch) & (starts < len(out)))
        n_longest = int((ends - starts)[chosen].max(initial=0)) + len(release)
        if midi_track.is_drum:
            sound = cupboard.drum(pitch, sample_rate, mono=mono)
        else:
            sound = cupboard.note(midi_track.program, pitch, n_longest, sample_rate, mono=mono)
        for i in chosen.tolist():
            _add(
                target[starts[i] :],
                sound,
                gains[i] * level,
                None if midi_track.is_drum else int(ends[i] - starts[i]),
                release,
            )
    if target is not out:
        out += target * _moves(midi_track.controls, piece, sample_rate, out.shape)


def _add(
    out: Samples, sound: Samples, gain: np.float32 | NDArray[np.float32], n_held: int | None, release: Samples
) -> None:
    """Add a note to `out`, which begins where it does: held, then let go; to the end of the sound when None."""
    n = min(len(sound) if n_held is None else n_held, len(sound), len(out))
    out[:n] += sound[:n] * gain
    tail = sound[n : n + len(release)][: len(out) - n]
    if n_held is not None and len(tail):
        out[n : n + len(tail)] += tail * release[: len(tail)] * gain


def _audible(sound: Samples) -> Samples:
    """The sound as long as it is above what 16 bits can hold."""
    n_blocks = len(sound) // _BLOCK
    levels = np.abs(sound[: n_blocks * _BLOCK].reshape(n_blocks, -1)).max(axis=1, initial=0.0)
    n_heard = 1 + int(np.flatnonzero(levels >= _INAUDIBLE).max(initial=-1))
    return sound if n_heard >= n_blocks else sound[: n_heard * _BLOCK].copy()


def _release(sample_rate: int) -> Samples:
    fall = np.linspace(0.0, _RELEASE_DECAYS, round(RELEASE_S * sample_rate))
    return np.exp(-fall).astype(np.float32)[:, np.newaxis]


def _samples_at(piece: Piece, ticks: NDArray[np.int64], sample_rate: int) -> NDArray[np.int64]:
    return np.rint(piece.tempo_map.ticks_to_seconds(ticks) * sample_rate).astype(np.int64)


def _held_to(notes: Notes, controls: Controls, last_tick: int) -> NDArray[np.int64]:
    """Ends of notes: moved to where the sustain pedal that holds them is let go, or their key is struck again."""
    chosen = controls.number == SUSTAIN_PEDAL
    if not chosen.any():
        return notes.end_tick
    tick, is_down = controls.tick[chosen], controls.value[chosen] >= _PEDAL_DOWN
    lifts = np.append(tick[~is_down], max(last_tick, int(notes.end_tick.max())))
    place = tick.searchsorted(notes.end_tick, side="right") - 1
    is_held = (place >= 0) & is_down[np.maximum(place, 0)]
    next_lift = lifts[np.minimum(lifts.searchsorted(notes.end_tick, side="right"), len(lifts) - 1)]
    until = np.minimum(next_lift, _struck_again(notes, last_tick))
    return np.where(is_held, np.maximum(until, notes.end_tick), notes.end_tick)


def _struck_again(notes: Notes, last_tick: int) -> NDArray[np.int64]:
    """Tick of each note's next onset at its pitch, `last_tick` for the last one."""
    order = np.lexsort((notes.onset_tick, notes.pitch))
    onset, pitch = notes.onset_tick[order], notes.pitch[order]
    following = np.append(np.where(pitch[1:] == pitch[:-1], onset[1:], last_tick), last_tick)
    result = np.empty_like(following)
    result[order] = following
    return result


def _has_moves(controls: Controls) -> bool:
    return bool(_are_moves(controls).any())


def _are_moves(controls: Controls) -> NDArray[np.bool_]:
    return np.isin(controls.number, (_VOLUME, _PAN, _EXPRESSION))


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
