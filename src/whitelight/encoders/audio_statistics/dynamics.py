"""How loud it is, how loudness moves, and how much of it is pause; levels are relative to the whole recording."""

import numpy as np

from whitelight.encoders.audio_statistics.table import Block, Group, Values
from whitelight.encoders.audio_statistics.window import Window

QUANTILES = {f"p{q:02d}": f"Quantile {q / 100:g}" for q in (5, 10, 25, 50, 75, 90, 95)}

BLOCKS = (
    Block("level", "{} over frames of the level, against the mean of the recording.", "dB", QUANTILES),
    Block("level_deviation", "Standard deviation of the level of frames that are no pause.", "dB"),
    Block("level_step", "Mean change of level between neighboring frames.", "dB"),
    Block("level_trend", "Correlation of the level with time.", "-1 to 1"),
    Block("rise", "95th percentile of the rise of level from frame to frame.", "dB"),
    Block("fall", "95th percentile of the fall of level from frame to frame.", "dB"),
    Block("crest", "Highest peak against the mean of the window.", "dB"),
    Block("pauses", "Share of frames more than 60 dB below the mean of the recording.", "0 to 1"),
    Block("quiet", "Share of frames more than 20 dB below the mean of the recording.", "0 to 1"),
    Block("low_energy", "Share of frames with less than half the mean amplitude of the window.", "0 to 1"),
)


def compute(w: Window) -> Values:
    """Compute the group for one window."""
    level = w.level_db
    steps = np.diff(level) if len(level) > 1 else np.zeros(1, np.float32)
    amplitude = 10 ** (level / 20)
    peak = float(np.abs(w.samples).max(initial=0.0))
    mean = float(np.sqrt(np.mean(w.samples**2))) if len(w.samples) else 0.0
    return {
        "level": np.quantile(level, [int(name[1:]) / 100 for name in QUANTILES]),
        "level_deviation": level[w.sounding].std(),
        "level_step": np.abs(steps).mean(),
        "level_trend": correlation(level, np.arange(len(level))),
        "rise": np.quantile(np.maximum(steps, 0), 0.95),
        "fall": np.quantile(np.maximum(-steps, 0), 0.95),
        "crest": 20 * np.log10(peak / mean) if mean > 0 else 0.0,
        "pauses": np.mean(~w.sounding),
        "quiet": np.mean(level < -20),
        "low_energy": np.mean(amplitude < 0.5 * amplitude.mean()),
    }


def correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Pearson correlation; 0 when either is constant."""
    a, b = one - np.mean(one), two - np.mean(two)
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 1e-9 else 0.0


DYNAMICS = Group("dynamics", BLOCKS, compute)
