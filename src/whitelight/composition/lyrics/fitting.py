"""Words somebody wrote, on a melody: how they fit, line by line, fast enough to follow typing; and their voice.

Lines of a text go to phrases in order; an empty line begins the next stanza, which is sung over the same melody again.
What has too many or too few syllables is sung all the same, and the fit says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from whitelight.composition.context import SectionContext
from whitelight.composition.lyrics.alignment import align, broken_words
from whitelight.composition.lyrics.bank import STOPS, sung_words
from whitelight.composition.lyrics.genome import LyricGenome, SungLine
from whitelight.composition.lyrics.phrases import NoMelodyError, Phrase, find_phrases
from whitelight.composition.lyrics.rendering import vocal_track
from whitelight.composition.lyrics.repeats import RepeatKind
from whitelight.composition.lyrics.rhyming import FREE, line_end, renumber, rhymed_share
from whitelight.composition.lyrics.sounds import rhymes
from whitelight.composition.lyrics.theory import LineFit, fit_line
from whitelight.composition.lyrics.words import tokens
from whitelight.errors import WhitelightError
from whitelight.music import MidiTrack, Notes

MAX_TEXT_LETTERS, MAX_LINE_WORDS = 20_000, 60
_DASH = re.compile(r"(?<=\w)([\u2014\u2013/]+)(?=\w)")


class NoSuchStanzaError(WhitelightError):
    """A text has fewer stanzas than asked for."""


@dataclass(frozen=True, slots=True)
class FittedLine:
    """A line on its phrase.

    Attributes
    ----------
    stanza, phrase : places, from 0; phrase is −1 for a line that has no phrase left.
    n_syllables, n_notes : of the line and its phrase. wrong_stress : words sung against their stress.
    stress : share of the words of several syllables that keep theirs; 1 without such words.
    """

    text: str
    stanza: int
    phrase: int
    n_syllables: int
    n_notes: int
    stress: float
    wrong_stress: tuple[str, ...]
    sung: SungLine

    @property
    def fits(self) -> bool:
        """A syllable for each note, and no word against its stress."""
        return self.n_syllables == self.n_notes and not self.wrong_stress

    @property
    def advice(self) -> str:
        """What a writer could do, "" when nothing."""
        if self.phrase < 0:
            return "no phrase of the melody is left for this line"
        apart = self.n_syllables - self.n_notes
        if apart:
            return f"{abs(apart)} syllable{'s' * (abs(apart) > 1)} {'more' if apart > 0 else 'fewer'} than notes"
        return f"stress falls on the wrong syllable: {', '.join(self.wrong_stress)}" if self.wrong_stress else ""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a text sits on a melody.

    Attributes
    ----------
    lines : in order; empty lines left out. n_phrases : lines the melody has room for in a stanza.
    syllables : share of the notes with a syllable of their own. stress : share of the words of several syllables that
        keep their stress. rhymed : share of the lines that rhyme within two lines.
    """

    lines: tuple[FittedLine, ...]
    n_phrases: int
    syllables: float
    stress: float
    rhymed: float

    @property
    def n_stanzas(self) -> int:
        """Stanzas of the text."""
        return max((line.stanza + 1 for line in self.lines), default=0)

    def stanza(self, number: int) -> tuple[SungLine, ...]:
        """One sung line for every phrase.

        Raises
        ------
        NoSuchStanzaError : there are fewer stanzas.
        """
        if not 0 <= number < self.n_stanzas:
            raise NoSuchStanzaError(f"stanza {number + 1} asked for, the words have {self.n_stanzas}; write it first")
        sung = {line.phrase: line.sung for line in self.lines if line.stanza == number and line.phrase >= 0}
        return tuple(sung.get(k, SungLine((), ())) for k in range(self.n_phrases))


