"""One ONNX model of all experts (`docs/decisions/0003-onnx-export.md`).

Inputs (batch dynamic): `descriptors`, `lyric_emb`, `concept_emb` and `has_midi`, `has_lyric`, `has_concept`, those of
the experts that exist. Outputs: fused logits `class` and `axis_<name>` at the calibration of the full view, raw logits
of each expert `<expert>_class`, `<expert>_axis_<name>`, of the joint network where there is one (`joint_class`, …), and
`features`, whose norm is the distance novelty uses.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from whitelight.scoring.calibration import JOINT, JOINT_CONCEPT, SMALLEST_PRIOR, Calibration, spread
from whitelight.scoring.engine import FEATURES, VECTOR_INPUT
from whitelight.scoring.heads import Head
from whitelight.training.joint import by_modality, joint_logits, standardized
from whitelight.training.models import deterministic, expert_logits
from whitelight.training.recipe import FusionModel

EXAMPLE_ROWS = 2  # torch.export specializes on 1
ADDING_COLUMNS = 16  # a product with one column would be run as a sum; this many are one register


class FusionModule(nn.Module):
    """Standardized inputs to logits, as one graph.

    Parameters
    ----------
    experts : in the order of `inputs`; each contributes the vector and the flag named in `input_names`.

    Attributes
    ----------
    speakers : the experts, and the joint network if there is one: what has raw logits among the outputs.
    """

    def __init__(
        self, model: FusionModel, calibration: Calibration, heads: Sequence[Head], experts: Sequence[str]
    ) -> None:
        super().__init__()
        self.experts = tuple(experts)
        self.head_sizes = [len(head.labels) for head in heads]
        self.frozen = [_Frozen(model.experts[e].arrays("")) for e in experts]
        for expert, frozen in zip(experts, self.frozen, strict=True):
            self.add_module(expert, frozen)
        self.joint_weights = model.joint
        self.joint = _Frozen({} if model.joint is None else model.joint.arrays)
        self.speakers = self.experts if model.joint is None else (*self.experts, JOINT)
        basis = model.basis
        self.basis = _Frozen(
            {
                "components": basis.components,
                "scale": basis.scale * max(len(basis.scale), 1) ** 0.5,
                "residual_scale": np.asarray(basis.residual_scale, dtype=np.float32),
                "adding": np.ones((len(basis.components), ADDING_COLUMNS), dtype=np.float32),
            }
        )
        numbers = {
            f"temperature_{e}": spread(calibration.temperatures[e][0, 0], heads) for e in calibration.temperatures
        }
        numbers["fused_temperature"] = spread(calibration.fused_temperature, heads)
        agreement = calibration.agreement
        for position, head in enumerate(heads[1:], start=1):
            known = agreement.known[:, position]
            likelihood = agreement.targets[:, head.columns] / np.maximum(agreement.prior[head.columns], SMALLEST_PRIOR)
            numbers[f"modes_{head.name}"] = np.where(known[:, None], likelihood, 0.0).T
            numbers[f"silent_{head.name}"] = (~known).astype(np.float64)
        numbers["log_prior"] = np.log(np.maximum(agreement.prior[heads[0].columns], SMALLEST_PRIOR))
        self.axes_share = agreement.share
        self.axis_names = [head.name for head in heads[1:]]
        self.calibration = _Frozen({k: v.astype(np.float32) for k, v in numbers.items()})
        self.weights = [float(calibration.weights[e]) for e in experts]

    def forward(self, inputs: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """Return fused heads, the heads of every speaker, and features."""
        vectors = [inputs[VECTOR_INPUT[e]] for e in self.experts]
        present = [inputs[f"has_{e}"].to(torch.float32).unsqueeze(1) for e in self.experts]
        numbers = self.calibration.named()
        logits = [expert_logits(frozen.named(), vector) for frozen, vector in zip(self.frozen, vectors, strict=True)]
        total = sum(flag * weight for flag, weight in zip(present, self.weights, strict=True))
        calibrated = [
            self._agreed(values, numbers[f"temperature_{e}"]) for e, values in zip(self.experts, logits, strict=True)
        ]
        mean = sum(
            flag * weight * values for flag, weight, values in zip(present, self.weights, calibrated, strict=True)
        ) / torch.clamp(torch.as_tensor(total), min=1e-6)
        several = torch.as_tensor(sum(present)) > 1.5
        fused = torch.where(several, mean / numbers["fused_temperature"], mean)
        if self.joint_weights is not None:
            logits.append(self._joint(vectors, present))
            fused = self._joint_calibrated(logits[-1], present)
        blocks = [block for values in (fused, *logits) for block in torch.split(values, self.head_sizes, dim=1)]
        return (*blocks, self._features(vectors[0], present[0]))

    def _joint(self, vectors: list[Tensor], present: list[Tensor]) -> Tensor:
        """Raw logits of the joint network, which reads what the experts read."""
        weights, parameters = self.joint_weights, self.joint.named()
        assert weights is not None
        place = [self.experts.index(m) for m in weights.modalities]
        scaled = standardized(parameters, weights.modalities, [vectors[k] for k in place])
        named = by_modality(weights.modalities, scaled, torch.cat([present[k] for k in place], dim=1))
        return joint_logits(weights.strategy, parameters, named, weights.head_sizes).mean(dim=0)

    def _joint_calibrated(self, logits: Tensor, present: list[Tensor]) -> Tensor:
        """Calibrated log-probabilities of the joint network: as it speaks with the concept, or without."""
        numbers = self.calibration.named()
        without = self._agreed(logits, numbers[f"temperature_{JOINT}"])
        if f"temperature_{JOINT_CONCEPT}" not in numbers:
            return without
        concept = present[self.experts.index("concept")]
        return torch.where(concept > 0.5, self._agreed(logits, numbers[f"temperature_{JOINT_CONCEPT}"]), without)

    def _agreed(self, logits: Tensor, temperature: Tensor) -> Tensor:
        """Calibrated log-probabilities; the classes are the average of their head and of what the axes say."""
        numbers = self.calibration.named()
        own = torch.split(logits, self.head_sizes, dim=1)[0].log_softmax(dim=1)
        blocks = torch.split(logits / temperature, self.head_sizes, dim=1)
        axes = [block.log_softmax(dim=1) for block in blocks[1:]]
        evidence = numbers["log_prior"]
        for name, log_p in zip(self.axis_names, axes, strict=True):
            likelihood = torch.clamp(log_p.exp() @ numbers[f"modes_{name}"], min=SMALLEST_PRIOR)
            evidence = evidence + torch.log(likelihood + numbers[f"silent_{name}"] * (1.0 - likelihood))
        agreed = (1.0 - self.axes_share) * own + self.axes_share * evidence.log_softmax(dim=1)
        return torch.cat([(agreed / temperature[0]).log_softmax(dim=1), *axes], dim=1)

    def _features(self, vector: Tensor, present: Tensor) -> Tensor:
        """Whitened components and residual of the music, (batch, k + 1); a constant column without a music expert."""
        if self.experts[0] != "midi":
            return 0.0 * present
        basis = self.basis.named()
        along = vector @ basis["components"]
        rest = vector - along @ basis["components"].T  # a difference of sums of squares would lose half the digits
        # A product adds every row in the same order; a sum over rows may not.
        left = (rest**2 @ basis["adding"])[:, :1].sqrt() / basis["residual_scale"]
        return torch.cat([along / basis["scale"], left], dim=1)


class _Frozen(nn.Module):
    """Arrays as buffers, by name."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__()
        self.names = tuple(arrays)
        for name, values in arrays.items():
            self.register_buffer(name, torch.tensor(np.ascontiguousarray(values)))

    def named(self) -> dict[str, Tensor]:
        """Return the buffers by name."""
        return {name: getattr(self, name) for name in self.names}


