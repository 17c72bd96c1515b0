"""Words of a text with their places: the forms that cues are compared with, and the stops between them.

A form is lower case, without accents, in compatibility decomposition (ﬁ is fi, ｆｕｌｌ is full); every apostrophe is
``'``. Contractions are two words, as in the Penn Treebank: "don't" is ``do`` + ``n't``, "it's" is ``it`` + ``'s``.
Places are offsets into the text as it was given, so ``text[start:end]`` is what was read.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SENTENCE, QUESTION, CLAUSE = ".", "?", ","  # forms of stops; no word has them
STOPS = frozenset((SENTENCE, QUESTION, CLAUSE))
YEAR, NUMBER = "<year>", "<number>"

_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u00ad\u200b-\u200d\u2060"
_LETTERS = rf"[^\W_](?:[^\W_]|[{_MARKS}])*"
_TOKEN = re.compile(rf"({_LETTERS}(?:['’ʼ＇]{_LETTERS})*)|([?？])|([.!…！。\n\r\u2028\u2029]+)|([,;:|()\[\]\"“”«»—–/])")
_APOSTROPHES = str.maketrans("’ʼ＇", "'''")
_YEAR = re.compile(r"(?:1\d|20)\d\d|(?:\d\d|(?:1\d|20)\d0)'?s")
_CLITIC = re.compile(r"(.+?)(n't|'(?:s|re|ve|ll|d|m))")
_WHOLE = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words and stops of a text in order; the three lists have one entry each.

    Attributes
    ----------
    forms : what is looked up; stops are `SENTENCE`, `QUESTION` and `CLAUSE`.
    starts, ends : offsets into the text, in code points.
    n_words : stops not counted.
    """

    forms: list[str]
    starts: list[int]
    ends: list[int]
    n_words: int


def read_words(text: str) -> Words:
    """Split a text into words and stops."""
    forms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    n_stops = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match.lastindex == 1:
            for form, first, last in _parts(match[0]):
                forms.append(form)
                starts.append(start + first)
                ends.append(start + last)
        else:
            forms.append((QUESTION, SENTENCE, CLAUSE)[(match.lastindex or 2) - 2])
            starts.append(start)
            ends.append(end)
            n_stops += 1
    return Words(forms, starts, ends, len(forms) - n_stops)


@lru_cache(maxsize=65_536)
def _parts(word: str) -> tuple[tuple[str, int, int], ...]:
    """Return the forms in a word with their offsets."""
    form = word.lower() if word.isascii() else _plain(word)
    if form[0].isdigit():
        return ((YEAR if _YEAR.fullmatch(form) else NUMBER if form.isdigit() else form, 0, len(word)),)
    if form == "cannot":
        return ("can", 0, 3), ("not", 3, len(word))
    match = _CLITIC.fullmatch(form)
    if match is None or len(form) != len(word):
        return ((form, 0, len(word)),)
    cut = match.end(1)
    return (_WHOLE.get(match[1], match[1]) if match[2] == "n't" else match[1], 0, cut), (match[2], cut, len(word))


def _plain(word: str) -> str:
    """Return a word without accents, ligatures and invisible signs; never empty."""
    decomposed = unicodedata.normalize("NFKD", word.translate(_APOSTROPHES)).casefold()
    kept = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf", "Me"))
    return kept or word
