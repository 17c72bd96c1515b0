"""One network in training: loss, optimizer, what is judged after an epoch. Lightning drives it.

All randomness of a step comes from (seed, epoch, process, step); see `data`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from numpy.typing import NDArray
from torch import Tensor

from whitelight.ontology import Ontology
from whitelight.scoring.heads import Head, heads_of, log_softmax
from whitelight.training.losses import head_losses, soft_targets
from whitelight.training.metrics import accuracy
from whitelight.training.networks.data import NO_ROW
from whitelight.training.networks.material import FULL
from whitelight.training.networks.models import NoteNetwork
from whitelight.training.networks.settings import NetworkSettings
from whitelight.training.rows import Rows, row_weights, training_weights

WARM_UP = 0.1  # share of the steps in which the learning rate rises
MIXING, DROPPING = 2, 3  # which of an epoch's draws; `data` has the others
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a network should say of some rows.

    Attributes
    ----------
    targets : (n, n_columns), soft. weights : (n, n_heads), 0 where masked; 1 on average in training.
    label : (n,).
    """

    targets: Floats
    weights: Floats
    label: NDArray[np.int64]


def wanted_in_training(rows: Rows, ontology: Ontology, settings: NetworkSettings) -> Wanted:
    """Return soft targets and weights with which songs and classes count as in the training of the experts."""
    everyone = np.ones(len(rows), dtype=np.bool_)
    weights = training_weights(rows, everyone, FULL, 0.5, class_balance=settings.loss.class_balance) * len(rows)
    return _wanted(rows, ontology, weights, settings.loss.smoothing)


def wanted_in_judging(rows: Rows, ontology: Ontology) -> Wanted:
    """Return hard targets and weights with which songs count equally; each column of weights sums to 1 at most."""
    everyone = np.ones(len(rows), dtype=np.bool_)
    return _wanted(rows, ontology, row_weights(rows, everyone, FULL, 0.5), 0.0)


def _wanted(rows: Rows, ontology: Ontology, weights: NDArray[np.float64], smoothing: float) -> Wanted:
    targets, known = soft_targets(ontology, heads_of(ontology), smoothing)
    of_heads = weights[:, None] * known[rows.label]
    return Wanted(targets[rows.label].astype(np.float32), of_heads.astype(np.float32), rows.label)


