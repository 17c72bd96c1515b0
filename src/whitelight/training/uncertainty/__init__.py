"""Doubt behind one interface: the recipe with its temperature, a deep ensemble, dropout while judging, evidence.

`METHODS` names them with the settings of the expert of MIDI; `benchmarks/uncertainty.py` compares them on the same songs. What ships
is the recipe: see `docs/uncertainty.md` for why.
"""

from collections.abc import Callable, Mapping

from whitelight.training.uncertainty.evidential import DirichletHead, Evidential
from whitelight.training.uncertainty.interface import Doubt, Uncertainty, UncertaintyMethod
from whitelight.training.uncertainty.midi import MidiLesson, midi_lesson
from whitelight.training.uncertainty.sampled import DeepEnsemble, MonteCarloDropout
from whitelight.training.uncertainty.tempered import PlainExpert, TemperatureScaled, tempered

METHODS: Mapping[str, Callable[[], UncertaintyMethod]] = {
    "recipe": PlainExpert,
    "ensemble": DeepEnsemble,
    "dropout": MonteCarloDropout,
    "evidential": Evidential,
}

__all__ = [
    "METHODS",
    "DeepEnsemble",
    "DirichletHead",
    "Doubt",
    "Evidential",
    "MidiLesson",
    "MonteCarloDropout",
    "PlainExpert",
    "TemperatureScaled",
    "Uncertainty",
    "UncertaintyMethod",
    "midi_lesson",
    "tempered",
]
