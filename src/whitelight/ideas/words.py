"""Phrases and words that come back from proposal to proposal.

A phrase is 3 to 6 words in a row inside one concept, counted once per proposal, however often it says it. It needs two
words that carry meaning; of phrases inside each other that occur in the same number of proposals the longest stays.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

PHRASE_WORDS = (3, 4, 5, 6)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BREAK = re.compile(r"[.!?;:()\[\]\"“”\n]|\s[-–—]+\s")  # a phrase does not reach over the end of a sentence
_POSSESSIVE = re.compile(r"['’]s$")
STOP_WORDS = frozenset(
    """
    a about above across after again against all almost along already also although always am among an and
    another any are around as at away be became because become becomes been before behind being below beneath
    between beyond both but by can cannot could did do does doing don't done down during each either else even
    ever every everything few first for from further get gets goes had has have having he her here hers herself
    him himself his how however i if in instead into is isn't it its itself just least less let like made make
    makes many may me might mine more most much must my myself near need neither never no nor not nothing now of
    off often on once one only onto or other our ours ourselves out over own per perhaps rather same second she
    should since so some something soon still such than that the their theirs them themselves then there these
    they thing things this those though three through throughout thus to together too toward towards two under
    until up upon us very via was way we well were what whatever when where whether which while who whole whom
    whose why will with within without would yes yet you your yours yourself
    """.split()  # noqa: SIM905  as a list it would take two hundred lines
)


def sentences(text: str) -> list[list[str]]:
    """Return the words of each sentence: small letters, quotes of one kind, without a possessive "'s"."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return [words for part in _BREAK.split(plain) if (words := [_POSSESSIVE.sub("", w) for w in _WORD.findall(part)])]


def phrases_of(text: str) -> set[tuple[str, ...]]:
    """Every phrase of a text that carries meaning."""
    found: set[tuple[str, ...]] = set()
    for words in sentences(text):
        for size in PHRASE_WORDS:
            found |= {
                phrase for i in range(len(words) - size + 1) if _has_meaning(phrase := tuple(words[i : i + size]))
            }
    return found


def _has_meaning(phrase: Sequence[str]) -> bool:
    return sum(carries_meaning(word) for word in phrase) >= 2


def carries_meaning(word: str) -> bool:
    """Whether a word is no stop word, number or single Latin letter."""
    return word not in STOP_WORDS and not word.isdecimal() and (len(word) > 1 or not word.isascii())


def title_words(title: str) -> set[str]:
    """Words of a title that carry meaning."""
    return {word for words in sentences(title) for word in words if carries_meaning(word)}


def counted(texts: Iterable[set[tuple[str, ...]]], at_least: int) -> dict[tuple[str, ...], int]:
    """Phrase → number of texts, most frequent first, then longest, then by alphabet; repeats inside others go."""
    counts: dict[tuple[str, ...], int] = {}
    for phrases in texts:
        for phrase in phrases:
            counts[phrase] = counts.get(phrase, 0) + 1
    often = {phrase: n for phrase, n in counts.items() if n >= at_least}
    inner = {part for phrase, n in often.items() for part in _parts(phrase) if often.get(part) == n}
    kept = sorted((phrase for phrase in often if phrase not in inner), key=lambda p: (-often[p], -len(p), p))
    return {phrase: often[phrase] for phrase in kept}


def _parts(phrase: tuple[str, ...]) -> set[tuple[str, ...]]:
    sizes = (size for size in PHRASE_WORDS if size < len(phrase))
    return {phrase[i : i + size] for size in sizes for i in range(len(phrase) - size + 1)}


def contains(words: Sequence[Sequence[str]], phrase: Sequence[str]) -> bool:
    """Whether some sentence has a phrase, word for word."""
    size, wanted = len(phrase), tuple(phrase)
    return any(tuple(said[i : i + size]) == wanted for said in words for i in range(len(said) - size + 1))
