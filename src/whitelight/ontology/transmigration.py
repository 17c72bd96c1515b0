"""Moving between points: how far it is, the steps there, and whether they pass through known country.

The distance on one axis is the total variation between the two distributions: 0 the same, 1 nothing in common; modes
have no order among themselves. The total is the sum over the axes both points have. An axis only one of them has cannot
be compared and is named, not guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from whitelight.ontology.model import Ontology, PointName
from whitelight.ontology.target import Target, mix

SAME = 1e-9  # distances below are rounding


@dataclass(frozen=True, slots=True)
class Distance:
    """How far apart two points are.

    Attributes
    ----------
    axes : per axis both points have, in [0, 1].
    total : their sum; None when there is no axis to compare.
    gained : axes only the goal has.
    lost : axes only the start has.
    """

    axes: Mapping[str, float]
    total: float | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PathStep:
    """One point on the way: which axes changed to reach it, what it is called, what is left to go."""

    point: Target
    changed: tuple[str, ...]
    name: PointName
    remaining: Distance


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether a move can be made from what the catalog holds.

    Attributes
    ----------
    level : "same": nothing changes; "direct": one step, or every point between is claimed by a class; "hybrid": some
        point between is claimed by none, so nothing was heard there; "undefined": no axis can be compared.
    share_comparable : share in [0, 1] of the axes of either point that both have.
    hybrids : names of the unclaimed points between.
    """

    level: Literal["same", "direct", "hybrid", "undefined"]
    share_comparable: float
    hybrids: tuple[str, ...]


def distance(a: Target, b: Target) -> Distance:
    """Measure from `a` to `b`, axis by axis."""
    shared = {name: float(np.abs(a.axes[name] - b.axes[name]).sum() / 2) for name in a.axes if name in b.axes}
    return Distance(
        axes=shared,
        total=float(sum(shared.values())) if shared else None,
        gained=tuple(name for name in b.axes if name not in a.axes),
        lost=tuple(name for name in a.axes if name not in b.axes),
    )


def path(
    ontology: Ontology,
    a: Target,
    b: Target,
    *,
    method: Literal["largest", "interpolated"] = "largest",
    n_steps: int = 4,
) -> tuple[PathStep, ...]:
    """Return the points from `a` (first) to `b` (last).

    Parameters
    ----------
    method : "largest" changes one axis at a time, the farthest first (equal ones in the ontology's order), then takes
        up axes only `b` has and lets go of those only `a` has; "interpolated" moves all at once in `n_steps` even steps.
    n_steps : ≥ 1, used by "interpolated".
    """
    if method == "interpolated":
        if n_steps < 1:
            raise ValueError(f"n_steps is {n_steps}, expected at least 1")
        inner = [mix(ontology, [a, b], [n_steps - i, i]) for i in range(1, n_steps)]
        moved = distance(a, b)
        changed = (*(name for name, d in moved.axes.items() if d > SAME), *moved.gained, *moved.lost)
        return (
            _step(ontology, a, b, ()),
            *(_step(ontology, point, b, changed) for point in inner),
            _step(ontology, b, b, changed),
        )
    steps = [_step(ontology, a, b, ())]
    order = _axis_order(distance(a, b))
    for index, name in enumerate(order):
        point = b if index == len(order) - 1 else _with_axis(ontology, steps[-1].point, b, name)
        steps.append(_step(ontology, point, b, (name,)))
    if not order and not np.array_equal(a.class_weights, b.class_weights):
        steps.append(_step(ontology, b, b, ()))  # same place, another class
    return tuple(steps)


def feasibility(ontology: Ontology, a: Target, b: Target) -> Feasibility:
    """Judge the step-by-step path from `a` to `b` by what lies between."""
    moved = distance(a, b)
    n_either = len(moved.axes) + len(moved.gained) + len(moved.lost)
    share = len(moved.axes) / n_either if n_either else 0.0
    if moved.total is None:
        return Feasibility("undefined", share, ())
    steps = path(ontology, a, b)
    hybrids = tuple(step.name.name for step in steps[1:-1] if step.name.is_hybrid)
    if len(steps) == 1:
        return Feasibility("same", share, ())
    return Feasibility("hybrid" if hybrids else "direct", share, hybrids)


def _axis_order(moved: Distance) -> list[str]:
    farthest = sorted((name for name, d in moved.axes.items() if d > SAME), key=lambda name: -moved.axes[name])
    return [*farthest, *moved.gained, *moved.lost]


def _with_axis(ontology: Ontology, point: Target, goal: Target, name: str) -> Target:
    """Return `point` with one axis as `goal` has it; it names no class any more."""
    axes = {**point.axes, name: goal.axes[name]} if name in goal.axes else dict(point.axes)
    weights = {**point.axis_weights, name: goal.axis_weights[name]} if name in goal.axes else dict(point.axis_weights)
    if name not in goal.axes:
        del axes[name], weights[name]
    ordered = {key: axes[key] for key in ontology.axis_names if key in axes}
    text = ontology.name_point(ordered).name
    return Target(np.zeros(len(ontology.classes)), ordered, {key: weights[key] for key in ordered}, text)


def _step(ontology: Ontology, point: Target, goal: Target, changed: tuple[str, ...]) -> PathStep:
    return PathStep(point, changed, ontology.name_point(point.axes), distance(point, goal))
