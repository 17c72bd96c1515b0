"""Networks that read several modalities at once: the fusion strategies beside the late one.

- `early`: all vectors side by side into one hidden layer; a missing modality is a learned null in its place.
- `gated`: one hidden layer per modality, mixed by gates that look at what is there (Arevalo et al. 2017, gated multimodal
  units, with a softmax over the modalities that are present and a learned null).
- `attention`: every modality becomes a few tokens; one learned query per head attends to the tokens of all modalities
  that are present and to a null token (cross-attention, Vaswani et al. 2017, one head).

Each is an ensemble; arrays carry the network as their first axis, and a strategy is a pure function of parameters,
vectors and flags, the same in training and in the exported graph. What is missing has weight exactly 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whitelight.scoring.scaling import CLIP
from whitelight.training.models import deterministic
from whitelight.training.settings import JOINT_STRATEGIES, JointSettings

Float32 = NDArray[np.float32]
Parameters = Mapping[str, Tensor]
Named = list[tuple[str, Tensor, Tensor]]  # modality, standardized vectors (n, dim), flags (n, 1)
ABSENT_SCORE = -1e4  # softmax makes exactly 0 of it in float32


@dataclass(frozen=True, slots=True)
class Sizes:
    """What decides the shapes: modality → length of its vectors, in order; labels per head."""

    dims: Mapping[str, int]
    head_sizes: tuple[int, ...]

    @property
    def n_columns(self) -> int:
        """Labels of all heads together."""
        return sum(self.head_sizes)


@dataclass(frozen=True, slots=True)
class JointWeights:
    """A trained joint network.

    Attributes
    ----------
    strategy : one of `JOINT_STRATEGIES`. modalities : in the order it reads them. head_sizes : labels per head.
    arrays : name → parameter; a name that belongs to one modality ends in `_<modality>`.
    """

    strategy: str
    modalities: tuple[str, ...]
    head_sizes: tuple[int, ...]
    arrays: Mapping[str, Float32]

    @property
    def dims(self) -> dict[str, int]:
        """Modality → length of its vectors."""
        return {m: len(self.arrays[f"mean_{m}"]) for m in self.modalities}

    def to_arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """Return everything as named arrays for an .npz file."""
        shape = {
            "strategy": np.asarray(self.strategy),
            "modalities": np.asarray(self.modalities),
            "head_sizes": np.asarray(self.head_sizes),
        }
        return {f"{prefix}{k}": v for k, v in {**shape, **{f"array.{k}": v for k, v in self.arrays.items()}}.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> "JointWeights":
        """Read what `to_arrays` wrote."""
        own = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
        return cls(
            str(own["strategy"]),
            tuple(str(m) for m in own["modalities"]),
            tuple(int(n) for n in own["head_sizes"]),
            {k.removeprefix("array."): v.astype(np.float32) for k, v in own.items() if k.startswith("array.")},
        )


def predict_joint(weights: JointWeights, vectors: Sequence[Float32], present: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return logits, (n, n_columns).

    Parameters
    ----------
    vectors : per modality, (n, dim). present : (n, n_modalities).
    """
    parameters = {k: torch.tensor(v) for k, v in weights.arrays.items()}
    with deterministic(0), torch.no_grad():
        scaled = standardized(parameters, weights.modalities, [torch.tensor(v) for v in vectors])
        flags = torch.from_numpy(present.astype(np.float32))
        named = by_modality(weights.modalities, scaled, flags)
        logits = joint_logits(weights.strategy, parameters, named, weights.head_sizes)
    return np.asarray(logits.mean(dim=0).numpy(), dtype=np.float64)


def standardized(parameters: Parameters, modalities: Sequence[str], vectors: Sequence[Tensor]) -> list[Tensor]:
    """Return vectors of mean 0 and spread 1, per modality."""
    return [
        torch.clamp((v - parameters[f"mean_{m}"]) / parameters[f"scale_{m}"], -CLIP, CLIP)
        for m, v in zip(modalities, vectors, strict=True)
    ]


def by_modality(modalities: Sequence[str], vectors: Sequence[Tensor], present: Tensor) -> Named:
    """Return name, vectors and flags (n, 1) of each modality; `present` is (n, n_modalities), 1 or 0."""
    flags = [present[:, k : k + 1] for k in range(len(modalities))]
    return list(zip(modalities, vectors, flags, strict=True))


def joint_logits(strategy: str, parameters: Parameters, named: Named, head_sizes: Sequence[int]) -> Tensor:
    """Return the logits of every network, (n_networks, n, n_columns)."""
    if strategy == "early":
        return _early(parameters, named)
    if strategy == "gated":
        return _gated(parameters, named)
    return _attention(parameters, named, head_sizes)


def _early(p: Parameters, named: Named) -> Tensor:
    hidden = p["hidden_bias"]
    for m, vector, there in named:
        hidden = hidden + there * torch.matmul(vector, p[f"hidden_{m}"]) + (1.0 - there) * p[f"null_{m}"]
    return torch.matmul(torch.relu(hidden), p["out"]) + p["out_bias"]


