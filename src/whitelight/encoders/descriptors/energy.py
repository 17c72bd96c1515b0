"""How hard and how unevenly the notes are struck; everything here uses velocity."""

from collections.abc import Mapping

import numpy as np

from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, Binned, product, ratio, shares

VELOCITY_UNIT = 64.0  # mezzo-forte; velocities are divided by it before squaring
QUANTILES = {"p05": 0.05, "p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95}
BANDS = {f"{low}": f"{low}-{low + 15}" for low in range(0, 128, 16)}


def _velocity(name: str, doc: str, unit: str = "velocity 0-127", labels: Mapping[str, str] | None = None) -> Block:
    return Block(name, doc, unit, labels, velocity=True)


BLOCKS = (
    _velocity("power_log", "Log of the squared velocities (64 = 1) summed per second.", "log(1 + x)"),
    _velocity("loudness_log", "Log of the velocities (64 = 1) summed per second.", "log(1 + x)"),
    _velocity(
        "power_cell",
        "{} over one-second cells of the log power.",
        "log(1 + x)",
        {"p10": "10th percentile", "p50": "Median", "p90": "90th percentile", "deviation": "Standard deviation"},
    ),
    _velocity("power_trend", "Correlation of one-second log power with time.", "-1 to 1"),
    _velocity("velocity_mean", "Mean velocity."),
    _velocity("velocity_deviation", "Standard deviation of velocity."),
    _velocity("velocity_quantile", "Velocity at quantile {}.", labels={k: f"{v:.2f}" for k, v in QUANTILES.items()}),
    _velocity("velocity_share", "Share of notes with velocity {}.", "0 to 1", BANDS),
    _velocity("velocity_melody", "Mean velocity of the top voice."),
    _velocity("velocity_bass", "Mean velocity of the lowest voice."),
    _velocity("velocity_melody_over_bass", "Mean velocity of the top minus the lowest voice."),
    _velocity("velocity_melody_step", "Mean absolute change of velocity from note to note of the top voice."),
    _velocity("velocity_per_chord", "Mean of velocities (64 = 1) summed per chord.", "mezzo-forte notes"),
    _velocity("velocity_within_chord", "Mean difference of velocity between neighboring notes of a chord."),
    _velocity("velocity_with_pitch", "Correlation of velocity with pitch.", "-1 to 1"),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    velocities = s.velocities
    relative = velocities.centers / VELOCITY_UNIT
    squared, summed = product(velocities.counts, np.stack((relative**2, relative), axis=1)).T
    mean, deviation, _ = velocities.moments()
    return {
        "power_log": np.log1p(squared / s.span_s),
        "loudness_log": np.log1p(summed / s.span_s),
        "velocity_mean": mean,
        "velocity_deviation": deviation,
        "velocity_quantile": velocities.quantiles(tuple(QUANTILES.values())),
        "velocity_share": shares(velocities.counts.reshape(-1, 8, 16).sum(axis=2)),
        "velocity_per_chord": ratio(summed, s.chords.counts),
        "velocity_with_pitch": _with_pitch(s, mean, deviation),
        **_cells(s),
        **_voices(s),
        **_stacked(s),
    }


def _with_pitch(s: Shared, mean: Array, deviation: Array) -> Array:
    """Correlation of velocity with pitch; only their product needs the notes, the rest is counted already."""
    pitch, pitch_deviation, _ = s.pitch_moments
    together = s.ragged.mean(s.pitch * s.whole_velocity) - mean * pitch
    return ratio(together, deviation * pitch_deviation).clip(-1, 1)


def _cells(s: Shared) -> dict[str, Array]:
    """Power over one-second cells."""
    relative = s.velocity * np.float32(1 / VELOCITY_UNIT)
    cells, power = s.frames.ragged, s.frames.count(relative * relative)
    log_power = np.log1p(power)
    binned = Binned.of(cells, log_power, low=0, high=6.35, step=0.05)
    place = np.arange(cells.size) - cells.spread(cells.offsets[:-1])
    return {
        "power_cell": np.column_stack((binned.quantiles((0.1, 0.5, 0.9)), cells.deviation(log_power))),
        "power_trend": cells.correlation(log_power, place.astype(np.float64)),
    }


def _voices(s: Shared) -> dict[str, Array]:
    """Velocity of the outer voices."""
    top, low = s.velocity[s.melody.rows], s.velocity[s.bass.rows]
    top_mean, low_mean = s.melody.ragged.mean(top), s.bass.ragged.mean(low)
    layout, step = s.melody.ragged.steps(top)
    return {
        "velocity_melody": top_mean,
        "velocity_bass": low_mean,
        "velocity_melody_over_bass": top_mean - low_mean,
        "velocity_melody_step": layout.mean(np.abs(step)),
    }


def _stacked(s: Shared) -> dict[str, Array]:
    """Evenness of chords."""
    layout, place = s.stacked
    velocity = s.velocity[s.by_chord]
    return {"velocity_within_chord": layout.mean(np.abs(velocity[place + 1] - velocity[place]))}


ENERGY = Group("energy", "pitched", BLOCKS, compute)
