"""Words as they are sung: tokens of a line, the letters of every syllable, which syllable is strong, what it rhymes on.

Counting and stress are those of `encoders.syllables`, so the composer and the scorer hear one language; here words with
hyphens are counted by their parts, and syllables get their letters, since a note needs a text to be sung on.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

from whitelight.composition.lyrics.sounds import rime_sound
from whitelight.composition.lyrics.tagging import lexicon
from whitelight.encoders.syllables import VOWELS, WEAK_WORDS, count_syllables, scan_word

TOKEN = re.compile(r"[^\W_]+(?:['\u2010\u2011-][^\W_]+)*'?(?![^\W_])|[^\W_]+")
LEADING = re.compile(r"'(?:til|till|round|cause|em|bout|neath|cross)\b")
MAX_WORD_LETTERS = 40
_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-"})


class Kind(IntEnum):
    """What a syllable asks of its note, see COMPOSING table: function words and weak syllables ask for little."""

    WEAK = 0
    FUNCTION = 1
    CONTENT = 2
    STRONG = 3


@dataclass(frozen=True, slots=True)
class SungWord:
    """A word, sung.

    Attributes
    ----------
    text : as it is written, without punctuation around it.
    syllables : letters of each; together they are `text`.
    kinds : one per syllable.
    rime : how it sounds from its last strong vowel on.
    """

    text: str
    syllables: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rime: str

    @property
    def strong(self) -> int:
        """Place of the strong syllable, 0 in words of one."""
        return self.kinds.index(Kind.STRONG) if Kind.STRONG in self.kinds else 0


def tokens(line: str) -> list[str]:
    """Words of a line as they are written, apostrophes straight, punctuation around them left out."""
    plain = line.translate(_STRAIGHT)
    starts = {match.start() + 1 for match in LEADING.finditer(plain.casefold())}
    return [("'" if m.start() in starts else "") + m[0][:MAX_WORD_LETTERS] for m in TOKEN.finditer(plain)]


@lru_cache(maxsize=1 << 15)
def sung_word(text: str) -> SungWord:
    """Return syllables, stress and rime of a word."""
    plain = text.translate(_STRAIGHT).casefold()
    parts = [part for part in plain.split("-") if part]
    counts, kinds = list[int](), list[Kind]()
    for part in parts or [plain]:
        found = _kinds(part.strip("'") or part)
        counts.append(len(found))
        kinds += found
    if len(parts) > 1:  # the first part of a compound is the strong one
        strong = next((k for k, kind in enumerate(kinds) if kind is not Kind.WEAK), 0)
        kinds = [Kind.STRONG if k == strong else Kind.WEAK for k in range(len(kinds))]
    last = (parts or [plain])[-1].strip("'")
    stressed = _kinds(last)
    after = len(stressed) - 1 - next((k for k, kind in enumerate(stressed) if kind is Kind.STRONG), len(stressed) - 1)
    after = 0 if after >= 2 else after  # *anywhere* is sung to rhyme with *bare*
    return SungWord(text, _letters(text, counts), tuple(kinds), rime_sound(last, after))


_SPOKEN = {  # syllables the rules of spelling miss, in words that lyrics are full of
    "every": 2, "everything": 3, "everyone": 3, "everybody": 4, "everywhere": 3, "everyday": 3, "evening": 2,
    "something": 2, "someone": 2, "somewhere": 2, "sometimes": 2, "lonely": 2, "heaven": 2, "people": 2, "little": 2,
    "being": 2, "fire": 1, "hour": 1, "hours": 1, "our": 1, "toward": 2, "towards": 2, "lighthouse": 2, "ourselves": 2,
    "didn't": 2, "wasn't": 2, "isn't": 2, "doesn't": 2, "couldn't": 2, "wouldn't": 2, "shouldn't": 2, "hasn't": 2,
    "haven't": 2, "weren't": 1, "aren't": 1, "they're": 1, "you're": 1, "we're": 1, "i'm": 1, "you've": 1, "we've": 1,
    "they've": 1, "i've": 1, "there's": 1, "it's": 1, "it'll": 2, "you'll": 1, "we'll": 1, "they'll": 1, "ocean": 2,
    "rhythm": 2, "quiet": 2, "poem": 2, "diamond": 2, "idea": 3, "area": 3, "create": 2, "real": 1,
    "really": 2, "going": 2, "doing": 2, "moved": 1, "loved": 1, "changed": 1, "machine": 2, "before": 2, "become": 2,
    "breathing": 2, "places": 2, "faces": 2, "voices": 2, "houses": 2, "roses": 2, "ashes": 2, "wishes": 2,
}  # fmt: skip


def _kinds(part: str) -> list[Kind]:
    count = _SPOKEN.get(part) or count_syllables(part)
    if count == 1:
        return [Kind.FUNCTION if part in WEAK_WORDS else Kind.CONTENT]
    scanned = scan_word(part).stresses
    strong = scanned.index(True) if len(scanned) == count and True in scanned else 0
    strong = count - 1 if part in lexicon().strong_last else strong
    strong = 1 if part in lexicon().strong_second else strong
    return [Kind.STRONG if k == strong else Kind.WEAK for k in range(count)]


def _letters(text: str, counts: list[int]) -> tuple[str, ...]:
    """Letters of every syllable of a word, hyphens with the part before them."""
    pieces = [piece for piece in re.split(r"(?<=-)|(?<=\u2010)|(?<=\u2011)", text) if piece]
    if len(pieces) != len(counts):
        return _cut(text, sum(counts))
    return tuple(letters for piece, n in zip(pieces, counts, strict=True) for letters in _cut(piece, n))


def _cut(piece: str, count: int) -> tuple[str, ...]:
    """Cut letters into `count` parts: as hyphenation does where it agrees, else between vowels, else evenly."""
    if count == 1 or len(piece) < count:
        return (piece, *[""] * (count - 1))
    hyphenated = _hyphenation().inserted(piece, "\x00").split("\x00")
    if len(hyphenated) == count:
        return tuple(hyphenated)
    groups = [match.start() for match in re.finditer(f"[{VOWELS}]+", piece.casefold())]
    if len(groups) >= count and len(piece) == len(piece.casefold()):
        cuts = [_before(piece, groups[k], groups[k - 1]) for k in range(1, count)]
    else:
        cuts = [len(piece) * k // count for k in range(1, count)]
    return tuple(piece[a:b] for a, b in zip([0, *cuts], [*cuts, len(piece)], strict=True))


def _before(piece: str, vowel: int, last_vowel: int) -> int:
    """Where a syllable begins whose vowel stands at `vowel`: one consonant goes with it."""
    if piece[max(vowel - 2, 0) : vowel].casefold() in ("th", "ch", "sh", "wh", "ph") and vowel - 2 > last_vowel:
        return vowel - 2
    consonant = piece[vowel - 1].casefold() not in VOWELS
    return vowel - 1 if consonant and vowel - 1 > last_vowel else vowel


@lru_cache(maxsize=1)
def _hyphenation() -> Any:
    import pyphen  # noqa: PLC0415  its dictionary is read when the first word is

    return pyphen.Pyphen(lang="en_US")
