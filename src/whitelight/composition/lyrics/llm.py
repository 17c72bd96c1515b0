"""Lines by a language model: it is told what the melody asks for, and what it answers is measured here.

A line it offers is kept when it has as many syllables as its phrase has notes, or one less; one syllable too many is
mended by leaving out a word that can go. The rest is dropped and counted. What is kept goes into the pools of the search
(`LyricBrief.offered`), beside lines of the songwriter's own words, and is judged like them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from whitelight.composition.lyrics.bank import plain, sung_words
from whitelight.composition.lyrics.chat import Endpoint, Usage, ask
from whitelight.composition.lyrics.fitting import written_words
from whitelight.composition.lyrics.learning import LyricStyle
from whitelight.composition.lyrics.phrases import Phrase
from whitelight.composition.lyrics.setting import LyricBrief
from whitelight.composition.lyrics.words import tokens

MAX_LINE_LETTERS = 200
SPARE = frozenset({"the", "a", "and", "so", "just", "that", "oh", "now", "still", "then", "but", "all", "my", "your"})
_ARRAY = re.compile(r"\[.*\]|\{.*\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """A line a model offered for a phrase, as it was kept.

    Attributes
    ----------
    is_mended : a word was left out so that it fits.
    """

    phrase: int
    text: str
    n_syllables: int
    is_mended: bool = False


@dataclass(frozen=True, slots=True)
class LlmAnswer:
    """What came of asking.

    Attributes
    ----------
    lines : kept, by phrase. dropped : why → how many lines were not. usage : tokens and cost of the endpoint.
    """

    lines: tuple[OfferedLine, ...]
    dropped: Mapping[str, int]
    usage: Usage

    @property
    def texts(self) -> tuple[str, ...]:
        """Different lines, in order."""
        return tuple(dict.fromkeys(line.text for line in self.lines))


@dataclass(frozen=True, slots=True)
class LlmLyricist:
    """A language model that writes lines for phrases."""

    endpoint: Endpoint

    @classmethod
    def at(cls, url: str, model: str, **settings: Any) -> "LlmLyricist":
        """Return the writer behind an address; `settings` are those of `chat.Endpoint`."""
        return cls(Endpoint(url, model, **settings))

    def propose(
        self,
        phrases: Sequence[Phrase],
        brief: LyricBrief,
        *,
        role: str = "verse",
        n_candidates: int = 6,
        seed: int | None = None,
        **options: Any,
    ) -> LlmAnswer:
        """Ask for lines and keep those that can be sung.

        Parameters
        ----------
        n_candidates : lines for each phrase. options : of `chat.ask`.

        Raises
        ------
        LanguageModelError : see `chat.ask`.
        """
        text, usage = ask(self.endpoint, prompt(phrases, brief, role=role, n=n_candidates), seed=seed, **options)
        lines, dropped = read_answer(text, phrases, brief.style)
        return LlmAnswer(lines, dropped, usage)


def with_offered(brief: LyricBrief, answer: LlmAnswer) -> LyricBrief:
    """The brief with the lines a model offered."""
    return replace(brief, offered=tuple(dict.fromkeys((*brief.offered, *answer.texts))))


def prompt(phrases: Sequence[Phrase], brief: LyricBrief, *, role: str, n: int) -> list[dict[str, str]]:
    """Messages that ask for `n` lines for each phrase, as JSON."""
    rows = [
        f"{k}: {len(phrase)} syllables, stresses {''.join('X' if n.weight >= 3 else 'x' for n in phrase.notes)}"
        + (", the last note is held" if phrase.notes[-1].is_long else "")
        for k, phrase in enumerate(phrases)
    ]
    asked = (
        f'Title: "{_one_line(brief.title) or "untitled"}". About: {_one_line(brief.concept) or "nothing stated"}.\n'
        f"Section: {role}. Phrases of the melody, one sung line each (X is a strong note):\n"
        + "\n".join(rows)
        + f"\nWrite {n} different lines for every phrase, one syllable a note, stressed syllables on X. About half of "
        'neighboring lines rhyme. Answer with JSON alone: [{"phrase": 0, "lines": ["...", "..."]}, ...]'
    )
    told = f"\nLines that are sung elsewhere in the song: {' / '.join(brief.sung[:12])}" if brief.sung else ""
    system = "You write song lyrics that fit a melody exactly. Plain words, concrete images, no clichés."
    return [{"role": "system", "content": system}, {"role": "user", "content": asked + told}]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:1500]


def read_answer(
    text: str, phrases: Sequence[Phrase], style: LyricStyle | None = None
) -> tuple[tuple[OfferedLine, ...], dict[str, int]]:
    """Read what a model wrote, whatever it wrote: lines that fit, and why the others do not.

    Parameters
    ----------
    style : lines of this corpus are not to be copied.
    """
    kept: list[OfferedLine] = []
    dropped: dict[str, int] = {}
    for place, line in _offers(text):
        found = _checked(line, place, phrases, style)
        if isinstance(found, OfferedLine):
            kept.append(found)
        else:
            dropped[found] = dropped.get(found, 0) + 1
    if not kept and not dropped:
        dropped["the answer holds no JSON lines"] = 1
    return tuple(dict.fromkeys(kept)), dropped


def _offers(text: str) -> list[tuple[int, str]]:
    """(phrase, line) of every line in an answer; prose around the JSON and a fence are passed over."""
    match = _ARRAY.search(text)
    try:
        content = json.loads(match[0]) if match else None
    except (ValueError, RecursionError):
        content = _rows(text)
    if isinstance(content, dict):
        content = next((value for value in content.values() if isinstance(value, list)), [content])
    found: list[tuple[int, str]] = []
    for row in content if isinstance(content, list) else []:
        place = row.get("phrase") if isinstance(row, dict) else None
        lines = (row.get("lines") or row.get("line") or row.get("text")) if isinstance(row, dict) else None
        if isinstance(place, int) and not isinstance(place, bool):
            found += [
                (place, line) for line in (lines if isinstance(lines, list) else [lines]) if isinstance(line, str)
            ]
    return found


def _rows(text: str) -> list[Any]:
    """Objects of an answer that holds one JSON object a line, or broke off."""
    rows = []
    for part in re.findall(r"\{[^{}]*\}", text):
        try:
            rows.append(json.loads(part))
        except ValueError:
            continue
    return rows


def _checked(line: str, place: int, phrases: Sequence[Phrase], style: LyricStyle | None) -> OfferedLine | str:
    """The line as it can be sung, or why not."""
    if not 0 <= place < len(phrases):
        return "no such phrase"
    words = written_words(" ".join(line.split())[:MAX_LINE_LETTERS])
    if not words or "\ufffd" in line or any(len(word) > 40 for word in words):
        return "no words"
    if style is not None and style.copies([plain(word) for word in words]):
        return "copies a line of the corpus"
    n_notes, n = len(phrases[place]), _count(words)
    if n in (n_notes, n_notes - 1) and n > 0:
        return OfferedLine(place, " ".join(words), n)
    if n == n_notes + 1:
        for k, word in enumerate(words):
            shorter = words[:k] + words[k + 1 :]
            if plain(word) in SPARE and shorter and tokens(shorter[-1]) and _count(shorter) == n_notes:
                return OfferedLine(place, " ".join(shorter), n_notes, is_mended=True)
    return "too many syllables" if n > n_notes else "too few syllables"


def _count(words: Sequence[str]) -> int:
    return sum(len(word.kinds) for word in sung_words(words))
