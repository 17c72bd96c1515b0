"""A text encoder that needs no download: signed hashing of word and letter n-grams.

Every n-gram is hashed to one of the dimensions and a sign (Weinberger et al. 2009, "Feature hashing for large scale
multitask learning"), with logarithmic counts; words and letters are scaled separately, so that neither drowns the
other, and the whole has length one. Hashes are BLAKE2, the same in every process and on every machine.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.protocol import Modality, fingerprint_of

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
LETTER_NGRAMS = (3, 4, 5)
WORD_WEIGHT, PAIR_WEIGHT, LETTER_WEIGHT = 1.0, 0.5, 1.0
FULL_WEIGHT_LETTERS = 7  # short words are common ones: a word of k letters weighs k / 7, at most 1
MAX_LETTERS = 100_000  # of one text; a longer one is cut, so that no input costs more than a second


class TextEncoder:
    """Hashed n-grams of words and letters, one unit vector per text; an empty text gives the zero vector."""

    name = "hashed-ngrams"
    version = "1"
    modality: Modality = "text"

    def __init__(self, dim: int = 512) -> None:
        self._dim = dim

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    def fingerprint(self) -> str:
        """Identify the definition of the vectors."""
        parameters = {
            "words": WORD.pattern,
            "letters": LETTER_NGRAMS,
            "weights": (WORD_WEIGHT, PAIR_WEIGHT, LETTER_WEIGHT, FULL_WEIGHT_LETTERS),
            "hash": "blake2b-8",
            "normalization": "NFKC casefold",
        }
        return fingerprint_of(self.name, self.version, self.dim, parameters)

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts.

        Returns
        -------
        shape (n, dim), float32; rows have length 1, or 0 where the text has no word.
        """
        vectors = np.zeros((len(batch), self.dim), np.float32)
        for row, text in enumerate(batch):
            vectors[row] = self._vector(words_of(text))
        return vectors

    def _vector(self, words: list[str]) -> NDArray[np.float64]:
        total = np.zeros(self.dim)
        for weight, grams in ((1.0, _word_grams(words)), (LETTER_WEIGHT, _letter_grams(words))):
            part = np.zeros(self.dim)
            for (gram, importance), count in Counter(grams).items():
                place, sign = _hashed(gram)
                part[place % self.dim] += sign * importance * (1 + np.log(count))
            total += weight * _unit(part)
        return _unit(total)


def words_of(text: str) -> list[str]:
    """Split a text into normalized words: compatibility forms united, case folded, typographic apostrophes plain."""
    folded = unicodedata.normalize("NFKC", text[:MAX_LETTERS]).casefold().replace("\u2019", "'")
    return WORD.findall(unicodedata.normalize("NFKC", folded))


def _word_grams(words: list[str]) -> Iterator[tuple[str, float]]:
    for word in words:
        yield f"w {word}", WORD_WEIGHT * _importance(word)
    for first, second in pairwise(words):
        yield f"p {first} {second}", PAIR_WEIGHT * max(_importance(first), _importance(second))


def _letter_grams(words: list[str]) -> Iterator[tuple[str, float]]:
    for word in words:
        importance = _importance(word)
        framed = f"<{word}>"
        for n in LETTER_NGRAMS:
            for start in range(len(framed) - n + 1):
                yield f"c {framed[start : start + n]}", importance


def _importance(word: str) -> float:
    return min(len(word), FULL_WEIGHT_LETTERS) / FULL_WEIGHT_LETTERS


@lru_cache(maxsize=1 << 16)
def _hashed(gram: str) -> tuple[int, int]:
    """Place (62 bits) and sign of an n-gram."""
    value = int.from_bytes(blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return value >> 2, 1 if value & 1 else -1


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.sqrt(vector @ vector)
    return vector / length if length > 0 else vector
