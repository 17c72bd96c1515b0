"""Training and honest evaluation of scorers (`docs/architecture.md`): splits, leakage, experts, calibration, export."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whitelight.training.evaluation import evaluate
    from whitelight.training.train import train_fusion
    from whitelight.training.train_report import TrainReport

__all__ = ["TrainReport", "evaluate", "train_fusion"]

_HOMES = {"TrainReport": "train_report", "evaluate": "evaluation", "train_fusion": "train"}


def __getattr__(name: str) -> Any:
    """Load the module of a public name when it is first asked for: `evaluate` needs no torch, training does."""
    if name not in _HOMES:
        raise AttributeError(f"module 'whitelight.training' has no attribute '{name}'")
    from importlib import import_module  # noqa: PLC0415  only on demand

    return getattr(import_module(f"whitelight.training.{_HOMES[name]}"), name)
