"""Mending what a cut can break, *she go*, *they was*, *a hour*; and telling what cannot be mended."""

from collections.abc import Sequence
from itertools import pairwise

from whitelight.composition.lyrics.tagging import lexicon, possible_tags

THIRD = frozenset(
    {
        "he",
        "she",
        "it",
        "nothing",
        "everything",
        "everyone",
        "nobody",
        "someone",
        "something",
        "anything",
        "who",
    }
)
OTHERS = frozenset({"i", "you", "we", "they"})
_BE = {"is": ("am", "are"), "was": ("was", "were"), "are": ("am", "are"), "were": ("was", "were"), "am": ("am", "are"),
       "isn't": ("ain't", "aren't"), "wasn't": ("wasn't", "weren't"), "aren't": ("ain't", "aren't"),
       "weren't": ("wasn't", "weren't")}  # fmt: skip
_BE_THIRD = {"am": "is", "are": "is", "were": "was", "aren't": "isn't", "weren't": "wasn't"}
_DO_THIRD = {"don't": "doesn't", "do": "does", "have": "has", "haven't": "hasn't"}
_DO_OTHERS = {third: plain for plain, third in _DO_THIRD.items()}
_VOWEL_SOUND = ("a", "e", "i", "o", "u", "hour", "honest")
_NOT_VOWEL = ("one", "once", "uni", "use", "usu", "eu", "ut")


def agree(words: Sequence[str], tags: Sequence[str]) -> tuple[str, ...]:
    """Return the words with verbs that fit their subjects and *a* or *an* as it sounds."""
    mended = list(words)
    for k, tag in enumerate(tags):
        low = mended[k].casefold()
        if tag in ("SUBJ", "OBJ", "NOUN", "NOUNS") and k + 1 < len(mended):
            at = k + 2 if tags[k + 1] in ("ADV", "NOT") and k + 2 < len(mended) else k + 1
            person = _person(low, tag)
            if person and (k == 0 or tags[k - 1] not in ("BE", "MODAL", "HAVE")):
                is_subject = tag == "SUBJ" or k == 0 or tags[k - 1] in ("DET", "POSS", "ADJ", "CONJ", "SUB")
                governed = tag != "SUBJ" and any(t in ("PREP", "VERB", "VERBD", "ING", "VERBS") for t in tags[:k])
                if is_subject and not governed:
                    mended[at] = _verb(mended[at], tags[at], person)
        if low in ("a", "an") and tag == "DET" and k + 1 < len(mended):
            following = mended[k + 1].casefold()
            is_vowel = following.startswith(_VOWEL_SOUND) and not following.startswith(_NOT_VOWEL)
            mended[k] = "an" if is_vowel else "a"
    return tuple(mended)


FINITE = ("VERB", "VERBS", "VERBD", "BE", "MODAL", "HAVE")
_HELPS = ("BE", "MODAL", "HAVE", "NOT", "ADV", "SUBJ")
_OPENERS = ("CONJ", "SUB", "WH", "SUBJ", "TO")
_NEEDS = {  # what must come next, whatever else was met
    "DET": ("NOUN", "NOUNS", "ADJ", "NUM", "PART_ED", "ING", "NAME", "ADV"),
    "POSS": ("NOUN", "NOUNS", "ADJ", "NUM", "PART_ED", "ING", "NAME"),
    "TO": ("VERB", "BE", "HAVE", "DET", "POSS", "OBJ", "NAME", "NOUN", "NOUNS"),
    "MODAL": ("VERB", "BE", "HAVE", "SUBJ", "NOT", "ADV", "OBJ"),
}
_WITNESSES = frozenset(
    {"let", "lets", "make", "makes", "made", "see", "saw", "hear", "heard", "help", "watch", "watched", "feel", "felt"}
)
_PRONOUNS = frozenset({"i", "you", "he", "she", "it", "we", "they"})


def is_grammatical(words: Sequence[str], tags: Sequence[str]) -> bool:
    """Whether verbs and subjects find each other: no second verb out of nowhere, no *he* without one."""
    if any(b not in _NEEDS.get(a, (b,)) for a, b in pairwise(tags)):
        return False
    for k, tag in enumerate(tags[:-1]):
        j = next((j for j in range(k + 1, len(tags)) if tags[j] not in ("ADV", "NOT")), k + 1)
        if not _goes_with(words[k], tag, words[j], tags[j]) or (tag == "MODAL" and tags[j] not in _NEEDS["MODAL"]):
            return False
    last = ""
    for k, tag in enumerate(tags):
        low = words[k].casefold()
        if tag in FINITE:
            if last and not _may_follow(tags, k, last):
                return False
            last = low
        elif tag in _OPENERS:
            last = ""
        if tag == "SUBJ" and low in _PRONOUNS:
            after = next((t for t in tags[k + 1 :] if t not in ("ADV", "NOT")), "$")
            asked = k > 0 and tags[k - 1] in ("BE", "MODAL", "HAVE")
            if after not in FINITE and not (asked and after not in ("DET", "$")):
                return False
    return True


def _goes_with(word: str, tag: str, after: str, after_tag: str) -> bool:
    """Whether a form of *be*, *have* or *will*, alone or behind an apostrophe, has the form of the verb it needs."""
    low = word.casefold()
    if tag == "BE" or (tag == "SUBJ" and low.endswith(("'m", "'re", "'s"))):
        is_participle = {"PART_ED", "ADJ"} & set(possible_tags(after.casefold()))
        return after_tag not in ("VERB", "VERBS", "MODAL", "HAVE") and (after_tag != "VERBD" or bool(is_participle))
    if tag == "HAVE" or low.endswith("'ve"):
        return after_tag not in ("VERB", "VERBS", "MODAL", "ING")
    return not low.endswith("'ll") or after_tag in ("VERB", "BE", "HAVE", "ADV", "NOT")


def _may_follow(tags: Sequence[str], k: int, last: str) -> bool:
    """Whether a verb can come after another without an opener: behind *can*, or *let him*."""
    before = tags[k - 1]
    if before in _HELPS or (before == "OBJ" and last in _WITNESSES):
        return True
    return last in _WITNESSES and tags[k] == "VERB"


def _person(word: str, tag: str) -> str:
    if word == "i":
        return "first"
    if word in OTHERS or tag == "NOUNS":
        return "others"
    return "third" if word in THIRD or tag == "NOUN" else ""


def _verb(word: str, tag: str, person: str) -> str:
    low = word.casefold()
    if tag == "BE" and low in _BE | _BE_THIRD:
        if person == "third":
            return _BE_THIRD.get(low, low)
        return _BE.get(low, (low, low))[person == "others"]
    if tag in ("MODAL", "HAVE"):
        return _DO_THIRD.get(low, low) if person == "third" else _DO_OTHERS.get(low, low)
    if tag == "VERB" and person == "third":
        return lexicon().verbs[low][0] if low in lexicon().verbs else word
    if tag == "VERBS" and person != "third":
        return lexicon().forms.get(low, word)
    return word
