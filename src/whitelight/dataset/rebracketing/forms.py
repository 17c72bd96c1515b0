"""Inflected forms of English words by small rules: what a cue like ``remember/v`` matches.

Forms are made from lemmas when the word lists are loaded, so that labeling a text is only looking up. A form too many
("rememberred") does no harm, as nobody writes it.
"""

import re
from collections.abc import Mapping

_VOWELS = "aeiou"
_SHORT = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]")  # stop, plan: the last letter doubles
_LATE = re.compile(r".*[^aeiou][aeiou][^aeiouwxy]")  # forget doubles, remember does not: both forms are made


def verb_forms(verb: str, irregular: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return base, third person, past, participle and -ing forms of a verb.

    Parameters
    ----------
    irregular : base → past and participle; regular verbs are missing.
    """
    pasts = irregular.get(verb, tuple(f"{stem}ed" for stem in _stems(verb)))
    return frozenset({verb, s_form(verb), *pasts, *(f"{stem}ing" for stem in _ing_stems(verb))})


def noun_forms(noun: str, irregular: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return singular and plural."""
    return frozenset({noun, *irregular.get(noun, (s_form(noun),))})


def adjective_forms(adjective: str) -> frozenset[str]:
    """Return positive, comparative, superlative and adverb."""
    endings = {f"{stem}{ending}" for stem in _stems(adjective) for ending in ("er", "est")}
    adverb = f"{adjective[:-1]}ily" if _ends_in_y(adjective) else f"{adjective}ly"
    return frozenset({adjective, adverb, *endings})


def s_form(word: str) -> str:
    """Return the word with -s, -es or -ies."""
    if _ends_in_y(word):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{word}s"


def _stems(word: str) -> tuple[str, ...]:
    """Return what stands before -ed and -er."""
    if word.endswith("e"):
        return (word[:-1],)
    if _ends_in_y(word):
        return (f"{word[:-1]}i",)
    if _SHORT.fullmatch(word):
        return (word + word[-1],)
    return (word, word + word[-1]) if _LATE.fullmatch(word) else (word,)


def _ing_stems(verb: str) -> tuple[str, ...]:
    if verb.endswith("ie"):
        return (f"{verb[:-2]}y",)
    return (verb,) if verb.endswith(("ee", "oe", "ye", "y")) else _stems(verb)


def _ends_in_y(word: str) -> bool:
    return len(word) > 2 and word[-1] == "y" and word[-2] not in _VOWELS
