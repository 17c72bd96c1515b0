"""From a song proposal to a finished song, with the human at every gate. `composing` is one stage, top to bottom."""

from whitelight.composition.automatic import compose_song
from whitelight.composition.chords.catalog_rules import style_of_classes
from whitelight.composition.chords.learning import learn_transitions, write_transitions
from whitelight.composition.chords.transitions import ChordRules, blend, read_transitions, shipped_rules
from whitelight.composition.composing import compose_chords, compose_stage
from whitelight.composition.form import DEFAULT_FORM, ImpossibleSectionError, SectionPlan
from whitelight.composition.judging import NoCandidatesError
from whitelight.composition.new_song import new_song
from whitelight.composition.production import OtherSongError, UnwritableFolderError
from whitelight.composition.promotion import PromotionReport, promote
from whitelight.composition.report import SectionReport, StageReport
from whitelight.composition.review import ReviewError, read_review
from whitelight.composition.scorer import BatchScorer, SilencedScorer

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
    "compose_song",
    "compose_stage",
    "learn_transitions",
    "new_song",
    "promote",
    "read_review",
    "read_transitions",
    "shipped_rules",
    "style_of_classes",
    "write_transitions",
]
