"""The two networks: windows of a piece to logits of all heads, and nothing that depends on who else is in the batch.

`forward` is `judge(embed(windows))`; mixup happens between the two. Normalization is by group or layer, never by batch,
so that several processes with parts of a batch compute what one computes with all of it.
"""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from whitelight.music import Piece
from whitelight.training.networks.rolls import RollReader
from whitelight.training.networks.settings import ROLL, NetworkSettings
from whitelight.training.networks.tokens import FIELDS, MASKED, PADDING, SIZES, TokenReader

N_GROUPS = 4  # of normalized channels
STEM_KERNEL = (13, 3)  # an octave of pitches, 0.3 s
FEED_FORWARD = 2  # times the width
EMBEDDING_SCALE = 0.1
NOWHERE = -1e4  # of steps without a note: no share of any attention, never the most; half precision can write it


class Reader(Protocol):
    """How a network sees a piece: one random window, or several spread over it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a window."""

    def one(self, piece: Piece, rng: np.random.Generator) -> np.ndarray:
        """Draw a random window."""

    def spread(self, piece: Piece) -> np.ndarray:
        """Draw windows spread over the piece, (n_windows, *shape)."""


class NoteNetwork(nn.Module):
    """What both networks have in common."""

    def embed(self, windows: Tensor) -> Tensor:
        """Return numbers that may be mixed with those of another window."""
        raise NotImplementedError

    def judge(self, embedded: Tensor) -> Tensor:
        """Return logits, (batch, n_columns)."""
        raise NotImplementedError

    def forward(self, windows: Tensor) -> Tensor:
        """Return logits, (batch, n_columns)."""
        return self.judge(self.embed(windows))


class RollNetwork(NoteNetwork):
    """Convolutions over pitch and time, each but the last halving both, then the mean and the maximum.

    Parameters
    ----------
    width : channels of the last convolutions. n_layers : convolutions after the first.
    """

    def __init__(self, *, width: int, n_layers: int, dropout: float, n_columns: int) -> None:
        super().__init__()
        first, half = max(width // 4, N_GROUPS), max(width // 2, N_GROUPS)
        first, half, width = (-(-n // N_GROUPS) * N_GROUPS for n in (first, half, width))
        padding = (STEM_KERNEL[0] // 2, STEM_KERNEL[1] // 2)
        layers: list[nn.Module] = [
            nn.Conv2d(3, first, STEM_KERNEL, stride=(1, 2), padding=padding),
            nn.GroupNorm(N_GROUPS, first),
            nn.ReLU(),
            nn.MaxPool2d((2, 1)),
        ]
        channels = [first, half, *([width] * max(n_layers - 1, 0))][: n_layers + 1]
        for index in range(n_layers):
            layers += [
                nn.Conv2d(channels[index], channels[index + 1], 3, padding=1),
                nn.GroupNorm(N_GROUPS, channels[index + 1]),
                nn.ReLU(),
            ]
            if index < min(n_layers - 1, 3):  # 96 pitches and 16 cells are halved four times at most
                layers.append(nn.MaxPool2d(2))
        self.body = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * channels[-1], n_columns)

    def embed(self, windows: Tensor) -> Tensor:
        """Return the roll as it is, (batch, 3, n_pitches, n_steps)."""
        return windows

    def judge(self, embedded: Tensor) -> Tensor:
        """Return logits, (batch, n_columns)."""
        maps = self.body(embedded)  # (batch, channels, pitch, time)
        pooled = torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1)
        return torch.as_tensor(self.out(self.dropout(pooled)))


class Block(nn.Module):
    """One transformer layer: attention and two linear maps, each after a normalization and added to its input."""

    def __init__(self, *, width: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.in_projection, self.out_projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, FEED_FORWARD * width), nn.Linear(FEED_FORWARD * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, steps: Tensor, hidden: Tensor) -> Tensor:
        """Return steps of the same shape, (batch, n_steps, width).

        Parameters
        ----------
        hidden : (batch, 1, 1, n_steps), added to the attention each step gets: 0, or very little where nothing is.
        """
        batch, n_steps, width = steps.shape
        parts = self.in_projection(self.first(steps)).reshape(batch, n_steps, 3, self.n_heads, width // self.n_heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (batch, n_heads, n_steps, width / n_heads)
        scores = query @ key.transpose(-2, -1) * (width // self.n_heads) ** -0.5 + hidden
        mixed = (scores.softmax(dim=-1) @ value).transpose(1, 2).reshape(batch, n_steps, width)
        steps = steps + self.dropout(self.out_projection(mixed))
        return torch.as_tensor(steps + self.dropout(self.narrow(functional.gelu(self.wide(self.second(steps))))))


class TokenNetwork(NoteNetwork):
    """A transformer over notes; the tokens of a note are embedded and added."""

    def __init__(
        self, *, width: int, n_layers: int, n_heads: int, n_steps: int, dropout: float, n_columns: int
    ) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, width) for size in SIZES)
        self.place = nn.Parameter(torch.randn(n_steps, width) * EMBEDDING_SCALE)
        for table in self.tables:
            nn.init.normal_(table.weight, std=EMBEDDING_SCALE)  # type: ignore[arg-type]  # a list hides what it holds
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width=width, n_heads=n_heads, dropout=dropout) for _ in range(n_layers))
        self.last = nn.LayerNorm(width)
        self.out = nn.Linear(2 * width, n_columns)

    def embed(self, windows: Tensor) -> Tensor:
        """Return the sum of the embeddings and, in the last column, 1 where there is a note.

        Parameters
        ----------
        windows : (batch, n_steps, n_fields), as `tokens.tokenize` numbers them.

        Returns
        -------
        (batch, n_steps, width + 1).
        """
        fields = windows.unbind(dim=-1)
        found = torch.stack([table(field) for table, field in zip(self.tables, fields, strict=True)]).sum(dim=0)
        there = (fields[FIELDS.index("pitch")] != PADDING).to(found.dtype).unsqueeze(-1)
        return torch.cat([(found + self.place) * there, there], dim=-1)

    def read(self, embedded: Tensor) -> Tensor:
        """Return what the notes say in their context, (batch, n_steps, width)."""
        there = embedded[..., -1]
        hidden = (1.0 - (there > 0).to(embedded.dtype)).mul(NOWHERE)[:, None, None, :]
        steps = self.dropout(embedded[..., :-1])
        for block in self.blocks:
            steps = block(steps, hidden)
        return torch.as_tensor(self.last(steps))

    def judge(self, embedded: Tensor) -> Tensor:
        """Return logits, (batch, n_columns)."""
        steps, there = self.read(embedded), embedded[..., -1:]
        mean = (steps * there).sum(dim=1) / there.sum(dim=1).clamp(min=1.0)
        most = (steps * there + NOWHERE * (there == 0)).amax(dim=1)
        return torch.as_tensor(self.out(self.dropout(torch.cat([mean, most], dim=1))))


