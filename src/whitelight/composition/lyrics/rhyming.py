"""Rhyme plans: about half of the lines rhyme, with a neighbor or the one after it, never with the same word by intent."""

from collections.abc import Sequence

from whitelight.composition.lyrics.bank import plain, sung_words
from whitelight.composition.lyrics.genome import SungLine
from whitelight.composition.lyrics.sounds import nearly_rhymes, rhymes
from whitelight.composition.randomness import Rng, draw

FREE = -1
PLANS = {  # per four lines, with how usual each is; neighbors rhyme a little more often than lines two apart
    (FREE, 0, FREE, 0): 0.34,
    (0, 0, FREE, FREE): 0.08,
    (FREE, FREE, 0, 0): 0.12,
    (0, FREE, 0, FREE): 0.1,
    (FREE, 0, 0, FREE): 0.06,
    (0, 0, 1, 1): 0.18,
    (0, 1, 0, 1): 0.12,
}
NEAR = 0.5  # what a rhyme is worth that shares the vowel alone


def draw_plan(n_lines: int, rng: Rng) -> tuple[int, ...]:
    """Draw which lines rhyme; three lines take the end of a plan of four, two rhyme or do not."""
    if n_lines < 2:
        return (FREE,) * n_lines
    if n_lines == 2:
        return (0, 0) if rng.random() < 0.6 else (FREE, FREE)
    plans = list(PLANS)
    plan: list[int] = []
    first = plans[draw(list(PLANS.values()), rng)]
    while len(plan) < n_lines:
        four = first if rng.random() < 0.7 else plans[draw(list(PLANS.values()), rng)]
        high = max(plan, default=FREE) + 1
        plan += [FREE if rime == FREE else high + rime for rime in four]
    plan = plan[:n_lines] if n_lines % 4 != 3 else plan[: n_lines - 3] + plan[-3:]
    return renumber([rime if plan.count(rime) > 1 else FREE for rime in plan])


def renumber(plan: Sequence[int]) -> tuple[int, ...]:
    """Number rhymes in the order they appear."""
    order = {rime: k for k, rime in enumerate(dict.fromkeys(rime for rime in plan if rime != FREE))}
    return tuple(FREE if rime == FREE else order[rime] for rime in plan)


def line_end(line: SungLine) -> tuple[str, str]:
    """Last word of a line and its rime; empty texts where nothing is sung."""
    if not line.words:
        return "", ""
    return plain(line.words[-1]), sung_words(line.words[-1:])[0].rime


def rhyme_worth(first: SungLine, second: SungLine) -> float:
    """1 a rhyme, ½ a near one, ¼ the same word again, 0 none."""
    (word_a, rime_a), (word_b, rime_b) = line_end(first), line_end(second)
    if not word_a or not word_b:
        return 0.0
    if word_a == word_b:
        return 0.25
    return 1.0 if rhymes(rime_a, rime_b) else NEAR if nearly_rhymes(rime_a, rime_b) else 0.0


def rhymed_share(lines: Sequence[SungLine]) -> float:
    """Share of the lines that rhyme with another word up to two lines away."""
    ends = [line_end(line) for line in lines if line.words]
    rhymed = [
        any(
            rhymes(ends[k][1], ends[j][1]) and ends[k][0] != ends[j][0]
            for j in range(max(k - 2, 0), min(k + 3, len(ends)))
            if j != k
        )
        for k in range(len(ends))
    ]
    return sum(rhymed) / max(len(rhymed), 1)
