"""What several descriptor groups need, computed once per batch: chords, voices, time frames, chroma, key.

Conventions: every piece starts at its first note; a chord is what is struck within `CHORD_GAP_S`; frames are a
second long (longer in pieces of more than `MAX_FRAMES` frames); chroma is [12, frames], C first.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.batch import NoteBatch
from whitelight.encoders.descriptors.chords import ChordFrames, chord_frames
from whitelight.encoders.descriptors.frames import Frames
from whitelight.encoders.descriptors.keys import KeyEstimate, estimate_key
from whitelight.encoders.ragged import Array, Binned, Ragged

CHORD_GAP_S = 0.0353  # transcribed chords spread over 10-30 ms; not a multiple of any common grid
COVERED_S = 0.1037  # a note counts as inner while an outer one sounds on for this long
VOICE_LOOKBACK = 4  # chords looked back at to see whether an outer note still sounds
SHORTEST_SPAN_S = 0.25


@dataclass(frozen=True, slots=True)
class Voice:
    """The notes of one line, in order: rows into the pitched notes and their layout by piece."""

    rows: NDArray[np.int64]
    ragged: Ragged
    onset_s: NDArray[np.float64]
    pitch: NDArray[np.int64]
    duration_s: NDArray[np.float32]


class Shared:
    """Lazy, cached intermediates of one batch; `notes` are sorted by (item, chord, pitch), at least one."""

    def __init__(self, notes: NoteBatch) -> None:
        self.n = notes.n
        self.ragged = notes.ragged()
        self.chord_of_note, self.notes = _sort_by_chord(notes)
        self.pitch = self.notes.pitch
        self.velocity = self.notes.velocity
        self.duration_s = self.notes.duration_s
        self.start_s = self.ragged.first(notes.onset_s)  # before sorting: the lowest note of a chord may come late
        self.onset_s = self.notes.onset_s - self.ragged.spread(self.start_s)

    @cached_property
    def span_s(self) -> NDArray[np.float64]:
        """First onset to last end, seconds, at least `SHORTEST_SPAN_S`; shape (n,)."""
        end = self.ragged.max(self.onset_s + self.duration_s)
        return np.maximum(end, SHORTEST_SPAN_S)

    @cached_property
    def bar(self) -> NDArray[np.int64]:
        """Notated bar of every note, counted from the first bar with notes."""
        return self.notes.bar - self.ragged.spread(self.ragged.min(self.notes.bar))

    @cached_property
    def chord_start(self) -> NDArray[np.int64]:
        """Row of the lowest note of every chord."""
        if not len(self.chord_of_note):
            return np.zeros(0, np.int64)
        return np.flatnonzero(np.diff(self.chord_of_note, prepend=-1))

    @cached_property
    def chord_end(self) -> NDArray[np.int64]:
        """Row of the highest note of every chord."""
        return np.append(self.chord_start[1:], len(self.chord_of_note))[: len(self.chord_start)] - 1

    @cached_property
    def chord_size(self) -> NDArray[np.int64]:
        """Notes struck together in every chord."""
        return self.chord_end - self.chord_start + 1

    @cached_property
    def chords(self) -> Ragged:
        """Layout of the chords by piece."""
        return Ragged.from_items(self.notes.item[self.chord_start], self.n)

    @cached_property
    def chord_onset_s(self) -> NDArray[np.float64]:
        """Onset of every chord, seconds from the first note."""
        return self.onset_s[self.chord_start]

    @cached_property
    def ioi(self) -> tuple[Ragged, NDArray[np.float32]]:
        """Seconds from each chord to the next of the same piece, with their layout."""
        layout, seconds = self.between(self.chords, self.chord_onset_s)
        return layout, seconds.astype(np.float32)

    @cached_property
    def melody(self) -> Voice:
        """Top line: the highest note of each chord unless a higher one sounds on."""
        return self._voice(self.chord_end, sign=1)

    @cached_property
    def bass(self) -> Voice:
        """Lowest line: the lowest note of each chord unless a lower one sounds on."""
        return self._voice(self.chord_start, sign=-1)

    @cached_property
    def frames(self) -> Frames:
        """One-second frames with onsets and chroma."""
        return Frames(self.ragged, self.span_s, self.onset_s, self.duration_s, self.pitch)

    @cached_property
    def pitches(self) -> Binned:
        """Notes per MIDI pitch."""
        return Binned(self.ragged.histogram(self.pitch, 128), np.arange(128.0), self.ragged.counts)

    @cached_property
    def velocities(self) -> Binned:
        """Notes per velocity."""
        counts = self.ragged.histogram(self.velocity.astype(np.int64), 128)
        return Binned(counts, np.arange(128.0), self.ragged.counts)

    @cached_property
    def lengths(self) -> Binned:
        """Notes per log2 length in seconds, eight bins to the octave."""
        return Binned.of(self.ragged, np.log2(self.duration_s), low=-7, high=5.375, step=0.125)

    @cached_property
    def stacked(self) -> tuple[Ragged, NDArray[np.int64]]:
        """Pairs of neighboring notes of one chord: layout, and row of the lower note."""
        rows = np.flatnonzero(np.diff(self.chord_of_note) == 0)
        return Ragged.from_items(self.notes.item[rows], self.n), rows

    @cached_property
    def pitch_seconds(self) -> NDArray[np.float64]:
        """Sounding seconds per MIDI pitch, shape (n, 128)."""
        return self.ragged.histogram(self.pitch, 128, self.duration_s)

    @cached_property
    def key(self) -> KeyEstimate:
        """Tonic and key correlations of every piece."""
        return estimate_key(self.pitch_seconds, self.pitches.counts, self.voice_chroma(self.bass))

    @cached_property
    def chord_frames(self) -> ChordFrames:
        """Chords heard in every sounding frame."""
        return chord_frames(self.frames, self.bass.rows, self.bass.pitch, self.key.tonic)

    def voice_chroma(self, voice: Voice) -> NDArray[np.float64]:
        """Notes of a line per pitch class, each for up to a second, shape (n, 12)."""
        return voice.ragged.histogram(voice.pitch % 12, 12, np.minimum(voice.duration_s, 1))

    @staticmethod
    def between(ragged: Ragged, values: Array) -> tuple[Ragged, Array]:
        """Differences between neighbors of the same piece, with their layout: one fewer than values per piece."""
        layout, first = ragged.neighbors
        return layout, values[..., first + 1] - values[..., first]

    def _voice(self, candidates: NDArray[np.int64], *, sign: int) -> Voice:
        pitch, onset, item = sign * self.pitch[candidates], self.chord_onset_s, self.notes.item[candidates]
        end = onset + self.duration_s[candidates] - COVERED_S
        outer = np.ones(len(candidates), np.bool_)
        for back in range(1, min(VOICE_LOOKBACK, len(candidates) - 1) + 1):
            covered = (pitch[:-back] > pitch[back:]) & (end[:-back] > onset[back:]) & (item[:-back] == item[back:])
            outer[back:] &= ~covered
        chosen = np.flatnonzero(outer)
        rows = candidates[chosen]
        ragged = Ragged.from_items(self.notes.item[rows], self.n)
        return Voice(rows, ragged, self.onset_s[rows], self.pitch[rows], self.duration_s[rows])


def _sort_by_chord(notes: NoteBatch) -> tuple[NDArray[np.int64], NoteBatch]:
    """Number the chords and sort every chord by pitch."""
    if not len(notes.item):
        return np.zeros(0, np.int64), notes
    opens = np.ones(len(notes.item), np.bool_)
    opens[1:] = (np.diff(notes.onset_s) > CHORD_GAP_S) | (np.diff(notes.item) > 0)
    chord = np.cumsum(opens) - 1
    place = (chord << 7) + notes.pitch
    if (np.diff(place) >= 0).all():
        return chord, notes
    return chord, notes.take(np.argsort(place, kind="stable"))
