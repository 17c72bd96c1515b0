"""What training a network made, for people and for machines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """What training a network made.

    Attributes
    ----------
    out : its folder. record : what `network.json` holds. seconds : wall-clock.
    """

    out: Path
    record: dict[str, Any]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        left_out = {"format", "format_version", "ontology", "history", "files", "training_songs", "validation_songs"}
        shown = {name: value for name, value in self.record.items() if name not in left_out}
        return {"out": str(self.out), **shown, "seconds": round(self.seconds, 2)}

    def metrics(self) -> dict[str, float]:
        """Return the figures a run record holds."""
        chosen = ("accuracy", "macro_f1", "log_loss", "ece")
        return {f"validation_{name}": self.record["figures"][name] for name in chosen}

    def lines(self) -> Iterator[str]:
        """Yield the lines people read."""
        record, figures = self.record, self.record["figures"]
        low, high = figures["accuracy_interval"]
        yield (
            f"{record['settings']['kind']}: {record['n_parameters']:,} parameters; "
            f"{len(record['training_songs'])} songs to train on, {len(record['validation_songs'])} to validate on"
        )
        yield f"best of {len(record['history'])} epochs by validation log-loss: epoch {record['best_epoch']}"
        yield (
            f"validation, by segment: accuracy {figures['accuracy']:.3f} ({low:.3f}–{high:.3f}), "
            f"macro-F1 {figures['macro_f1']:.3f}, log-loss {figures['log_loss']:.3f}, ECE {figures['ece']:.3f} "
            "(these songs chose epoch and temperature)"
        )
        yield f"wrote {self.out}/: {self.seconds:.0f} s"
