"""From genome to the piece that is written: one line named "Melody", from tick 0 to the section's end.

Time: a slow wander and a small independent part around the pulse (some 10 ms); loudness: metrical accent, an arch over
every phrase that follows its height, a softer end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whitelight.composition.melody.genome import MelodyGenome, Touch
from whitelight.composition.melody.layout import Sung
from whitelight.composition.melody.setting import Setting
from whitelight.composition.melody.singing import sing
from whitelight.music import MidiTrack, Notes, Piece

MIDI_TRACK_NAME = "Melody"
WANDER_MS, SPREAD_MS, MOST_MS = 6.0, 6.0, 24.0
LONGEST_CUT_MS = 120.0  # from a note that leads on to the next
_PHRASE_END = -5  # velocity


@dataclass(frozen=True, slots=True)
class Rendered:
    """A candidate as it sounds."""

    piece: Piece
    line: tuple[Sung, ...]

    @property
    def notes(self) -> Notes:
        """Its notes."""
        return self.piece.midi_tracks[0].notes


def render(genome: MelodyGenome, setting: Setting) -> Rendered:
    """Sing a genome."""
    line = sing(genome, setting)
    notes = Notes.from_rows(_rows(line, genome.touch, setting))
    midi_track = MidiTrack(MIDI_TRACK_NAME, program=setting.voice.program, notes=notes)
    return Rendered(setting.context.piece([midi_track]), tuple(line))


def _rows(line: Sequence[Sung], touch: Touch, setting: Setting) -> list[tuple[int, int, int, int]]:
    """Rows of (onset, duration, pitch, velocity); every note ends before the next begins."""
    pulse_ticks, pulse_s = setting.context.pulse_ticks, setting.context.grid.pulse_s
    ticks_per_ms = pulse_ticks / (1000.0 * pulse_s)
    grain = np.random.default_rng(touch.grain)
    shifts = _shifts(len(line), touch, grain, most_ms=min(MOST_MS, 300.0 * pulse_s)) * ticks_per_ms
    onsets = [max(round(note.start * pulse_ticks + shift), 0) for note, shift in zip(line, shifts, strict=True)]
    velocities = _velocities(line, touch, setting, grain)
    rows = []
    for place, note in enumerate(line):
        until = onsets[place + 1] if place + 1 < len(line) else setting.context.end_tick
        planned = (note.end - note.start) * pulse_ticks
        is_joined = place + 1 < len(line) and line[place + 1].start == note.end
        gap = until - onsets[place]
        length = max(gap * touch.gate, gap - LONGEST_CUT_MS * ticks_per_ms) if is_joined else planned
        duration = max(min(round(length), until - onsets[place]), 1)
        rows.append((onsets[place], duration, note.pitch, velocities[place]))
    return rows


def _shifts(
    n: int, touch: Touch, grain: np.random.Generator, *, most_ms: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Milliseconds each onset is late; shape (n,)."""
    wander = np.convolve(grain.normal(0.0, WANDER_MS, n + 4), np.full(5, 5**-0.5), mode="valid")
    return np.clip(touch.late_ms + wander + grain.normal(0.0, SPREAD_MS, n), -most_ms, most_ms)


def _velocities(line: Sequence[Sung], touch: Touch, setting: Setting, grain: np.random.Generator) -> list[int]:
    weights = setting.frame.weights
    pitches = np.array([note.pitch for note in line], dtype=np.float64)
    wobble = grain.integers(-3, 4, size=len(line)).tolist()
    middle = float(pitches.mean()) if len(line) else 0.0
    along = _along(line)
    found = []
    for place, note in enumerate(line):
        arch = 1.0 - abs(along[place] - 0.4) / 0.6
        value = touch.level + touch.accent * (int(weights[note.start]) - 1.5) / 2.5 + touch.swell * (arch - 0.5)
        value += 0.7 * (pitches[place] - middle) + (_PHRASE_END if note.is_last else 0) + wobble[place]
        found.append(int(min(max(round(value), 24), 124)))
    return found


def _along(line: Sequence[Sung]) -> list[float]:
    """How far each note lies in its phrase, 0 to 1."""
    counts: dict[int, int] = {}
    ranks = []
    for note in line:
        ranks.append(counts.get(note.turn, 0))
        counts[note.turn] = ranks[-1] + 1
    return [rank / max(counts[note.turn] - 1, 1) for rank, note in zip(ranks, line, strict=True)]
