"""How words are sung rather than what they say: named measures of syllables, stress, rhyme, phrases and repetition.

Nothing here knows a word's meaning. `measure_names` names every column; a text of one line has no rhyme and no repetition of
lines, and reads 0 there. Counts are shares or logarithms, so that a line and a song lie on one scale.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.protocol import Modality, fingerprint_of
from whitelight.encoders.syllables import VOWELS, WEAK_WORDS, Word, scan_word
from whitelight.encoders.text import MAX_LETTERS, WORD

FEET = {"iambic": (0, 1), "trochaic": (1, 0), "anapestic": (0, 0, 1), "dactylic": (1, 0, 0)}
SOUNDS = {"plosives": "bcdgkpqt", "fricatives": "fhsvxz", "nasals": "mn", "liquids": "lrwj"}
VOWEL_COLORS = {"bright": "eiéèêíî", "dark": "ouóòôúù", "open": "aáàâä"}
LONGEST = 6  # words of so many syllables or more are counted together
Line = list[Word]


def scan_lines(text: str, language: str = "en_US") -> list[Line]:
    """Return the words of every line that has any."""
    lines = [WORD.findall(line.casefold().replace("\u2019", "'")) for line in text[:MAX_LETTERS].splitlines()]
    return [[scan_word(word, language) for word in line] for line in lines if line]


def measure(text: str, language: str = "en_US") -> dict[str, float]:
    """Return every measure of a text by name; all 0 where there is no word."""
    lines = scan_lines(text, language)
    words = [word for line in lines for word in line]
    if not words:
        return {}
    return {
        **_syllables(lines, words),
        **_stress(lines),
        **_rhyme(lines),
        **_repetition(lines, words),
        **_phrases(text, words),
        **_sounds(words),
    }


def _syllables(lines: Sequence[Line], words: Sequence[Word]) -> dict[str, float]:
    per_word = np.array([len(word.stresses) for word in words])
    per_line = np.array([sum(len(word.stresses) for word in line) for line in lines])
    words_per_line = np.array([len(line) for line in lines])
    found = {f"words of {n} syllables": float((per_word == n).mean()) for n in range(1, LONGEST - 1)}
    return {
        **found,
        "syllables per word": float(per_word.mean()),
        "syllables per line": float(np.log(per_line).mean()),
        "syllables per line, spread": float(np.log(per_line).std()),
        "change from line to line": _mean(abs(np.log(b / a)) for a, b in pairwise(per_line)),
        "lines as long as the last": _mean(a == b for a, b in pairwise(per_line)),
        "words per line": float(np.log(words_per_line).mean()),
        "lines": float(np.log(len(lines))),
        "letters per word": float(np.mean([len(word.text) for word in words])),
    }


def _stress(lines: Sequence[Line]) -> dict[str, float]:
    patterns = [[int(s) for word in line for s in word.stresses] for line in lines]
    every = [s for pattern in patterns for s in pattern]
    pairs = [pair for pattern in patterns for pair in pairwise(pattern)]
    found = {
        "strong syllables": float(np.mean(every)),
        "strong beside weak": _mean(a != b for a, b in pairs),
        "two strong together": _mean(a and b for a, b in pairs),
        "two weak together": _mean(not a and not b for a, b in pairs),
        "lines that begin strong": float(np.mean([pattern[0] for pattern in patterns])),
        "lines that end strong": float(np.mean([pattern[-1] for pattern in patterns])),
    }
    for name, foot in FEET.items():
        found[name] = float(np.mean([_fit(pattern, foot) for pattern in patterns]))
    return found


def _fit(pattern: Sequence[int], foot: Sequence[int]) -> float:
    """Share of the syllables that are as the foot wants them."""
    return float(np.mean([s == foot[k % len(foot)] for k, s in enumerate(pattern)]))


def _rhyme(lines: Sequence[Line]) -> dict[str, float]:
    ends = [line[-1] for line in lines]
    inside = [any(_rhymes(word, line[-1]) for word in line[:-1]) for line in lines if len(line) > 1]
    return {
        "rhyme with the last line": _mean(_rhymes(a, b) for a, b in pairwise(ends)),
        "rhyme with the line before": _mean(_rhymes(a, b) for a, b in zip(ends, ends[2:], strict=False)),
        "rhyme within four lines": _mean(
            any(_rhymes(ends[k], e) for e in ends[max(k - 4, 0) : k]) for k in range(1, len(ends))
        ),
        "rhyme inside a line": _mean(inside),
        "different endings": len({e.rime for e in ends}) / len(ends),
        "alliteration": _mean(
            a.text[0] == b.text[0] and a.text[0] not in VOWELS for line in lines for a, b in pairwise(line)
        ),
    }


def _rhymes(a: Word, b: Word) -> bool:
    """Same ending, another word."""
    return a.rime == b.rime and a.text != b.text


def _repetition(lines: Sequence[Line], words: Sequence[Word]) -> dict[str, float]:
    texts = [word.text for word in words]
    pairs = Counter((a.text, b.text) for line in lines for a, b in pairwise(line))
    whole = Counter(" ".join(word.text for word in line) for line in lines)
    n_pairs = sum(pairs.values())
    return {
        "different words": len(set(texts)) / len(texts),
        "different words, by the root": len(set(texts)) / len(texts) ** 0.5,
        "pairs said before": 1.0 - len(pairs) / n_pairs if n_pairs else 0.0,
        "lines said before": 1.0 - len(whole) / len(lines),
        "lines that begin like the last": _mean(a[0].text == b[0].text for a, b in pairwise(lines)),
        "lines that end like the last": _mean(a[-1].text == b[-1].text for a, b in pairwise(lines)),
        "word said twice": _mean(a == b for a, b in pairwise(texts)),
    }


def _phrases(text: str, words: Sequence[Word]) -> dict[str, float]:
    n = len(words)
    phrases = [WORD.findall(phrase) for phrase in re.split(r"[,.;:!?\n\u2014\u2013]+", text[:MAX_LETTERS])]
    lengths = np.log([len(phrase) for phrase in phrases if phrase])
    return {
        "words per phrase": float(lengths.mean()),
        "words per phrase, spread": float(lengths.std()),
        "commas": text.count(",") / n,
        "stops": len(re.findall(r"[.;:]", text)) / n,
        "questions": text.count("?") / n,
        "exclamations": text.count("!") / n,
        "weak words": float(np.mean([word.text in WEAK_WORDS for word in words])),
        "contractions": float(np.mean(["'" in word.text for word in words])),
    }


def _sounds(words: Sequence[Word]) -> dict[str, float]:
    letters = Counter("".join(word.text for word in words))
    total = sum(letters.values())
    groups = {**SOUNDS, **{f"{name} vowels": color for name, color in VOWEL_COLORS.items()}}
    found = {name: sum(letters[c] for c in group) / total for name, group in groups.items()}
    return {**found, "words that end on a vowel": float(np.mean([word.text[-1] in VOWELS for word in words]))}


def _mean(values: Iterable[float]) -> float:
    listed = [float(value) for value in values]
    return float(np.mean(listed)) if listed else 0.0


@lru_cache(maxsize=1)
def measure_names() -> tuple[str, ...]:
    """Return the names of the measures, in column order; every text has the same."""
    return tuple(measure("la"))


class ProsodyEncoder:
    """The measures of `measure_names` as a vector.

    Parameters
    ----------
    language : for hyphenation, as ``en_US``; the rules of stress are those of English.
    """

    name = "prosody"
    version = "1"
    modality: Modality = "text"

    def __init__(self, language: str = "en_US") -> None:
        self._language = language

    @property
    def dim(self) -> int:
        """Number of measures."""
        return len(measure_names())

    def fingerprint(self) -> str:
        """Identify the definition of every column."""
        return fingerprint_of(self.name, self.version, self.dim, {"language": self._language}, measure_names())

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Return the measures of texts, shape (n, dim), float32; zeros where there is no word."""
        vectors = np.zeros((len(batch), self.dim), np.float32)
        for row, text in enumerate(batch):
            found: Mapping[str, float] = measure(text, self._language)
            if found:
                vectors[row] = [found[name] for name in measure_names()]
        return vectors
