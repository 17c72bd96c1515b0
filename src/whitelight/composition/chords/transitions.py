"""What chord follows what: shipped counts, the user's own counts, and the chain on the degrees of any scale.

Tables count chord *functions* (`bVI`, `ii`) in major and minor. A chain runs on the seven degrees of the scale at hand:
the tables are read by degree, so dorian takes the minor table with its own IV, and rules for scales no set covers are
added (`scales` in the data file). The user's counts outweigh the shipped ones as they grow (additive smoothing).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.chords.vocabulary import Function, diatonic_triads, parse_function
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml

SHIPPED_FILE = Path(__file__).with_name("transitions.yml")
PRIOR_COUNT = 40.0  # chords of the user's that weigh as much as the shipped row
LEAD_SHARE = 0.2  # share of the old-song table in a row both sets have; pop is the default style
DIMINISHED_WEIGHT = 0.3  # diminished chords are about 1 % of time in every set

Counts = Mapping[str, Mapping[str, float]]  # current function → next function → weight


class InvalidTransitionsError(WhitelightError):
    """A file of transitions does not have the expected form."""


@dataclass(frozen=True, slots=True)
class ChordRules:
    """Everything the grammar knows, by kind of scale ("major", "minor").

    Attributes
    ----------
    transitions : rows sum to the weight of the evidence behind them.
    time_share, cadence, inner_end, opening : weights of functions.
    borrowed : function from outside the scale → where it likes to go.
    scales : rules for the other scales, see the data file.
    sources : name, licence and credit of every set behind the numbers.
    """

    transitions: Mapping[str, Counts]
    time_share: Mapping[str, Mapping[str, float]]
    cadence: Mapping[str, Mapping[str, float]]
    inner_end: Mapping[str, Mapping[str, float]]
    opening: Mapping[str, Mapping[str, float]]
    borrowed: Mapping[str, Counts]
    scales: Mapping[str, Mapping[str, Any]]
    sources: tuple[Mapping[str, str], ...]


@lru_cache(maxsize=1)
def shipped_rules() -> ChordRules:
    """Return the rules the package ships."""
    content = load_yaml(SHIPPED_FILE)
    pop, lead = content["pop"], content["lead"]
    transitions = {
        kind: {
            current: _mixed_row(row, lead.get(kind, {}).get(current), _without(content["time_share"][kind], current))
            for current, row in pop[kind].items()
        }
        for kind in ("major", "minor")
    }
    return ChordRules(
        transitions=transitions,
        sources=tuple(content["sources"]),
        **{name: content[name] for name in ("time_share", "cadence", "inner_end", "opening", "borrowed", "scales")},
    )


def _without(shares: Mapping[str, float], name: str) -> dict[str, float]:
    """Repeats are merged before counting, so no chord follows itself."""
    return {other: share for other, share in shares.items() if other != name}


def _mixed_row(pop: Mapping[str, Any], lead: Mapping[str, Any] | None, shares: Mapping[str, float]) -> dict[str, float]:
    """Return P(next), the probability no row names spread by share of time."""
    rows = [(1.0 if lead is None else 1.0 - LEAD_SHARE, pop["next"])]
    if lead is not None:
        rows.append((LEAD_SHARE, lead["next"]))
    mixed: dict[str, float] = {}
    for weight, row in rows:
        others = {name: share for name, share in shares.items() if name not in row}
        rest = (1.0 - sum(row.values())) / sum(others.values())
        for name, value in (*row.items(), *((name, share * rest) for name, share in others.items())):
            mixed[name] = mixed.get(name, 0.0) + weight * value
    return mixed


def read_transitions(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Read counts written by `learning.write_transitions`.

    Raises
    ------
    InvalidTransitionsError : not of that form; the message says where.
    """
    content = load_yaml(path)
    counts = content.get("counts") if isinstance(content, dict) else None
    if not isinstance(counts, dict) or not set(counts) <= {"major", "minor"}:
        raise InvalidTransitionsError(f"{path.name}: expected 'counts' with 'major' and 'minor'; learn them again")
    for kind, rows in counts.items():
        for current, row in rows.items():
            for name in (current, *row):
                parse_function(name)
            if not all(isinstance(n, int | float) and n >= 0 for n in row.values()):
                raise InvalidTransitionsError(f"{path.name}: row {kind} {current} holds something that is no count")
    return counts


