"""Theory terms: what a supporting part does well, each a number in [0, 1] with a name a musician knows.

Most hold for pad, line and quartet alike, so that the search does not choose a family by its terms alone. A term that
has nothing to judge (no melody approved, no tone that wants to go anywhere) returns None.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.chords.voicing import needed_tones
from whitelight.composition.harmony.generator import wished_level
from whitelight.composition.harmony.genome import COUNTER_LINE, EnsembleGenome
from whitelight.composition.harmony.playing import PulseNote
from whitelight.composition.harmony.rendering import Rendered
from whitelight.composition.harmony.rhythm import LINE_DENSITY
from whitelight.composition.harmony.surroundings import NOTHING, Surroundings

SILENT_ANSWERS = 0.59  # of a counter-line's onsets lie where the melody is silent (POP909, bridge track)
GOOD_MOTION, WORST_MOTION = 1.8, 5.0  # semitones a voice moves per change
CLEARANCE = 7  # semitones from the melody, or above the bass, beyond which nothing is gained
FEWEST_VOICES, MORE_VOICES = 0.6, 2.2  # sounding on average: at energy 0, and more at energy 1
_CONSONANCE = (0.7, 0.0, 0.2, 1.0, 1.0, 0.6, 0.3, 0.6, 1.0, 1.0, 0.2, 0.0)  # semitones over an octave
_CLOSES = {0: 1.0, 3: 0.85, 4: 0.85, 7: 0.65}  # semitones above the tonic; others 0.2
VELOCITY_SD = (4.0, 12.0)  # of played parts, quartiles (POP909 piano: 7 to 17)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A candidate as the terms see it.

    Attributes
    ----------
    notes : of all voices, in order. top : the highest voice, or the line. velocities : of all notes.
    """

    genome: EnsembleGenome
    around: Surroundings
    rendered: Rendered
    notes: tuple[PulseNote, ...]
    top: tuple[PulseNote, ...]
    velocities: NDArray[np.int16]

    @property
    def coverage(self) -> NDArray[np.int64]:
        """How many voices sound at each pulse."""
        edges = np.zeros(self.around.context.n_pulses + 1, dtype=np.int64)
        for start, end, _ in self.notes:
            edges[start] += 1
            edges[end] -= 1
        return np.cumsum(edges[:-1])

    @property
    def n_strokes(self) -> int:
        """Moments at which anything begins."""
        return len({start for start, _, _ in self.notes})


Term = Callable[[Heard], float | None]


def hear(genome: EnsembleGenome, around: Surroundings, rendered: Rendered) -> Heard:
    """Collect what the terms need."""
    notes = tuple(sorted(note for voice in rendered.voices for note in voice))
    velocities = np.concatenate([part.notes.velocity for part in rendered.piece.midi_tracks])
    return Heard(genome, around, rendered, notes, rendered.voices[-1] if rendered.voices else (), velocities)


def voice_leading(heard: Heard) -> float | None:
    """Every voice of several moves little from tone to tone."""
    if heard.genome.family == COUNTER_LINE:
        return None
    moves = [abs(b[2] - a[2]) for voice in heard.rendered.voices for a, b in pairwise(voice) if a[2] != b[2]]
    if not moves:
        return None
    return _ramp(float(np.mean(moves)), WORST_MOTION, GOOD_MOTION)


def singing(heard: Heard) -> float | None:
    """The upper voice has a contour: it moves, by steps and thirds, and a leap is taken back."""
    moves = [b[2] - a[2] for a, b in pairwise(heard.top)]
    if heard.genome.family != COUNTER_LINE:
        moves = [move for move in moves if move]  # a chord that is struck again is no note of a song
    if len(moves) < 2:
        return None
    worth = [0.35 if not move else 1.0 if abs(move) <= 4 else 0.6 if abs(move) <= 7 else 0.1 for move in moves]
    turned = [0.0 if abs(a) > 4 and a * b > 0 else 1.0 for a, b in pairwise(moves)]
    return float(np.mean(worth) * (0.8 + 0.2 * np.mean(turned)))


