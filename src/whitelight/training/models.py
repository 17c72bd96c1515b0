"""The experts: strongly regularized linear models and small networks on fixed features, all heads at once.

An expert of MIDI or sound is an ensemble of networks with one hidden layer; a text expert is a multinomial linear model. (Averaging a
linear model into the MIDI expert changed nothing on EMOPIA's folds: .739 with it, .738 without; `docs/experiments.md`.)
Everything is deterministic on one thread: the same arrays and seed give the same weights, bit for bit.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whitelight.scoring.scaling import CLIP
from whitelight.training.losses import head_losses
from whitelight.training.settings import ExpertSettings, LossSettings
from whitelight.training.small_networks import fit_networks, network_logits, rows_by_weight, usual_loss

Float32 = NDArray[np.float32]
BIAS_L2 = 1e-4  # keeps the bias of a label that is never seen finite
INITIAL_LABEL_SHARE = 1e-3  # smallest share a label starts from
SMALLEST_SCALE = 1e-6  # a number that never varies in training says nothing, whatever it is in a candidate
PLAIN_LOSS = LossSettings()


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows to learn from.

    Attributes
    ----------
    features : (n, dim), standardized.
    targets : (n, n_columns), soft; the block of each head sums to 1, or to 0 where masked.
    weights : (n, n_heads), at least 0; 0 where masked; each column sums to 1 (or to 0: a head nobody speaks to).
    head_sizes : labels per head.
    changes : what may change in a row without changing what it is, or None; networks see rows so changed.
    """

    features: Float32
    targets: Float32
    weights: Float32
    head_sizes: tuple[int, ...]
    changes: "Changes | None" = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Differences of features between two writings of one music, in groups; a row takes from its own group.

    Attributes
    ----------
    differences : (m, dim), group after group. start, count : (n_groups,), where the differences of a group lie.
    group : (n,), of every row of the examples; a row of a group without differences stays as it is.
    reach : how many times a difference a row changes by at most.
    """

    differences: Float32
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    group: NDArray[np.int64]
    reach: float

    @classmethod
    def of(
        cls, differences: Float32, group_of_difference: NDArray[np.int64], group: NDArray[np.int64], *, reach: float
    ) -> "Changes":
        """Sort differences by group; one that is nothing at all is added behind, for groups without any."""
        order = np.argsort(group_of_difference, kind="stable")
        count = np.bincount(group_of_difference, minlength=int(group.max(initial=0)) + 1)
        start = np.where(count > 0, np.cumsum(count) - count, len(differences))
        nothing = np.zeros((1, differences.shape[1]), np.float32)
        return cls(np.concatenate([differences[order], nothing]), start, np.maximum(count, 1), group, reach)

    def draw(self, rows: Tensor) -> Tensor:
        """Return a random difference for each of the rows, up to `reach` times, either way, (n, dim)."""
        group = torch.from_numpy(self.group)[rows]
        place = (
            torch.from_numpy(self.start)[group] + (torch.rand(len(rows)) * torch.from_numpy(self.count)[group]).long()
        )
        return torch.from_numpy(self.differences)[place] * self.reach * (2.0 * torch.rand(len(rows), 1) - 1.0)


@dataclass(frozen=True, slots=True)
class ExpertWeights:
    """The parameters of one expert: a linear model, or networks; those of the other kind are None.

    Attributes
    ----------
    weight : (dim, n_columns), bias : (n_columns,).
    input_mean, input_scale : (dim,), what is taken from and divided out of a vector first; None: nothing.
    hidden_weight : (n_networks, dim, width), hidden_bias : (n_networks, 1, width).
    out_weight : (n_networks, width, n_columns), out_bias : (n_networks, 1, n_columns).
    """

    weight: Float32 | None = None
    bias: Float32 | None = None
    hidden_weight: Float32 | None = None
    hidden_bias: Float32 | None = None
    out_weight: Float32 | None = None
    out_bias: Float32 | None = None
    input_mean: Float32 | None = None
    input_scale: Float32 | None = None

    @property
    def dim(self) -> int:
        """Length of the vectors it reads."""
        first = self.weight if self.weight is not None else self.hidden_weight
        assert first is not None
        return int(first.shape[-2])

    @property
    def n_columns(self) -> int:
        """Labels of all heads together."""
        last = self.bias if self.bias is not None else self.out_bias
        assert last is not None
        return int(last.shape[-1])

    def arrays(self, prefix: str) -> dict[str, Float32]:
        """Return the parameters that exist, by name, for an .npz file."""
        named = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {f"{prefix}{name}": value for name, value in named.items() if value is not None}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Float32], prefix: str) -> "ExpertWeights":
        """Read what `arrays` wrote."""
        return cls(**{k.removeprefix(prefix): np.asarray(v) for k, v in arrays.items() if k.startswith(prefix)})


@contextmanager
def deterministic(seed: int) -> Iterator[None]:
    """Run torch on one thread with its own seed; restore both afterwards.

    On one CPU thread every operation used here is deterministic. `torch.use_deterministic_algorithms` would add
    nothing and loads the compiler, which takes seconds.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def fit_expert(
    examples: Examples, settings: ExpertSettings, *, seed: int, loss: LossSettings = PLAIN_LOSS
) -> ExpertWeights:
    """Fit networks when `settings` asks for them, else a linear model."""
    scaling: dict[str, Float32] = {}
    if settings.standardize:
        mean, scale = moments(examples.features, examples.weights.max(axis=1))
        scaling = {"input_mean": mean, "input_scale": scale}
        examples = replace(examples, features=np.clip((examples.features - mean) / scale, -CLIP, CLIP))
    with deterministic(seed):
        if settings.n_networks == 0:
            return ExpertWeights(*_fit_linear(examples, settings, loss), **scaling)
        draw = rows_by_weight(examples, settings.batch_size)  # by row weight, so that songs count equally
        punish, dim = usual_loss(examples.head_sizes, loss), examples.features.shape[1]
        found = fit_networks(draw, punish, settings, dim=dim, start_bias=label_log_share(examples))
        return ExpertWeights(None, None, *found, **scaling)


