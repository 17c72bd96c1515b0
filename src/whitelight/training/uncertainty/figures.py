"""What doubt is worth, with intervals over songs: calibration, ranking one's own mistakes, and noticing foreign music."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array
from whitelight.training.metrics import accuracy, area_under_risk_coverage, auc, expected_calibration_error, log_loss

Index = NDArray[np.int64]
N_DRAWS = 300


@dataclass(frozen=True, slots=True)
class Foreign:
    """Doubts about music of another kind: kind of doubt → (m,); group : (m,), the song each row is of."""

    doubts: Mapping[str, Array]
    group: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """What one method said of held-out rows.

    Attributes
    ----------
    raw, tempered : (n, n_classes), probabilities before and after a temperature of other songs.
    label : (n,). group : (n,), source song. doubts : kind → (n,). foreign : set → doubts about it.
    """

    raw: Array
    tempered: Array
    label: Index
    group: NDArray[Any]
    doubts: Mapping[str, Array] = field(default_factory=dict)
    foreign: Mapping[str, Foreign] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draw:
    """Rows of a bootstrap draw; of the judged ones and of every foreign set."""

    rows: Index
    foreign: Mapping[str, Index]


Figure = Callable[[Judged, Draw], float]


def _on_probabilities(measure: Callable[[Array, Index], float], which: str) -> Figure:
    return lambda judged, draw: measure(getattr(judged, which)[draw.rows], judged.label[draw.rows])


def _aurc(judged: Judged, draw: Draw) -> float:
    p = judged.tempered[draw.rows]
    return area_under_risk_coverage(p.max(axis=1), p.argmax(axis=1) == judged.label[draw.rows])


def _finds_mistakes(kind: str) -> Figure:
    def figure(judged: Judged, draw: Draw) -> float:
        wrong = judged.raw[draw.rows].argmax(axis=1) != judged.label[draw.rows]
        return _area(judged.doubts[kind][draw.rows], wrong)

    return figure


def _finds_foreign(name: str, kind: str) -> Figure:
    def figure(judged: Judged, draw: Draw) -> float:
        theirs = judged.foreign[name].doubts[kind][draw.foreign[name]]
        ours = judged.doubts[kind][draw.rows]
        return _area(np.concatenate([ours, theirs]), np.arange(len(ours) + len(theirs)) >= len(ours))

    return figure


def _area(scores: Array, positive: NDArray[np.bool_]) -> float:
    found = auc(scores, positive)
    return float("nan") if found is None else found


def figures_of(judged: Judged) -> dict[str, Figure]:
    """Return every figure that can be asked of a method, by name."""
    found: dict[str, Figure] = {
        "accuracy": _on_probabilities(accuracy, "raw"),
        "log-loss": _on_probabilities(log_loss, "raw"),
        "log-loss, tempered": _on_probabilities(log_loss, "tempered"),
        "ECE": _on_probabilities(expected_calibration_error, "raw"),
        "ECE, tempered": _on_probabilities(expected_calibration_error, "tempered"),
        "AURC": _aurc,
    }
    found |= {f"mistakes by {kind}": _finds_mistakes(kind) for kind in judged.doubts}
    found |= {f"{name} by {kind}": _finds_foreign(name, kind) for name in judged.foreign for kind in judged.doubts}
    return found


def measured(
    runs: Sequence[Judged], against: Sequence[Judged] | None = None, *, rng: np.random.Generator, n_draws: int = N_DRAWS
) -> dict[str, dict[str, Any]]:
    """Return every figure as the mean over runs, its interval over songs, and the paired difference.

    Parameters
    ----------
    runs : the same rows in the same order, once per seed. against : the same of another method.

    Returns
    -------
    figure → `value`, `interval` (95 %), and with `against` `difference` (runs minus against) and `difference_interval`.
    """
    first = runs[0]
    everything = Draw(np.arange(len(first.label)), {n: np.arange(len(f.group)) for n, f in first.foreign.items()})
    draws = [_draw_songs(first, rng) for _ in range(n_draws)]
    found: dict[str, dict[str, Any]] = {}
    for name, figure in figures_of(first).items():
        drawn = np.array([_mean(figure, runs, draw) for draw in draws])
        found[name] = {"value": _mean(figure, runs, everything), "interval": _interval(drawn)}
        if against is not None and name in figures_of(against[0]):
            other = np.array([_mean(figure, against, draw) for draw in draws])
            found[name]["difference"] = found[name]["value"] - _mean(figure, against, everything)
            found[name]["difference_interval"] = _interval(drawn - other)
    return found


def _mean(figure: Figure, runs: Sequence[Judged], draw: Draw) -> float:
    return float(np.mean([figure(judged, draw) for judged in runs]))


def _interval(values: Array) -> tuple[float, float]:
    low, high = np.nanquantile(values, [0.025, 0.975]) if np.isfinite(values).any() else (np.nan, np.nan)
    return float(low), float(high)


def _draw_songs(judged: Judged, rng: np.random.Generator) -> Draw:
    return Draw(_songs(judged.group, rng), {name: _songs(f.group, rng) for name, f in judged.foreign.items()})


def _songs(group: NDArray[Any], rng: np.random.Generator) -> Index:
    """Return the rows of as many songs as there are, drawn with replacement."""
    _, song, counts = np.unique(np.asarray(group, dtype=str), return_inverse=True, return_counts=True)
    order, start = np.argsort(song, kind="stable"), np.cumsum(counts) - counts
    chosen = rng.integers(0, len(counts), size=len(counts))
    return np.concatenate([order[start[k] : start[k] + counts[k]] for k in chosen])