class NoteGuesser(nn.Module):
    """Guesses hidden tokens from the notes around them: what warms a `TokenNetwork` up on music without labels."""

    def __init__(self, network: TokenNetwork) -> None:
        super().__init__()
        self.network = network
        self.guess = nn.Linear(network.last.normalized_shape[0], sum(SIZES))

    def forward(self, windows: Tensor, hidden: Tensor) -> Tensor:
        """Return the mean cross-entropy of the hidden notes' tokens, a scalar.

        Parameters
        ----------
        windows : (batch, n_steps, n_fields). hidden : (batch, n_steps) bool, True where a note is hidden.
        """
        seen = torch.where(hidden.unsqueeze(-1), MASKED, windows)
        logits = self.guess(self.network.read(self.network.embed(seen))[hidden])
        blocks = zip(logits.split(list(SIZES), dim=-1), windows[hidden].unbind(dim=-1), strict=True)
        return torch.stack([functional.cross_entropy(scores, wanted) for scores, wanted in blocks]).mean()


def make_network(settings: NetworkSettings, n_columns: int) -> NoteNetwork:
    """Return a network with random weights."""
    if settings.kind == ROLL:
        return RollNetwork(
            width=settings.width, n_layers=settings.n_layers, dropout=settings.dropout, n_columns=n_columns
        )
    return TokenNetwork(
        width=settings.width,
        n_layers=settings.n_layers,
        n_heads=settings.n_heads,
        n_steps=settings.n_steps,
        dropout=settings.dropout,
        n_columns=n_columns,
    )


def make_reader(settings: NetworkSettings) -> Reader:
    """Return what draws windows for the network."""
    kind = RollReader if settings.kind == ROLL else TokenReader
    return kind(settings.n_steps, settings.n_windows)