class NetworkModule(LightningModule):
    """A network, what it should say, and how it learns.

    Parameters
    ----------
    training : of the segments, in the order of `NotesData.leads`. validation : of the rows judged, or None.
    n_steps : of the whole training.

    Attributes
    ----------
    figures : of the last finished epoch: train_loss, and log_loss and accuracy of the validation songs.
    """

    def __init__(
        self,
        network: NoteNetwork,
        heads: tuple[Head, ...],
        settings: NetworkSettings,
        training: Wanted,
        validation: Wanted | None,
        *,
        n_steps: int,
    ) -> None:
        super().__init__()
        self.network, self.heads, self.settings, self.validation = network, heads, settings, validation
        self.head_sizes = tuple(len(head.labels) for head in heads)
        self.register_buffer("targets", torch.from_numpy(training.targets), persistent=False)
        self.register_buffer("weights", torch.from_numpy(training.weights), persistent=False)
        self.n_steps = n_steps
        self.figures: dict[str, float] = {}
        self._losses: list[Tensor] = []
        self._judged: list[Tensor] = []

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW; the rate rises along a line and falls along a cosine."""
        how = self.settings
        optimizer = torch.optim.AdamW(self.parameters(), lr=how.learning_rate, weight_decay=how.weight_decay)
        rising = max(round(WARM_UP * self.n_steps), 1)

        def share(step: int) -> float:
            if step < rising:
                return (step + 1) / rising
            return float(0.5 + 0.5 * np.cos(np.pi * (step - rising) / max(self.n_steps - rising, 1)))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Return the loss of this process's share of the batch."""
        windows, rows = batch
        self._seed(batch_idx)
        embedded = self.network.embed(windows)
        if not self.settings.mixup:
            loss = self._loss(self.network.judge(embedded), rows, torch.ones(len(rows), device=rows.device))
        else:
            share, partner = self._mixing(len(rows), batch_idx, rows.device)
            wide = share.reshape(-1, *([1] * (embedded.ndim - 1))).to(embedded.dtype)
            logits = self.network.judge(wide * embedded + (1.0 - wide) * embedded[partner])
            loss = self._loss(logits, rows, share) + self._loss(logits, rows[partner], 1.0 - share)
        self._losses.append(loss.detach())
        return loss

    def _seed(self, step: int) -> None:
        """Seed dropout before every step: how often others draw between steps depends on where a run began."""
        seed = np.random.SeedSequence([self.settings.seed, self.current_epoch, DROPPING, self.global_rank, step])
        torch.manual_seed(int(seed.generate_state(1)[0]))

    def _mixing(self, n: int, step: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Draw how much of itself every example keeps, (n,), and with which other it is mixed."""
        rng = np.random.default_rng([self.settings.seed, self.current_epoch, MIXING, self.global_rank, step])
        share = rng.beta(self.settings.mixup, self.settings.mixup, size=n)
        partner = torch.from_numpy(rng.permutation(n)).to(device)
        return torch.from_numpy(np.maximum(share, 1.0 - share).astype(np.float32)).to(device), partner

    def _loss(self, logits: Tensor, rows: Tensor, share: Tensor) -> Tensor:
        weights = self.get_buffer("weights")[rows] * share.unsqueeze(1) / len(rows)
        return head_losses(
            logits.float(), self.get_buffer("targets")[rows], weights, self.head_sizes, self.settings.loss
        )

    def validation_step(self, batch: tuple[Tensor, Tensor], _batch_idx: int) -> None:
        """Judge rows: the mean of the logits of their windows."""
        windows, rows = batch
        self._judged.append(torch.cat([rows.unsqueeze(1).double(), row_logits(self.network, windows).double()], dim=1))

    def on_validation_epoch_end(self) -> None:
        """Compute the figures of all validation rows, the same in every process."""
        mine = torch.cat(self._judged)
        self._judged.clear()
        everyone = np.asarray(torch.as_tensor(self.all_gather(mine)).reshape(-1, mine.shape[1]).cpu().numpy())
        everyone = everyone[everyone[:, 0] != NO_ROW]
        logits = everyone[np.argsort(everyone[:, 0], kind="stable"), 1:]
        assert self.validation is not None
        self.figures = judged_figures(logits, self.validation, self.heads)
        for name, value in self.figures.items():
            self.log(f"validation/{name}", value)

    def on_train_epoch_end(self) -> None:
        """Average the loss over steps and processes."""
        mine = torch.stack(self._losses).mean()
        self.figures["train_loss"] = float(torch.as_tensor(self.all_gather(mine)).float().mean())
        self._losses.clear()
        self.log("train/loss", self.figures["train_loss"])


def row_logits(network: NoteNetwork, windows: Tensor) -> Tensor:
    """Return the mean logits of the windows of every row, (batch, n_columns).

    Parameters
    ----------
    windows : (batch, n_windows, …).
    """
    flat = network(windows.reshape(-1, *windows.shape[2:]))
    return torch.as_tensor(flat.float().reshape(*windows.shape[:2], -1).mean(dim=1))


def judged_figures(logits: NDArray[np.float64], wanted: Wanted, heads: tuple[Head, ...]) -> dict[str, float]:
    """Return the log-loss of the class head, songs counting equally, and how often it is right."""
    log_p = log_softmax(logits[:, heads[0].columns])
    weights = wanted.weights[:, 0].astype(np.float64)
    picked = log_p[np.arange(len(log_p)), wanted.label]
    return {
        "log_loss": float(-(weights @ picked) / weights.sum()),
        "accuracy": accuracy(np.exp(log_p), wanted.label),
    }