def _gated(p: Parameters, named: Named) -> Tensor:
    values, scores = [], []
    for m, vector, there in named:
        value = torch.relu(torch.matmul(vector, p[f"hidden_{m}"]) + p[f"bias_{m}"])  # (networks, n, width)
        values.append(value)
        scores.append(torch.matmul(value, p[f"gate_{m}"]) + p[f"gate_bias_{m}"] + (1.0 - there) * ABSENT_SCORE)
    values.append(p["null"].expand_as(values[0]))
    scores.append((0.0 * scores[0]) + p["gate_null"])
    gates = torch.cat(scores, dim=-1).softmax(dim=-1)  # (networks, n, modalities + 1)
    mixed = sum(gates[..., k : k + 1] * value for k, value in enumerate(values))
    return torch.matmul(torch.as_tensor(mixed), p["out"]) + p["out_bias"]


def _attention(p: Parameters, named: Named, head_sizes: Sequence[int]) -> Tensor:
    tokens, scores = [], []
    query = p["query"]  # (networks, heads, depth)
    n_networks, _, depth = query.shape
    for m, vector, there in named:
        token = torch.relu(torch.matmul(vector, p[f"hidden_{m}"]) + p[f"bias_{m}"])  # (networks, n, n_tokens · depth)
        token = token.reshape(n_networks, -1, token.shape[-1] // depth, depth)  # (networks, n, n_tokens, depth)
        tokens.append(token)
        scores.append(_attend(query, token) + (1.0 - there.unsqueeze(-1)) * ABSENT_SCORE)
    null = p["null"].reshape(n_networks, 1, 1, depth).expand_as(tokens[0][:, :, :1])
    tokens.append(null)
    scores.append(_attend(query, null))
    weight = torch.cat(scores, dim=-1).softmax(dim=-1)  # (networks, n, heads, all tokens)
    seen = torch.matmul(weight, torch.cat(tokens, dim=2))  # (networks, n, heads, depth)
    blocks = torch.split(p["out"], list(head_sizes), dim=-1)
    logits = [torch.matmul(seen[:, :, head], block) for head, block in enumerate(blocks)]
    return torch.cat(logits, dim=-1) + p["out_bias"]


def _attend(query: Tensor, token: Tensor) -> Tensor:
    """Scaled dot products, (networks, n, heads, tokens)."""
    scores: Tensor = torch.matmul(query.unsqueeze(1), token.transpose(-1, -2)) / query.shape[-1] ** 0.5
    return scores


def start(strategy: str, sizes: Sizes, settings: JointSettings) -> dict[str, Tensor]:
    """Return random parameters; `torch.manual_seed` decides which."""
    makers: Mapping[str, Callable[[Sizes, JointSettings], dict[str, Tensor]]] = {
        "early": _start_early,
        "gated": _start_gated,
        "attention": _start_attention,
    }
    assert set(makers) == set(JOINT_STRATEGIES)
    return makers[strategy](sizes, settings)


def is_penalized(name: str) -> bool:
    """Whether the L2 penalty holds for a parameter: those that multiply an input or a hidden layer."""
    return name.startswith(("hidden_", "gate_", "out", "query")) and "bias" not in name


def _start_early(sizes: Sizes, settings: JointSettings) -> dict[str, Tensor]:
    n, width, total = settings.n_networks, settings.width, sum(sizes.dims.values())
    found = {f"hidden_{m}": torch.randn(n, dim, width) / total**0.5 for m, dim in sizes.dims.items()}
    found |= {f"null_{m}": torch.zeros(n, 1, width) for m in sizes.dims}
    found |= {"hidden_bias": torch.zeros(n, 1, width), "out": torch.randn(n, width, sizes.n_columns) / width**0.5}
    return found


def _start_gated(sizes: Sizes, settings: JointSettings) -> dict[str, Tensor]:
    n, width = settings.n_networks, settings.width
    found = {}
    for m, dim in sizes.dims.items():
        found[f"hidden_{m}"] = torch.randn(n, dim, width) / dim**0.5
        found[f"bias_{m}"] = torch.zeros(n, 1, width)
        found[f"gate_{m}"] = torch.zeros(n, width, 1)
        found[f"gate_bias_{m}"] = torch.zeros(n, 1, 1)
    found |= {"null": torch.zeros(n, 1, width), "gate_null": torch.full((n, 1, 1), -1.0)}
    return found | {"out": torch.randn(n, width, sizes.n_columns) / width**0.5}


def _start_attention(sizes: Sizes, settings: JointSettings) -> dict[str, Tensor]:
    n, depth, n_tokens = settings.n_networks, settings.width // settings.n_tokens, settings.n_tokens
    found = {}
    for m, dim in sizes.dims.items():
        found[f"hidden_{m}"] = torch.randn(n, dim, n_tokens * depth) / dim**0.5
        found[f"bias_{m}"] = torch.zeros(n, 1, n_tokens * depth)
    found |= {"null": torch.zeros(n, 1, depth), "query": torch.randn(n, len(sizes.head_sizes), depth)}
    return found | {"out": torch.randn(n, depth, sizes.n_columns) / depth**0.5}