def independence(heard: Heard) -> float | None:
    """Where the upper voice moves: against the melody, or the lowest voice without one, not in parallel octaves or fifths."""
    pairs = list(zip(_pitches(heard.top, heard), _other_pitches(heard), strict=True))
    moves = [
        (pairs[a[0]], pairs[b[0]])
        for a, b in pairwise(heard.top)
        if a[2] != b[2] and NOTHING not in (*pairs[a[0]], *pairs[b[0]])
    ]
    return float(np.mean([_independence(before, after) for before, after in moves])) if moves else None


def consonance(heard: Heard) -> float | None:
    """Thirds and sixths of the upper voice with the melody while both sound."""
    melody = heard.around.melody
    counts = np.zeros(12)
    for start, end, pitch in heard.top:
        sounding = melody[start:end]
        counts += np.bincount(np.abs(pitch - sounding[sounding != NOTHING]) % 12, minlength=12)
    return float(counts @ np.array(_CONSONANCE) / counts.sum()) if counts.sum() else None


def gap_answering(heard: Heard) -> float | None:
    """A line begins its notes where the melody rests or holds, about as often as in songs."""
    starts, around = [start for start, _, _ in heard.notes], heard.around
    if heard.genome.family != COUNTER_LINE or not starts or not around.has_melody:
        return None
    melody = around.melody[starts]
    open_share = float(((melody == NOTHING) | ~around.melody_starts[starts]).mean())
    return 0.5 * _near(float((melody == NOTHING).mean()), SILENT_ANSWERS, 0.6) + 0.5 * open_share


def density(heard: Heard) -> float:
    """As busy as the place allows: seven tenths of the melody, or what the energy asks for."""
    per_bar = heard.n_strokes / heard.around.context.section.n_bars
    melody = heard.around.melody_onsets_per_bar
    wished = LINE_DENSITY * melody if melody else 0.8 + 2.2 * heard.around.context.section.energy
    return math.exp(-abs(math.log(max(per_bar, 0.1) / max(wished, 0.3))))


def presence(heard: Heard) -> float:
    """Sounds for as much of the section as its energy asks for."""
    return _near(float((heard.coverage > 0).mean()), 0.35 + 0.6 * heard.around.context.section.energy, 0.6)


def fullness(heard: Heard) -> float:
    """As many voices as the energy asks for: one line carries a quiet verse, a chorus wants more."""
    wished = FEWEST_VOICES + MORE_VOICES * heard.around.context.section.energy
    return _near(float(heard.coverage.mean()), wished, 2.0)


def register_fit(heard: Heard) -> float | None:
    """Room between it and the melody, and above the bass, note by note."""
    around = heard.around
    if not around.has_melody:
        return None
    others = (around.melody.tolist(), around.bass.tolist())
    gaps = [
        min(abs(pitch - other[pulse]) / CLEARANCE, 1.0)
        for start, end, pitch in heard.notes
        for other in others
        for pulse in (start, end - 1)
        if other[pulse] != NOTHING
    ]
    return sum(gaps) / len(gaps) if gaps else None


def balance(heard: Heard) -> float:
    """As loud as the energy asks for, and behind the melody."""
    return _near(float(heard.velocities.mean()), wished_level(heard.around), 24.0) if len(heard.velocities) else 0.0


def dynamics(heard: Heard) -> float:
    """Velocities swell and recede."""
    if len(heard.velocities) < 2:
        return 0.0
    low, high = VELOCITY_SD
    spread = float(heard.velocities.std())
    return min(_ramp(spread, 0.0, low), _ramp(spread, 2 * high, high))


