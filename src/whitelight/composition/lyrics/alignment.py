"""Which syllable is sung on which note: one each where the counts agree, else where it hurts least."""

from collections.abc import Sequence
from functools import lru_cache
from math import log

from whitelight.composition.lyrics.phrases import PLACES, Phrase
from whitelight.composition.lyrics.words import Kind, SungWord

_MARGIN = tuple(sum(row[k] for row in PLACES.values()) / len(PLACES) for k in range(4))
LIKING = {
    kind: tuple(log(share / base) for share, base in zip(row, _MARGIN, strict=True)) for kind, row in PLACES.items()
}
_SLUR_STRONG, _CROWD = 0.6, 1.5  # what it costs to hold a syllable through a beat, and to put two on a short note


def align(kinds: Sequence[Kind], phrase: Phrase) -> tuple[int, ...]:
    """Return the note each syllable begins on; every note in order, none skipped at the start."""
    n_syllables, n_notes = len(kinds), len(phrase)
    if n_syllables == n_notes or not n_syllables:
        return tuple(range(n_syllables))
    return _slurred(tuple(kinds), phrase) if n_syllables < n_notes else _crowded(n_syllables, phrase)


@lru_cache(maxsize=4096)
def _slurred(kinds: tuple[Kind, ...], phrase: Phrase) -> tuple[int, ...]:
    """Fewer syllables than notes: weak notes continue the syllable before them (shortest path)."""
    notes = phrase.notes
    cost_of_slur = [0.3 + _SLUR_STRONG * note.weight / 4 + 0.4 * note.is_long for note in notes]
    best: dict[int, tuple[float, tuple[int, ...]]] = {1: (-LIKING[kinds[0]][notes[0].place], (0,))}
    for k in range(1, len(notes)):
        step: dict[int, tuple[float, tuple[int, ...]]] = {}
        for sung, (cost, path) in best.items():
            options = [(sung, cost + cost_of_slur[k], path)]
            if sung < len(kinds):
                options.append((sung + 1, cost - LIKING[kinds[sung]][notes[k].place], (*path, k)))
            for reached, price, way in options:
                if reached not in step or price < step[reached][0]:
                    step[reached] = (price, way)
        best = step
    return best[len(kinds)][1]


@lru_cache(maxsize=4096)
def _crowded(n_syllables: int, phrase: Phrase) -> tuple[int, ...]:
    """More syllables than notes: the longest notes carry more than one."""
    held = [1] * len(phrase)
    for _ in range(n_syllables - len(phrase)):
        k = max(range(len(phrase)), key=lambda i: (phrase.notes[i].duration / held[i], -i))
        held[k] += 1
    return tuple(k for k, count in enumerate(held) for _ in range(count))


def keeps_stress(word: SungWord, notes: Sequence[int], phrase: Phrase) -> bool:
    """Whether the strong syllable of a word is on a note at least as strong as its others: by beat, or held longer.

    Parameters
    ----------
    notes : places in the phrase, one per syllable.
    """
    sung = [phrase.notes[note] for note in notes]
    strong = sung[word.strong]
    return all(
        strong.own_weight >= note.own_weight or (strong.strength >= note.strength and strong.duration > note.duration)
        for note in sung
    )


def broken_words(words: Sequence[SungWord], phrase: Phrase) -> list[int]:
    """Places of the words that are sung against their stress."""
    notes = align([kind for word in words for kind in word.kinds], phrase)
    broken, start = list[int](), 0
    for k, word in enumerate(words):
        if not keeps_stress(word, notes[start : start + len(word.kinds)], phrase):
            broken.append(k)
        start += len(word.kinds)
    return broken