def input_names(experts: Sequence[str]) -> list[str]:
    """Return the ONNX inputs of some experts, in order."""
    return [name for e in experts for name in (VECTOR_INPUT[e], f"has_{e}")]


def output_names(speakers: Sequence[str], heads: Sequence[Head]) -> list[str]:
    """Return the ONNX outputs of experts, and of the joint network, in order."""
    prefixes = ["", *(f"{e}_" for e in speakers)]
    return [f"{prefix}{head.name}" for prefix in prefixes for head in heads] + [FEATURES]


def export_onnx(module: FusionModule, heads: Sequence[Head], dims: Mapping[str, int]) -> bytes:
    """Return the model as ONNX bytes.

    Parameters
    ----------
    dims : expert → length of its vectors.
    """
    example = example_inputs(module.experts, dims, EXAMPLE_ROWS)
    batch = torch.export.Dim("batch")
    with _quiet(), deterministic(0):
        program = torch.onnx.export(
            module.eval(),
            kwargs={"inputs": example},
            dynamo=True,
            verbose=False,
            input_names=input_names(module.experts),
            output_names=output_names(module.speakers, heads),
            dynamic_shapes={"inputs": {name: {0: batch} for name in example}},
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned nothing; expected a program")
    return bytes(program.model_proto.SerializeToString())


def example_inputs(experts: Sequence[str], dims: Mapping[str, int], n: int) -> dict[str, Tensor]:
    """Return zeros of the right shapes with every modality present."""
    inputs: dict[str, Tensor] = {}
    for expert in experts:
        inputs[VECTOR_INPUT[expert]] = torch.zeros(n, dims[expert])
        inputs[f"has_{expert}"] = torch.ones(n, dtype=torch.bool)
    return inputs


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what torch 2.13 says during every export and nothing can be done about."""
    registration = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = registration.level
    registration.setLevel(logging.ERROR)  # "torchvision is not installed"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
        warnings.filterwarnings("ignore", message=".*axis name: batch will not be used.*", category=UserWarning)
        try:
            yield
        finally:
            registration.setLevel(level)
