"""The six continuous measures, each in [0, 1]; `docs/rebracketing.md` has their definitions.

All but coverage have one form: marks per word, as a share of a ceiling. A mark is a cue of the measure's own list (or,
for intensity, of any type) with its weight; a text of fewer words than the floor counts as that long, so that a single
word does not reach the ceiling. The mean over the pieces of a text is then the value of the whole.
"""

from collections.abc import Sequence
from itertools import pairwise

from whitelight.dataset.rebracketing.cues import Hit
from whitelight.dataset.rebracketing.lexicon import COVERAGE, INTENSITY, Lexicon
from whitelight.dataset.rebracketing.tense import FiniteVerb, find_finite_verbs
from whitelight.dataset.rebracketing.words import QUESTION, SENTENCE, STOPS, Words


def measure(words: Words, hits: Sequence[Hit], lexicon: Lexicon) -> dict[str, float]:
    """Return all measures of a text that has at least one word."""
    n_types = len(lexicon.types)
    of_types = [hit for hit in hits if hit.owner < n_types]
    marks = {INTENSITY: _intensity(words, of_types, lexicon)}
    for owner, name in enumerate(lexicon.measures, n_types):
        if name != COVERAGE:
            marks[name] = sum(hit.weight for hit in hits if hit.owner == owner) + _structure(name, words, lexicon)
    length = max(words.n_words, lexicon.floor)
    values = {name: _share(total, length * lexicon.settings[name]["ceiling"]) for name, total in marks.items()}
    return values | {COVERAGE: _coverage(words, of_types, int(lexicon.settings[COVERAGE]["reach"]))}


def _share(marks: float, ceiling: float) -> float:
    return min(max(marks / ceiling, 0.0), 1.0)


def _intensity(words: Words, hits: Sequence[Hit], lexicon: Lexicon) -> float:
    """Return the strength of all evidence; words that speak for several types count once, at their strongest."""
    boost = lexicon.settings[INTENSITY]["boost"]
    strongest: dict[int, float] = {}
    for hit in hits:
        is_boosted = any(form in lexicon.boosters for form in words.forms[max(hit.first - 2, 0) : hit.first])
        weight = hit.weight * (boost if is_boosted else 1.0)
        strongest[hit.first] = max(strongest.get(hit.first, 0.0), weight)
    return sum(strongest.values())


def _coverage(words: Words, hits: Sequence[Hit], reach: int) -> float:
    """Return the share of words that lie in evidence or within `reach` words of it, stops not crossed."""
    forms = words.forms
    covered: set[int] = set()
    for hit in hits:
        covered.update(range(hit.first, hit.last + 1))
        for step, edge in ((-1, hit.first), (1, hit.last)):
            for place in range(edge + step, edge + step * (reach + 1), step):
                if not 0 <= place < len(forms) or forms[place] in STOPS:
                    break
                covered.add(place)
    return len(covered) / words.n_words


def _structure(name: str, words: Words, lexicon: Lexicon) -> float:
    """Return marks that are no cues: questions, compound tenses, changes of tense."""
    settings = lexicon.settings[name]
    marks = settings.get("question", 0.0) * words.forms.count(QUESTION)
    if "shift" in settings:
        verbs = find_finite_verbs(words.forms, lexicon)
        marks += settings["compound"] * sum(verb.is_compound for verb in verbs)
        marks += settings["shift"] * sum(_changes_time(one, other, words) for one, other in pairwise(verbs))
    return marks


def _changes_time(one: FiniteVerb, other: FiniteVerb, words: Words) -> bool:
    """Tell whether two neighboring verbs of one sentence stand in different times.

    Only within a sentence (or line), so that a text has the changes of its lines and no more.
    """
    return one.time is not other.time and not {SENTENCE, QUESTION}.intersection(words.forms[one.place : other.place])
