"""Mutations and crossover of words: a line, a word, a rhyme; what comes out fits the melody as a fresh draft does."""

from collections.abc import Callable
from dataclasses import replace

from whitelight.composition.lyrics.agreement import agree
from whitelight.composition.lyrics.alignment import align
from whitelight.composition.lyrics.bank import plain, sung_words
from whitelight.composition.lyrics.generator import compose_stanza, draw_line
from whitelight.composition.lyrics.genome import LyricGenome, SungLine
from whitelight.composition.lyrics.lines import SWAPPED
from whitelight.composition.lyrics.repeats import RepeatKind
from whitelight.composition.lyrics.rhyming import FREE, draw_plan, renumber, rhyme_worth
from whitelight.composition.lyrics.setting import LyricSetting
from whitelight.composition.lyrics.tagging import tag_line
from whitelight.composition.mutation import change
from whitelight.composition.randomness import Rng

Mutation = Callable[[LyricGenome, LyricSetting, Rng], LyricGenome]
N_WORD_TRIES = 8


def mutate(genome: LyricGenome, setting: LyricSetting, rng: Rng) -> LyricGenome:
    """Change one or two things about the words."""
    return change(genome, MUTATIONS, setting, rng, how_many=(0.6, 0.4))


def redraw_line(genome: LyricGenome, setting: LyricSetting, rng: Rng) -> LyricGenome:
    """Draw one line anew; one that is said twice changes in both places."""
    stanza, place = _place(genome, rng)
    lines = genome.stanzas[stanza]
    said = {
        plain(word) for k, other in enumerate(genome.stanzas) if k != stanza for line in other for word in line.words
    }
    new = draw_line(setting, place, lines, genome.plan, said=said, rng=rng)
    for k, line in enumerate(lines):
        if line == lines[place] and len(setting.phrases[k]) == len(setting.phrases[place]):
            genome = genome.with_line(stanza, k, new)
    return genome.with_line(stanza, place, new)


def change_word(genome: LyricGenome, setting: LyricSetting, rng: Rng) -> LyricGenome:
    """Put another word in the place of one, of as many syllables, stressed alike; a rhyme stays a rhyme."""
    stanza, place = _place(genome, rng)
    line = genome.stanzas[stanza][place]
    new = _other_word(line, genome, setting, at=(stanza, place), rng=rng)
    for k, other in enumerate(genome.stanzas[stanza]):
        if other == line:
            genome = genome.with_line(stanza, k, new)
    return genome


def _other_word(
    line: SungLine, genome: LyricGenome, setting: LyricSetting, *, at: tuple[int, int], rng: Rng
) -> SungLine:
    words = [plain(word) for word in line.words]
    tags = tag_line(words)
    open_places = [k for k, tag in enumerate(tags) if tag in SWAPPED]
    if not open_places:
        return line
    maker, style = setting.bank.maker, setting.style
    for _ in range(N_WORD_TRIES):
        k = open_places[int(rng.integers(len(open_places)))]
        before = words[k - 1] if k else "^"
        after = tags[k + 1] if k + 1 < len(words) else "$"
        found = maker.other_word(words[k], tags[k], before, after, rng)
        if found == words[k] or sung_words([found])[0].kinds != sung_words([words[k]])[0].kinds:
            continue
        changed = (*line.words[:k], line.words[k].replace(words[k], found), *line.words[k + 1 :])
        mended = agree([*words[:k], found, *words[k + 1 :]], tags)
        if mended[k] != found or any(
            a.casefold() != b for i, (a, b) in enumerate(zip(mended, words, strict=True)) if i != k
        ):
            continue
        new = replace(line, words=changed)
        if style.copies(mended) or (k == len(words) - 1 and not _still_rhymes(new, genome, *at)):
            continue
        return new
    return line


def _still_rhymes(line: SungLine, genome: LyricGenome, stanza: int, place: int) -> bool:
    lines, plan = genome.stanzas[stanza], genome.plan
    partners = [k for k, rime in enumerate(plan) if rime == plan[place] and rime >= 0 and k != place]
    return all(rhyme_worth(line, lines[k]) >= rhyme_worth(lines[place], lines[k]) for k in partners)


