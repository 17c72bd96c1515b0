"""What a song is about: words of its title and concept that can be sung, with what each does in a line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from whitelight.composition.lyrics.tagging import lexicon, tag_line
from whitelight.composition.lyrics.words import sung_word, tokens

TITLE_WEIGHT = 4.0
MAX_WORDS, MAX_SYLLABLES, MAX_LETTERS = 60, 4, 20_000
THEMATIC = ("NOUN", "NOUNS", "ADJ", "VERB", "VERBS", "VERBD", "ING")


@dataclass(frozen=True, slots=True)
class ThemeWord:
    """A word of the theme.

    Attributes
    ----------
    weight : how much of the theme it is; the most is 1.
    """

    text: str
    tag: str
    stem: str
    weight: float


@lru_cache(maxsize=64)
def theme_words(title: str, concept: str = "") -> tuple[ThemeWord, ...]:
    """Return the words of a theme, the weightiest first."""
    counts: dict[tuple[str, str], float] = {}
    for text, weight in ((title, TITLE_WEIGHT), (concept[:MAX_LETTERS], 1.0)):
        for sentence in re.split(r"[.;:!?\n,()\"\u201c\u201d\u2014]+", text):
            words = tokens(sentence.casefold() if text is title else sentence)
            for word, tag in zip(words, tag_line(words), strict=True):
                if tag in THEMATIC and _is_singable(word):
                    key = word.casefold(), tag
                    counts[key] = counts.get(key, 0.0) + weight
    if not counts:
        return ()
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_WORDS]
    most = ranked[0][1]
    return tuple(ThemeWord(word, tag, stem(word), (count / most) ** 0.5) for (word, tag), count in ranked)


def _is_singable(word: str) -> bool:
    plain = word.casefold()
    return (
        plain.isalpha()
        and len(plain) > 2
        and plain not in lexicon().about
        and stem(plain) not in lexicon().about
        and len(sung_word(plain).kinds) <= MAX_SYLLABLES
    )


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """Cut common endings: *breathing*, *breathes* and *breathe* share "breath"."""
    plain = word.casefold().replace("'s", "")
    for ending in ("ingly", "ing", "edly", "ies", "ied", "es", "ed", "er", "ers", "ly", "s", "e", "y"):
        if plain.endswith(ending) and len(plain) - len(ending) >= 3:
            plain = plain[: -len(ending)]
            break
    return plain[:-1] if len(plain) > 3 and plain[-1] == plain[-2] and plain[-1] not in "sl" else plain


def closeness(words: Iterable[str], theme: Iterable[ThemeWord]) -> float:
    """Share of the content of a text that belongs to the theme, weighted: 0 none of it."""
    weights = {one.stem: one.weight for one in reversed(tuple(theme))}
    stems = [stem(word) for word in words]
    return sum(weights.get(one, 0.0) for one in stems) / max(len(stems), 1)
