"""What a songwriter's lines teach: their words, which follow which, and the frames the lines are built on.

A line is kept as clauses, each a sequence of words and parts of speech. Where the corpus is small or missing, lines
written for this project stand in; the style says so. `runs` are all stretches of five words that must never be repeated.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from whitelight.catalog import Catalog
from whitelight.composition.lyrics.tagging import lexicon, tag_line
from whitelight.composition.lyrics.words import tokens
from whitelight.dataset import Dataset

ENOUGH_LINES = 40  # below it, shipped lines are learned as well
RUN = 5  # words; so many in a row are somebody's line
MAX_LINES, MAX_WORDS_A_LINE = 20_000, 40
_BREAKS = re.compile(r"[,.;:!?\u2026\u2014\u2013()\"\u201c\u201d*/]+")


@dataclass(frozen=True, slots=True)
class Clause:
    """Words of a stretch between two stops, in lower case but for names, and their parts of speech."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class LyricStyle:
    """What a corpus of lyrics teaches; build with `learn_words`.

    Attributes
    ----------
    clauses : in order of the corpus, equal ones once. lines : normalized, for the check against copies.
    source : "corpus", "corpus and shipped lines" or "shipped lines". n_lines : lines of the corpus, unlike ones.
    """

    clauses: tuple[Clause, ...]
    lines: tuple[tuple[str, ...], ...]
    source: str
    n_lines: int
    digest: str = field(default="")

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LyricStyle) and self.digest == other.digest

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """Every `RUN` words in a row of the corpus."""
        return frozenset(line[k : k + RUN] for line in self.lines for k in range(len(line) - RUN + 1))

    @cached_property
    def whole(self) -> frozenset[tuple[str, ...]]:
        """Lines and clauses as they stand."""
        return frozenset(self.lines) | {tuple(word.casefold() for word in c.words) for c in self.clauses}

    @cached_property
    def words(self) -> Mapping[str, Counter[str]]:
        """Tag → its words with their counts."""
        found: dict[str, Counter[str]] = {}
        for clause in self.clauses:
            for word, tag in zip(clause.words, clause.tags, strict=True):
                found.setdefault(tag, Counter())[word] += 1
        return found

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Words that follow one another somewhere."""
        return frozenset((a, b) for c in self.clauses for a, b in zip(c.words, c.words[1:], strict=False))

    @cached_property
    def grammar(self) -> frozenset[tuple[str, str, str]]:
        """Three tags in a row that were met, "^" before a clause and "$" behind it."""
        found: set[tuple[str, str, str]] = set()
        for clause in self.clauses:
            padded = ("^", "^", *clause.tags, "$")
            found |= set(zip(padded, padded[1:], padded[2:], strict=False))
        return frozenset(found)

    @cached_property
    def frames(self) -> frozenset[tuple[str, ...]]:
        """Four tags in a row that were met."""
        found: set[tuple[str, ...]] = set()
        for clause in self.clauses:
            padded = ("^", *clause.tags, "$")
            found |= set(zip(*(padded[k:] for k in range(4)), strict=False))
        return frozenset(found)

    @cached_property
    def places(self) -> Mapping[tuple[str, str], tuple[tuple[int, int], ...]]:
        """(word, tag) → (clause, place) where it stands, for cutting over from one clause to another."""
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for c, clause in enumerate(self.clauses):
            for k, key in enumerate(zip(clause.words, clause.tags, strict=True)):
                found.setdefault(key, []).append((c, k))
        return {key: tuple(places) for key, places in found.items()}

    @cached_property
    def governs(self) -> Mapping[str, frozenset[str]]:
        """Verb form → tags that follow it."""
        found: dict[str, set[str]] = {}
        for clause in self.clauses:
            for word, after in zip(clause.words, (*clause.tags[1:], "$"), strict=True):
                found.setdefault(word, set()).add(after)
        return {word: frozenset(tags) for word, tags in found.items()}

    def copies(self, words: Sequence[str]) -> bool:
        """Whether a line repeats five words in a row of the corpus, or one of its lines of three words or more."""
        plain = tuple(word.casefold() for word in words)
        if len(plain) >= 3 and plain in self.whole:
            return True
        return any(plain[k : k + RUN] in self.runs for k in range(len(plain) - RUN + 1))


def learn_words(lines: Iterable[str]) -> LyricStyle:
    """Learn from lines of lyrics in any order; equal lines count once. Without enough lines, shipped ones help."""
    kept: dict[tuple[str, ...], str] = {}
    for line in lines:
        words = tuple(word.casefold() for word in tokens(line)[:MAX_WORDS_A_LINE])
        if words and len(kept) < MAX_LINES:
            kept.setdefault(words, line)
    own = list(kept.values())
    shipped = list(lexicon().lines) if len(own) < ENOUGH_LINES else []
    texts = own + shipped
    small = _written_small(texts)
    clauses = dict.fromkeys(clause for text in texts for clause in _clauses(text, small))
    all_lines = tuple(tuple(word.casefold() for word in tokens(text)) for text in texts)
    source = "corpus" if not shipped else "corpus and shipped lines" if own else "shipped lines"
    digest = sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return LyricStyle(tuple(clauses), all_lines, source, len(own), digest)


def catalog_lines(catalog: Catalog) -> list[str]:
    """Lyric lines of every song of a catalog."""
    return [line.text for song in catalog.songs for line in song.lyric_lines]


def dataset_lines(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lyric lines of the rows of a dataset: column `lyric_lines`, or `lyric_text` where a row has no such list."""
    found: list[str] = []
    for row in rows:
        lines = row.get("lyric_lines") or []
        found += [str(line["text"]) for line in lines] or str(row.get("lyric_text") or "").splitlines()
    return found


