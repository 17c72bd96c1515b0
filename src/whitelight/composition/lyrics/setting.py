"""What a section gives its words: phrases, and for each of them the lines that fit, the best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.context import SectionContext
from whitelight.composition.form import SectionPlan
from whitelight.composition.lyrics.alignment import LIKING, broken_words
from whitelight.composition.lyrics.bank import (
    BankLine,
    LineBank,
    LineGroup,
    group_lines,
    line_bank,
    plain,
    sung_words,
)
from whitelight.composition.lyrics.learning import Clause, LyricStyle, learn_words
from whitelight.composition.lyrics.phrases import NoMelodyError, Phrase, find_phrases
from whitelight.composition.lyrics.repeats import RepeatKind
from whitelight.composition.lyrics.tagging import tag_line
from whitelight.composition.lyrics.theme import ThemeWord, theme_words
from whitelight.composition.lyrics.words import Kind, tokens

POOL = 180  # lines a phrase can choose from
BROKEN, FIT_WORTH, LONG_WORTH, SLURRED_COST = 3.0, 1.0, 0.35, 0.2
SLURRED_SHARE, SLURRED_MIN_NOTES = 0.12, 6
SHARPNESS = 0.9  # how much likelier a line is drawn that fits better, per unit of worth
OFFERED_WORTH = 2.5  # lines somebody offered (a language model, the writer) come before those that were made here
TITLE_WORTH = {"chorus": 2.2}  # by role; elsewhere the title is a line like any other
TITLE_ELSEWHERE = 1.0
_LIKING_TABLE = np.array([LIKING[Kind(k)] for k in range(4)])


@dataclass(frozen=True, slots=True)
class LyricBrief:
    """What the words are to be about, and in whose words.

    Attributes
    ----------
    style : what the user's lyrics taught; the shipped lines when None. title, concept : of the song.
    sung : lines of other sections that are settled. kind : how the words come back; None lets the role decide.
    n_stanzas : times the section is sung with its own words; None lets the kind decide.
    offered : lines of others, such as a language model's, that may be used as they are.
    """

    style: LyricStyle | None = None
    title: str = ""
    concept: str = ""
    sung: tuple[str, ...] = ()
    kind: RepeatKind | None = None
    n_stanzas: int | None = None
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class LyricSetting:
    """A section as its words meet it.

    Attributes
    ----------
    pools : per phrase, lines that fit it with their worth, the best first.
    by_rime : per phrase, rime → places in its pool.
    """

    context: SectionContext
    brief: LyricBrief
    style: LyricStyle
    theme: tuple[ThemeWord, ...]
    phrases: tuple[Phrase, ...]
    bank: LineBank
    pools: tuple[tuple[tuple[BankLine, float], ...], ...]
    by_rime: tuple[Mapping[str, tuple[int, ...]], ...]
    weights: tuple[NDArray[np.float64], ...] = field(default=())
    sung_stems: frozenset[str] = frozenset()

    @cached_property
    def last_words(self) -> tuple[Mapping[str, frozenset[str]], ...]:
        """Per phrase, rime → words its lines end on."""
        return tuple(
            {rime: frozenset(pool[k][0].last for k in places) for rime, places in by_rime.items()}
            for pool, by_rime in zip(self.pools, self.by_rime, strict=True)
        )

    @cached_property
    def rime_worth(self) -> tuple[Mapping[str, float], ...]:
        """Per phrase, rime → weight of its best line."""
        return tuple(
            {rime: float(max(weights[k] for k in places)) for rime, places in by_rime.items()}
            for weights, by_rime in zip(self.weights, self.by_rime, strict=True)
        )

    @property
    def section(self) -> SectionPlan:
        """What is composed."""
        return self.context.section


@lru_cache(maxsize=1)
def shipped_style() -> LyricStyle:
    """What is learned from the lines of the project alone."""
    return learn_words(())


def make_setting(context: SectionContext, brief: LyricBrief) -> LyricSetting:
    """Find the phrases and what fits them.

    Raises
    ------
    NoMelodyError : no melody is approved, or it has no notes.
    """
    phrases = find_phrases(context.notes_of("melody"), context)
    if not phrases:
        raise NoMelodyError(
            f"section '{context.section.name}': no melody with notes to sing; approve a melody first, then write words"
        )
    style = brief.style or shipped_style()
    theme = theme_words(brief.title, brief.concept)
    bank = line_bank(style, theme, f"{brief.title}\n{brief.concept}")
    known: dict[tuple[object, ...], tuple[tuple[BankLine, float], ...]] = {}
    pools = []
    title_worth = TITLE_WORTH.get(context.section.role, TITLE_ELSEWHERE)
    for phrase in phrases:
        key = tuple((note.place, note.is_long, round(note.strength)) for note in phrase.notes)
        if key not in known:
            known[key] = _pool(phrase, bank, brief, title_worth)
        pools.append(known[key])
    by_rime = tuple(_by_rime(pool) for pool in pools)
    weights = tuple(np.exp(SHARPNESS * np.array([worth for _, worth in pool])) for pool in pools)
    sung = frozenset(plain(word) for line in brief.sung for word in tokens(line))
    return LyricSetting(context, brief, style, theme, phrases, bank, tuple(pools), by_rime, weights, sung)


def _pool(phrase: Phrase, bank: LineBank, brief: LyricBrief, title_worth: float) -> tuple[tuple[BankLine, float], ...]:
    """Lines that fit a phrase; where there are none of its length, shorter ones that let notes pass."""
    n = len(phrase)
    ranked = _ranked(phrase, bank.group(n), POOL)
    if n >= SLURRED_MIN_NOTES or len(ranked) < 8:
        few = max(round(POOL * SLURRED_SHARE), 8 - len(ranked))
        slurred = _ranked(phrase, bank.group(n - 1), POOL)
        sound = [
            (line, worth - SLURRED_COST) for line, worth in slurred if not broken_words(sung_words(line.words), phrase)
        ]
        ranked += sound[:few]
    below = n - 2
    while len(ranked) < 4 and below > 0:
        ranked += _ranked(phrase, bank.group(below), 8)
        below -= 1
    return tuple(sorted([*_offered(phrase, brief, bank, title_worth), *ranked], key=lambda pair: -pair[1]))


def _ranked(phrase: Phrase, group: LineGroup | None, n_keep: int) -> list[tuple[BankLine, float]]:
    if group is None or n_keep <= 0:
        return []
    worth = fit_group(phrase, group) + group.quality
    kept: list[tuple[BankLine, float]] = []
    last: dict[str, int] = {}
    first: dict[tuple[str, ...], int] = {}
    for k in np.argsort(-worth, kind="stable").tolist():
        line = group.lines[k]
        begins = line.words[:2]
        if last.get(line.last, 0) < 4 and first.get(begins, 0) < 5:
            kept.append((line, float(worth[k])))
            last[line.last] = last.get(line.last, 0) + 1
            first[begins] = first.get(begins, 0) + 1
        if len(kept) == n_keep:
            break
    return kept


def fit_group(phrase: Phrase, group: LineGroup) -> NDArray[np.float64]:
    """How well every line of a group sits on a phrase that has as many notes, or more; shape (n_lines,)."""
    notes = phrase.notes[: group.kinds.shape[1]]
    places = np.array([note.place for note in notes])
    own = np.array([note.own_weight for note in notes])
    is_long = np.array([note.is_long for note in notes])
    liking = _LIKING_TABLE[group.kinds, places].mean(axis=1)
    broken = ((own[group.heads] < own) & ~is_long[group.heads]).sum(axis=1)
    held = group.is_open * 0.5 + group.ends_word * 0.5 - (group.kinds == Kind.WEAK) * 0.5
    on_long = (held * is_long).sum(axis=1) / max(is_long.sum(), 1)
    fit: NDArray[np.float64] = FIT_WORTH * liking - BROKEN * broken + LONG_WORTH * on_long
    return fit


def _offered(phrase: Phrase, brief: LyricBrief, bank: LineBank, title_worth: float) -> list[tuple[BankLine, float]]:
    """Lines of others, and the title, that have as many syllables as the phrase has notes, or one less."""
    found: list[tuple[BankLine, float]] = []
    title = tuple(w.upper() if w.casefold() == "i" else w.casefold() for w in brief.title.split())
    for words in (*(tuple(line.split()) for line in brief.offered), title):
        written = tuple(word for word in words if tokens(word))
        n = sum(len(word.kinds) for word in sung_words(written))
        if n in (len(phrase), len(phrase) - 1) and n > 0:
            group = group_lines([Clause(written, tag_line([plain(word) for word in written]))], bank.maker)
            worth = title_worth if words is title else OFFERED_WORTH
            worth += float(fit_group(phrase, group)[0]) - SLURRED_COST * (n < len(phrase))
            found.append((group.lines[0], worth))
    return found


def _by_rime(pool: Sequence[tuple[BankLine, float]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for k, (line, _) in enumerate(pool):
        found.setdefault(line.rime, []).append(k)
    return {rime: tuple(places) for rime, places in found.items()}
