"""Stanzas out of the lines that fit: a rhyme plan first, then lines that keep to it and speak with one voice."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from whitelight.composition.lyrics.alignment import align
from whitelight.composition.lyrics.bank import BankLine, plain, sung_words
from whitelight.composition.lyrics.genome import LyricGenome, SungLine
from whitelight.composition.lyrics.phrases import Phrase
from whitelight.composition.lyrics.repeats import N_STANZAS, RepeatKind, draw_kind
from whitelight.composition.lyrics.rhyming import FREE, draw_plan
from whitelight.composition.lyrics.setting import LyricSetting
from whitelight.composition.lyrics.sounds import nearly_rhymes
from whitelight.composition.randomness import Rng, draw

N_LOOKS = 6  # lines looked at for each place; the one that suits its neighbors is taken
HOOK_SHARE = 0.6  # of choruses whose first line comes again, where a later phrase is like it
FIRST = frozenset({"i", "me", "my", "we", "us", "our", "mine"})
SECOND = frozenset({"you", "your"})
THIRD = frozenset({"he", "she", "him", "her", "his", "they", "them", "their"})
GRAINS = 1 << 30


def compose_genome(setting: LyricSetting, rng: Rng) -> LyricGenome:
    """Write the words of a section from nothing."""
    kind = setting.brief.kind or draw_kind(setting.section.role, rng)
    n_stanzas = setting.brief.n_stanzas or N_STANZAS[kind]
    plan = draw_plan(len(setting.phrases), rng)
    stanzas: list[tuple[SungLine, ...]] = []
    for _ in range(n_stanzas):
        kept = {len(plan) - 1: stanzas[0][-1]} if kind is RepeatKind.REFRAIN and stanzas else {}
        stanzas.append(compose_stanza(setting, plan, kind, before=stanzas, kept=kept, rng=rng))
    return LyricGenome(kind, tuple(stanzas), plan, int(rng.integers(GRAINS)))


def compose_stanza(
    setting: LyricSetting,
    plan: Sequence[int],
    kind: RepeatKind,
    *,
    before: Iterable[tuple[SungLine, ...]],
    kept: dict[int, SungLine],
    rng: Rng,
) -> tuple[SungLine, ...]:
    """Write one stanza; `kept` lines stand already, words of stanzas `before` are avoided."""
    said = {plain(word) for lines in before for line in lines for word in line.words}
    lines: list[SungLine | None] = [kept.get(k) for k in range(len(plan))]
    hook = _hook(setting, plan, kind, rng)
    order = [*(k for k in hook if lines[k] is None), *(k for k in range(len(plan)) if k not in hook)]
    for k in order:
        if lines[k] is None:
            lines[k] = draw_line(setting, k, lines, plan, said=said, rng=rng)
    if len(hook) > 1:
        lines[hook[1]] = lines[hook[0]]
    return tuple(line or SungLine((), ()) for line in lines)


def _hook(setting: LyricSetting, plan: Sequence[int], kind: RepeatKind, rng: Rng) -> tuple[int, ...]:
    """Places of the line that a chorus says twice: the first phrase, and a later one of as many notes."""
    phrases = setting.phrases
    if kind is not RepeatKind.SAME or len(phrases) < 4 or rng.random() > HOOK_SHARE:
        return ()
    again = [k for k in range(2, len(phrases)) if len(phrases[k]) == len(phrases[0]) and plan[k] == plan[0]]
    return (0, again[0]) if again else ()


def draw_line(
    setting: LyricSetting,
    place: int,
    lines: Sequence[SungLine | None],
    plan: Sequence[int],
    *,
    said: Iterable[str],
    rng: Rng,
) -> SungLine:
    """Draw a line for a phrase among its neighbors; it keeps to the rhyme plan where a line of its pool does."""
    pool = setting.pools[place]
    if not pool:
        return SungLine((), ())
    others = [line for k, line in enumerate(lines) if line is not None and line.words and k != place]
    choices = _rhyming(setting, place, lines, plan, rng)
    weights = setting.weights[place][choices]
    looked = {choices[draw(weights, rng)] for _ in range(N_LOOKS)}
    told = frozenset(said)
    best = max(sorted(looked), key=lambda k: pool[k][1] + suits(pool[k][0], others, told, setting.sung_stems))
    return laid(pool[best][0], setting.phrases[place])


def _rhyming(
    setting: LyricSetting, place: int, lines: Sequence[SungLine | None], plan: Sequence[int], rng: Rng
) -> list[int]:
    """Places in the pool that may be drawn from."""
    pool, by_rime = setting.pools[place], setting.by_rime[place]
    everything = list(range(len(pool)))
    if plan[place] == FREE:
        return everything
    partners = [k for k, rime in enumerate(plan) if rime == plan[place] and k != place]
    ends = [sung_words(lines[k].words[-1:])[0] for k in partners if lines[k] is not None and lines[k].words]  # type: ignore[union-attr]  # asked just before
    if ends:
        found = [k for k in by_rime.get(ends[0].rime, ()) if pool[k][0].last != ends[0].text]
        near = [k for rime, places in by_rime.items() if nearly_rhymes(rime, ends[0].rime) for k in places]
        return found or near or everything
    rimes = [rime for rime in by_rime if rime and all(_can_answer(setting, k, rime, place) for k in partners)]
    if not rimes:
        return everything
    sizes = [min(len(by_rime[rime]), *(len(setting.by_rime[k].get(rime, ())) for k in partners)) for rime in rimes]
    worth = [float(np.sqrt(size)) * setting.rime_worth[place][r] for r, size in zip(rimes, sizes, strict=True)]
    return list(by_rime[rimes[draw(worth, rng)]])


def _can_answer(setting: LyricSetting, partner: int, rime: str, place: int) -> bool:
    """Whether two phrases have different words on a rime."""
    here = setting.last_words[place][rime]
    there = setting.last_words[partner].get(rime, frozenset())
    return bool(there) and len(here | there) > 1


def suits(line: BankLine, others: Sequence[SungLine], said: frozenset[str], sung: frozenset[str]) -> float:
    """How well a line goes with those around it: no word twice without need, one voice, not the same beginning."""
    words = [plain(word) for word in line.words]
    content = {word for word, tag in zip(words, line.tags, strict=True) if tag in _CONTENT}
    worth = 0.0
    for other in others:
        theirs = {plain(word) for word in other.words}
        worth -= 0.6 * len(content & theirs) + 0.3 * (words[:2] == [plain(word) for word in other.words[:2]])
    if content:
        worth -= 0.4 * len(content & said) / len(content) + 0.3 * len(content & sung) / len(content)
    voices = voice_of(word for other in others for word in other.words)
    mine = voice_of(words)
    return worth - 0.5 * bool(mine and voices and not mine & voices)


_CONTENT = frozenset(("NOUN", "NOUNS", "VERB", "VERBS", "VERBD", "ING", "ADJ", "NAME", "PART_ED"))


def voice_of(words: Iterable[str]) -> frozenset[int]:
    """Persons that speak or are spoken of: 1, 2, 3."""
    found = set[int]()
    for word in words:
        low = plain(word).split("'")[0]
        if low in FIRST:
            found.add(1)
        elif low in SECOND:
            found.add(2)
        elif low in THIRD:
            found.add(3)
    return frozenset(found)


@lru_cache(maxsize=1 << 14)
def laid(line: BankLine, phrase: Phrase) -> SungLine:
    """A line on the notes of a phrase."""
    kinds = [kind for word in sung_words(line.words) for kind in word.kinds]
    return SungLine(line.words, align(kinds, phrase))
