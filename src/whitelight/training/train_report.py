"""What a training run made, and what is said about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.scoring.release import Gate


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training run made.

    Attributes
    ----------
    out : folder of the bundle. record : the training record stored in it. evaluation : out-of-fold figures.
    gate : whether it may compose. judge : report of the judge trained on the other half of the songs. seconds :
        wall-clock.
    """

    out: Path
    experts: tuple[str, ...]
    record: dict[str, Any]
    evaluation: dict[str, Any]
    gate: Gate
    seconds: float
    judge: "TrainReport | None" = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        shown = {key: value for key, value in self.record.items() if key not in {"groups", "leakage"}}
        return {
            "out": str(self.out),
            "experts": list(self.experts),
            "training": shown,
            "shared_material": len(self.record["leakage"]["shared"]),
            "evaluation": self.evaluation,
            "gate": self.gate.to_dict(),
            "judge": None if self.judge is None else self.judge.to_dict(),
            "seconds": round(self.seconds, 2),
        }

    def metrics(self) -> dict[str, Any]:
        """Return what the record of the run keeps: the figures of the class head, and the gate."""
        figures = {name: self.evaluation["class"][name] for name in ("accuracy", "macro_f1", "ece", "aurc")}
        judge = {} if self.judge is None else {"judge": self.judge.metrics()}
        return {**figures, "gate": self.gate.status, **judge}

    def lines(self) -> Iterator[str]:
        """Yield the lines people read."""
        record = self.record
        yield (
            f"{record['n_songs']} songs, {record['n_segments']} segments, {record['n_rows']} rows; "
            f"experts: {', '.join(self.experts)}"
        )
        pairs = len(record["leakage"]["shared"])
        if pairs:
            yield f"{pairs} pairs of songs share material; they were kept in the same fold"
        if record["never_held_out"]:
            yield f"{len(record['never_held_out'])} songs are the only one of their class and were not held out"
        if self.evaluation:
            figures = self.evaluation["class"]
            low, high = figures["accuracy_interval"]
            yield (
                f"out of fold, by segment: accuracy {figures['accuracy']:.3f} ({low:.3f}–{high:.3f}), "
                f"macro-F1 {figures['macro_f1']:.3f}, ECE {figures['ece']:.3f}"
            )
        yield from self.gate.lines()
        yield f"wrote {self.out}/: {self.seconds:.0f} s"
        if self.judge is not None:
            yield "judge, on the other half of the songs:"
            yield from (f"  {line}" for line in self.judge.lines())
