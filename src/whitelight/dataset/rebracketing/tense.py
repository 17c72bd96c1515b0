"""Finite verbs and their times, as far as closed lists and endings tell: past, present, future; simple or compound.

No grammar is parsed. Auxiliaries, irregular pasts and -ed carry most finite verbs of songs; a verb in the present is
seen only behind a pronoun ("I wait", "she waits"). What is not seen is not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from whitelight.dataset.rebracketing.lexicon import Lexicon
from whitelight.dataset.rebracketing.words import SENTENCE, STOPS


class Time(Enum):
    """When a finite verb says it is."""

    THEN = "then"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class FiniteVerb:
    """A finite verb: the word that carries the time, and whether it looks from one time to another ("had gone")."""

    place: int
    time: Time
    is_compound: bool = False


def find_finite_verbs(forms: Sequence[str], lexicon: Lexicon) -> list[FiniteVerb]:
    """Return the finite verbs that can be told, in order."""
    lists = lexicon.tense
    hangs_on = lists["modals"] | lists["be_now"] | lists["then"] | lists["have"] | lists["do_now"]
    found: list[FiniteVerb] = []
    skip_until = -1
    for i, form in enumerate(forms):
        if i <= skip_until or form in STOPS:
            continue
        before = forms[i - 1] if i else SENTENCE
        verb = _auxiliary(forms, i, lexicon)
        if verb is not None:
            skip_until = _next_word(forms, i, lexicon)  # the participle or infinitive that hangs on it
        elif before not in hangs_on:
            verb = _full_verb(form, before, i, lexicon)
        if verb is not None:
            found.append(verb)
    return found


def _auxiliary(forms: Sequence[str], i: int, lexicon: Lexicon) -> FiniteVerb | None:
    form, lists = forms[i], lexicon.tense
    if form in lists["then"]:
        return FiniteVerb(i, Time.THEN)
    is_now = form in lists["be_now"] or form in lists["do_now"]
    if is_now or (form == "'s" and i and forms[i - 1] in lists["singular_subjects"]):
        return FiniteVerb(i, Time.NOW)
    if form in lists["ahead"]:
        following = _next_word(forms, i, lexicon)
        return FiniteVerb(i, Time.AHEAD, following < len(forms) and forms[following] in lists["have"])
    return _have(forms, i, lexicon) if form in lists["have"] or form == "'d" else None


def _have(forms: Sequence[str], i: int, lexicon: Lexicon) -> FiniteVerb | None:
    """Read have, has, had, 've and 'd, which alone is "would"."""
    following = _next_word(forms, i, lexicon)
    is_perfect = "been" in forms[i + 1 : following + 1]
    is_perfect |= following < len(forms) and _is_participle(forms[following], lexicon)
    if forms[i] == "'d" and not is_perfect:
        return None
    return FiniteVerb(i, Time.THEN if is_perfect or forms[i] == "had" else Time.NOW, is_perfect)


def _full_verb(form: str, before: str, i: int, lexicon: Lexicon) -> FiniteVerb | None:
    lists = lexicon.tense
    if form in lexicon.pasts or _has_past_ending(form, lexicon):
        return FiniteVerb(i, Time.THEN)
    if before in lists["plural_subjects"] and form not in lists["not_verbs"]:
        return FiniteVerb(i, Time.NOW)
    if before in lists["singular_subjects"] and len(form) > 3 and form.endswith("s") and not form.endswith("ss"):
        return FiniteVerb(i, Time.NOW)
    return None


def _is_participle(form: str, lexicon: Lexicon) -> bool:
    return form in lexicon.participles or _has_past_ending(form, lexicon)


def _has_past_ending(form: str, lexicon: Lexicon) -> bool:
    return len(form) > 3 and form.endswith("ed") and form not in lexicon.tense["not_past"]


def _next_word(forms: Sequence[str], i: int, lexicon: Lexicon) -> int:
    """Return the place of the next word that is no adverb or negation."""
    place = i + 1
    while place < len(forms) and forms[place] in lexicon.tense["between"]:
        place += 1
    return place
