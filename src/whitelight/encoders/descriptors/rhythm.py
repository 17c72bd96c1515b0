"""Where onsets lie in the written beat and bar; everything here is flagged as notation.

What the ear takes for a pulse is told by the times between onsets (see density); these tell whether the music agrees
with its bar lines. Positions turn gradually from one to the next.
"""

from functools import cache

import numpy as np

from whitelight.encoders.batch import phase_of
from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, Binned, entropy, ratio, shares

PHASES = 96  # parts of a beat: whole numbers of them make quarters and thirds
POSITIONS = {
    "beat": "on the beat",
    "half": "on the half beat",
    "quarter": "on the odd quarters of a beat",
    "third": "on the thirds of a beat",
}
EIGHTHS = {f"{k + 1}": f"eighth {k + 1} of 8" for k in range(8)}  # sixteenths cost half a point on EMOPIA

BLOCKS = (
    Block("tempo", "Written tempo.", "log2 of 120 bpm", notation=True),
    Block("bar_beats", "Written bar length.", "quarter notes", notation=True),
    Block("beat_position", "Share of chords {}.", "0 to 1", POSITIONS, notation=True),
    Block(
        "beat_deviation", "Mean distance of chords from the nearest quarter or third of a beat.", "beats", notation=True
    ),
    Block("bar_onset", "Share of chords struck in {} of the bar.", "0 to 1", EIGHTHS, notation=True),
    Block("bar_onset_entropy", "Entropy of positions in the bar, in sixteenths.", "0 to 1", notation=True),
    Block(
        "downbeat_size",
        "Notes per chord on the first sixteenth of the bar by notes per chord.",
        "log2 ratio",
        notation=True,
    ),
    Block("syncopation", "Share of off-beat chords after which the next beat stays empty.", "0 to 1", notation=True),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    return {
        "tempo": np.log2(s.notes.tempo_bpm / 120),
        "bar_beats": s.notes.bar_beats,
        **_beat(s),
        **_bar(s),
    }


def _beat(s: Shared) -> dict[str, Array]:
    """Position of chords in the written beat."""
    beats = s.notes.onset_beats[s.chord_start]
    whole = np.floor(beats)
    part = ((beats - whole) * PHASES + 0.5).astype(np.int64)
    part[part == PHASES] = 0
    phases = Binned(s.chords.histogram(part, PHASES), np.arange(PHASES) / PHASES, s.chords.counts)
    position, distance = _positions()
    layout, first = s.chords.neighbors
    off = (1 - position[:, 0])[part][first]
    held = off * (beats[1:] > whole[:-1] + 1.1)[first]
    return {
        "beat_position": phases.average(position),
        "beat_deviation": phases.average(distance),
        "syncopation": ratio(layout.sum(held), layout.sum(off)),
    }


def _bar(s: Shared) -> dict[str, Array]:
    """Position of chords in the written bar."""
    step = (phase_of(s.notes.onset_bars[s.chord_start]) * 16 + np.float32(0.5)).astype(np.int64) & 15
    grid = s.chords.histogram(step, 16)
    notes = s.chords.histogram(step, 16, s.chord_size)
    down = ratio(notes[:, 0], grid[:, 0])
    everywhere = ratio(notes.sum(axis=1), grid.sum(axis=1))
    return {
        "bar_onset": shares(grid.reshape(-1, 8, 2).sum(axis=2)),
        "bar_onset_entropy": entropy(grid),
        "downbeat_size": np.where(down > 0, np.log2(np.maximum(down, 1) / np.maximum(everywhere, 1)), 0),
    }


@cache
def _positions() -> tuple[Array, Array]:
    """How much each part of a beat is at each of `POSITIONS`, (PHASES, 4), and how far from the nearest, (PHASES,)."""
    parts = np.arange(PHASES) / PHASES
    targets = ((0.0, 1.0), (0.5,), (0.25, 0.75), (1 / 3, 2 / 3))
    nearest = _distance(parts, tuple(t for target in targets for t in target))
    return np.stack([_close(parts, target) for target in targets], axis=1), nearest


def _distance(phase: Array, targets: tuple[float, ...]) -> Array:
    return np.asarray(np.abs(phase[:, None] - np.array(targets)).min(axis=1))


def _close(phase: Array, targets: tuple[float, ...]) -> Array:
    """Return 1 at a position of the beat, falling to 0 a twelfth of a beat away."""
    return np.asarray(np.clip(1 - _distance(phase, targets) * 12, 0, 1))


RHYTHM = Group("rhythm", "pitched", BLOCKS, compute)
