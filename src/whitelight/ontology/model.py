"""Axes, modes and classes: what a color is and what follows from it.

Conventions: axes, modes and classes keep the order of the file everywhere. An axis on which a class has no mode
carries no information for it: it is absent from its targets, never uniform. Probabilities sum to 1.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError
from whitelight.ontology.records import parse_record

SMALLEST_PROBABILITY = 1e-12  # a model's softmax may round to 0; one mode alone must not make a class impossible


class UnknownClassError(WhitelightError):
    """A text names no class of the ontology."""


class UnknownAxisError(WhitelightError):
    """A text names no axis or no mode of the ontology, or a distribution does not fit its axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One question with a closed set of answers; aliases are read, never written."""

    name: str
    modes: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OntologyClass:
    """One class: how people and files call it, and its modes per axis (an axis without a mode maps to ())."""

    name: str
    letter: str
    prefix: str
    hex: str
    album: str
    modes: Mapping[str, tuple[str, ...]]
    transmigration: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PointName:
    """What a point on the axes is called.

    Attributes
    ----------
    name : the class that claims the combination (several are joined by " / "), else the modes joined by " · ".
    class_names : the classes that claim it; empty for a hybrid.
    modes : the strongest mode of every axis the point has.
    """

    name: str
    class_names: tuple[str, ...]
    modes: Mapping[str, str]

    @property
    def is_hybrid(self) -> bool:
        """Whether no class claims the combination."""
        return not self.class_names


@dataclass(frozen=True, slots=True)
class Ontology:
    """A named set of axes and of the classes that live on them."""

    name: str
    version: str
    axes: tuple[Axis, ...]
    classes: tuple[OntologyClass, ...]

    @classmethod
    def from_dict(cls, data: Any, source: str = "ontology") -> "Ontology":
        """Check plain data (YAML, JSON, a bundle) and make an ontology of it; see `records.parse_record`."""
        record = parse_record(data, source)
        axes = tuple(Axis(a.name, tuple(a.modes), tuple(a.aliases)) for a in record.axes)
        classes = tuple(
            OntologyClass(
                name=c.name,
                letter=c.letter,
                prefix=c.prefix,
                hex=c.hex,
                album=c.album,
                modes={axis.name: tuple(c.modes.get(axis.name, ())) for axis in axes},
                transmigration=tuple(c.transmigration),
            )
            for c in record.classes
        )
        return cls(record.name, record.version, axes, classes)

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data `from_dict` reads; it is what manifests and bundles store."""
        return {
            "name": self.name,
            "version": self.version,
            "axes": [{"name": a.name, "modes": list(a.modes), "aliases": list(a.aliases)} for a in self.axes],
            "classes": [
                {
                    "name": c.name,
                    "letter": c.letter,
                    "prefix": c.prefix,
                    "hex": c.hex,
                    "album": c.album,
                    "modes": {axis: list(modes) for axis, modes in c.modes.items() if modes},
                    "transmigration": list(c.transmigration),
                }
                for c in self.classes
            ],
        }

    @property
    def hash(self) -> str:
        """SHA-256 of the content; comments, order of keys and layout of the file do not change it."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def axis_names(self) -> tuple[str, ...]:
        """Names of the axes, in order."""
        return tuple(axis.name for axis in self.axes)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in order."""
        return tuple(c.name for c in self.classes)

    def class_index(self, name: str) -> int:
        """Return the position of the class that `name` (any spelling) leads to."""
        return self.classes.index(self.resolve_class(name))

    def resolve_class(self, text: str) -> OntologyClass:
        """Return the class called `text`: its name, letter or prefix, in any case.

        Raises
        ------
        UnknownClassError : nothing is called that; the message lists what exists.
        """
        wanted = " ".join(text.split()).casefold()
        for candidate in self.classes:
            if wanted and wanted in {s.casefold() for s in (candidate.name, candidate.letter, candidate.prefix)}:
                return candidate
        known = ", ".join(f"{c.name} ({c.letter})" if c.letter else c.name for c in self.classes)
        raise UnknownClassError(f"'{text}' is no class of ontology '{self.name}'; it has {known}")

    def axis(self, name: str) -> Axis:
        """Return the axis called `name`, by its name or an alias.

        Raises
        ------
        UnknownAxisError : nothing is called that.
        """
        for candidate in self.axes:
            if name.strip().casefold() in (candidate.name, *candidate.aliases):
                return candidate
        raise UnknownAxisError(f"'{name}' is no axis of ontology '{self.name}'; it has {', '.join(self.axis_names)}")

    def axis_targets(self, class_name: str, *, smoothing: float = 0.0) -> dict[str, NDArray[np.float64]]:
        """Return what a model should say on each axis about a class.

        Parameters
        ----------
        smoothing : share in [0, 1) of the probability that is spread over all modes of the axis.

        Returns
        -------
        per axis shape (n_modes,), sums to 1; several modes share evenly. An axis without a mode is absent.
        """
        if not 0.0 <= smoothing < 1.0:
            raise ValueError(f"smoothing is {smoothing}, expected at least 0 and below 1")
        claimed = self.resolve_class(class_name).modes
        targets = {}
        for axis in self.axes:
            if modes := claimed[axis.name]:
                even = np.array([(mode in modes) / len(modes) for mode in axis.modes], dtype=np.float64)
                targets[axis.name] = (1.0 - smoothing) * even + smoothing / len(axis.modes)
        return targets

    def axis_mask(self, class_name: str) -> NDArray[np.bool_]:
        """Return which axes say anything about a class; shape (n_axes,)."""
        modes = self.resolve_class(class_name).modes
        return np.array([bool(modes[axis.name]) for axis in self.axes], dtype=np.bool_)

    def class_posterior(
        self, axes: Mapping[str, NDArray[np.floating[Any]]], prior: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """Return the probability of every class given what was heard on the axes.

        Parameters
        ----------
        axes : per axis shape (n_modes,), probabilities; axes may be missing.
        prior : per class, any positive scale; even when missing.

        Returns
        -------
        sums to 1.

        Notes
        -----
        An axis multiplies the odds of a class by n_modes × p(mode), the evidence against knowing nothing (several
        modes: their mean). An axis a class does not claim multiplies by 1: no evidence for it and none against it.
        So a class that claims no axis keeps its prior odds; it gains only where the music contradicts the others.
        """
        heard = {name: self.distribution(name, values) for name, values in axes.items()}
        log_odds = np.zeros(len(self.classes))
        for index, c in enumerate(self.classes):
            if prior is not None:
                log_odds[index] = np.log(max(prior.get(c.name, 0.0), SMALLEST_PROBABILITY))
            for axis in self.axes:
                if axis.name in heard and (modes := c.modes[axis.name]):
                    mean = np.mean([heard[axis.name][axis.modes.index(mode)] for mode in modes])
                    log_odds[index] += np.log(len(axis.modes) * max(float(mean), SMALLEST_PROBABILITY))
        odds = np.exp(log_odds - log_odds.max())
        return dict(zip(self.class_names, (odds / odds.sum()).tolist(), strict=True))

    def name_point(self, axes: Mapping[str, NDArray[np.floating[Any]]]) -> PointName:
        """Name the combination of the strongest modes: the classes that claim exactly it, or a hybrid of its modes."""
        heard = {self.axis(name).name: self.distribution(name, values) for name, values in axes.items()}
        modes = {a.name: a.modes[int(np.argmax(heard[a.name]))] for a in self.axes if a.name in heard}
        full = len(modes) == len(self.axes)
        claimed = tuple(c.name for c in self.classes if full and all(m in c.modes[a] for a, m in modes.items()))
        return PointName(" / ".join(claimed) or " · ".join(modes.values()) or "nowhere", claimed, modes)

    def distribution(self, axis_name: str, values: Any) -> NDArray[np.float64]:
        """Check probabilities or weights over the modes of an axis and scale them to sum to 1.

        Parameters
        ----------
        values : shape (n_modes,) or a mapping mode → weight (missing modes weigh 0); at least 0, not all 0.
        """
        axis = self.axis(axis_name)
        if isinstance(values, Mapping):
            unknown = [mode for mode in values if mode not in axis.modes]
            if unknown:
                raise UnknownAxisError(f"'{unknown[0]}' is no mode of '{axis.name}'; there is {', '.join(axis.modes)}")
            values = [values.get(mode, 0.0) for mode in axis.modes]
        weights = np.asarray(values, dtype=np.float64)
        if weights.shape != (len(axis.modes),) or not np.isfinite(weights).all() or (weights < 0).any():
            raise UnknownAxisError(
                f"axis '{axis.name}': found {weights.tolist()}, expected {len(axis.modes)} weights of at least 0"
            )
        if not weights.any():
            raise UnknownAxisError(f"axis '{axis.name}' has no weight on any mode; leave the axis out")
        largest = weights / weights.max()  # first, so that the sum of tiny or huge weights stays finite
        return np.asarray(largest / largest.sum(), dtype=np.float64)
