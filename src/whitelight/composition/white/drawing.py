"""Drawing bars and plans, and mending what breaks a rule.

Rules: no source bar twice in a row unless it is recalled; two songs at least where there are two.
"""

from whitelight.composition.randomness import Rng, draw
from whitelight.composition.white.bench import Bench
from whitelight.composition.white.genome import Bar, Cut, CutUpGenome, tidy

PLANS = {  # letters are units of one bar, or of two in sections of eight
    4: ("ABAC", "ABAC", "AABA", "ABAB", "ABCA", "AABC", "ABCD", "AAAB"),
    8: ("ABACABAD", "ABABCDCD", "AABAAABC", "ABCDABCE", "ABCDEFGH", "AAABAAAB"),
}


def compose(bench: Bench, rng: Rng) -> CutUpGenome:
    """Draw a plan and a bar for each of its units."""
    plan = draw_plan(bench.n_bars, rng)
    units: list[Bar] = []
    for place, unit in enumerate(plan):
        if unit == len(units):
            before = units[plan[place - 1]] if place else None
            units.append(draw_bar(bench, place, rng, before=before, shunned=_bars_of(before)))
    return mend(bench, tidy(tuple(units), plan), rng)


def draw_plan(n_bars: int, rng: Rng) -> tuple[int, ...]:
    """Draw which bars return: units of one bar, or pairs of bars in a section of eight."""
    pairs = n_bars == 8 and rng.random() < 0.6
    letters = PLANS[4 if pairs else n_bars]
    text = letters[int(rng.integers(len(letters)))]
    places = [2 * ord(c) + half for c in text for half in (0, 1)] if pairs else [ord(c) for c in text]
    order = {place: number for number, place in enumerate(dict.fromkeys(places))}
    return tuple(order[place] for place in places)


def draw_bar(
    bench: Bench,
    place: int,
    rng: Rng,
    *,
    before: Bar | None = None,
    after: Bar | None = None,
    shunned: frozenset[tuple[str, int]] = frozenset(),
    not_song: str = "",
) -> Bar:
    """Draw one bar for a place.

    Parameters
    ----------
    before, after : bars beside it, None where there is none. shunned : source bars (file, bar) that may not be taken
        where there is a choice. not_song : title to keep away from, "" for none.
    """
    recipes = bench.library.recipes
    sizes = [float(min(len(options) for options in recipe.options)) for recipe in recipes]
    number = draw(sizes, rng) if len(recipes) > 1 else 0
    recipe = recipes[number]
    materials, taken = bench.library.materials, list[Cut]()
    previous = materials[before[-1]] if before else None
    following = materials[after[0]] if after else None
    for slot, options in enumerate(recipe.options):
        weights = bench.weights(number, slot, place).copy()
        for index, material in enumerate(options):
            if (material.cut.file, material.cut.bar) in shunned:
                weights[index] *= 1e-9
            elif not_song and material.source.song == not_song:
                weights[index] *= 1e-6
        if previous is not None:
            weights *= bench.welcome_after(previous, number, slot)
        if following is not None and slot == len(recipe.options) - 1:
            weights *= bench.welcome_before(following, number, slot)
        previous = options[draw(weights, rng)]
        taken.append(previous.cut)
        shunned = shunned | {(previous.cut.file, previous.cut.bar)}
    return tuple(taken)


def mend(bench: Bench, genome: CutUpGenome, rng: Rng) -> CutUpGenome:
    """Keep the rules: redraw what stands twice in a row, and one bar when all come from one song."""
    genome = tidy(genome.units, genome.plan)
    for place in range(1, len(genome.plan)):
        if is_repeat(genome, place):
            genome = _redrawn(bench, genome, place, rng)
        if is_repeat(genome, place):  # nothing else there: then it is recalled
            plan = list(genome.plan)
            plan[place] = plan[place - 1]
            genome = tidy(genome.units, tuple(plan))
    songs = {bench.library.materials[cut].source.song for unit in genome.units for cut in unit}
    if len(songs) > 1 or len(bench.library.songs) < 2:
        return genome
    return _with_another_song(bench, genome, next(iter(songs)), rng)


def _with_another_song(bench: Bench, genome: CutUpGenome, song: str, rng: Rng) -> CutUpGenome:
    """Put a bar of another song somewhere it breaks no rule; a bar that only repeats itself makes room for it."""
    if len(genome.units) == 1:
        half = len(genome.plan) // 2
        other = draw_bar(bench, half, rng, before=genome.units[0], shunned=_bars_of(genome.units[0]), not_song=song)
        genome = tidy((*genome.units, other), tuple(int(place >= half) for place in range(len(genome.plan))))
    for place in rng.permutation(len(genome.plan)).tolist():
        changed = _redrawn(bench, genome, place, rng, not_song=song)
        songs = {bench.library.materials[cut].source.song for unit in changed.units for cut in unit}
        if len(songs) > 1 and not any(is_repeat(changed, at) for at in range(1, len(changed.plan))):
            return changed
    return genome


def is_repeat(genome: CutUpGenome, place: int) -> bool:
    """Whether a bar begins with the source bar the one before ended with, without being its recall."""
    before, after = genome.plan[place - 1], genome.plan[place]
    if before == after:
        return False
    last, first = genome.units[before][-1], genome.units[after][0]
    return (last.file, last.bar) == (first.file, first.bar)


def _redrawn(bench: Bench, genome: CutUpGenome, place: int, rng: Rng, *, not_song: str = "") -> CutUpGenome:
    """Draw the unit that stands in a place anew, everywhere it stands."""
    return replaced(bench, genome, genome.plan[place], rng, not_song=not_song)


def replaced(bench: Bench, genome: CutUpGenome, unit: int, rng: Rng, *, not_song: str = "") -> CutUpGenome:
    """Draw a unit anew so that it meets its neighbors, and none of them is the same source bar."""
    places = [place for place, one in enumerate(genome.plan) if one == unit]
    bars, place = genome.bars, places[int(rng.integers(len(places)))]
    beside = [
        bars[at] for one in places for at in (one - 1, one + 1) if 0 <= at < len(bars) and genome.plan[at] != unit
    ]
    bar = draw_bar(
        bench,
        place,
        rng,
        before=bars[place - 1] if place else None,
        after=bars[place + 1] if place + 1 < len(bars) else None,
        shunned=_bars_of(*beside),
        not_song=not_song,
    )
    units = (*genome.units[:unit], bar, *genome.units[unit + 1 :])
    return tidy(units, genome.plan)


def _bars_of(*bars: Bar | None) -> frozenset[tuple[str, int]]:
    return frozenset((cut.file, cut.bar) for bar in bars if bar for cut in bar)
