"""A bank of lines in one style about one theme, by their number of syllables, with what a melody asks of them as arrays.

It is made once for a song; every phrase then chooses from it. It follows from style, theme and seed alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.lyrics.agreement import FINITE
from whitelight.composition.lyrics.learning import Clause, LyricStyle
from whitelight.composition.lyrics.lines import UNFINISHED, LineMaker
from whitelight.composition.lyrics.phrases import MAX_SYLLABLES
from whitelight.composition.lyrics.theme import ThemeWord, closeness
from whitelight.composition.lyrics.words import Kind, SungWord, sung_word

STOPS = '.,;:!?\u2026\u2014\u2013"\u201c\u201d()*'
N_TRIES = 11_000
LONG = 8  # syllables; lines from here on may be two joined
ENOUGH, LONG_ENOUGH = 600, 450  # lines of one length
OPEN_SOUNDS = ("EY", "IY", "AY", "OH", "UW", "OW", "AW", "AH", "OY")
THEME_WORTH, VERB_WORTH, FRAME_WORTH = 1.0, 0.25, 1.0


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line to be sung: its words as they are written, and what ends it.

    Attributes
    ----------
    quality : how much it sounds like a line about the theme, about 0 to 2.5.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    rime: str
    quality: float

    @property
    def last(self) -> str:
        """Last word, plain."""
        return plain(self.words[-1])


@dataclass(frozen=True, slots=True, eq=False)
class LineGroup:
    """Lines of n syllables, as arrays of shape (n_lines, n).

    Attributes
    ----------
    kinds : of every syllable. heads : place of the strong syllable of its word. is_open : it can be held.
    ends_word : it is the last of its word. quality : of every line, shape (n_lines,).
    """

    lines: tuple[BankLine, ...]
    kinds: NDArray[np.int8]
    heads: NDArray[np.int64]
    is_open: NDArray[np.bool_]
    ends_word: NDArray[np.bool_]
    quality: NDArray[np.float64]


@lru_cache(maxsize=1 << 15)
def plain(word: str) -> str:
    """A word without the stops around it, in lower case."""
    return word.strip(STOPS).casefold()


def sung_words(words: Sequence[str]) -> tuple[SungWord, ...]:
    """Written words as they are sung."""
    return tuple(sung_word(plain(word)) for word in words)


@dataclass(frozen=True, eq=False)
class LineBank:
    """All lines by number of syllables; arrays and long lines of one length are made when a phrase asks for it.

    Attributes
    ----------
    clauses : number of syllables → lines as they were made. seed : of the long lines, with their length.
    """

    maker: LineMaker
    clauses: Mapping[int, tuple[Clause, ...]]
    seed: int
    _groups: dict[int, LineGroup | None] = field(default_factory=dict)

    def group(self, n: int) -> LineGroup | None:
        """Lines of `n` syllables, None when there are none."""
        if n not in self._groups:
            clauses = list(self.clauses.get(n, ()))
            if LONG <= n <= MAX_SYLLABLES:
                clauses += self._joined(n, LONG_ENOUGH - len(clauses))
            self._groups[n] = group_lines(clauses, self.maker) if clauses else None
        return self._groups[n]

    def _joined(self, n: int, n_wanted: int) -> list[Clause]:
        """Long lines of two short ones, the second of which can follow."""
        rng = np.random.default_rng((self.seed, n))
        found: dict[tuple[str, ...], Clause] = {}
        for _ in range(min(3 * LONG_ENOUGH, N_TRIES // 8)):
            if len(found) >= n_wanted:
                break
            k = int(rng.integers(3, n - 2))
            heads, tails = self.clauses.get(k, ()), self.clauses.get(n - k, ())
            if heads and tails:
                first, second = heads[int(rng.integers(len(heads)))], tails[int(rng.integers(len(tails)))]
                joined = _join(first, second, self.maker.style)
                if joined is not None:
                    found.setdefault(joined.words, joined)
        return list(found.values())


@lru_cache(maxsize=4)
def line_bank(style: LyricStyle, theme: tuple[ThemeWord, ...], seed: str = "") -> LineBank:
    """Make the bank of a song."""
    maker = LineMaker(style, theme)
    number = int.from_bytes(sha256(f"{style.digest}\n{seed}".encode("utf-8", "surrogatepass")).digest()[:16], "big")
    rng = np.random.default_rng(number)
    found: dict[int, dict[tuple[str, ...], Clause]] = {}
    for _ in range(N_TRIES):
        clause = maker.line(rng)
        if clause is not None:
            n = sum(len(word.kinds) for word in sung_words(clause.words))
            if n <= MAX_SYLLABLES:
                found.setdefault(n, {}).setdefault(clause.words, clause)
    return LineBank(maker, {n: tuple(group.values()) for n, group in found.items()}, number)


def _join(first: Clause, second: Clause, style: LyricStyle) -> Clause | None:
    """Two short lines as one, None where they do not go together."""
    if first.tags[-1] in UNFINISHED or not _can_follow(second.tags):
        return None
    if {*first.words} & {w for w, t in zip(second.words, second.tags, strict=True) if t not in UNFINISHED}:
        return None
    comma = "" if second.tags[0] in ("SUB", "PREP") else ","
    words = (*first.words[:-1], first.words[-1] + comma, *second.words)
    return None if style.copies([plain(word) for word in words]) else Clause(words, first.tags + second.tags)


def _can_follow(tags: Sequence[str]) -> bool:
    """Whether words can come behind a comma: they begin so, and are more than a name for something."""
    return tags[0] in ("CONJ", "SUB", "PREP") or (
        tags[0] in ("SUBJ", "DET", "POSS", "ING") and any(tag in FINITE for tag in tags[1:])
    )


def group_lines(clauses: Sequence[Clause], maker: LineMaker) -> LineGroup:
    """Lines of one length, the best first, at most `ENOUGH`."""
    ranked = sorted(((_quality(c, maker), k) for k, c in enumerate(clauses)), key=lambda pair: (-pair[0], pair[1]))
    lines, rows = [], []
    for quality, k in ranked[:ENOUGH]:
        sung = sung_words(clauses[k].words)
        lines.append(BankLine(clauses[k].words, clauses[k].tags, sung[-1].rime, quality))
        rows.append(_row(sung))
    kinds, heads, is_open, ends = (np.array(column) for column in zip(*rows, strict=True))
    qualities = np.array([line.quality for line in lines])
    return LineGroup(tuple(lines), kinds.astype(np.int8), heads, is_open, ends, qualities)


def _row(sung: Sequence[SungWord]) -> tuple[list[int], list[int], list[bool], list[bool]]:
    kinds, heads, is_open, ends = list[int](), list[int](), list[bool](), list[bool]()
    for word in sung:
        start = len(kinds)
        kinds += [int(kind) for kind in word.kinds]
        heads += [start + word.strong] * len(word.kinds)
        is_open += [ends_open(letters, word, k) for k, letters in enumerate(word.syllables)]
        ends += [k == len(word.kinds) - 1 for k in range(len(word.kinds))]
    return kinds, heads, is_open, ends


def ends_open(letters: str, word: SungWord, place: int) -> bool:
    """Whether a syllable can be held: it ends on a vowel, or its vowel is long."""
    if place == len(word.kinds) - 1 and word.kinds[place] is not Kind.WEAK and word.rime.startswith(OPEN_SOUNDS):
        return True
    return letters.casefold()[-1:] in "aeiouyw"


def _quality(clause: Clause, maker: LineMaker) -> float:
    """Company and frames the corpus knows, a verb or a beginning of one, and the theme."""
    pairs = list(zip(clause.words, clause.words[1:], strict=False))
    heard = sum(pair in maker.style.pairs for pair in pairs) / max(len(pairs), 1)
    has_verb = float(any(tag in ("VERB", "VERBS", "VERBD", "BE", "ING", "SUBJ") for tag in clause.tags))
    has_verb -= 1.2 * _lacks_subject(clause.tags)
    padded = ("^", *clause.tags, "$")
    frames = list(zip(*(padded[k:] for k in range(4)), strict=False))
    sound = sum(four in maker.style.frames for four in frames) / len(frames) if frames else 1.0
    theme = min(closeness(clause.words, maker.theme) * 2.0, 0.5)
    names = 0.3 * ("NAME" in clause.tags)
    return 0.6 * heard + FRAME_WORTH * sound + VERB_WORTH * has_verb + THEME_WORTH * theme - names


def _lacks_subject(tags: Sequence[str]) -> bool:
    """Whether a line begins with a verb that needs somebody before it; questions and commands do not."""
    return tags[0] in ("VERBS", "VERBD", "HAVE") or (
        tags[0] in ("BE", "MODAL") and tags[1:2] not in (("SUBJ",), ("NOT",))
    )
