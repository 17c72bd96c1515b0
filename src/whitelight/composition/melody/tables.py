"""The shipped tables of the melody stage, and what a catalog may teach it instead."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from whitelight.composition.bands import read_bands
from whitelight.files import load_yaml

SHIPPED_FILE = Path(__file__).with_name("melody.yml")


@dataclass(frozen=True, slots=True)
class Voice:
    """A singer or an instrument: lowest and highest MIDI pitch at ease, General MIDI program 0–127."""

    name: str
    low: int
    high: int
    program: int


@dataclass(frozen=True, slots=True)
class Role:
    """What a section's role asks of the line; see melody.yml."""

    density: float
    lift: int
    hold: float
    repetition: float
    is_lead: bool


@dataclass(frozen=True, slots=True)
class MelodyHabit:
    """What a melody is like, never what it is.

    Attributes
    ----------
    low, high : MIDI pitches that hold nine notes in ten. notes_per_s : per sung second.
    repeated, steps, thirds, leaps : shares of the intervals 0, 1–2, 3–4 and ≥ 5 semitones. off_beat : share of onsets.
    n_notes : evidence.
    """

    low: float
    high: float
    notes_per_s: float
    repeated: float
    steps: float
    thirds: float
    leaps: float
    off_beat: float
    n_notes: int


@dataclass(frozen=True, slots=True)
class MelodyStyle:
    """What the melodies of a catalog are like together, and each of them; `learning.learn_melody` makes it."""

    overall: MelodyHabit
    habits: tuple[MelodyHabit, ...] = ()


@dataclass(frozen=True, slots=True)
class MelodyTables:
    """How lines move, end and repeat; read with `shipped_tables`, lean to a catalog with `in_style`.

    Attributes
    ----------
    moves : scale steps → weight. contours, starts : name → weight. closes, final_closes : degree → weight.
    plans : number of turns → letters → weight. notes_per_s : per sung second, at middle energy.
    off_beat : weight of places off the beat against those on it.
    """

    moves: Mapping[int, float]
    contours: Mapping[str, float]
    starts: Mapping[str, float]
    closes: Mapping[str, Mapping[int, float]]
    final_closes: Mapping[int, float]
    plans: Mapping[int, Mapping[str, float]]
    voices: tuple[Voice, ...]
    roles: Mapping[str, Role]
    notes_per_s: float = 2.2
    off_beat: float = 0.85
    register: tuple[float, float] | None = None


@lru_cache(maxsize=1)
def shipped_tables() -> MelodyTables:
    """Read melody.yml."""
    plain: dict[str, Any] = load_yaml(SHIPPED_FILE)
    return MelodyTables(
        moves={int(step): float(weight) for step, weight in plain["moves"].items()},
        contours=dict(plain["contours"]),
        starts=dict(plain["starts"]),
        closes={name: {int(k): float(v) for k, v in row.items()} for name, row in plain["closes"].items()},
        final_closes={int(degree): float(weight) for degree, weight in plain["final_closes"].items()},
        plans={int(n): dict(row) for n, row in plain["plans"].items()},
        voices=tuple(Voice(name, **row) for name, row in plain["voices"].items()),
        roles={name: Role(**row) for name, row in plain["roles"].items()},
    )


def in_style(tables: MelodyTables, habit: MelodyHabit) -> MelodyTables:
    """Lean the tables to a habit: intervals by their class, density, register, places off the beat."""
    classes = {step: min(abs(step), 3) for step in tables.moves}
    learned = (habit.repeated, habit.steps, habit.thirds, habit.leaps)
    shipped = [sum(w for step, w in tables.moves.items() if classes[step] == k) for k in range(4)]
    total = sum(shipped)
    ratio = [(0.02 + learned[k]) / (0.02 + shipped[k] / total) for k in range(4)]
    return replace(
        tables,
        moves={step: weight * ratio[classes[step]] for step, weight in tables.moves.items()},
        notes_per_s=min(max(habit.notes_per_s, 1.2), 3.8),
        off_beat=min(max(2.0 * habit.off_beat, 0.1), 1.4),
        register=(habit.low, habit.high),
    )


def band_fit(name: str, value: float) -> float:
    """Fit to a band of the shipped tables; see `Bands.fit`."""
    return read_bands(SHIPPED_FILE).fit(name, value)