def completeness(heard: Heard) -> float | None:
    """The chord is there: with the bass, its needed tones sound."""
    chords = heard.around.context.chords
    if heard.genome.family == COUNTER_LINE or not chords:
        return None
    worth = []
    for chord in chords:
        sounding = {p % 12 for start, end, p in heard.notes if start < chord.end and end > chord.start} | {chord.bass}
        if len(sounding) > 1:
            needed = needed_tones(chord.tones, chord.bass, heard.genome.n_voices)
            worth.append(len(needed & sounding) / len(needed))
    return float(np.mean(worth)) if worth else None


def recall(heard: Heard) -> float:
    """The rhythm of a bar comes back, but not in all of them."""
    bar_pulses = heard.around.context.grid.bar_pulses
    bars: dict[int, set[int]] = {}
    for start, _, _ in heard.notes:
        bars.setdefault(start // bar_pulses, set()).add(start % bar_pulses)
    patterns = [tuple(sorted(offsets)) for offsets in bars.values()]
    if len(patterns) < 2:
        return 0.0
    return _near(sum(patterns.count(one) > 1 for one in patterns) / len(patterns), 0.8, 0.8)


def closing(heard: Heard) -> float:
    """The upper voice ends on a tone that rests, near the end of the section."""
    if not heard.top:
        return 0.0
    start, end, pitch = max(heard.top)
    context = heard.around.context
    late = _ramp((context.n_pulses - end) / context.grid.bar_pulses, 2.0, 0.25)
    return late * _CLOSES.get((pitch - context.key.tonic) % 12, 0.2) if end > start else 0.0


TERMS: dict[str, Term] = {
    term.__name__: term
    for term in (
        voice_leading, singing, independence, consonance, gap_answering, density, presence, fullness, register_fit,
        balance, dynamics, completeness, recall, closing,
    )
}  # fmt: skip


def theory_terms(heard: Heard) -> dict[str, float | None]:
    """All terms of one candidate."""
    return {name: term(heard) for name, term in TERMS.items()}


MEASURES = {"strokes_per_bar": (0.4, 4.0), "fullness": (0.2, 4.0), "register": (54.0, 78.0)}


def measures(heard: Heard) -> dict[str, float]:
    """Where a candidate lies, whatever it is worth: the axes of the archive, see `MEASURES` for their range."""
    n_pulses = heard.around.context.n_pulses
    time = [(end - start, pitch) for start, end, pitch in heard.notes]
    total = sum(length for length, _ in time)
    return {
        "strokes_per_bar": heard.n_strokes / heard.around.context.section.n_bars,
        "fullness": total / n_pulses,
        "register": sum(length * pitch for length, pitch in time) / total if total else MEASURES["register"][0],
    }


def _near(value: float, wish: float, reach: float) -> float:
    """1 at the wish, 0 from `reach` away on."""
    return max(0.0, 1.0 - abs(value - wish) / reach)


def _ramp(value: float, zero: float, one: float) -> float:
    """0 at `zero`, 1 at `one`, a line between."""
    return float(min(max((value - zero) / (one - zero), 0.0), 1.0))


def _pitches(notes: tuple[PulseNote, ...], heard: Heard) -> list[int]:
    """Pitch at each pulse, `NOTHING` in rests."""
    pitches = [NOTHING] * heard.around.context.n_pulses
    for start, end, pitch in notes:
        pitches[start:end] = [pitch] * (end - start)
    return pitches


def _other_pitches(heard: Heard) -> list[int]:
    """What the upper voice is heard against: the melody, or the lowest voice, or the bass."""
    if heard.around.has_melody:
        return [int(pitch) for pitch in heard.around.melody]
    if len(heard.rendered.voices) > 1:
        return _pitches(heard.rendered.voices[0], heard)
    return [int(pitch) for pitch in heard.around.bass]


def _independence(before: tuple[int, int], after: tuple[int, int]) -> float:
    moved, other = after[0] - before[0], after[1] - before[1]
    if not other:
        return 0.8
    if moved * other < 0:
        return 1.0
    gaps = [(pair[0] - pair[1]) % 12 for pair in (before, after)]
    return 0.0 if gaps[0] == gaps[1] and gaps[0] in (0, 5, 7) else 0.5
