"""The verdict on a dataset, its inventory and what was compared: for machines and for people."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from whitelight.dataset.verify.records import ClassCoverage, Delta, Failure, Fidelity, Inventory

MAX_LINES = 40  # failures that are told one by one; the JSON and the page have all of them


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The verdict and the inventory.

    Attributes
    ----------
    n_slices, n_sounds : MIDI and audio files that were read.
    little_covered : songs of which less than `MIN_COVERED` lies in rows, with the share.
    delta : None when no previous build was given.
    """

    failures: tuple[Failure, ...]
    coverage: dict[str, ClassCoverage]
    inventory: Inventory
    fidelity: Fidelity
    delta: Delta | None
    n_songs: int
    n_rows: int
    n_slices: int
    n_sounds: int
    without_segments: tuple[str, ...]
    little_covered: dict[str, float]
    dropped: dict[str, int]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of ``whitelight dataset verify --json``."""
        return {
            "passed": self.passed,
            "failures": [failure.to_dict() for failure in self.failures],
            "songs": self.n_songs,
            "rows": self.n_rows,
            "midi_slices_read": self.n_slices,
            "sounds_read": self.n_sounds,
            "coverage": {name: coverage.to_dict() for name, coverage in self.coverage.items()},
            "inventory": self.inventory.to_dict(),
            "songs_without_segments": list(self.without_segments),
            "songs_little_covered": self.little_covered,
            "dropped": self.dropped,
            "fidelity": self.fidelity.to_dict(),
            "delta": None if self.delta is None else self.delta.to_dict(),
        }

    def lines(self) -> Iterator[str]:
        """Yield the lines people read."""
        yield from self._failure_lines()
        for name, c in self.coverage.items():
            yield (
                f"{name or '(no class)'}: {c.n_songs:,} songs, {c.n_segments:,} segments, {c.seconds / 60:,.1f} min "
                f"(audio {c.seconds_audio / 60:,.1f}, MIDI {c.seconds_midi / 60:,.1f}, text {c.seconds_text / 60:,.1f}), "
                f"{c.n_rows:,} rows (audio {c.rows_audio:,}, MIDI {c.rows_midi:,}, text {c.rows_text:,})"
            )
        for song_id in self.without_segments:
            yield f"{song_id}: no segments; dropped.parquet says why"
        for song_id, share in self.little_covered.items():
            yield f"{song_id}: {share:.0%} of its running time is in segments"
        for reason, n in self.dropped.items():
            yield f"dropped {n:,}: {reason}"
        yield inventory_line(self.inventory)
        yield from delta_lines(self.delta)
        yield from fidelity_lines(self.fidelity)
        verdict = "passed" if self.passed else f"FAILED, {len(self.failures):,} failures"
        read = f"{self.n_slices:,} MIDI slices and {self.n_sounds:,} sounds read again"
        yield f"{verdict}: {self.n_songs:,} songs, {self.n_rows:,} rows, {read}"

    def _failure_lines(self) -> Iterator[str]:
        for failure in self.failures[:MAX_LINES]:
            yield f"FAILED {failure}"
        if len(self.failures) > MAX_LINES:
            kinds = Counter(failure.kind for failure in self.failures[MAX_LINES:])
            rest = ", ".join(f"{n:,} {kind}" for kind, n in kinds.most_common())
            yield f"FAILED … and {len(self.failures) - MAX_LINES:,} more ({rest}); see --json or --report"


def inventory_line(inventory: Inventory) -> str:
    """Say what became of what was promised."""
    basis = "by the catalog" if inventory.is_from_catalog else "by the dataset's own lists"
    counts = f"{inventory.n_found:,} found, {inventory.n_dropped:,} dropped with a reason, {inventory.n_lost:,} lost"
    return f"{inventory.n_expected:,} parts of segments expected {basis}: {counts}"


def delta_lines(delta: Delta | None) -> Iterator[str]:
    """Say what is different from a previous build."""
    if delta is None:
        return
    if delta.is_empty:
        yield f"against {delta.old}: the same"
        return
    songs = (len(delta.songs_added), len(delta.songs_removed), len(delta.songs_changed))
    rows = (len(delta.rows_added), len(delta.rows_removed), len(delta.rows_changed))
    yield f"against {delta.old}: songs {_changes(songs)}; rows {_changes(rows)}"
    if delta.changed_columns:
        told = ", ".join(f"{name} {n:,}" for name, n in list(delta.changed_columns.items())[:8])
        yield f"against {delta.old}: changed in {told}"
    if delta.columns_added or delta.columns_removed:
        yield f"against {delta.old}: {len(delta.columns_added)} columns new, {len(delta.columns_removed)} gone"


def _changes(counts: tuple[int, int, int]) -> str:
    added, removed, changed = counts
    return f"+{added:,} −{removed:,} ~{changed:,}"


def fidelity_lines(fidelity: Fidelity) -> Iterator[str]:
    """Say what was compared with the source."""
    if fidelity.state == "not checked":
        yield f"fidelity not checked: {fidelity.reason}"
        return
    is_all = len(fidelity.rows) == fidelity.n_rows and fidelity.seconds > 0  # else the time is that of the files
    speed = f", {len(fidelity.rows) / fidelity.seconds:,.0f} rows/s" if is_all else ""
    drawn = f"{len(fidelity.rows):,} of {fidelity.n_rows:,} rows compared with their source"
    yield f"{drawn} (seed {fidelity.seed}{speed}): {fidelity.n_failed:,} differ"
    for kind, counts in fidelity.by_kind().items():
        n_checked, n_failed, n_unchecked = (counts[name] for name in ("checked", "failed", "unchecked"))
        told = f"{n_checked:,} compared, {n_failed:,} differ, {n_unchecked:,} could not be compared"
        yield f"  {kind}: {told}"
    for reason, n in fidelity.why_unchecked().items():
        yield f"  not compared {n:,}: {reason}"
