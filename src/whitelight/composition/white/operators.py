"""Small changes of a cut-up, and children of two."""

from whitelight.composition.randomness import Rng
from whitelight.composition.white.bench import Bench
from whitelight.composition.white.drawing import draw_bar, draw_plan, mend, replaced
from whitelight.composition.white.genome import CutUpGenome, tidy


def mutate(bench: Bench, genome: CutUpGenome, rng: Rng) -> CutUpGenome:
    """Draw one or two bars anew, exchange two, let a bar go its own way or return, or follow another plan."""
    fate = rng.random()
    if fate < 0.6:
        changed = genome
        for _ in range(1 if rng.random() < 0.7 else 2):
            changed = replaced(bench, changed, int(rng.integers(len(changed.units))), rng)
    elif fate < 0.72 and len(genome.units) > 1:
        changed = _exchanged(genome, rng)
    elif fate < 0.86:
        changed = _parted(bench, genome, rng)
    else:
        changed = _planned(bench, genome, draw_plan(bench.n_bars, rng), rng)
    return mend(bench, changed, rng)


def cross(bench: Bench, first: CutUpGenome, second: CutUpGenome, rng: Rng) -> CutUpGenome:
    """Follow the plan of one with the bars of both."""
    units = list(first.units)
    for place, unit in enumerate(first.plan):
        if rng.random() < 0.5:
            units[unit] = second.bars[place]
    return mend(bench, tidy(tuple(units), first.plan), rng)


def _exchanged(genome: CutUpGenome, rng: Rng) -> CutUpGenome:
    a, b = rng.choice(len(genome.units), size=2, replace=False).tolist()
    units = list(genome.units)
    units[a], units[b] = units[b], units[a]
    return tidy(tuple(units), genome.plan)


def _parted(bench: Bench, genome: CutUpGenome, rng: Rng) -> CutUpGenome:
    """Give a recalled bar one of its own; where nothing is recalled, recall one."""
    places = [place for place, unit in enumerate(genome.plan) if unit in genome.plan[:place]]
    plan = list(genome.plan)
    if not places:
        early, late = sorted(rng.choice(len(plan), size=2, replace=False).tolist())
        plan[late] = plan[early]
        return tidy(genome.units, tuple(plan))
    place = places[int(rng.integers(len(places)))]
    bar = draw_bar(bench, place, rng, before=genome.bars[place - 1])
    plan[place] = len(genome.units)
    return tidy((*genome.units, bar), tuple(plan))


def _planned(bench: Bench, genome: CutUpGenome, plan: tuple[int, ...], rng: Rng) -> CutUpGenome:
    """Lay the same bars by another plan; missing ones are drawn."""
    units = list(genome.units[: max(plan) + 1])
    while len(units) <= max(plan):
        units.append(draw_bar(bench, plan.index(len(units)), rng, before=units[-1]))
    return tidy(tuple(units), plan)
