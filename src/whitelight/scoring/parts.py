"""Everything a scorer needs beside the ONNX model, and how it lies in `arrays.npz`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.bundle import ARRAYS, check_arrays
from whitelight.scoring.calibration import EXPERTS, JOINTS, VELOCITIES, Agreement, Calibration
from whitelight.scoring.conformal import ConformalSets
from whitelight.scoring.fitness import Reference
from whitelight.scoring.heads import Array
from whitelight.scoring.scaling import Familiarity, Scaler

_SHARED = (
    "scaler_mean",
    "scaler_scale",
    "scaler_uses_velocity",
    "familiarity_quantiles",
    "prior",
    "class_targets",
    "class_known",
    "axes_share",
    "fused_temperature",
    "confidence",
    "conformal_threshold",
)
_REFERENCE_KEYS = ("view", "label", "weight")


@dataclass(frozen=True, slots=True)
class Parts:
    """The numbers around the model.

    Attributes
    ----------
    references : expert → one `Reference` per velocity setting.
    """

    scaler: Scaler
    familiarity: Familiarity
    calibration: Calibration
    references: Mapping[str, tuple[Reference, ...]]
    conformal: ConformalSets

    @property
    def prior(self) -> Array:
        """Share of each label among the training songs, head by head, (n_columns,); 0 where never heard."""
        return self.calibration.agreement.prior

    @property
    def experts(self) -> tuple[str, ...]:
        """The experts of this scorer, music first."""
        return tuple(name for name in EXPERTS if name in self.calibration.weights)


def pack(parts: Parts) -> dict[str, NDArray[Any]]:
    """Return named arrays for `arrays.npz`."""
    calibration = parts.calibration
    arrays: dict[str, NDArray[Any]] = {
        "scaler_mean": parts.scaler.mean,
        "scaler_scale": parts.scaler.scale,
        "scaler_uses_velocity": parts.scaler.uses_velocity,
        "familiarity_quantiles": parts.familiarity.quantiles,
        "prior": calibration.agreement.prior,
        "class_targets": calibration.agreement.targets,
        "class_known": calibration.agreement.known,
        "axes_share": np.asarray(calibration.agreement.share),
        "fused_temperature": calibration.fused_temperature,
        "confidence": calibration.confidence,
        "conformal_threshold": parts.conformal.threshold,
    }
    for name, temperatures in calibration.temperatures.items():
        arrays[f"temperature_{name}"] = temperatures
    for name in parts.experts:
        arrays[f"weight_{name}"] = np.asarray(calibration.weights[name])
    for name, per_velocity in parts.references.items():
        arrays[f"reference_{name}_log_p"] = np.stack([r.log_p for r in per_velocity]).astype(np.float32)
        for key in _REFERENCE_KEYS:
            arrays[f"reference_{name}_{key}"] = getattr(per_velocity[0], key)
    return arrays


def unpack(arrays: Mapping[str, NDArray[Any]], experts: Collection[str]) -> Parts:
    """Return what `pack` packed for these experts.

    Raises
    ------
    BundleError : other arrays than `pack` writes.
    """
    experts = [name for name in EXPERTS if name in experts]
    needed = set(_SHARED) | {f"{kind}_{name}" for name in experts for kind in ("temperature", "weight")}
    joint = [name for name in JOINTS if f"temperature_{name}" in arrays]
    needed |= {f"temperature_{name}" for name in joint}
    references = [name for name in experts if f"reference_{name}_log_p" in arrays]
    needed |= {f"reference_{name}_{key}" for name in references for key in ("log_p", *_REFERENCE_KEYS)}
    check_arrays(arrays, needed, name=ARRAYS)
    calibration = Calibration(
        temperatures={name: arrays[f"temperature_{name}"] for name in (*experts, *joint)},
        weights={name: float(arrays[f"weight_{name}"]) for name in experts},
        fused_temperature=arrays["fused_temperature"],
        confidence=arrays["confidence"],
        agreement=Agreement(
            arrays["prior"], arrays["class_targets"], arrays["class_known"], float(arrays["axes_share"])
        ),
    )
    return Parts(
        scaler=Scaler(arrays["scaler_mean"], arrays["scaler_scale"], arrays["scaler_uses_velocity"]),
        familiarity=Familiarity(arrays["familiarity_quantiles"]),
        calibration=calibration,
        references={name: _references(arrays, name) for name in references},
        conformal=ConformalSets(arrays["conformal_threshold"]),
    )


def _references(arrays: Mapping[str, NDArray[Any]], name: str) -> tuple[Reference, ...]:
    view, label, weight = (arrays[f"reference_{name}_{key}"] for key in _REFERENCE_KEYS)
    log_p = arrays[f"reference_{name}_log_p"].astype(np.float64)
    return tuple(Reference(log_p[velocity], view, label, weight) for velocity in range(len(VELOCITIES)))
