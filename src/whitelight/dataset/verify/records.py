"""What a verification finds, as plain records: failures, coverage, what was promised, what was checked, what changed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["integrity", "inventory", "segment", "labels", "text", "midi", "audio"]
FIDELITY_KINDS: tuple[Kind, ...] = ("segment", "labels", "text", "midi", "audio")


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that must not be: of which song (empty: the dataset) and row (empty: the song), and what."""

    song_id: str
    message: str
    row_id: str = ""
    kind: Kind = "integrity"

    def __str__(self) -> str:
        where = self.row_id or self.song_id
        return f"{where}: {self.message}" if where else self.message

    def to_dict(self) -> dict[str, str]:
        """Return the failure as plain data for JSON."""
        return {"song": self.song_id, "row": self.row_id, "kind": self.kind, "message": self.message}


@dataclass(frozen=True, slots=True)
class ClassCoverage:
    """What a dataset holds of one class; seconds count segments, each once, overlaps of split ones included.

    Attributes
    ----------
    rows_* : rows that have it; stems and views count apart.
    """

    n_songs: int
    n_segments: int
    n_rows: int
    seconds: float
    seconds_audio: float
    seconds_midi: float
    seconds_text: float
    rows_audio: int
    rows_midi: int
    rows_text: int

    def to_dict(self) -> dict[str, float]:
        """Return the figures as plain data for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every segment × stem or view that was promised, and what became of it.

    Attributes
    ----------
    n_dropped : without a row and with a reason, a part the whole song lacks counted in each of its segments.
    n_lost : neither.
    is_from_catalog : the catalog was read again to know what it promises; else the dataset's own lists were compared.
    """

    n_expected: int
    n_found: int
    n_dropped: int
    n_lost: int
    is_from_catalog: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain data for JSON."""
        return {name.removeprefix("n_"): getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class RowCheck:
    """What became of one row whose source was looked at again.

    Attributes
    ----------
    checked : kinds that were compared.
    unchecked : kind → why it could not be.
    failures : (kind, what differs).
    measures : figures of the audio, as `lag_ms`, `correlation`, `level_db`.
    """

    row_id: str
    song_id: str
    checked: tuple[Kind, ...] = ()
    unchecked: Mapping[Kind, str] = field(default_factory=dict)
    failures: tuple[tuple[Kind, str], ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing differs."""
        return not self.failures

    def to_dict(self) -> dict[str, Any]:
        """Return the check as plain data for JSON."""
        return {
            "row": self.row_id,
            "checked": list(self.checked),
            "unchecked": dict(self.unchecked),
            "failures": [{"kind": kind, "message": message} for kind, message in self.failures],
            "measures": dict(self.measures),
        }


@dataclass(frozen=True, slots=True)
class Fidelity:
    """The part of a verification that reads the source again.

    Attributes
    ----------
    state : "checked"; "not checked" when it was not asked for or the source is not there.
    reason : why not.
    rows : rows that were compared, in order.
    n_rows : rows that could have been drawn.
    """

    state: Literal["checked", "not checked"]
    reason: str = ""
    seed: int = 0
    n_rows: int = 0
    rows: tuple[RowCheck, ...] = ()
    seconds: float = 0.0

    @property
    def n_failed(self) -> int:
        """Rows with a difference."""
        return sum(not row.passed for row in self.rows)

    def by_kind(self) -> dict[str, dict[str, int]]:
        """Return per kind how many rows were compared, differ, and could not be compared."""
        checked = Counter(kind for row in self.rows for kind in row.checked)
        failed = Counter(kind for row in self.rows for kind in {kind for kind, _ in row.failures})
        unchecked = Counter(kind for row in self.rows for kind in row.unchecked)
        return {
            kind: {"checked": checked[kind], "failed": failed[kind], "unchecked": unchecked[kind]}
            for kind in FIDELITY_KINDS
        }

    def why_unchecked(self) -> dict[str, int]:
        """Return reasons why something could not be compared, with how many rows."""
        reasons = Counter(f"{kind}: {reason}" for row in self.rows for kind, reason in row.unchecked.items())
        return dict(sorted(reasons.items()))

    def to_dict(self) -> dict[str, Any]:
        """Return the part as plain data for JSON."""
        return {
            "state": self.state,
            "reason": self.reason,
            "seed": self.seed,
            "rows_of_dataset": self.n_rows,
            "rows_checked": len(self.rows),
            "rows_failed": self.n_failed,
            "rows_per_second": round(len(self.rows) / self.seconds, 1) if self.seconds else None,
            "by_kind": self.by_kind(),
            "unchecked": self.why_unchecked(),
            "rows": [row.to_dict() for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class Delta:
    """What is different from a previous build.

    Attributes
    ----------
    old : folder of the previous build, as given.
    changed_columns : column, or `media`, → rows in which it differs.
    columns_added, columns_removed : of the schema.
    rows_* : row ids.
    """

    old: str
    songs_added: tuple[str, ...]
    songs_removed: tuple[str, ...]
    songs_changed: tuple[str, ...]
    rows_added: tuple[str, ...]
    rows_removed: tuple[str, ...]
    rows_changed: tuple[str, ...]
    changed_columns: Mapping[str, int]
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    coverage_before: Mapping[str, ClassCoverage]

    @property
    def is_empty(self) -> bool:
        """Whether both builds hold the same."""
        parts = (self.songs_added, self.songs_removed, self.rows_added, self.rows_removed, self.rows_changed)
        return not any((*parts, self.columns_added, self.columns_removed))

    def to_dict(self) -> dict[str, Any]:
        """Return the differences as plain data for JSON."""
        lists = {name: list(getattr(self, name)) for name in self.__slots__ if name.startswith(("songs", "rows"))}
        columns = {name: list(getattr(self, name)) for name in ("columns_added", "columns_removed")}
        before = {name: coverage.to_dict() for name, coverage in self.coverage_before.items()}
        return {
            "old": self.old,
            **lists,
            "changed_columns": dict(self.changed_columns),
            **columns,
            "coverage_before": before,
        }
