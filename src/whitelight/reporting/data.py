"""What pages show of scorers and music, as plain values: classes, rates, an evaluation, excerpts that can be played.

Everything optional may be absent; the page then says so in place of the figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class ClassStyle:
    """A class as the page shows it: `hex` is RRGGBB, the letter makes sure that color is not the only code."""

    name: str
    letter: str
    hex: str
    album: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in [0, 1] with its 95 % interval where one was computed, and how many items stand behind it."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class SystemRow:
    """The scorer or a baseline, in one table."""

    name: str
    accuracy: Rate
    macro_f1: float | None = None
    ece: float | None = None
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class ClassRow:
    """How one class fares: recall with its n, and the chance that its clips rank above others."""

    name: str
    recall: Rate | None
    ranking_auc: float | None


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Items of similar confidence: what was promised, what came true, how many."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything measured on songs the scorer had not heard."""

    n_items: int
    n_songs: int
    unit: str  # what an item is: segment, song or clip
    systems: tuple[SystemRow, ...]
    classes: tuple[ClassRow, ...]
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()  # rows: true class, columns: estimated class, order of `labels`
    reliability: tuple[ReliabilityBin, ...] = ()
    ece: float | None = None
    axes: Mapping[str, Rate] = field(default_factory=dict)
    views: Mapping[str, Rate] = field(default_factory=dict)
    modalities: Mapping[str, Rate] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class NoteRow(NamedTuple):
    """A note for drawing and playing; times in seconds."""

    start_s: float
    duration_s: float
    pitch: int
    velocity: int
    is_drum: bool = False


class ChordLabel(NamedTuple):
    """A chord name above the roll."""

    start_s: float
    name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One composed candidate: its file, its scores, and its notes."""

    candidate_id: str
    section: str
    file: str  # relative to the report
    duration_s: float
    notes: tuple[NoteRow, ...]
    chords: tuple[ChordLabel, ...] = ()
    bars_s: tuple[float, ...] = ()  # times of the bar lines
    fitness: float | None = None
    match: float | None = None
    confidence: float | None = None
    novelty: float | None = None
    terms: Mapping[str, float] = field(default_factory=dict)