def moments(features: Float32, weights: Float32) -> tuple[Float32, Float32]:
    """Return weighted mean and standard deviation of every column; a column that does not vary has an infinite one."""
    share = (weights / weights.sum()).astype(np.float64)
    mean = share @ features
    scale = np.sqrt(share @ (features - mean) ** 2)
    usual = scale > SMALLEST_SCALE * (1.0 + np.abs(mean))
    return mean.astype(np.float32), np.where(usual, scale, np.inf).astype(np.float32)


def predict(weights: ExpertWeights, features: Float32) -> NDArray[np.float64]:
    """Return the logits of an expert, (n, n_columns); columns of one head are centered."""
    with deterministic(0), torch.no_grad():
        logits = expert_logits({k: torch.from_numpy(v) for k, v in weights.arrays("").items()}, torch.tensor(features))
    return np.asarray(logits.numpy(), dtype=np.float64)


def expert_logits(parameters: Mapping[str, Tensor], features: Tensor) -> Tensor:
    """Return logits, (n, n_columns): of the linear model, or the mean of the networks'."""
    if "input_mean" in parameters:
        features = torch.clamp((features - parameters["input_mean"]) / parameters["input_scale"], -CLIP, CLIP)
    if "weight" in parameters:
        return features @ parameters["weight"] + parameters["bias"]
    networks = [parameters[k] for k in ("hidden_weight", "hidden_bias", "out_weight", "out_bias")]
    return network_logits(networks, features).mean(dim=0)


def label_log_share(examples: Examples) -> Tensor:
    """Log of the share of every label within its head: where the biases start."""
    row_weight = np.repeat(examples.weights, examples.head_sizes, axis=1)
    share = (row_weight * examples.targets).sum(axis=0)
    return torch.from_numpy(np.log(np.maximum(share, INITIAL_LABEL_SHARE)).astype(np.float32))


def _fit_linear(examples: Examples, settings: ExpertSettings, how: LossSettings) -> tuple[Float32, Float32]:
    """Full-batch L-BFGS on a convex loss."""
    features, targets, row_weights = (torch.tensor(a) for a in (examples.features, examples.targets, examples.weights))
    weight = torch.zeros(features.shape[1], targets.shape[1], requires_grad=True)
    bias = label_log_share(examples).requires_grad_()
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=settings.linear_steps, history_size=20, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = head_losses(features @ weight + bias, targets, row_weights, examples.head_sizes, how)
        loss = loss + 0.5 * settings.linear_l2 * weight.square().sum() + 0.5 * BIAS_L2 * bias.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch 2.13 does not annotate it
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # as above
    return weight.detach().numpy(), bias.detach().numpy()
