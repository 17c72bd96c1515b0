"""Chord progressions: harmonic rhythm, degrees sampled to a cadence, colors, enrichments, inversions.

Degrees are drawn from the chain *conditioned* on how the phrase must end (exact backward messages), so a section always
arrives: it never stumbles into a cadence glued on behind. Shares come from the data file and `docs` of the sets:
one or two chords a bar on the heavy places, at most one borrowed color per unit, slash chords rare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.genome import APPROACHES, ChordGene
from whitelight.composition.setting import Setting
from whitelight.composition.transitions import DegreeChain
from whitelight.composition.vocabulary import ENRICHMENTS, QUALITIES, Function, enrichments, pitch_class_offsets

Rng = np.random.Generator
MIN_CHORD_S = 0.7  # two chords a bar only where each lasts this long
LONG_BAR_S = 1.3  # bars shorter than this may share a chord
SLASH_LIMIT = 0.16  # share of time, 95th percentile of songs (POP909)
INVERSION_WEIGHTS = (0.46, 0.43, 0.11)  # third, fifth, seventh in the bass (POP909)
DOMINANT_IN_MINOR = 0.6  # V before a closing i against v (POP909 cadences in minor)
CLOSING_SHARE = 0.25  # a borrowed chord may close a section when it leads to the tonic at least this often
HOME_QUALITIES = ("maj(9)", "maj7", "maj6", "min(9)", "min7")  # a closing tonic may carry these
SHARE_RESOLVED = 0.7  # of suspended fourths that have the time to fall; the others stay open
_EPSILON = 1e-6  # keeps every conditioning feasible


@dataclass(frozen=True, slots=True)
class Taste:
    """How adventurous one candidate is; drawn per candidate so that a batch spreads.

    Attributes
    ----------
    pace : chance of a second chord in a bar. hold : chance that a bar keeps the chord before it.
    flatness : exponent on transition probabilities; below 1 makes rare moves less rare.
    richness : chance that a triad carries a seventh, ninth or suspension. slash : chance of an inversion.
    color : chance of one borrowed chord. approach : chance of a step in the bass into the next chord.
    recall : share of the first phrase that the second repeats.
    """

    pace: float
    hold: float
    flatness: float
    richness: float
    slash: float
    color: float
    approach: float
    recall: float


def draw_taste(energy: float, rng: Rng) -> Taste:
    """Draw how one candidate behaves; energy (0–1) quickens the harmonic rhythm a little."""
    return Taste(
        pace=float(rng.beta(1.6, 2.4) + 0.15 * (energy - 0.5)),
        hold=float(rng.choice([0.0, 0.1, 0.3], p=[0.5, 0.3, 0.2])),
        flatness=float(rng.uniform(0.7, 1.25)),
        richness=float(rng.beta(1.1, 3.2)),
        slash=float(rng.choice([0.0, 0.08, 0.16], p=[0.4, 0.35, 0.25])),
        color=0.4,
        approach=float(rng.choice([0.0, 0.2, 0.4])),
        recall=float(rng.choice([0.0, 0.5, 0.75], p=[0.4, 0.4, 0.2])),
    )


def compose_progression(setting: Setting, taste: Taste, rng: Rng) -> tuple[ChordGene, ...]:
    """Compose the chords of one section; durations sum to its length, the last chord is the tonic."""
    starts, first_phrase_end = plan_changes(setting, taste, rng)
    durations = np.diff([*starts, setting.n_pulses]).tolist()
    degrees = _draw_degrees(setting.chain, len(starts), first_phrase_end, taste, rng)
    functions = [setting.chain.triads[degree] for degree in degrees]
    borrowed = borrow(setting.chain, functions, taste.color, rng)
    if borrowed is not None:
        functions[borrowed[0]] = borrowed[1]
    place = None if borrowed is None else borrowed[0]
    qualities = _enrich(functions, place, setting, taste.richness, rng)
    genes = [
        ChordGene(f.root, quality, duration, f.degree, is_borrowed=i == place)
        for i, (f, quality, duration) in enumerate(zip(functions, qualities, durations, strict=True))
    ]
    genes = resolve_suspensions(genes, setting, rng)
    return approach_basses(invert(genes, taste.slash, rng), setting, taste.approach, rng)


def plan_changes(setting: Setting, taste: Taste, rng: Rng) -> tuple[list[int], int]:
    """Choose where chords change.

    Returns
    -------
    starts in pulses, first is 0; and the index of the chord that ends the first phrase (−1 when there is one phrase).
    """
    n_bars = setting.section.n_bars
    phrase_bars = min(n_bars, 4)
    phrase = [_bar_changes(setting, taste, rng, may_hold=bar > 0) for bar in range(phrase_bars)]
    bars: list[tuple[int, ...]] = []
    for start in range(0, n_bars, phrase_bars):
        again = phrase if rng.random() < 0.7 else [_bar_changes(setting, taste, rng, may_hold=b > 0) for b in range(4)]
        bars += [changes or (0,) if bar == 0 else changes for bar, changes in enumerate(again)]
        if start + phrase_bars == n_bars:
            bars[-2:] = _closing_bars(setting, bars[-2], rng)
    starts = [bar * setting.grid.bar_pulses + pulse for bar, changes in enumerate(bars) for pulse in changes]
    boundary = phrase_bars * setting.grid.bar_pulses
    return starts, (sum(start < boundary for start in starts) - 1 if n_bars > phrase_bars else -1)


def _bar_changes(setting: Setting, taste: Taste, rng: Rng, *, may_hold: bool) -> tuple[int, ...]:
    """Places of one bar where a chord begins; () holds the chord before."""
    grid = setting.grid
    hold = taste.hold + (0.4 if grid.bar_s < LONG_BAR_S else 0.0)
    if may_hold and rng.random() < hold:
        return ()
    halves_fit = grid.half > 0 and min(grid.half, grid.bar_pulses - grid.half) * grid.pulse_s >= MIN_CHORD_S
    pace = taste.pace * (0.5 if len(grid.groups) == 3 else 1.0)  # in three a chord keeps its bar more often
    if not halves_fit or rng.random() >= pace:
        return (0,)
    if len(grid.groups) >= 4 and rng.random() < 0.12:  # a late change: the last group leads on
        return (0, grid.groups[-1])
    return (0, grid.half)


def _closing_bars(setting: Setting, before: tuple[int, ...], rng: Rng) -> list[tuple[int, ...]]:
    """Return the last two bars: the cadence chord, then the tonic with room to breathe."""
    grid = setting.grid
    if grid.bar_s < LONG_BAR_S and rng.random() < 0.4:
        return [(0,), ()]  # the tonic holds two short bars
    fits = grid.half > 0 and grid.half * grid.pulse_s >= MIN_CHORD_S
    late = fits and rng.random() < 0.25
    return [before or (0,), (0, grid.half) if late else (0,)]


def _draw_degrees(chain: DegreeChain, n_chords: int, phrase_end: int, taste: Taste, rng: Rng) -> list[int]:
    """Draw degrees that open, answer and close: two phrases, the second recalling the first."""
    ends: dict[int, NDArray[np.float64]] = {0: chain.opening}
    if n_chords > 1:
        ends[n_chords - 2] = chain.cadence if n_chords > 2 else chain.cadence * chain.opening + _EPSILON
    ends[n_chords - 1] = np.eye(7)[0]
    if phrase_end <= 0:
        return sample_path(chain.next_degree**taste.flatness, n_chords, ends, rng)
    first = sample_path(
        chain.next_degree**taste.flatness, phrase_end + 1, {0: chain.opening, phrase_end: chain.inner_end}, rng
    )
    ends |= {i: np.eye(7)[degree] for i, degree in enumerate(first)}
    n_recalled = min(round(taste.recall * len(first)), n_chords - len(first) - 2)
    ends |= {len(first) + i: np.eye(7)[first[i]] for i in range(max(n_recalled, 0))}
    return sample_path(chain.next_degree**taste.flatness, n_chords, ends, rng)


def sample_path(
    matrix: NDArray[np.float64], n_steps: int, ends: Mapping[int, NDArray[np.float64]], rng: Rng
) -> list[int]:
    """Draw a path of a Markov chain given what is wanted at some steps, exactly.

    Parameters
    ----------
    matrix : shape (7, 7), non-negative; axis 0 is the current degree. Rows need not sum to 1.
    ends : step → weights over degrees, shape (7,).

    Notes
    -----
    Backward messages β(t, i) = Σ_j P(i, j) e(t+1, j) β(t+1, j), then a forward draw from e · β.
    """
    flow = matrix / matrix.sum(axis=1, keepdims=True) + _EPSILON
    wanted = np.ones((n_steps, len(matrix)))
    for step, weights in ends.items():
        wanted[step] = weights + _EPSILON * _EPSILON
    onward = np.ones((n_steps, len(matrix)))
    for step in range(n_steps - 2, -1, -1):
        onward[step] = flow @ (wanted[step + 1] * onward[step + 1])
        onward[step] /= onward[step].max()
    path: list[int] = []
    for step in range(n_steps):
        weights = wanted[step] * onward[step] * (flow[path[-1]] if path else 1.0)
        path.append(draw(weights, rng))
    return path


def draw(weights: Sequence[float] | NDArray[np.float64], rng: Rng) -> int:
    """Draw an index with the given weights (cheaper than `rng.choice` for a handful)."""
    summed = np.cumsum(weights)
    return min(int(np.searchsorted(summed, rng.random() * summed[-1], side="right")), len(summed) - 1)


def borrow(chain: DegreeChain, functions: Sequence[Function], chance: float, rng: Rng) -> tuple[int, Function] | None:
    """Choose at most one chord to replace by one from outside the scale, or None.

    The closing tonic and the opening stay; a dominant before a closing minor tonic is the most usual color of all.
    """
    before_last = len(functions) - 2
    if len(functions) < 3 or not chain.colors:
        return None
    for color, _, _ in chain.colors:
        is_dominant = color.degree == 4 and functions[before_last].degree == 4
        if is_dominant and rng.random() < DOMINANT_IN_MINOR:
            return before_last, color
    if rng.random() >= chance:
        return None
    places, weights = [], []
    for place in range(1, before_last + 1):
        before, after = functions[place - 1].degree, functions[place + 1].degree
        for color, share, goes_to in chain.colors:
            if place == before_last and goes_to[0] < CLOSING_SHARE:
                continue
            places.append((place, color))
            weights.append(share * goes_to[after] * (chain.next_degree[before][color.degree] + 0.02))
    return places[draw(weights, rng)] if places else None


def _enrich(
    functions: Sequence[Function], borrowed: int | None, setting: Setting, richness: float, rng: Rng
) -> list[str]:
    """Give some triads sevenths, ninths or suspensions; one function mostly keeps its color within a section."""
    known: dict[tuple[int, str], str] = {}
    qualities = []
    for place, function in enumerate(functions):
        triad = (function.root, function.quality)
        if place == borrowed:
            quality = "7" if function.quality == "maj" and rng.random() < richness else function.quality
        elif triad in known and rng.random() < 0.7:
            quality = known[triad]
        else:
            quality = draw_quality(function, setting.scale, richness, rng)
            known[triad] = quality
        if place == len(functions) - 1 and quality not in HOME_QUALITIES:
            quality = function.quality
        qualities.append(quality)
    return qualities


def draw_quality(function: Function, scale: Sequence[int], richness: float, rng: Rng) -> str:
    """Return the triad's own quality, or with chance `richness` an enrichment that stays in the scale."""
    options = enrichments(function.root, function.quality, scale)
    if function.root != 7:
        options = {name: weight for name, weight in options.items() if name not in ("7", "9")} or options
    if not options or rng.random() >= richness:
        return function.quality
    return list(options)[draw(list(options.values()), rng)]


