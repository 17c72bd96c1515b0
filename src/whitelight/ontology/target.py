"""What to compose for: a class, a mixture of classes, or an explicit place on the axes.

A target is also a *point*: distances and paths run between targets. On an axis that nothing in the target claims, it
has no distribution; on an axis that only part of a mixture claims, `axis_weights` says how large that part is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError
from whitelight.ontology.model import Ontology, UnknownClassError

PERCENT_TOLERANCE = 1.5  # 33 % + 33 % + 33 % is meant to be all
_NUMBER = r"(?P<weight>\d+(?:\.\d+)?|\.\d+)"
_WEIGHT_FIRST = re.compile(_NUMBER + r"\s*(?:(?P<percent>%)\s*|[x×*]\s*|\s)(?:of\s+)?(?P<name>.+)")
_WEIGHT_LAST = re.compile(r"(?P<name>.+?)\s*[:=]\s*" + _NUMBER + r"\s*(?P<percent>%)?")


class InvalidTargetError(WhitelightError):
    """A text is no target."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A wish, in the terms of one ontology.

    Attributes
    ----------
    class_weights : shape (n_classes,); sums to 1, or all 0 when the target names a place on the axes and no class.
    axes : per axis that is claimed, shape (n_modes,), sums to 1; an axis nothing claims is absent.
    axis_weights : per axis in `axes`, the share in (0, 1] of the target that claims it; 1 for a plain class.
    text : how it was asked for.
    """

    class_weights: NDArray[np.float64]
    axes: Mapping[str, NDArray[np.float64]]
    axis_weights: Mapping[str, float]
    text: str

    @property
    def names_classes(self) -> bool:
        """Whether the target names classes, so that a class head has something to say about it."""
        return bool(self.class_weights.any())

    def class_names(self, ontology: Ontology) -> tuple[str, ...]:
        """Classes the target asks for, in the ontology's order."""
        return tuple(n for n, w in zip(ontology.class_names, self.class_weights.tolist(), strict=True) if w > 0)

    @classmethod
    def of_class(cls, ontology: Ontology, name: str) -> "Target":
        """Aim at one class."""
        weights = np.zeros(len(ontology.classes))
        weights[ontology.class_index(name)] = 1.0
        axes = ontology.axis_targets(name)
        return cls(weights, axes, dict.fromkeys(axes, 1.0), ontology.resolve_class(name).name)

    @classmethod
    def from_axes(cls, ontology: Ontology, axes: Mapping[str, Any], text: str | None = None) -> "Target":
        """Aim at a place on the axes; per axis an array over its modes or a mapping mode → weight."""
        if not axes:
            raise InvalidTargetError("a target without axes asks for nothing; name a class or at least one axis")
        if len({ontology.axis(name).name for name in axes}) < len(axes):
            raise InvalidTargetError(f"target names an axis twice ({', '.join(axes)}); keep one")
        found = {ontology.axis(name).name: ontology.distribution(name, values) for name, values in axes.items()}
        ordered = {name: found[name] for name in ontology.axis_names if name in found}
        name = text if text is not None else ontology.name_point(ordered).name
        return cls(np.zeros(len(ontology.classes)), ordered, dict.fromkeys(ordered, 1.0), name)

    @classmethod
    def mixture(cls, ontology: Ontology, weights: Mapping[str, float]) -> "Target":
        """Aim between classes; weights are at least 0 and scaled to sum to 1."""
        parts = {name: Target.of_class(ontology, name) for name in weights}
        if len({part.text for part in parts.values()}) < len(parts):
            raise InvalidTargetError(f"target names a class twice ({', '.join(weights)}); add the weights up")
        return mix(ontology, list(parts.values()), list(weights.values()))

    @classmethod
    def parse(cls, text: str, ontology: Ontology) -> "Target":
        """Read a target from text.

        Parameters
        ----------
        text : a class in any spelling; a mixture "60% A + 40% B", "A:0.6, B:0.4", "A + B" (even); or axes
            "axis=mode; axis=mode:0.7,mode:0.3".

        Raises
        ------
        InvalidTargetError, UnknownClassError, UnknownAxisError : what is wrong and what exists.
        """
        try:
            return cls.of_class(ontology, text)
        except UnknownClassError:
            axes = _parse_axes(text, ontology)
            if axes:
                return cls.from_axes(ontology, axes, " ".join(text.split()))
            return cls.mixture(ontology, _parse_mixture(text, ontology))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for reports and records."""
        return {
            "text": self.text,
            "class_weights": self.class_weights.tolist(),
            "axes": {name: values.tolist() for name, values in self.axes.items()},
            "axis_weights": dict(self.axis_weights),
        }


def mix(ontology: Ontology, targets: Sequence[Target], weights: Sequence[float]) -> Target:
    """Return the weighted mean of targets; on each axis only those that claim it take part.

    Parameters
    ----------
    weights : one per target, at least 0, not all 0; any scale.
    """
    shares = np.asarray(weights, dtype=np.float64)
    if len(shares) != len(targets) or not np.isfinite(shares).all() or (shares < 0).any() or not shares.sum() > 0:
        raise InvalidTargetError(f"weights {list(weights)}: expected {len(targets)} of at least 0, one above 0")
    shares = shares / shares.max()
    shares = shares / shares.sum()
    kept = [(target, float(share)) for target, share in zip(targets, shares, strict=True) if share > 0]
    axes, axis_weights = {}, {}
    for name in ontology.axis_names:
        claims = [(t.axes[name], share * t.axis_weights[name]) for t, share in kept if name in t.axes]
        if claims and (total := sum(claim for _, claim in claims)) > 0:
            summed = np.sum([values * (claim / total) for values, claim in claims], axis=0)
            axes[name] = summed / summed.sum()
            axis_weights[name] = min(total, 1.0)
    class_weights = np.sum([target.class_weights * share for target, share in kept], axis=0)
    text = kept[0][0].text if len(kept) == 1 else " + ".join(f"{_percent(share)}% {t.text}" for t, share in kept)
    return Target(class_weights, axes, axis_weights, text)


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")


def _parse_mixture(text: str, ontology: Ontology) -> dict[str, float]:
    """Read "60% A + 40% B" or "A:0.6, B:0.4" into class → weight."""
    terms = [term.strip() for term in re.split(r"[+,;]|\band\b", text) if term.strip()]
    parts = [_parse_term(term, ontology) for term in terms]
    names = [name for name, _, _ in parts]
    if not parts:
        raise InvalidTargetError(f"target '{text}' is empty; name a class: {', '.join(ontology.class_names)}")
    if len(set(names)) < len(names):
        raise InvalidTargetError(f"target '{text}' names a class twice; add the weights up")
    units = {unit for _, _, unit in parts}
    if len(units) > 1:
        raise InvalidTargetError(f"target '{text}' mixes percentages, weights and bare names; use one for all")
    total = sum(weight for _, weight, _ in parts)
    if units == {"%"} and abs(total - 100.0) > PERCENT_TOLERANCE:
        raise InvalidTargetError(f"target '{text}' adds up to {total:g} %, expected 100 %")
    return {name: weight for name, weight, _ in parts}


def _parse_term(term: str, ontology: Ontology) -> tuple[str, float, str]:
    """Return (class name, weight, "%" or "weight" or "bare")."""
    try:
        return ontology.resolve_class(term).name, 1.0, "bare"
    except UnknownClassError:
        match = _WEIGHT_FIRST.fullmatch(term) or _WEIGHT_LAST.fullmatch(term)
        if match is None:
            raise
        name = ontology.resolve_class(match["name"]).name
        return name, float(match["weight"]), "%" if match["percent"] else "weight"


def _parse_axes(text: str, ontology: Ontology) -> dict[str, dict[str, float]]:
    """Read "axis=mode; axis=mode:0.7,mode:0.3"; empty when the text does not have that form."""
    axes: dict[str, dict[str, float]] = {}
    for part in text.split(";"):
        name, equals, modes = part.partition("=")
        if not equals or not re.search(r"[^\d.%\s]", modes):
            return {}  # "A = 0.6" is a weight of a class
        weights: dict[str, float] = {}
        for term in modes.split(","):
            mode, _, number = term.partition(":")
            if not re.fullmatch(r"\s*(\d+(\.\d+)?|\.\d+)?\s*", number) or mode.strip() in weights:
                raise InvalidTargetError(f"target '{text}': '{term.strip()}' is not mode or mode:weight, each once")
            weights[mode.strip()] = float(number) if number.strip() else 1.0
        axis = ontology.axis(name).name
        if axis in axes:
            raise InvalidTargetError(f"target '{text}' names axis '{axis}' twice; keep one")
        axes[axis] = weights
    return axes
