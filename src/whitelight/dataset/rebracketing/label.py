"""`label_text`: the rebracketing labels of one text.

Deterministic: no weights are learned, nothing is drawn, and types that tie are all given.
"""

from dataclasses import dataclass

from whitelight.dataset.rebracketing.cues import Hit, find_cues
from whitelight.dataset.rebracketing.lexicon import MEASURES, Lexicon, load_lexicon
from whitelight.dataset.rebracketing.measures import measure
from whitelight.dataset.rebracketing.words import read_words

__all__ = ["MEASURES", "Evidence", "Rebracketing", "label_text", "type_names"]

ENOUGH = 1.0  # evidence a type needs: one usual cue or two weak ones
SHARE_OF_STRONGEST = 0.5  # and this share of what the strongest type has


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a type: ``text[start:end]`` of the text as given."""

    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rebracketing:
    """Labels of one text.

    Attributes
    ----------
    types : in the order of `type_names`; several where several have enough evidence, none where none has.
    evidence : of these types, in order of place; every type has some.
    intensity … memory_discrepancy : in [0, 1]; None for a text without words.
    """

    types: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    intensity: float | None = None
    coverage: float | None = None
    boundary_fluidity: float | None = None
    temporal_complexity: float | None = None
    ontological_uncertainty: float | None = None
    memory_discrepancy: float | None = None


def type_names() -> tuple[str, ...]:
    """Return the nine types in the order that labels have."""
    return load_lexicon().types


def label_text(text: str) -> Rebracketing:
    """Return types, evidence and measures of a concept or lyric text.

    Parameters
    ----------
    text : English, of any length; several lines or sentences as they are.

    Returns
    -------
    no types and measures None when the text has no words.
    """
    words = read_words(text)
    if not words.n_words:
        return Rebracketing()
    lexicon = load_lexicon()
    hits = find_cues(words, lexicon)
    given = _given_types(hits, lexicon)
    evidence = tuple(
        Evidence(lexicon.types[hit.owner], words.starts[hit.first], words.ends[hit.last])
        for hit in sorted(hits, key=lambda hit: (hit.first, hit.last, hit.owner))
        if hit.owner in given
    )
    return Rebracketing(tuple(lexicon.types[owner] for owner in given), evidence, **measure(words, hits, lexicon))


def _given_types(hits: list[Hit], lexicon: Lexicon) -> list[int]:
    totals = [0.0] * len(lexicon.types)
    for hit in hits:
        if hit.owner < len(totals):
            totals[hit.owner] += hit.weight
    needed = max(ENOUGH, SHARE_OF_STRONGEST * max(totals))
    return [owner for owner, total in enumerate(totals) if total >= needed]