def fit_words(text: str, melody: Notes, context: SectionContext) -> Fit:
    """Lay a text on a melody and measure it.

    Parameters
    ----------
    text : lines; an empty line parts stanzas. Any script; a line without words is left out.
    melody : one voice at the context's resolution; without notes no line finds a phrase.
    """
    phrases = find_phrases(melody, context)
    fitted: list[FittedLine] = []
    for number, lines in enumerate(read_stanzas(text)):
        for k, line in enumerate(lines):
            fitted.append(_fitted(line, number, k if k < len(phrases) else -1, phrases))
    fits = [fit_line(line.sung, phrases[line.phrase]) for line in fitted if line.phrase >= 0]
    stanzas = [[line.sung for line in fitted if line.stanza == s] for s in {line.stanza: 0 for line in fitted}]
    rhymed = sum(rhymed_share(lines) * len(lines) for lines in stanzas) / max(len(fitted), 1)
    return Fit(tuple(fitted), len(phrases), _share(fits, "one_to_one"), _share(fits, "rule"), rhymed)


def read_stanzas(text: str) -> list[list[str]]:
    """Lines with words, by stanza."""
    stanzas: list[list[str]] = [[]]
    for line in text[:MAX_TEXT_LETTERS].splitlines():
        plain = line.strip()
        if tokens(plain):
            stanzas[-1].append(plain)
        elif not plain and stanzas[-1]:
            stanzas.append([])
    return [lines for lines in stanzas if lines]


def _fitted(line: str, stanza: int, place: int, phrases: Sequence[Phrase]) -> FittedLine:
    words = written_words(line)
    sung = sung_words(words)
    kinds = [kind for word in sung for kind in word.kinds]
    if place < 0:
        return FittedLine(line, stanza, -1, len(kinds), 0, 1.0, (), SungLine(words, tuple(range(len(kinds)))))
    phrase = phrases[place]
    laid = SungLine(words, align(kinds, phrase))
    wrong = tuple(words[k].strip(STOPS) for k in broken_words(sung, phrase))
    n_long = sum(len(word.kinds) > 1 for word in sung)
    stress = 1.0 - len(wrong) / n_long if n_long else 1.0
    return FittedLine(line, stanza, place, len(kinds), len(phrase), stress, wrong, laid)


@lru_cache(maxsize=2048)
def written_words(line: str) -> tuple[str, ...]:
    """Words of a line with the stops that stand by them; signs alone go with the word before."""
    words: list[str] = []
    for piece in _DASH.sub(r"\1 ", line).split()[:MAX_LINE_WORDS]:
        if tokens(piece):
            words.append(piece)
        elif words:
            words[-1] += piece
    return tuple(words)


def _share(fits: Sequence[LineFit], name: str) -> float:
    good, cases = (sum(getattr(fit, name)[k] for fit in fits) for k in (0, 1))
    return float(good / cases) if cases else 1.0


def sing(text: str, melody: Notes, context: SectionContext, *, stanza: int = 0, grain: int = 0) -> MidiTrack:
    """Return the voice that sings one stanza of a text: for every return of a section, and for words people edited.

    Raises
    ------
    NoMelodyError, NoSuchStanzaError : there is nothing to sing, or not that often.
    """
    phrases = find_phrases(melody, context)
    if not phrases:
        raise NoMelodyError(f"section '{context.section.name}': no melody with notes to sing; approve a melody first")
    return vocal_track(fit_words(text, melody, context).stanza(stanza), phrases, melody, grain=grain)


def genome_of_text(text: str, context: SectionContext, kind: RepeatKind = RepeatKind.NEW) -> LyricGenome:
    """Return words somebody wrote as a genome, so that a search can begin with them.

    Raises
    ------
    NoMelodyError, NoSuchStanzaError : as `sing`.
    """
    fit = fit_words(text, context.notes_of("melody"), context)
    if not fit.n_phrases:
        raise NoMelodyError(f"section '{context.section.name}': no melody with notes to sing; approve a melody first")
    stanzas = tuple(fit.stanza(k) for k in range(max(fit.n_stanzas, 1)))
    return LyricGenome(kind, stanzas, _plan_of(stanzas[0]), 0)


def _plan_of(lines: Sequence[SungLine]) -> tuple[int, ...]:
    """Rhyme plan that lines follow: those that rhyme up to two lines apart."""
    ends = [line_end(line) for line in lines]
    plan = [FREE] * len(lines)
    for k, (word, rime) in enumerate(ends):
        for j in range(max(k - 2, 0), k):
            if rime and rhymes(rime, ends[j][1]) and word != ends[j][0]:
                plan[j] = plan[j] if plan[j] != FREE else j
                plan[k] = plan[j]
    return renumber(plan)
