"""Drum tracks: which instruments, where in the written bar, how hard, how exactly, how often the bar repeats.

Instruments are grouped from General MIDI percussion keys. Positions and timing are read against the written bar,
because a groove is a relation to the beat; such descriptors are flagged as notation.
"""

import numpy as np

from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, Ragged, entropy, ratio, shares

KIT = {
    "kick": ("bass drum", (35, 36)),
    "snare": ("snare", (38, 40)),
    "rim": ("rim shot or clap", (37, 39)),
    "hat": ("closed hi-hat", (22, 42, 44)),
    "open_hat": ("open hi-hat", (26, 46)),
    "ride": ("ride cymbal", (51, 53, 59)),
    "crash": ("crash cymbal", (49, 52, 55, 57)),
    "tom": ("toms", (41, 43, 45, 47, 48, 50, 58)),
    "other": ("other percussion", ()),
}
INSTRUMENTS = {name: words for name, (words, _) in KIT.items()}
GROOVE = {name: INSTRUMENTS[name] for name in ("kick", "snare")}
STEPS = 16
GHOST_VELOCITY = 50

BLOCKS = (
    Block("drum_rate_log", "Drum strokes per second.", "log(1 + x)"),
    Block("drum_together", "Drum strokes per moment that has any.", "strokes"),
    Block("drum_share", "Share of drum strokes on the {}.", "0 to 1", INSTRUMENTS),
    Block("drum_ioi", "Mean log2 time between drum moments.", "octaves of 1 s"),
    Block("drum_ioi_deviation", "Standard deviation of the same.", "octaves"),
    Block("drum_kick_rate", "Bass drum strokes per second.", "log(1 + x)"),
    Block("drum_snare_rate", "Snare strokes per second.", "log(1 + x)"),
    Block("drum_cymbal_rate", "Strokes per second on hi-hats and ride.", "log(1 + x)"),
    Block(
        "drum_step",
        "Strokes of the {} per bar.",
        "0 to 1",
        {
            f"{name}_{k + 1}": f"{words} at sixteenth {k + 1} of 16"
            for name, words in {**GROOVE, "cymbal": "hi-hats and ride"}.items()
            for k in range(STEPS)
        },
        notation=True,
    ),
    Block(
        "drum_swing",
        "Share of strokes near thirds of a beat among those near thirds or quarters.",
        "0 to 1",
        notation=True,
    ),
    Block("drum_timing", "Mean distance of strokes from the nearest sixteenth of a bar.", "sixteenths", notation=True),
    Block(
        "drum_late", "Mean signed distance of strokes from the nearest sixteenth of a bar.", "sixteenths", notation=True
    ),
    Block("drum_repetition", "Similarity of each bar to the next.", "0 to 1", notation=True),
    Block("drum_step_entropy", "Entropy of stroke positions in the bar.", "0 to 1", notation=True),
    Block("drum_velocity", "Mean velocity of drum strokes.", "velocity 0-127", velocity=True),
    Block("drum_velocity_deviation", "Standard deviation of velocity of drum strokes.", "velocity", velocity=True),
    Block("drum_velocity_snare", "Mean velocity of the snare.", "velocity 0-127", velocity=True),
    Block("drum_ghost", "Share of snare strokes softer than velocity 50.", "0 to 1", velocity=True),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    kind = _instrument_of_key()[s.pitch]
    counts = s.ragged.histogram(kind, len(KIT))
    names = list(KIT)
    kick, snare = counts[:, names.index("kick")], counts[:, names.index("snare")]
    cymbals = counts[:, [names.index(k) for k in ("hat", "open_hat", "ride")]].sum(axis=1)
    layout, seconds = s.ioi
    octaves = np.log2(np.maximum(seconds, 1e-3))
    is_snare = (kind == names.index("snare")).astype(np.float32)
    soft = np.clip((GHOST_VELOCITY - s.velocity) / 10 + 0.5, 0, 1).astype(np.float32)
    return {
        "drum_rate_log": np.log1p(s.ragged.counts / s.span_s),
        "drum_together": ratio(s.ragged.counts, s.chords.counts),
        "drum_share": shares(counts),
        "drum_ioi": layout.mean(octaves),
        "drum_ioi_deviation": layout.deviation(octaves),
        "drum_kick_rate": np.log1p(kick / s.span_s),
        "drum_snare_rate": np.log1p(snare / s.span_s),
        "drum_cymbal_rate": np.log1p(cymbals / s.span_s),
        "drum_velocity": s.ragged.mean(s.velocity),
        "drum_velocity_deviation": s.ragged.deviation(s.velocity),
        "drum_velocity_snare": ratio(s.ragged.sum(s.velocity * is_snare), s.ragged.sum(is_snare)),
        "drum_ghost": ratio(s.ragged.sum(soft * is_snare), s.ragged.sum(is_snare)),
        **_bars(s, kind),
        **_swing(s),
    }


def _bars(s: Shared, kind: Array) -> dict[str, Array]:
    """Steps of sixteen to the bar."""
    position = s.notes.bar_phase * STEPS
    nearest = np.round(position)
    step = nearest.astype(np.int64) % STEPS
    off = position - nearest
    line = np.array([0, 1, 3, 2, 2, 2, 3, 3, 3])[kind]  # kick, snare, cymbals, the rest
    grid = s.ragged.histogram(line * STEPS + step, 4 * STEPS)
    bars = np.maximum(s.ragged.max(s.bar) + 1, 1)
    return {
        "drum_step": np.minimum(grid[:, : 3 * STEPS] / bars[:, None], 1),
        "drum_timing": s.ragged.mean(np.abs(off)),
        "drum_late": s.ragged.mean(off),
        "drum_repetition": _repetition(s, line * STEPS + step),
        "drum_step_entropy": entropy(grid.reshape(-1, 4, STEPS).sum(axis=1)),
    }


def _repetition(s: Shared, cell: Array) -> Array:
    """Strokes that the next bar plays too, by all strokes (the last bar left out); cells are line and step."""
    if not len(cell):
        return np.zeros(s.n)
    width = 4 * STEPS
    bars = s.ragged.max(s.bar) + 1
    first_bar = np.concatenate(([0], np.cumsum(np.where(s.ragged.counts > 0, bars + 1, 0))))[:-1]
    strokes = np.unique((s.ragged.spread(first_bar) + s.bar) * width + cell)
    again = np.isin(strokes + width, strokes, assume_unique=True)
    item = np.searchsorted(first_bar[s.ragged.filled], strokes // width, side="right") - 1
    layout = Ragged.from_items(s.ragged.filled[item], s.n)
    last = (strokes // width) == (first_bar + bars - 1)[s.ragged.filled[item]]
    return ratio(layout.sum(again), layout.sum(~last))


def _swing(s: Shared) -> dict[str, Array]:
    beats = s.notes.onset_beats
    phase = beats - np.floor(beats)
    third = np.clip(1 - 16 * np.minimum(np.abs(phase - 1 / 3), np.abs(phase - 2 / 3)), 0, 1)
    quarter = np.clip(1 - 16 * np.minimum(np.abs(phase - 0.25), np.abs(phase - 0.75)), 0, 1)
    thirds, quarters = s.ragged.sum(third), s.ragged.sum(quarter)
    return {"drum_swing": ratio(thirds, thirds + quarters)}


def _instrument_of_key() -> Array:
    kinds = np.full(128, len(KIT) - 1)
    for index, (_, keys) in enumerate(KIT.values()):
        kinds[list(keys)] = index
    return kinds


DRUMS = Group("drums", "drums", BLOCKS, compute)
