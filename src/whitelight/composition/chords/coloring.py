"""What makes plain triads a song's own: a borrowed chord, sevenths and suspensions, inversions, steps in the bass.

At most one chord per unit is borrowed, slash chords stay rare, and nothing else leaves the scale (shares: see the data
file and the constants).
"""

from collections.abc import Sequence
from dataclasses import replace

from whitelight.composition.chords.flavors import weigh
from whitelight.composition.chords.genome import APPROACHES, ChordGene
from whitelight.composition.chords.setting import Setting
from whitelight.composition.chords.transitions import DegreeChain
from whitelight.composition.chords.vocabulary import ENRICHMENTS, QUALITIES, Function, enrichments, pitch_class_offsets
from whitelight.composition.randomness import Rng, draw

MIN_CHORD_S = 0.7  # two chords a bar only where each lasts this long
SLASH_LIMIT = 0.16  # share of time, 95th percentile of songs (POP909)
INVERSION_WEIGHTS = (0.46, 0.43, 0.11)  # third, fifth, seventh in the bass (POP909)
DOMINANT_IN_MINOR = 0.6  # V before a closing i against v (POP909 cadences in minor)
CLOSING_SHARE = 0.25  # a borrowed chord may close a section when it leads to the tonic at least this often
HOME_QUALITIES = ("maj(9)", "maj7", "maj6", "min(9)", "min7")  # a closing tonic may carry these
SHARE_RESOLVED = 0.7  # of suspended fourths that have the time to fall; the others stay open


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


def enrich(
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
            quality = draw_quality(function, setting, richness, rng)
            known[triad] = quality
        if place == len(functions) - 1 and quality not in HOME_QUALITIES:
            quality = function.quality
        qualities.append(quality)
    return qualities


def draw_quality(function: Function, setting: Setting, richness: float, rng: Rng) -> str:
    """Return the triad's own quality, or with chance `richness` an enrichment that stays in the scale.

    It is one the catalog plays, where its manner knows any for this chord.
    """
    options = enrichments(function.root, function.quality, setting.scale)
    if function.root != 7:
        options = {name: weight for name, weight in options.items() if name not in ("7", "9")} or options
    if not options or rng.random() >= richness:
        return function.quality
    options = weigh(options, setting.manner.flavors) if setting.manner else options
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
