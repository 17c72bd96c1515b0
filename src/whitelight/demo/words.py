"""Words of the demo albums: titles, concepts, and lyrics from templates with slots, read from `words.yml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from whitelight.demo.grammar import GrammarError, load_packaged

_SLOT = re.compile(r"\{([navp])\}")


@dataclass(frozen=True, slots=True)
class Idea:
    """A title and what the song is about."""

    title: str
    premise: str


@dataclass(frozen=True, slots=True)
class Words:
    """The vocabulary of one album; `slots` maps n, a, v, p to nouns, adjectives, verbs and places."""

    mood: tuple[str, ...]
    genres: tuple[str, ...]
    sounds_like: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    verse: tuple[str, ...]
    hooks: tuple[str, ...]
    because: str
    songs: tuple[Idea, ...]
    proposal: Idea


def load_words() -> dict[str, Words]:
    """Return the vocabularies of the shipped `words.yml` by class letter."""
    return {letter: _words(letter, entry) for letter, entry in load_packaged("words.yml")["albums"].items()}


def write_concept(words: Words, idea: Idea, rng: np.random.Generator) -> str:
    """Return the premise of a song and a second sentence in the album's words."""
    return f"{idea.premise} {_sentence(_filled(words.because, _Deck(words, rng)))}"


def write_lyrics(words: Words, n_lines: Mapping[str, int], rng: np.random.Generator) -> dict[str, tuple[str, ...]]:
    """Write the lines of each section name; choruses share theirs, hooks alternating with a second line.

    Parameters
    ----------
    n_lines : lines per section name, such as {"Verse 1": 4, "Chorus 1": 4}.
    """
    deck = _Deck(words, rng)
    hooks = [_sentence(_filled(hook, deck)) for hook in rng.permutation(np.array(words.hooks))[:2]]
    lyrics: dict[str, tuple[str, ...]] = {}
    for name, count in n_lines.items():
        if name.startswith("Chorus"):
            lyrics[name] = tuple(hooks[index % 2] for index in range(count))
        else:
            templates = [str(words.verse[index % len(words.verse)]) for index in rng.permutation(len(words.verse))]
            lyrics[name] = tuple(_sentence(_filled(templates[index % len(templates)], deck)) for index in range(count))
    return lyrics


class _Deck:
    """Shuffled words per slot; each word comes once before any returns."""

    def __init__(self, words: Words, rng: np.random.Generator) -> None:
        self._words, self._rng = words, rng
        self._left: dict[str, list[str]] = {slot: [] for slot in words.slots}

    def draw(self, slot: str) -> str:
        if not self._left[slot]:
            self._left[slot] = [str(word) for word in self._rng.permutation(np.array(self._words.slots[slot]))]
        return self._left[slot].pop()


def _filled(template: str, deck: _Deck) -> str:
    """Fill the slots, turning "a" into "an" where the word asks for it."""
    text = _SLOT.sub(lambda match: deck.draw(match[1]), template)
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _words(letter: str, entry: Mapping[str, Any]) -> Words:
    """Build one vocabulary from its entry of the file."""
    values = dict(entry)
    try:
        slots = {name[0]: tuple(values.pop(name)) for name in ("nouns", "adjectives", "verbs", "places")}
        songs = tuple(Idea(*pair) for pair in values.pop("songs"))
        proposal = Idea(*values.pop("proposal"))
        lists: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return Words(slots=slots, songs=songs, proposal=proposal, **lists)
    except (KeyError, TypeError) as err:
        raise GrammarError(f"words.yml, album '{letter}': {err}; compare it with another album") from err