def blend(rules: ChordRules, counts: Mapping[str, Counts]) -> ChordRules:
    """Return rules whose rows lean to the user's own counts: (counts + `PRIOR_COUNT` × shipped) / total."""
    transitions = {
        kind: {
            current: _blended_row(rows.get(current, {}), counts.get(kind, {}).get(current, {}))
            for current in {**rows, **counts.get(kind, {})}
        }
        for kind, rows in rules.transitions.items()
    }
    return replace(rules, transitions=transitions)


def _blended_row(shipped: Mapping[str, float], counted: Mapping[str, float]) -> dict[str, float]:
    prior = PRIOR_COUNT if shipped else 0.0
    total = sum(counted.values()) + prior
    names = {**shipped, **counted}
    return {name: (counted.get(name, 0.0) + prior * shipped.get(name, 0.0)) / total for name in names}


@dataclass(frozen=True, slots=True, eq=False)
class DegreeChain:
    """The grammar of one scale.

    Attributes
    ----------
    triads : diatonic triad of each degree.
    next_degree : shape (7, 7), rows sum to 1, diagonal 0; axis 0 is the current degree.
    opening, inner_end, cadence : shape (7,), sum to 1; `cadence` is the degree before the closing tonic.
    colors : chords from outside the scale: (function, share of time, where it goes by degree).
    """

    triads: tuple[Function, ...]
    next_degree: NDArray[np.float64]
    opening: NDArray[np.float64]
    inner_end: NDArray[np.float64]
    cadence: NDArray[np.float64]
    colors: tuple[tuple[Function, float, NDArray[np.float64]], ...]


def degree_chain(rules: ChordRules, scale_name: str, scale: tuple[int, ...]) -> DegreeChain:
    """Read the rules on the degrees of a scale (semitones above the tonic)."""
    own = rules.scales.get(scale_name, {})
    kind = own.get("base", "minor" if scale[2] == 3 else "major")
    triads = diatonic_triads(scale)
    plain = np.array([DIMINISHED_WEIGHT if triad.quality in ("dim", "aug") else 1.0 for triad in triads])
    plain[0] = 1.0  # a diminished tonic (locrian) is home all the same
    share = by_degree(rules.time_share[kind]) + 0.1
    matrix = np.array([_row_by_degree(rules.transitions[kind], degree, share) for degree in range(7)])
    for degree, row in own.get("next", {}).items():
        matrix[degree - 1] = 0.4 * matrix[degree - 1] + 0.6 * _numbered(row)
    matrix *= plain[np.newaxis, :]
    np.fill_diagonal(matrix, 0.0)
    cadence = _numbered(own["cadence"]) if "cadence" in own else by_degree(rules.cadence[kind])
    return DegreeChain(
        triads=triads,
        next_degree=matrix / matrix.sum(axis=1, keepdims=True),
        opening=_share(by_degree(rules.opening[kind]) * (plain == 1.0)),  # phrases neither open nor rest on a
        inner_end=_share(by_degree(rules.inner_end[kind]) * (plain == 1.0)),  # diminished chord
        cadence=_share(cadence * np.where(plain < 1.0, 0.6, 1.0)),
        colors=_colors(rules, kind, triads) if own.get("borrows", True) else (),
    )


def by_degree(weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Add up weights of functions by the scale degree they are named for, shape (7,)."""
    summed = np.zeros(7)
    for name, weight in weights.items():
        summed[parse_function(name).degree] += weight
    return summed


def _row_by_degree(rows: Counts, degree: int, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(next degree) over all rows whose chord stands on `degree`, the diatonic reading first."""
    found = [by_degree(row) for name, row in rows.items() if parse_function(name).degree == degree]
    return _share(np.mean(found, axis=0)) if found else _share(share)


def _numbered(row: Mapping[int, float]) -> NDArray[np.float64]:
    weights = np.zeros(7)
    for degree, weight in row.items():
        weights[degree - 1] = weight
    return _share(weights)


def _share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _colors(
    rules: ChordRules, kind: str, triads: tuple[Function, ...]
) -> tuple[tuple[Function, float, NDArray[np.float64]], ...]:
    """Chords of the table that the scale does not have itself (V is borrowed in minor, at home in harmonic minor)."""
    at_home = {(triad.root, triad.quality) for triad in triads}
    colors = []
    for name, goes_to in rules.borrowed[kind].items():
        function = parse_function(name)
        if (function.root, function.quality) not in at_home:
            colors.append((function, rules.time_share[kind].get(name, 0.2), _share(by_degree(goes_to) + 0.01)))
    return tuple(colors)
