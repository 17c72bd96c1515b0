"""Where onsets lie in the written beat and bar; everything here is flagged as notation.

What the ear takes for a pulse is told by the times between onsets (see density); these tell whether the music agrees
with its bar lines. Positions turn gradually from one to the next.
"""

import numpy as np

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
STEPS = {f"{k + 1}": f"sixteenth {k + 1} of 16" for k in range(16)}

BLOCKS = (
    Block("tempo", "Written tempo.", "log2 of 120 bpm", notation=True),
    Block("bar_beats", "Written bar length.", "quarter notes", notation=True),
    Block("beat_position", "Share of chords {}.", "0 to 1", POSITIONS, notation=True),
    Block(
        "beat_deviation", "Mean distance of chords from the nearest quarter or third of a beat.", "beats", notation=True
    ),
    Block("bar_onset", "Share of chords struck at {} of the bar.", "0 to 1", STEPS, notation=True),
    Block("bar_onset_entropy", "Entropy of positions in the bar.", "0 to 1", notation=True),
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
    part = ((beats - whole) * PHASES + 0.5).astype(np.int64) % PHASES
    phases = Binned(s.chords.histogram(part, PHASES), np.arange(PHASES) / PHASES, s.chords.counts)
    targets = ((0.0, 1.0), (0.5,), (0.25, 0.75), (1 / 3, 2 / 3))
    position = np.stack([_close(phases.centers, target) for target in targets], axis=1)
    distance = _distance(phases.centers, tuple(t for target in targets for t in target))
    layout, first = s.chords.neighbors
    off = 1 - position[part[first], 0]
    held = off * (beats[first + 1] > whole[first] + 1.1)
    return {
        "beat_position": phases.average(position),
        "beat_deviation": phases.average(distance),
        "syncopation": ratio(layout.sum(held), layout.sum(off)),
    }


def _bar(s: Shared) -> dict[str, Array]:
    """Position of chords in the written bar."""
    step = np.round(s.notes.bar_phase[s.chord_start] * 16).astype(np.int64) % 16
    grid = s.chords.histogram(step, 16)
    notes = s.chords.histogram(step, 16, s.chord_size)
    down = ratio(notes[:, 0], grid[:, 0])
    everywhere = ratio(notes.sum(axis=1), grid.sum(axis=1))
    return {
        "bar_onset": shares(grid),
        "bar_onset_entropy": entropy(grid),
        "downbeat_size": np.where(down > 0, np.log2(np.maximum(down, 1) / np.maximum(everywhere, 1)), 0),
    }


def _distance(phase: Array, targets: tuple[float, ...]) -> Array:
    return np.asarray(np.abs(phase[:, None] - np.array(targets)).min(axis=1))


def _close(phase: Array, targets: tuple[float, ...]) -> Array:
    """Return 1 at a position of the beat, falling to 0 a twelfth of a beat away."""
    return np.asarray(np.clip(1 - _distance(phase, targets) * 12, 0, 1))


RHYTHM = Group("rhythm", "pitched", BLOCKS, compute)
