"""Find the cues of all lists in the words of a text, in one pass.

In one list the cue that begins first is taken, the longest of those that begin together, and none that overlaps it.
Different lists do not disturb each other: a word may speak for several types. A negation reaches a few words ahead,
to the next stop at most.
"""

from dataclasses import dataclass

from whitelight.dataset.rebracketing.lexicon import Cue, Lexicon
from whitelight.dataset.rebracketing.words import STOPS, Words


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found: words `first` to `last` of the text, both counted."""

    owner: int
    first: int
    last: int
    weight: float


def find_cues(words: Words, lexicon: Lexicon) -> list[Hit]:
    """Return all hits in order of their first word, longer ones first."""
    forms = words.forms
    hits: list[Hit] = []
    taken: dict[int, int] = {}  # owner → last word of its latest hit
    negated_until = -1
    for i, form in enumerate(forms):
        if form in STOPS:
            negated_until = -1
            continue
        for cue in lexicon.cues.get(form, ()):
            if taken.get(cue.owner, -1) >= i or not _follows(cue, forms, i + 1):
                continue
            if cue.needs_negation is not None and cue.needs_negation is not (i <= negated_until):
                continue
            last = i + len(cue.rest)
            taken[cue.owner] = last
            hits.append(Hit(cue.owner, i, last, cue.weight))
        if form in lexicon.negators:
            negated_until = i + lexicon.negation_reach
    return hits


def _follows(cue: Cue, forms: list[str], place: int) -> bool:
    if place + len(cue.rest) > len(forms):
        return False
    for offset, wanted in enumerate(cue.rest):
        form = forms[place + offset]
        if form not in wanted if wanted is not None else form in STOPS:
            return False
    return True
