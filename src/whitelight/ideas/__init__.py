"""Idea intake: threads of artefacts shrink-wrapped into clean folders, and what proposals repeat as constraints."""

from whitelight.ideas.artifacts import NoThreadError
from whitelight.ideas.constraints import Breach, Constraints, ConstraintsError, Rule, read_constraints
from whitelight.ideas.corpus import Corpus, read_corpus
from whitelight.ideas.feedback import make_constraints
from whitelight.ideas.feedback_files import EditedConstraintsError, FeedbackReport, write_feedback
from whitelight.ideas.manifest import NotAManifestError
from whitelight.ideas.shrinkwrap import ShrinkwrapError, ShrinkwrapReport, shrinkwrap

__all__ = [
    "Breach",
    "Constraints",
    "ConstraintsError",
    "Corpus",
    "EditedConstraintsError",
    "FeedbackReport",
    "NoThreadError",
    "NotAManifestError",
    "Rule",
    "ShrinkwrapError",
    "ShrinkwrapReport",
    "make_constraints",
    "read_constraints",
    "read_corpus",
    "shrinkwrap",
    "write_feedback",
]
