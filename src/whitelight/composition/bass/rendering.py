"""From genome to the bass track that is written: one voice, each note inside its own time.

Conventions: one MIDI track named "Bass"; no note sounds over the next or over the end of the section.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.bass.genome import BassGenome
from whitelight.composition.context import SectionContext
from whitelight.composition.timing import MAX_SHIFT, pulse_ticks, sway, ticks_per_second
from whitelight.music import MidiTrack, Notes, Piece

MIDI_TRACK_NAME = "Bass"
WOBBLE = 2.5  # standard deviation of what two equal notes differ by, velocity


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A candidate as it sounds."""

    piece: Piece
    velocity: NDArray[np.int16]


def render(genome: BassGenome, context: SectionContext) -> Rendered:
    """Play a genome."""
    feel, end_tick, grid = genome.feel, context.end_tick, context.grid
    rng = np.random.default_rng(feel.grain)
    starts = np.array([note.start for note in genome.notes], dtype=np.int64)
    ends = np.array([note.end for note in genome.notes], dtype=np.int64)
    pitch = np.array([note.pitch for note in genome.notes], dtype=np.int16)
    weights = np.array(grid.weights)[starts % grid.bar_pulses]
    swell = feel.swell * (starts / max(context.n_pulses, 1) - 0.5)
    loud = feel.level + feel.accent * (weights - 2) / 2 + swell + rng.normal(0, WOBBLE, len(starts))
    velocity = np.rint(np.clip(loud, 20, 122)).astype(np.int16)
    wander = sway(np.asarray(starts * grid.pulse_s, dtype=np.float64), rng) * feel.sway_ms + feel.late_ms
    late_s = (wander + rng.normal(0, feel.spread_ms, len(starts))) / 1e3
    most = MAX_SHIFT * grid.pulse_s
    shift = np.rint(np.clip(late_s, -most, most) * ticks_per_second(context)).astype(np.int64)
    ticks = pulse_ticks(context, feel.swing)
    onset = np.clip(ticks[starts] + shift, 0, end_tick - 1)
    following = np.append(onset[1:], end_tick)
    length = np.maximum(np.rint((ticks[ends] - ticks[starts]) * feel.gate).astype(np.int64), 1)
    notes = Notes(onset, np.maximum(np.minimum(length, following - onset), 1), pitch, velocity)
    part = MidiTrack(MIDI_TRACK_NAME, program=genome.program, notes=notes)
    return Rendered(context.piece([part]), velocity)
