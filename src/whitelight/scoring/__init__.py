"""The scorer: how well MIDI and text fit a target, from a bundle, by ONNX Runtime and without torch."""

from whitelight.scoring.result import Candidate, ScoreResult
from whitelight.scoring.scorer import ChromaticScorer

__all__ = ["Candidate", "ChromaticScorer", "ScoreResult"]
