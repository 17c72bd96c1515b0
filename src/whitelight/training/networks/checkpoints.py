"""Checkpoints of a training: the last epoch, to go on from, and the best few, to choose from.

After every epoch: the weights, if they are among the best; then the checkpoint, which names the best ones; then those
it no longer names are removed. Whatever moment a run is killed at, the last checkpoint and the files it names are
whole, and the epoch that is repeated writes the same bytes under the same names.
"""

import io
import os
from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.io.checkpoint_io import CheckpointIO
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint
from safetensors.torch import load, save

from whitelight.errors import WhitelightError
from whitelight.files import read_bytes, write_atomic
from whitelight.progress import Progress
from whitelight.training.networks.models import NoteNetwork
from whitelight.training.networks.module import NetworkModule

LAST = "last.ckpt"
Tell = Callable[[int, Mapping[str, float]], None]


def nobody(_epoch: int, _figures: Mapping[str, float]) -> None:
    """Tell nobody what an epoch made."""


class DivergedError(WhitelightError):
    """A training whose figures are no numbers any more."""


class AtomicCheckpoints(CheckpointIO):
    """Writes a checkpoint whole or not at all, and reads it without constructing objects."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any = None
    ) -> None:
        """Write beside, then rename; there are no options."""
        del storage_options
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        write_atomic(Path(path), buffer.getvalue())

    def load_checkpoint(
        self,
        path: str | os.PathLike[str],
        map_location: Any = None,
        weights_only: bool | None = None,  # noqa: FBT001  Lightning calls it so
    ) -> dict[str, Any]:
        """Read plain values and tensors; `weights_only` is understood, whatever it says."""
        del weights_only
        found: dict[str, Any] = torch.load(path, map_location=map_location or "cpu", weights_only=True)
        return found

    def remove_checkpoint(self, path: str | os.PathLike[str]) -> None:
        """Remove the file."""
        Path(path).unlink(missing_ok=True)


class KeepBest(Checkpoint):
    """Writes the checkpoints of a run.

    Parameters
    ----------
    folder : of the checkpoints. keep : how many of the best. progress, tell : called after every epoch.

    Attributes
    ----------
    history : figures of every finished epoch. best : epochs whose weights are kept, best first.
    """

    def __init__(self, folder: Path, *, keep: int, progress: Progress, tell: Tell = nobody) -> None:
        self.folder, self.keep, self._progress, self._tell = folder, keep, progress, tell
        self.history: list[dict[str, float]] = []
        self.best: list[int] = []

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write what the epoch made."""
        assert isinstance(pl_module, NetworkModule)
        epoch = trainer.current_epoch
        check_finite(pl_module.figures, epoch)
        self.history = [*self.history[:epoch], dict(pl_module.figures)]
        self.best = best_epochs(self.history, self.keep)
        if epoch in self.best and trainer.is_global_zero:
            write_weights(weights_path(self.folder, epoch), pl_module.network)
        trainer.save_checkpoint(self.folder / LAST)
        if trainer.is_global_zero:
            self._remove_others()
        self._tell(epoch + 1, self.history[-1])
        self._progress(epoch + 1, trainer.max_epochs or 0)

    def state_dict(self) -> dict[str, Any]:
        """Return what the checkpoint remembers."""
        return {"history": self.history, "best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from it."""
        self.history, self.best = list(state_dict["history"]), list(state_dict["best"])

    def _remove_others(self) -> None:
        named = {weights_path(self.folder, epoch) for epoch in self.best}
        for path in self.folder.glob("epoch-*.safetensors"):
            if path not in named:
                path.unlink()


def check_finite(figures: Mapping[str, float], epoch: int) -> None:
    """Refuse to go on with weights that are no numbers any more; the last checkpoint is of the epoch before."""
    for name, value in figures.items():
        if not isfinite(value):
            raise DivergedError(
                f"{name} of epoch {epoch + 1} is {value}; expected a number; lower learning_rate, or use precision "
                "'32-true'"
            )


def best_epochs(history: list[dict[str, float]], keep: int) -> list[int]:
    """Return the epochs of least validation log-loss, best first, the earlier one where they are equal."""
    judged = [(figures["log_loss"], epoch) for epoch, figures in enumerate(history) if "log_loss" in figures]
    return [epoch for _, epoch in sorted(judged)[:keep]]


def weights_path(folder: Path, epoch: int) -> Path:
    """Return where the weights of an epoch lie, counted from 1."""
    return folder / f"epoch-{epoch + 1:03d}.safetensors"


def write_weights(path: Path, network: NoteNetwork) -> None:
    """Write the weights of a network."""
    write_atomic(path, save({name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}))


def read_weights(path: Path, network: NoteNetwork) -> None:
    """Put weights into a network of the same shape."""
    network.load_state_dict(load(read_bytes(path)))