def rewrite_stanza(genome: LyricGenome, setting: LyricSetting, rng: Rng) -> LyricGenome:
    """Write one stanza anew, at times to another rhyme plan."""
    stanza = int(rng.integers(len(genome.stanzas)))
    if len(genome.stanzas) == 1 and rng.random() < 0.5:
        genome = replace(genome, plan=draw_plan(len(genome.plan), rng))
    others = [lines for k, lines in enumerate(genome.stanzas) if k != stanza]
    last = len(genome.plan) - 1
    kept = {last: genome.stanzas[0][last]} if genome.kind is RepeatKind.REFRAIN else {}
    lines = compose_stanza(setting, genome.plan, genome.kind, before=others, kept=kept, rng=rng)
    stanzas = tuple(lines if k == stanza else old for k, old in enumerate(genome.stanzas))
    return replace(genome, stanzas=stanzas)


def swap_lines(genome: LyricGenome, setting: LyricSetting, rng: Rng) -> LyricGenome:
    """Let two lines of as many notes change places."""
    stanza, place = _place(genome, rng)
    lines = genome.stanzas[stanza]
    others = [
        k for k in range(len(lines))
        if k != place
        and genome.plan[k] == genome.plan[place] and len(setting.phrases[k]) == len(setting.phrases[place]) and lines[k].words and lines[place].words
    ]  # fmt: skip
    if not others:
        return redraw_line(genome, setting, rng)
    other = others[int(rng.integers(len(others)))]
    first, second = (_realigned(lines[k], setting, at) for k, at in ((other, place), (place, other)))
    return genome.with_line(stanza, place, first).with_line(stanza, other, second)


def _realigned(line: SungLine, setting: LyricSetting, place: int) -> SungLine:
    kinds = [kind for word in sung_words(line.words) for kind in word.kinds]
    return SungLine(line.words, align(kinds, setting.phrases[place]))


def rhyme_pair(genome: LyricGenome, setting: LyricSetting, rng: Rng) -> LyricGenome:
    """Draw a pair of rhymed lines anew, the second to answer the first."""
    stanza = int(rng.integers(len(genome.stanzas)))
    rimes = sorted({rime for rime in genome.plan if rime >= 0})
    if not rimes:
        return redraw_line(genome, setting, rng)
    rime = rimes[int(rng.integers(len(rimes)))]
    places = [k for k, one in enumerate(genome.plan) if one == rime]
    lines: list[SungLine | None] = [None if k in places else line for k, line in enumerate(genome.stanzas[stanza])]
    for k in places:
        lines[k] = draw_line(setting, k, lines, genome.plan, said=(), rng=rng)
        genome = genome.with_line(stanza, k, lines[k] or SungLine((), ()))
    return genome


def _place(genome: LyricGenome, rng: Rng) -> tuple[int, int]:
    return int(rng.integers(len(genome.stanzas))), int(rng.integers(len(genome.plan)))


MUTATIONS: tuple[Mutation, ...] = (
    redraw_line,
    redraw_line,
    change_word,
    change_word,
    rhyme_pair,
    swap_lines,
    rewrite_stanza,
)


def cross(first: LyricGenome, second: LyricGenome, _setting: LyricSetting, rng: Rng) -> LyricGenome:
    """Take lines of two: whole rhymes of each where both have one plan, else begin as one and close as the other."""
    n = len(first.plan)
    if n != len(second.plan) or n < 2:
        return second
    if first.plan == second.plan and rng.random() < 0.5:
        rimes = {rime for rime in first.plan if rng.random() < 0.5}
        taken = {k for k, rime in enumerate(first.plan) if (rime in rimes if rime != FREE else rng.random() < 0.5)}
    else:
        taken = set(range(int(rng.integers(1, n)), n))
    stanzas = []
    for s, lines in enumerate(first.stanzas):
        other = second.stanzas[min(s, len(second.stanzas) - 1)]
        stanzas.append(tuple(other[k] if k in taken else line for k, line in enumerate(lines)))
    if first.kind is RepeatKind.REFRAIN:
        stanzas = [(*lines[:-1], stanzas[0][-1]) for lines in stanzas]
    return replace(first, stanzas=tuple(stanzas), plan=_joined_plan(first, second, taken), grain=second.grain)


def _joined_plan(first: LyricGenome, second: LyricGenome, taken: set[int]) -> tuple[int, ...]:
    """Rhymes that came over whole; what lost its partner is free."""
    marks = [(k in taken, (second if k in taken else first).plan[k]) for k in range(len(first.plan))]
    if first.plan == second.plan:
        marks = [(False, rime) for _, rime in marks]
    numbers = {mark: k for k, mark in enumerate(dict.fromkeys(marks))}
    return renumber([FREE if mark[1] == FREE or marks.count(mark) < 2 else numbers[mark] for mark in marks])
