"""Lines nobody wrote, out of the words and frames of those somebody did.

A line begins as a clause of the corpus, or as the head of one and the tail of another that share the word at the seam.
Then content words give way to others of their kind: words of the theme, words the corpus knows in that company, words of
one field of meaning. Agreement is mended, and what has a seam in its grammar the corpus does not know is thrown away.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from whitelight.composition.lyrics.agreement import agree, is_grammatical
from whitelight.composition.lyrics.learning import Clause, LyricStyle
from whitelight.composition.lyrics.tagging import lexicon, possible_tags
from whitelight.composition.lyrics.theme import ThemeWord
from whitelight.composition.randomness import Rng

SWAPPED = ("NOUN", "NOUNS", "VERB", "VERBS", "VERBD", "ING", "ADJ")
UNFINISHED = ("DET", "POSS", "PREP", "CONJ", "SUB", "TO", "MODAL", "BE", "HAVE", "WH", "NUM", "SUBJ", "NOT")
BEGINS = ("PREP", "SUB", "CONJ", "SUBJ", "DET", "POSS", "ING", "VERB", "WH", "NOUN", "NOUNS", "ADV", "INTJ")
OBJECTS = ("DET", "POSS", "OBJ", "NOUN", "NOUNS", "NAME", "ADJ", "NUM")
SWAP_SHARE, THEME_SHARE, MAX_WORDS = 0.36, 0.45, 12
_FORM = {"VERB": None, "VERBS": 0, "VERBD": 1, "ING": 3}


@lru_cache(maxsize=1 << 12)
def _stands_alone(before: str) -> bool:
    """Whether a noun behind this word has no article or the like."""
    tags = possible_tags(before.casefold())
    return before == "^" or not set(tags) & {"DET", "POSS", "ADJ", "NUM", "NOUN", "PART_ED"}


def _is_sure(word: str, tag: str) -> bool:
    """Whether a word met once is what its line says: listed so, or of an ending that says it; nouns are believed."""
    tags = possible_tags(word.casefold())
    return tag in ("NOUN", "NOUNS") or tags.get(tag, -9.0) > -0.5


@dataclass(frozen=True)
class LineMaker:
    """Makes lines in a style about a theme."""

    style: LyricStyle
    theme: tuple[ThemeWord, ...] = ()

    @cached_property
    def by_tag(self) -> Mapping[str, tuple[tuple[str, float], ...]]:
        """Tag → theme words with weights."""
        found: dict[str, list[tuple[str, float]]] = {}
        for word in self.theme:
            found.setdefault(word.tag, []).append((word.text, word.weight))
        return {tag: tuple(words) for tag, words in found.items()}

    @cached_property
    def pools(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """(tag, field of meaning or what a verb governs) → words to choose from, those of the corpus several times."""
        found: dict[tuple[str, str], list[str]] = {}
        for tag in SWAPPED:
            for word, count in self.style.words.get(tag, {}).items():
                if count < 2 and not _is_sure(word, tag):
                    continue
                for trait in self._traits(word, tag):
                    found.setdefault((tag, trait), []).extend([word] * min(count + 1, 4))
        for noun, group in lexicon().groups.items():
            for tag in ("NOUN", "NOUNS"):
                if tag in lexicon().tags[noun] and lexicon().tags[noun][tag] > -1:
                    found.setdefault((tag, group), []).append(noun)
        for verb, frames in lexicon().frames.items():
            for tag, form in _FORM.items():
                text = verb if form is None else lexicon().verbs[verb][form]
                for frame in frames:
                    found.setdefault((tag, frame), []).append(text)
        return {key: tuple(words) for key, words in found.items()}

    @cached_property
    def bare(self) -> frozenset[str]:
        """Nouns that can stand without an article: those that did, and what cannot be counted."""
        found = set(lexicon().mass)
        for clause in self.style.clauses:
            for before, word, tag in zip(("^", *clause.words), clause.words, clause.tags, strict=False):
                if tag == "NOUN" and before != "^" and _stands_alone(before):
                    found.add(word)
        return frozenset(found)

    def _traits(self, word: str, tag: str) -> tuple[str, ...]:
        if tag in ("NOUN", "NOUNS"):
            return (lexicon().groups.get(word, "matter"),)
        if tag == "ADJ":
            return ("any",)
        base = lexicon().forms.get(word)
        known = tuple(sorted(lexicon().frames.get(base, ()))) if base else ()
        after = self.style.governs.get(word, frozenset())
        heard = ("object",) if after & {"DET", "POSS", "OBJ"} else ("alone",) if after & {"$", "PREP", "PART"} else ()
        return tuple(dict.fromkeys((*known, *heard)))

    def line(self, rng: Rng) -> Clause | None:
        """Make a line; None when this attempt came to nothing."""
        clause = self._beginning(rng)
        if clause is None or not 1 <= len(clause.words) <= MAX_WORDS:
            return None
        swapped = self._swap(clause, rng)
        words = agree(swapped.words, swapped.tags)
        if not self._is_sound(words, swapped.tags):
            return None
        return Clause(words, swapped.tags)

    def _beginning(self, rng: Rng) -> Clause | None:
        clauses = self.style.clauses
        first = clauses[int(rng.integers(len(clauses)))]
        fate = rng.random()
        if fate < 0.25 or len(first.words) < 2:
            return first
        if fate < 0.4:
            return self._fragment(first, rng)
        return self._splice(first, rng)

    def _fragment(self, clause: Clause, rng: Rng) -> Clause | None:
        """The end of a clause from a word that can begin one."""
        starts = [
            k for k, tag in enumerate(clause.tags) if k and tag in BEGINS and clause.tags[k - 1] not in UNFINISHED
        ]
        if not starts:
            return None
        start = starts[int(rng.integers(len(starts)))]
        return Clause(clause.words[start:], clause.tags[start:])

    def _splice(self, first: Clause, rng: Rng) -> Clause | None:
        """The head of one clause, and the tail another has behind the same word."""
        at = int(rng.integers(len(first.words) - 1))
        places = self.style.places[first.words[at], first.tags[at]]
        if len(places) < 2:
            return None
        other, k = places[int(rng.integers(len(places)))]
        tail = self.style.clauses[other]
        if tail is first:
            return None
        return Clause(first.words[: at + 1] + tail.words[k + 1 :], first.tags[: at + 1] + tail.tags[k + 1 :])

    def _swap(self, clause: Clause, rng: Rng) -> Clause:
        words = list(clause.words)
        for k, tag in enumerate(clause.tags):
            if tag in SWAPPED and rng.random() < SWAP_SHARE:
                after = clause.tags[k + 1] if k + 1 < len(words) else "$"
                before = words[k - 1] if k else "^"
                words[k] = self.other_word(words[k], tag, before, after, rng)
        return Clause(tuple(words), clause.tags)

    def other_word(self, word: str, tag: str, before: str, after: str, rng: Rng) -> str:
        """Return a word that can stand in this one's place; the same where there is none."""
        if tag == "ADJ" and not (after in ("NOUN", "NOUNS", "ADJ") or "BE" in possible_tags(before.casefold())):
            return word  # a noun in disguise: *I tried my best*
        is_bare = tag == "NOUN" and _stands_alone(before)
        theme = [pair for pair in self.by_tag.get(tag, ()) if not is_bare or pair[0] in self.bare]
        if theme and tag in ("NOUN", "NOUNS", "ADJ") and rng.random() < THEME_SHARE:
            weights = [weight for _, weight in theme]
            point, total = rng.random() * sum(weights), 0.0
            for text, weight in theme:
                total += weight
                if total >= point:
                    return text
        if tag in _FORM:
            trait = "object" if after in OBJECTS else "clause" if after in ("SUBJ", "SUB", "WH") else "alone"
            if trait not in self._traits(word, tag):
                return word  # what it governs here is an idiom; another verb would break it
        else:
            trait = self._traits(word, tag)[0]
        pool = self.pools.get((tag, trait), ())
        if not pool:
            return word
        tries = [pool[int(k)] for k in rng.integers(len(pool), size=4)]
        if is_bare:
            tries = [text for text in tries if text in self.bare] or [word]
        return next((text for text in tries if (before, text) in self.style.pairs), tries[0])

    def _is_sound(self, words: Sequence[str], tags: Sequence[str]) -> bool:
        """Finished, without stammer, of a grammar the corpus knows, and nobody's line."""
        if len(words) > 1 and (tags[-1] in UNFINISHED or any(a == b for a, b in itertools.pairwise(words))):
            return False
        if len(words) == 1 and tags[0] not in ("VERB", "INTJ", "ADV", "NOUN", "NOUNS", "NAME", "ADJ"):
            return False
        content = [word for word, tag in zip(words, tags, strict=True) if tag in SWAPPED]
        if len(set(content)) < len(content) or tags.count("NAME") > 1:
            return False
        padded = ("^", "^", *tags, "$")
        if any(three not in self.style.grammar for three in zip(padded, padded[1:], padded[2:], strict=False)):
            return False
        return is_grammatical(words, tags) and not self.style.copies(words)