def style_of_dataset(dataset: Path, _class_names: Collection[str] = ()) -> LyricStyle | None:
    """Learn from the words of all songs of a dataset; None when nothing is sung in it.

    Parameters
    ----------
    dataset : folder of a built dataset. Words are the songwriter's in every song, so classes make no difference.
    """
    rows = Dataset.open(dataset).rows(["lyric_lines", "lyric_text"], views=["lyrics"]).to_pylist()
    lines = dataset_lines(rows)
    return learn_words(lines) if any(tokens(line) for line in lines) else None


def _written_small(texts: Sequence[str]) -> frozenset[str]:
    """Words that are somewhere written in lower case inside a line: these are no names."""
    return frozenset(word for text in texts for word in tokens(text)[1:] if word == word.casefold())


def _clauses(text: str, small: frozenset[str]) -> Iterable[Clause]:
    for stretch in _BREAKS.split(text):
        words = tokens(stretch)[:MAX_WORDS_A_LINE]
        for sentence in _sentences(words, small):
            plain = [_plain(word, k, small) for k, word in enumerate(sentence)]
            yield Clause(tuple(plain), tag_line(plain))


def _sentences(words: Sequence[str], small: frozenset[str]) -> Iterable[list[str]]:
    """Cut before a word that is written large and is no name: there a new sentence begins without a stop."""
    found: list[list[str]] = []
    for word in words:
        low = word.casefold()
        is_new = low not in {word, "i"} and not low.startswith("i'") and low in (small | lexicon().tags.keys())
        if is_new or not found:
            found.append([])
        found[-1].append(word)
    large = sum(len(sentence) <= 1 for sentence in found)
    return [list(words)] if large > len(words) / 2 else found  # a line in headline style is one


def _plain(word: str, place: int, small: frozenset[str]) -> str:
    """A word as it is written inside a line: I and names large, the rest small."""
    low = word.casefold()
    if low == "i" or low.startswith("i'"):
        return "I" + word[1:]
    is_known = low in small or low in lexicon().tags or low in lexicon().forms
    return low if is_known or place == 0 or not word[:1].isupper() else word
