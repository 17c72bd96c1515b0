"""What makes a cut-up hold together: terms in [0, 1], and the measures it is filed by."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from whitelight.composition.clashes import ClashFrame, count_clashes
from whitelight.composition.white.bench import Bench
from whitelight.composition.white.genome import CutUpGenome
from whitelight.composition.white.joining import Laid
from whitelight.music import Piece

MANY_SONGS = 3  # from here on more songs are no more variety
RECALL = (0.25, 0.5)  # share of bars that return: from ABAC to AABA
_HOMELINESS = {
    0: 1.0,
    7: 0.8,
    5: 0.6,
    9: 0.4,
    8: 0.4,
    2: 0.3,
    10: 0.3,
}  # semitones above the tonic: I V IV vi VI ii VII
LINES = ("bass", "melody")
_ONSETS = {"chords": (1.0, 9.0), "drums": (3.0, 12.0)}  # per second, of cut-ups of songs from 70 to 140 bpm
_OTHER_ONSETS = (0.4, 4.0)


@dataclass(frozen=True, slots=True)
class Heard:
    """A candidate as its terms hear it; `frame` is what lines are laid against."""

    genome: CutUpGenome
    laid: Sequence[Laid]
    piece: Piece
    bench: Bench
    frame: ClashFrame


def ranges(stage: str) -> dict[str, tuple[float, float]]:
    """Axes of the archive of a stage: measure → (low, high)."""
    return {"songs": (1.0, 6.0), "onsets_per_second": _ONSETS.get(stage, _OTHER_ONSETS), "seam_cost": (0.0, 0.7)}


Term = Callable[[Heard], float | None]


def seams(heard: Heard) -> float:
    """Bars meet as if they had always followed each other."""
    return 1.0 - seam_cost_of(heard)


def sources(heard: Heard) -> float | None:
    """Bars come from several songs, about equally (entropy over the most that counts)."""
    n_possible = min(len(heard.bench.library.songs), MANY_SONGS)
    if n_possible < 2:
        return None
    bars = [one.material.source.song for one in heard.laid]
    shares = [bars.count(song) / len(bars) for song in sorted(set(bars))]
    return min(-sum(share * math.log(share) for share in shares) / math.log(n_possible), 1.0)


def recall(heard: Heard) -> float:
    """Some bars return, not all."""
    returns = 1.0 - len(heard.genome.units) / len(heard.genome.plan)
    low, high = RECALL
    outside = max(low - returns, returns - high, 0.0)
    return max(1.0 - outside / low, 0.0)


def chord_agreement(heard: Heard) -> float | None:
    """What sounds, sounds in the approved chords."""
    if not heard.bench.hears_chords:
        return None
    lasting = [(one, sum(note.duration for note in one.material.notes)) for one in heard.laid]
    agreed = sum(heard.bench.agreement(one.material, one.tick) * ticks for one, ticks in lasting)
    return agreed / max(sum(ticks for _, ticks in lasting), 1)


def clean_accents(heard: Heard) -> float | None:
    """Strong notes of a line do not rub against the chord by accident; one in four that does is 0."""
    if heard.bench.stage not in LINES or not heard.frame.has_chords:
        return None
    return max(1.0 - 4.0 * count_clashes(heard.piece.all_notes(), heard.frame).strong_clash_share, 0.0)


def home(heard: Heard) -> float | None:
    """Chords begin near home and come back to it."""
    roots = [(root - heard.bench.context.key.tonic) % 12 for one in heard.laid for root in one.material.roots]
    if not roots:
        return None
    return 0.3 * _HOMELINESS.get(roots[0], 0.0) + 0.7 * _HOMELINESS.get(roots[-1], 0.0)


def energy(heard: Heard) -> float:
    """Bars are as busy as the section wants, among what there is."""
    ranks = [heard.bench.ranks[one.material.source.file, one.material.cut.bar] for one in heard.laid]
    return 1.0 - abs(sum(ranks) / len(ranks) - heard.bench.context.section.energy)


def place(heard: Heard) -> float:
    """Bars stand where they stood in their phrase: beginnings begin, closes close."""
    return sum(heard.bench.is_in_place(one.material, one.bar) for one in heard.laid) / len(heard.laid)


TERMS: dict[str, Term] = {
    term.__name__: term
    for term in (seams, sources, recall, chord_agreement, clean_accents, home, energy, place)
}  # fmt: skip


def theory_terms(heard: Heard) -> dict[str, float | None]:
    """All terms of one candidate."""
    return {name: term(heard) for name, term in TERMS.items()}


def measures(heard: Heard) -> dict[str, float]:
    """Where a candidate lies, whatever it is worth."""
    onsets = {one.tick + note.onset for one in heard.laid for note in one.material.notes}
    songs = {one.material.source.song for one in heard.laid}
    seconds = heard.bench.n_bars * heard.bench.context.grid.bar_s
    return {
        "songs": float(len(songs)),
        "onsets_per_second": len(onsets) / seconds,
        "seam_cost": seam_cost_of(heard),
    }


def seam_cost_of(heard: Heard) -> float:
    """Mean cost of all seams."""
    costs = [heard.bench.seam(first.material, second.material) for first, second in pairwise(heard.laid)]
    return sum(costs) / max(len(costs), 1)
