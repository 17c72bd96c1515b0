"""What the words of a candidate do well, each a number in [0, 1]; a term that has no business here returns None."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from whitelight.composition.lyrics.alignment import LIKING, keeps_stress
from whitelight.composition.lyrics.bank import ends_open, plain, sung_words
from whitelight.composition.lyrics.generator import voice_of
from whitelight.composition.lyrics.genome import LyricGenome, SungLine
from whitelight.composition.lyrics.learning import LyricStyle
from whitelight.composition.lyrics.phrases import Phrase
from whitelight.composition.lyrics.repeats import RepeatKind
from whitelight.composition.lyrics.rhyming import FREE, rhyme_worth, rhymed_share
from whitelight.composition.lyrics.setting import LyricSetting
from whitelight.composition.lyrics.tagging import OPEN, tag_line
from whitelight.composition.lyrics.theme import closeness, stem
from whitelight.composition.lyrics.words import Kind, SungWord

THEME_ENOUGH = 0.12  # of the words; more is no better
RHYME_BAND = (0.33, 0.67)  # quartiles of songs
DISTINCT_BAND = (0.62, 0.85)  # different words over words, in a stanza or two


@dataclass(frozen=True, slots=True)
class LineFit:
    """How a line sits on its phrase; every value a count of good cases and of cases.

    Attributes
    ----------
    one_to_one : notes with a syllable of their own. liking : sum of log P(place | kind) / P(place), and syllables.
    rule : words of several syllables whose strong one is on a note at least as strong as the others'.
    held : long notes on syllables that can be held. open_held : long notes on open ones. ends : line ends on a strong one.
    """

    one_to_one: tuple[int, int]
    liking: tuple[float, int]
    rule: tuple[int, int]
    held: tuple[int, int]
    open_held: tuple[int, int]
    ends: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Heard:
    """A candidate as the terms see it."""

    genome: LyricGenome
    setting: LyricSetting
    fits: tuple[LineFit, ...]

    @property
    def lines(self) -> list[SungLine]:
        """Lines with words, all stanzas."""
        return [line for lines in self.genome.stanzas for line in lines if line.words]

    @property
    def words(self) -> list[str]:
        """All words, plain."""
        return [plain(word) for line in self.lines for word in line.words]


Term = Callable[[Heard], float | None]


def hear(genome: LyricGenome, setting: LyricSetting) -> Heard:
    """Measure every line on its phrase."""
    pairs = [(line, phrase) for lines in genome.stanzas for line, phrase in zip(lines, setting.phrases, strict=True)]
    return Heard(genome, setting, tuple(fit_line(line, phrase) for line, phrase in pairs))


@lru_cache(maxsize=1 << 13)
def fit_line(line: SungLine, phrase: Phrase) -> LineFit:
    """Measure a line on a phrase."""
    words = sung_words(line.words)
    begins: dict[int, int] = {}
    for note in line.notes:
        begins[note] = begins.get(note, 0) + 1
    liking, rule, held, open_held, n_long = 0.0, [0, 0], 0, 0, 0
    for word, letters, k, place in _syllables(words):
        sung = phrase.notes[line.notes[place]]
        liking += LIKING[word.kinds[k]][sung.place]
        if k == 0 and len(word.kinds) > 1:
            rule[0] += keeps_stress(word, line.notes[place : place + len(word.kinds)], phrase)
            rule[1] += 1
        if sung.is_long:
            n_long += 1
            held += word.kinds[k] is not Kind.WEAK or k == len(word.kinds) - 1
            open_held += ends_open(letters, word, k)
    last_kind = words[-1].kinds[-1] if words else Kind.WEAK
    return LineFit(
        (sum(count == 1 for count in begins.values()), len(phrase)),
        (liking, len(line.notes)),
        (rule[0], rule[1]),
        (held, n_long),
        (open_held, n_long),
        (int(last_kind in (Kind.STRONG, Kind.CONTENT)), int(bool(words))),
    )


def _syllables(words: Sequence[SungWord]) -> Iterator[tuple[SungWord, str, int, int]]:
    place = 0
    for word in words:
        for k, letters in enumerate(word.syllables):
            yield word, letters, k, place
            place += 1


def _share(fits: Sequence[LineFit], name: str) -> float | None:
    good, cases = (sum(getattr(fit, name)[k] for fit in fits) for k in (0, 1))
    return float(good / cases) if cases else None


def syllable_fit(heard: Heard) -> float | None:
    """Notes that have one syllable of their own."""
    return _share(heard.fits, "one_to_one")


def stress_places(heard: Heard) -> float | None:
    """Strong syllables and content words on beats, the others between, as singers place them."""
    mean = _share(heard.fits, "liking")
    return None if mean is None else float(1.0 / (1.0 + np.exp(-4.0 * mean)))


def stress_rule(heard: Heard) -> float | None:
    """Words of several syllables keep their stress."""
    return _share(heard.fits, "rule")


def long_notes(heard: Heard) -> float | None:
    """Held notes carry strong or last syllables."""
    return _share(heard.fits, "held")


def open_vowels(heard: Heard) -> float | None:
    """Held notes carry vowels that can be held."""
    return _share(heard.fits, "open_held")


def strong_ends(heard: Heard) -> float | None:
    """Lines end on a strong syllable."""
    return _share(heard.fits, "ends")


def rhyme_plan(heard: Heard) -> float | None:
    """Lines that are planned to rhyme do, with another word."""
    plan, found = heard.genome.plan, list[float]()
    for lines in heard.genome.stanzas:
        for k, rime in enumerate(plan):
            before = [j for j in range(k) if plan[j] == rime != FREE]
            if before and lines[before[-1]].words != lines[k].words:  # a line that returns is no failed rhyme
                found.append(rhyme_worth(lines[before[-1]], lines[k]))
    return float(np.mean(found)) if found else None


def rhyme_share(heard: Heard) -> float | None:
    """About half of the lines rhyme."""
    if len(heard.genome.plan) < 3:
        return None
    share = float(np.mean([rhymed_share(lines) for lines in heard.genome.stanzas]))
    return _band(share, *RHYME_BAND, fall=2 / 3)


def repetition(heard: Heard) -> float | None:
    """Words come back, and not all of them: different words over words."""
    words = heard.words
    return _band(len(set(words)) / len(words), *DISTINCT_BAND) if len(words) > 3 else None


def novelty(heard: Heard) -> float:
    """Three words in a row that the corpus does not have."""
    trigrams = known_trigrams(heard.setting.style)
    found = [
        three in trigrams
        for line in heard.lines
        for three in zip(*(list(map(plain, line.words))[k:] for k in range(3)), strict=False)
    ]
    return 1.0 - sum(found) / max(len(found), 1)


@lru_cache(maxsize=4)
def known_trigrams(style: LyricStyle) -> frozenset[tuple[str, ...]]:
    """Three words in a row of a corpus."""
    return frozenset(line[k : k + 3] for line in style.lines for k in range(len(line) - 2))


def company(heard: Heard) -> float | None:
    """Pairs of words that were met in the corpus: the opposite pull to novelty."""
    pairs = [(plain(a), plain(b)) for line in heard.lines for a, b in zip(line.words, line.words[1:], strict=False)]
    known = low_pairs(heard.setting.style)
    return sum(pair in known for pair in pairs) / len(pairs) if pairs else None


@lru_cache(maxsize=4)
def low_pairs(style: LyricStyle) -> frozenset[tuple[str, str]]:
    """Pairs of words in lower case."""
    return frozenset((a.casefold(), b.casefold()) for a, b in style.pairs)


def theme(heard: Heard) -> float | None:
    """Words that share a stem with title and concept."""
    if not heard.setting.theme:
        return None
    return min(closeness(heard.words, heard.setting.theme) / THEME_ENOUGH, 1.0)


def one_voice(heard: Heard) -> float | None:
    """Neighboring lines are spoken by, or to, the same person."""
    shared = []
    for lines in heard.genome.stanzas:
        voices = [voice for line in lines if (voice := voice_of(line.words))]
        shared += [bool(a & b) for a, b in itertools.pairwise(voices)]
    return sum(shared) / len(shared) if shared else None


def new_words(heard: Heard) -> float | None:
    """A second stanza, and a section that is to differ from settled ones, says something new."""
    said = heard.setting.sung_stems
    pairs = [
        (stems(lines), said) for lines in heard.genome.stanzas if said and heard.genome.kind is not RepeatKind.SAME
    ]
    for k, lines in enumerate(heard.genome.stanzas[1:]):
        pairs.append((stems(lines), stems(heard.genome.stanzas[k])))
    found = [1.0 - len(mine & theirs) / len(mine) for mine, theirs in pairs if mine]
    return float(np.mean(found)) if found else None


def stems(lines: Sequence[SungLine]) -> frozenset[str]:
    """Stems of the content words of lines."""
    return frozenset(one for line in lines for one in _line_stems(line.words))


@lru_cache(maxsize=1 << 13)
def _line_stems(words: tuple[str, ...]) -> tuple[str, ...]:
    low = [plain(word) for word in words]
    return tuple(stem(word) for word, tag in zip(low, tag_line(low), strict=True) if tag in OPEN and len(word) > 2)


def _band(value: float, low: float, high: float, *, fall: float = 1 / 3) -> float:
    """1 inside, 0 as far outside as `fall`."""
    return float(np.clip(1.0 - max(low - value, value - high, 0.0) / fall, 0.0, 1.0))


TERMS: dict[str, Term] = {
    term.__name__: term
    for term in (
        syllable_fit, stress_places, stress_rule, long_notes, open_vowels, strong_ends, rhyme_plan, rhyme_share,
        repetition, novelty, company, theme, one_voice, new_words,
    )
}  # fmt: skip
MEASURES = {"words_per_line": (1.5, 8.0), "letters_per_word": (3.0, 5.5), "rhymed_lines": (0.0, 1.0)}


def theory_terms(heard: Heard) -> dict[str, float | None]:
    """All terms of one candidate."""
    return {name: term(heard) for name, term in TERMS.items()}


def measures(heard: Heard) -> dict[str, float]:
    """Where a candidate lies, see `MEASURES` for the ranges."""
    words, lines = heard.words, heard.lines
    return {
        "words_per_line": len(words) / max(len(lines), 1),
        "letters_per_word": sum(map(len, words)) / max(len(words), 1),
        "rhymed_lines": float(np.mean([rhymed_share(stanza) for stanza in heard.genome.stanzas])),
    }
