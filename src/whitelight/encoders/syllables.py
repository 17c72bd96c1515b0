"""Words as they are sung: syllables, stress, the sound a line ends on. English by rule; other languages by hyphenation.

Syllables: groups of vowels, a silent final e taken off, and never fewer than pyphen's hyphenation finds. Stress: words of
one syllable by what they are (function words weak), longer ones by their ending (`-tion`, `-ity`: the syllable before) or
a weak prefix, else the first. The rules are right for about nine words in ten; prosody of a lyric is a statistic.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

VOWELS = "aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿ"
_GROUP = re.compile(f"[{VOWELS}]+")
_SPLIT = re.compile(
    r"(?<![tscgx])i[ao]|eo(?!u)|(?<=cr)ea(?=t)|[aeiou]ing"
)  # two syllables that one group of letters hides
_WEAK = """
    a an the and or but nor so as at by for from in into of off on onto out over to up with than that this these
    those i you he she it we they me him her us them my your his its our their is are was were be been am do does
    did has have had will would shall should can could may might must not if when where who what which there then
    just like i'm i'll i've you're it's we're they're don't can't won't isn't wasn't
"""
WEAK_WORDS = frozenset(_WEAK.split())
STRESS_BEFORE = (
    "tion",
    "sion",
    "cian",
    "ic",
    "ical",
    "ity",
    "ety",
    "ify",
    "ian",
    "ious",
    "eous",
    "ial",
    "graphy",
    "logy",
)
STRESS_ON = ("ee", "eer", "ese", "ette", "esque", "oon", "ique")
WEAK_PREFIXES = (
    "a",
    "be",
    "re",
    "de",
    "un",
    "in",
    "im",
    "ex",
    "en",
    "em",
    "pre",
    "pro",
    "con",
    "com",
    "dis",
    "mis",
    "for",
)
PREFIXED = 2  # syllables a word must have beside its prefix's own letters to count as prefixed


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, its stresses (one per syllable, True is strong) and what it rhymes on."""

    text: str
    stresses: tuple[bool, ...]
    rime: str


@lru_cache(maxsize=1 << 15)
def scan_word(text: str, language: str = "en_US") -> Word:
    """Return the syllables of a word in lower case, letters and apostrophes."""
    count = count_syllables(text, language)
    if count == 1:
        return Word(text, (text not in WEAK_WORDS,), _rime(text))
    strong = _stressed(text, count)
    return Word(text, tuple(k == strong for k in range(count)), _rime(text))


def count_syllables(text: str, language: str = "en_US") -> int:
    """Return the number of syllables, at least 1."""
    letters = text.replace("'", "")
    groups = len(_GROUP.findall(letters)) + sum(1 for _ in _SPLIT.finditer(letters) if len(letters) > 4)
    if groups > 1 and re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouyscxz]es$", letters):
        groups -= 1
    hyphens = 1 if letters.endswith(("e", "ed", "es")) else _hyphenation(language).inserted(letters).count("-") + 1
    return max(groups, hyphens, 1)


@lru_cache(maxsize=4)
def _hyphenation(language: str) -> Any:
    import pyphen  # noqa: PLC0415  its dictionary is read when the first word is

    return pyphen.Pyphen(lang=pyphen.language_fallback(language) or "en_US")


def _stressed(text: str, count: int) -> int:
    """Place of the strong syllable."""
    if text.endswith(STRESS_ON):
        return count - 1
    for ending in STRESS_BEFORE:
        if text.endswith(ending):
            return max(count - 1 - len(_GROUP.findall(ending)), 0)
    prefix = next((p for p in WEAK_PREFIXES if text.startswith(p) and len(text) > len(p) + PREFIXED), None)
    is_prefixed = prefix is not None and count == PREFIXED and text[len(prefix)] not in VOWELS and len(text) > 4
    doubled = is_prefixed and prefix == "a" and text[1] in "bcdfgjklmnprstvwz" and text[2] in VOWELS + "lrh"
    return 1 if is_prefixed and (doubled or prefix != "a") else 0


def _rime(text: str) -> str:
    """Letters from the last sung vowel on, spelling evened out a little: night and write both end on `it`."""
    letters = text.replace("'", "")
    letters = re.sub(r"([^aeiouy])e(s?)$", r"\1\2", letters) if len(_GROUP.findall(letters)) > 1 else letters
    letters = re.sub(r"([^aeiouytd])ed$", r"\1d", letters.replace("igh", "i"))
    found = list(_GROUP.finditer(letters))
    rime = letters[found[-1].start() :] if found else letters
    for spelled, sung in (
        ("ai", "a"),
        ("ay", "a"),
        ("ey", "a"),
        ("ee", "e"),
        ("ea", "e"),
        ("oa", "o"),
        ("ow", "o"),
        ("ie", "i"),
        ("y", "i"),
        ("ck", "k"),
        ("ll", "l"),
        ("ss", "s"),
    ):
        rime = rime.replace(spelled, sung)
    return rime
