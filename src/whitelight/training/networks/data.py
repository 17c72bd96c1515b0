"""What an epoch sees, as a function of (seed, epoch, row) and nothing else.

Nothing is remembered from epoch to epoch, so a run that was killed sees the same again, and processes that share an
epoch need not talk about who reads what: process r of n takes rows r, r + n, … of every batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from whitelight.training.networks.changes import change_piece, draw_change
from whitelight.training.networks.material import Material
from whitelight.training.networks.models import Reader, make_reader
from whitelight.training.networks.settings import NetworkSettings

ORDER, ROW = 0, 1  # which of an epoch's draws
NO_ROW = -1
Example = tuple[Tensor, int]


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of every batch this process reads."""

    rank: int = 0
    n_processes: int = 1


def epoch_batches(n_examples: int, batch_size: int, *, seed: int, epoch: int, share: Share) -> list[list[int]]:
    """Return the batches of an epoch, as far as this process reads them.

    Every example is in one batch; the last batch is filled up with the first examples, so all have one size.
    """
    order = np.random.default_rng([seed, epoch, ORDER]).permutation(n_examples)
    n_batches = -(-n_examples // batch_size)
    order = np.resize(order, n_batches * batch_size).reshape(n_batches, batch_size)
    return [[int(k) for k in batch[share.rank :: share.n_processes]] for batch in order]


class EpochData(Dataset[Example]):
    """Segments of one epoch: a random window of the changed piece, and which segment it is."""

    def __init__(self, material: Material, leads: NDArray[np.int64], settings: NetworkSettings, epoch: int) -> None:
        self.material, self.leads, self.settings, self.epoch = material, leads, settings, epoch
        self.views = list(material.views_of(leads))
        self.reader: Reader = make_reader(settings)

    def __getitem__(self, index: int) -> Example:
        """Return the window and its place among the segments."""
        how = self.settings.augmentation
        rng = np.random.default_rng([self.settings.seed, self.epoch, ROW, index])
        row, others = int(self.leads[index]), self.views[index]
        if len(others) and rng.random() < how.view_drop:
            row = int(rng.choice(others))
        piece = change_piece(self.material.pieces[row], draw_change(how, rng), rng)
        return torch.from_numpy(self.reader.one(piece, rng)), index


class SpreadData(Dataset[Example]):
    """Rows to judge: their windows, and which row it is; `NO_ROW` fills the last batches up."""

    def __init__(self, material: Material, rows: list[int], settings: NetworkSettings) -> None:
        self.material, self.rows = material, rows
        self.reader: Reader = make_reader(settings)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def __getitem__(self, index: int) -> Example:
        """Return the windows, (n_windows, …), and the row."""
        row = self.rows[index]
        return torch.from_numpy(self.reader.spread(self.material.pieces[max(row, 0)])), row


class NotesData(LightningDataModule):
    """Training segments and rows to validate on.

    Parameters
    ----------
    train : training rows. validation : rows to judge after every epoch, or None.
    """

    def __init__(self, train: Material, validation: Material | None, settings: NetworkSettings) -> None:
        super().__init__()
        self.train_material, self.validation_material, self.settings = train, validation, settings
        self.leads = train.leads

    def share(self) -> Share:
        """Return which part this process reads."""
        return Share() if self.trainer is None else Share(self.trainer.global_rank, self.trainer.world_size)

    @property
    def n_batches(self) -> int:
        """Steps of an epoch, whatever the number of processes."""
        return -(-len(self.leads) // self.settings.batch_size)

    def train_dataloader(self) -> DataLoader[Example]:
        """Return the batches of the epoch that begins; the trainer asks before every epoch."""
        epoch = 0 if self.trainer is None else self.trainer.current_epoch
        batches = epoch_batches(
            len(self.leads), self.settings.batch_size, seed=self.settings.seed, epoch=epoch, share=self.share()
        )
        data = EpochData(self.train_material, self.leads, self.settings, epoch)
        return DataLoader(data, batch_sampler=batches)

    def val_dataloader(self) -> list[DataLoader[Example]]:
        """Return this process's share of the rows to judge; none without any."""
        if self.validation_material is None:
            return []
        share = self.share()
        rows = list(range(len(self.validation_material.rows)))[share.rank :: share.n_processes]
        size = -(-len(self.validation_material.rows) // share.n_processes)
        return [spread_loader(self.validation_material, rows + [NO_ROW] * (size - len(rows)), self.settings)]


def spread_loader(material: Material, rows: list[int], settings: NetworkSettings) -> DataLoader[Example]:
    """Return batches of rows to judge."""
    return DataLoader(SpreadData(material, rows, settings), batch_size=max(settings.batch_size // 2, 1))


def windows_of(material: Material, settings: NetworkSettings) -> Iterator[tuple[NDArray[np.int64], Tensor]]:
    """Yield row indices and their windows, (batch, n_windows, …), batch by batch."""
    for windows, rows in spread_loader(material, list(range(len(material.rows))), settings):
        yield np.asarray(rows), windows
