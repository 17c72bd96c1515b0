"""From a song proposal to chord candidates, with the human at the gate. `chords.stage` is the stage, top to bottom."""

from whitelight.composition.chords.catalog_rules import style_of_classes
from whitelight.composition.chords.learning import learn_transitions, write_transitions
from whitelight.composition.chords.stage import NoCandidatesError, compose_chords
from whitelight.composition.chords.transitions import ChordRules, blend, read_transitions, shipped_rules
from whitelight.composition.form import DEFAULT_FORM, ImpossibleSectionError, SectionPlan
from whitelight.composition.production import OtherSongError
from whitelight.composition.promotion import PromotionReport, promote
from whitelight.composition.report import SectionReport, StageReport
from whitelight.composition.review import ReviewError, read_review
from whitelight.composition.scorer import BatchScorer, SilencedScorer
from whitelight.composition.stage_writing import UnwritableFolderError

__all__ = [
    "DEFAULT_FORM",
    "BatchScorer",
    "ChordRules",
    "ImpossibleSectionError",
    "NoCandidatesError",
    "OtherSongError",
    "PromotionReport",
    "ReviewError",
    "SectionPlan",
    "SectionReport",
    "SilencedScorer",
    "StageReport",
    "UnwritableFolderError",
    "blend",
    "compose_chords",
    "learn_transitions",
    "promote",
    "read_review",
    "read_transitions",
    "shipped_rules",
    "style_of_classes",
    "write_transitions",
]
