"""Theory terms: what a bass line does well, each a number in [0, 1] with a name a bassist knows.

Bands come from songs (`bass.yml`). A term that has no business with the material at hand returns None: "no band
applies". What a term is worth is decided in `fitness` by its spread in the batch, never here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.bands import read_bands
from whitelight.composition.bass.genome import BassGenome, BassNote
from whitelight.composition.bass.rendering import Rendered
from whitelight.composition.bass.rhythm import BAR_S
from whitelight.composition.bass.setting import Setting
from whitelight.composition.bass.styles import SHIPPED_FILE, tone_shares

_MOVES = {0: 0.9, 1: 1.0, 2: 1.0, 3: 0.9, 4: 0.9, 5: 1.0, 7: 1.0, 12: 0.9, 6: 0.4, 8: 0.6, 9: 0.6}  # else 0.1


@dataclass(frozen=True, slots=True)
class Heard:
    """A candidate as the terms see it."""

    genome: BassGenome
    setting: Setting
    velocity: NDArray[np.int16]

    @property
    def notes(self) -> tuple[BassNote, ...]:
        """The line."""
        return self.genome.notes


Term = Callable[[Heard], float | None]


def hear(genome: BassGenome, setting: Setting, rendered: Rendered) -> Heard:
    """Collect what the terms need."""
    return Heard(genome, setting, rendered.velocity)


def downbeats(heard: Heard) -> float:
    """The bar begins on what the chord stands on."""
    size = heard.setting.grid.bar_pulses
    on = {note.start: note.pitch % 12 for note in heard.notes}
    lines = range(0, heard.setting.context.n_pulses, size)
    return sum(on.get(line) == heard.setting.chord(line).bass for line in lines) / len(lines)


def density(heard: Heard) -> float:
    """Notes per bar lie where songs have them, at the energy at hand; like the part of the catalog that it follows."""
    habit = heard.setting.habit(heard.genome.habit)
    if habit is not None:
        rate = len(heard.notes) / heard.setting.n_bars / heard.setting.grid.bar_s
        return float(np.clip(1.0 - abs(np.log2(rate / max(habit.notes_per_s, 0.05))), 0.0, 1.0))
    usual = 0.5 + 1.1 * heard.setting.context.section.energy
    long = (heard.setting.grid.bar_s / BAR_S) ** 0.6
    return band_fit("notes_per_bar", len(heard.notes) / heard.setting.n_bars / usual / long)


def register(heard: Heard) -> float:
    """The line lies where basses lie, or where the part of the catalog lies that it follows; 0 an octave off."""
    median = float(np.median([note.pitch for note in heard.notes]))
    habit = heard.setting.habit(heard.genome.habit)
    return band_fit("median_pitch", median) if habit is None else max(1.0 - abs(median - habit.center) / 12, 0.0)


def kick_lock(heard: Heard) -> float | None:
    """Notes fall on kicks, and kicks carry notes."""
    kicks = heard.setting.kicks
    if not kicks.any():
        return None
    onsets = np.zeros(len(kicks), dtype=bool)
    onsets[[note.start for note in heard.notes]] = True
    return float(2 * (onsets & kicks).sum() / (onsets.sum() + kicks.sum()))


def ways_in(heard: Heard) -> float | None:
    """About a third of the changes are reached by step."""
    entered = _entered(heard)
    if not entered:
        return None
    return band_fit("step_changes", sum(move in (1, 2) for move in entered) / len(entered))


def recall(heard: Heard) -> float:
    """The rhythm of a bar comes back, and not always."""
    bars = _bar_rhythms(heard)
    return band_fit("rhythm_recurs", sum(bars.count(bar) > 1 for bar in bars) / len(bars))


def tones(heard: Heard) -> float:
    """Roots carry, fifths and thirds color: as the shares of played basses."""
    counts = dict.fromkeys(tone_shares(), 0)
    for note in heard.notes:
        chord = heard.setting.chord(note.start)
        above = (note.pitch - chord.bass) % 12
        kind = "root" if above == 0 else "fifth" if above == 7 else "third" if above in (3, 4) else "other"
        counts[kind] += 1
    apart = sum(abs(counts[kind] / len(heard.notes) - share) for kind, share in tone_shares().items())
    return 1.0 - apart / 2


def line(heard: Heard) -> float:
    """Steps, thirds, fourths, fifths and octaves: a line one could sing."""
    moves = [abs(b.pitch - a.pitch) for a, b in pairwise(heard.notes)]
    return float(np.mean([_MOVES.get(move, 0.1) for move in moves])) if moves else 0.0


def direction(heard: Heard) -> float:
    """The line goes somewhere: of the changes that move, the most common interval is not all there is."""
    moves = [b.pitch - a.pitch for a, b in pairwise(heard.notes) if b.pitch != a.pitch]
    if len(moves) < 2:
        return 0.0
    shares = np.unique(moves, return_counts=True)[1] / len(moves)
    return float(min(-(shares * np.log2(shares)).sum() / 3.0, 1.0))


def breath(heard: Heard) -> float:
    """Between one twentieth and a third of the time the bass is silent."""
    played = sum(note.duration for note in heard.notes) * heard.genome.feel.gate
    rest = 1.0 - played / heard.setting.context.n_pulses
    return float(np.clip(1.0 - max(0.05 - rest, rest - 0.35, 0.0) / 0.3, 0.0, 1.0))


def dynamics(heard: Heard) -> float:
    """Velocities live, but less than a melody's."""
    return band_fit("velocity_sd", float(heard.velocity.std()))


TERMS: dict[str, Term] = {
    term.__name__: term
    for term in (
        downbeats, density, register, kick_lock, ways_in, recall, tones, line, direction, breath, dynamics,
    )
}  # fmt: skip


def theory_terms(heard: Heard) -> dict[str, float | None]:
    """All terms of one candidate."""
    return {name: term(heard) for name, term in TERMS.items()}


MEASURES = {"notes_per_second": (0.3, 4.0), "root_share": (0.3, 1.0), "off_beat": (0.0, 0.7)}


def measures(heard: Heard) -> dict[str, float]:
    """Where a candidate lies, whatever it is worth: the axes of the archive, see `MEASURES` for their range."""
    grid, n_notes = heard.setting.grid, len(heard.notes)
    roots = sum(note.pitch % 12 == heard.setting.chord(note.start).bass for note in heard.notes)
    off = sum(heard.setting.weight(note.start) < 2 for note in heard.notes)
    return {
        "notes_per_second": n_notes / (heard.setting.n_bars * grid.bar_s),
        "root_share": roots / n_notes,
        "off_beat": off / n_notes,
    }


def band_fit(name: str, value: float) -> float:
    """Fit to a band of the bass tables."""
    return read_bands(SHIPPED_FILE).fit(name, value)


def _entered(heard: Heard) -> list[int]:
    """Semitones by which the ground of each new chord is reached from the note before it."""
    starts = {chord.start for chord in heard.setting.chords[1:]}
    return [abs(after.pitch - before.pitch) for before, after in pairwise(heard.notes) if after.start in starts]


def _bar_rhythms(heard: Heard) -> list[tuple[int, ...]]:
    size = heard.setting.grid.bar_pulses
    bars: list[list[int]] = [[] for _ in range(heard.setting.n_bars)]
    for note in heard.notes:
        bars[note.start // size].append(note.start % size)
    return [tuple(bar) for bar in bars]
