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
    """The notes of one line, in order: their rows, their layout by piece, and columns; onsets are those of the chords."""

    rows: NDArray[np.int64]
    ragged: Ragged
    onset_s: NDArray[np.float32]
    pitch: NDArray[np.int64]
    duration_s: NDArray[np.float32]


class Shared:
    """Lazy, cached intermediates of one batch; `notes` are sorted by (item, onset), at least one."""

    def __init__(self, notes: NoteBatch) -> None:
        self.n = notes.n
        self.notes = notes
        self.ragged = notes.ragged()
        self.pitch = notes.pitch
        self.velocity = notes.velocity
        self.duration_s = notes.duration_s
        start_s = self.ragged.first(notes.onset_s)
        self.onset_s: NDArray[np.float32] = (notes.onset_s - self.ragged.spread(start_s)).astype(np.float32)
        self.opens = np.ones(len(notes.item), np.bool_)  # the note is the first of a chord
        np.greater(self.onset_s[1:] - self.onset_s[:-1], np.float32(CHORD_GAP_S), out=self.opens[1:])
        self.opens[self.ragged.starts] = True

    @cached_property
    def span_s(self) -> NDArray[np.float64]:
        """First onset to last end, seconds, at least `SHORTEST_SPAN_S`; shape (n,)."""
        end = self.ragged.max(self.onset_s + self.duration_s).astype(np.float64)
        return np.maximum(end, SHORTEST_SPAN_S)

    @cached_property
    def bar(self) -> NDArray[np.int64]:
        """Notated bar of every note, counted from the first bar with notes."""
        bar = self.notes.bar
        return bar - self.ragged.spread(self.ragged.min(bar))

    @cached_property
    def chord_start(self) -> NDArray[np.int64]:
        """Row of the first note of every chord."""
        return np.flatnonzero(self.opens)

    @cached_property
    def chords(self) -> Ragged:
        """Layout of the chords by piece."""
        return self.ragged.of_rows(self.chord_start)

    @cached_property
    def chord_size(self) -> NDArray[np.int64]:
        """Notes struck together in every chord."""
        return np.diff(self.chord_start, append=len(self.opens))

    @cached_property
    def by_chord(self) -> NDArray[np.int64] | slice:
        """Rows of the notes in order of (chord, pitch)."""
        place = (np.cumsum(self.opens) << 7) + self.pitch
        if (place[1:] >= place[:-1]).all():
            return slice(None)
        return np.argsort(place, kind="stable")

    @cached_property
    def chord_low(self) -> NDArray[np.int64]:
        """Row of the lowest note of every chord."""
        return self.chord_start if isinstance(self.by_chord, slice) else self.by_chord[self.chord_start]

    @cached_property
    def chord_high(self) -> NDArray[np.int64]:
        """Row of the highest note of every chord."""
        end = self.chord_start + (self.chord_size - 1)
        return end if isinstance(self.by_chord, slice) else self.by_chord[end]

    @cached_property
    def chord_onset_s(self) -> NDArray[np.float32]:
        """Onset of the lowest note of every chord, seconds from the first note."""
        return self.onset_s[self.chord_low]

    @cached_property
    def ioi(self) -> tuple[Ragged, NDArray[np.float32]]:
        """Seconds from each chord to the next of the same piece, with their layout."""
        return self.chords.steps(self.chord_onset_s)

    @cached_property
    def melody(self) -> Voice:
        """Top line: the highest note of each chord unless a higher one sounds on."""
        return self._voice(self.chord_high, sign=1)

    @cached_property
    def bass(self) -> Voice:
        """Lowest line: the lowest note of each chord unless a lower one sounds on."""
        return self._voice(self.chord_low, sign=-1)

    @cached_property
    def frames(self) -> Frames:
        """One-second frames with onsets and chroma."""
        return Frames(self.ragged, self.span_s, self.onset_s, self.duration_s, self.pitch)

    @cached_property
    def pitches(self) -> Binned:
        """Notes per MIDI pitch."""
        return Binned(self.ragged.counted(self._pitch_place, 128), np.arange(128.0), self.ragged.counts)

    @cached_property
    def pitch_moments(self) -> tuple[Array, Array, Array]:
        """Mean, standard deviation and skewness of pitch."""
        return self.pitches.moments()

    @cached_property
    def whole_velocity(self) -> NDArray[np.int64]:
        """Velocity as whole numbers."""
        return self.velocity.astype(np.int64)

    @cached_property
    def velocities(self) -> Binned:
        """Notes per velocity."""
        counts = self.ragged.counted(self._place_of_128 + self.whole_velocity, 128)
        return Binned(counts, np.arange(128.0), self.ragged.counts)

    @cached_property
    def log_length(self) -> NDArray[np.float32]:
        """Length of every note, octaves of a second."""
        return np.log2(self.duration_s)

    @cached_property
    def lengths(self) -> Binned:
        """Notes per log2 length in seconds, eight bins to the octave."""
        return Binned.of(self.ragged, self.log_length, low=-7, high=5.375, step=0.125)

    @cached_property
    def stacked(self) -> tuple[Ragged, NDArray[np.int64]]:
        """Pairs of neighboring notes of one chord: layout, and place of the lower note in `by_chord`."""
        layout = Ragged.from_counts(self.ragged.counts - self.chords.counts)
        return layout, np.flatnonzero(~self.opens) - 1

    @cached_property
    def pitch_seconds(self) -> NDArray[np.float64]:
        """Sounding seconds per MIDI pitch, shape (n, 128)."""
        return self.ragged.counted(self._pitch_place, 128, self.duration_s)

    @cached_property
    def _place_of_128(self) -> NDArray[np.int64]:
        """Where each note's piece starts in a table of 128 columns per piece."""
        return self.ragged.item << 7

    @cached_property
    def _pitch_place(self) -> NDArray[np.int64]:
        """Place of each note in a table of piece and pitch."""
        return self._place_of_128 + self.pitch

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

    @cached_property
    def _same_piece(self) -> list[NDArray[np.bool_]]:
        """For each distance looked back: whether a chord and the one so far before it are of one piece."""
        item = self.chords.item
        return [item[:-back] == item[back:] for back in range(1, min(VOICE_LOOKBACK, len(item) - 1) + 1)]

    def _voice(self, candidates: NDArray[np.int64], *, sign: int) -> Voice:
        own = self.pitch[candidates]
        pitch, onset = (sign * own).astype(np.int8), self.chord_onset_s  # a byte: compared eight times as fast
        duration_s = self.duration_s[candidates]
        end = onset + (duration_s - np.float32(COVERED_S))
        outer = np.ones(len(candidates), np.bool_)
        for back, same_piece in enumerate(self._same_piece, 1):
            covered = pitch[:-back] > pitch[back:]
            covered &= end[:-back] > onset[back:]
            covered &= same_piece
            outer[back:] &= ~covered
        chosen = np.flatnonzero(outer)
        return Voice(
            candidates[chosen],
            self.chords.of_rows(chosen),
            onset[chosen],
            own[chosen],
            duration_s[chosen],
        )