def resolve_suspensions(genes: Sequence[ChordGene], setting: Setting, rng: Rng) -> list[ChordGene]:
    """Let most suspended fourths that last a bar fall to the third in its second half (Vsus4 V)."""
    grid, result, start = setting.grid, list[ChordGene](), 0
    for gene in genes:
        may_fall = gene.quality == "sus4" and start % grid.bar_pulses == 0 and gene.duration >= grid.bar_pulses
        if may_fall and grid.half > 0 and grid.half * grid.pulse_s >= MIN_CHORD_S and rng.random() < SHARE_RESOLVED:
            triad = setting.chain.triads[gene.degree]
            result.append(replace(gene, duration=grid.half))
            result.append(ChordGene(triad.root, triad.quality, gene.duration - grid.half, triad.degree))
        else:
            result.append(gene)
        start += gene.duration
    return result


def triad_of(quality: str) -> str:
    """Triad that an enriched quality stands for ("sus4" may stand for either; it reads as major)."""
    if quality in ENRICHMENTS:
        return quality
    return next(triad for triad, options in ENRICHMENTS.items() if quality in options)


def invert(genes: Sequence[ChordGene], chance: float, rng: Rng) -> list[ChordGene]:
    """Put another tone than the root into some basses, most where the bass then steps; never at the ends."""
    result = list(genes)
    total = sum(gene.duration for gene in genes)
    used = 0
    for place in range(1, len(genes) - 1):
        gene = genes[place]
        if rng.random() >= 2 * chance or (used + gene.duration) / total > SLASH_LIMIT:
            continue
        inversion = 1 + draw(INVERSION_WEIGHTS[: min(len(QUALITIES[gene.quality]), 4) - 1], rng)
        tones = pitch_class_offsets(gene.root, gene.quality)
        steps = [(tones[inversion] - genes[place + side].root) % 12 for side in (-1, 1)]
        is_smooth = any(min(step, 12 - step) in (1, 2) for step in steps)
        if is_smooth or rng.random() < 0.2:
            result[place] = replace(gene, inversion=inversion)
            used += gene.duration
    return result


def approach_basses(genes: Sequence[ChordGene], setting: Setting, chance: float, rng: Rng) -> tuple[ChordGene, ...]:
    """Let some basses step into the next chord; only chords long enough to spare their last stroke."""
    long_enough = 2 * max(setting.grid.unit_pulses, round(0.3 / setting.grid.pulse_s))
    result = []
    for gene, following in zip(genes, [*genes[1:], None], strict=True):
        moves = following is not None and following.root != gene.root and gene.duration >= long_enough
        approach = APPROACHES[1 + int(rng.random() < 0.5)] if moves and rng.random() < chance else "none"
        result.append(replace(gene, approach=approach))
    return tuple(result)
