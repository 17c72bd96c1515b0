"""Searching for settings of the fusion recipe: what is searched, what is measured, and who computes it."""

from whitelight.training.tuning.space import SearchSpace, TuneError, load_space
from whitelight.training.tuning.tune import ENGINES, TuneReport, tune

__all__ = ["ENGINES", "SearchSpace", "TuneError", "TuneReport", "load_space", "tune"]
