"""What a section asks of a stretch in a place: agreement with its chords, density by its energy, its part of the phrase.

Everything is measured once per section and place and kept, so that drawing a bar is a matter of multiplying.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.clashes import STRONG
from whitelight.composition.context import SectionContext
from whitelight.composition.white.library import Library, Material
from whitelight.composition.white.seams import Costs, SeamTable, seam_cost, seam_table

KEYED_BY_CHORDS = ("bass", "melody", "harmony")
_PHRASE_BARS = 4
_RUBS = 0.1  # weight of a stretch for each strong note that rubs against a chord
_ELSEWHERE = 0.4  # weight of a bar from another place of its phrase

_LIKES_TO_GO_ON, _LIKES_ANOTHER_SONG = 2.5, 2.0  # times the weight of any other
_SEAM_POWER = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """A section and what may be laid in it.

    Attributes
    ----------
    tones : shape (n_pulses, 12), whether a pitch class belongs to the chord of a pulse; all True without chords.
    ranks : source bar → place of its density among all, 0 to 1.
    """

    context: SectionContext
    library: Library
    stage: str
    tones: NDArray[np.bool_]
    ranks: dict[tuple[str, int], float]
    _weights: dict[tuple[int, int, int], Costs] = field(default_factory=dict)
    _tables: dict[tuple[int, int], SeamTable] = field(default_factory=dict)
    _agreements: dict[tuple[int, int], float] = field(default_factory=dict)
    _seams: dict[tuple[int, int], float] = field(default_factory=dict)
    _welcomes: dict[tuple[int, int, int, bool], Costs] = field(default_factory=dict)

    @property
    def n_bars(self) -> int:
        """Bars of the section."""
        return self.context.section.n_bars

    @property
    def hears_chords(self) -> bool:
        """Whether its notes are measured against chords."""
        return self.stage in KEYED_BY_CHORDS and bool(self.context.chords)

    def weights(self, recipe: int, slot: int, bar: int) -> Costs:
        """How welcome each option of a slot is in a bar, seams aside; shape (n_options,)."""
        place = (recipe, slot, bar)
        if place not in self._weights:
            options = self.library.recipes[recipe].options[slot]
            tick = bar * self.bar_ticks + self.library.recipes[recipe].starts[slot]
            self._weights[place] = np.array([self._welcome(material, tick, bar) for material in options])
        return self._weights[place]

    @property
    def bar_ticks(self) -> int:
        """Ticks of a bar."""
        return self.context.grid.bar_pulses * self.context.pulse_ticks

    def _welcome(self, material: Material, tick: int, bar: int) -> float:
        agrees = self.agreement(material, tick) if self.hears_chords else 1.0
        agrees *= _RUBS ** min(self.rubs(material, tick), 2) if self.hears_chords else 1.0
        dense = 1.0 - 0.7 * abs(self.ranks[material.source.file, material.cut.bar] - self.context.section.energy)
        return (agrees**3 + 0.01) * dense**2 * (1.0 if self.is_in_place(material, bar) else _ELSEWHERE)

    def is_in_place(self, material: Material, bar: int) -> bool:
        """Whether a bar stands where it stood in its phrase."""
        return material.cut.bar % _PHRASE_BARS == bar % _PHRASE_BARS

    def agreement(self, material: Material, tick: int) -> float:
        """Share of the sounding time that lies in the section's chords."""
        place = (id(material), tick)  # of objects the library keeps alive
        if place not in self._agreements:
            self._agreements[place] = self._agreement(material, tick)
        return self._agreements[place]

    def _agreement(self, material: Material, tick: int) -> float:
        pulse_ticks, n_pulses = self.context.pulse_ticks, self.context.n_pulses
        inside = total = 0
        for note in material.notes:
            pulse = min((tick + note.onset + pulse_ticks // 2) // pulse_ticks, n_pulses - 1)
            inside += note.duration * bool(self.tones[pulse, note.pitch % 12])
            total += note.duration
        return inside / max(total, 1)

    def rubs(self, material: Material, tick: int) -> int:
        """How many strong notes lie a semitone from a chord tone and are none."""
        pulse_ticks, n_pulses, weights = self.context.pulse_ticks, self.context.n_pulses, self.context.grid.weights
        n_rubs = 0
        for note in material.notes:
            pulse = min((tick + note.onset + pulse_ticks // 2) // pulse_ticks, n_pulses - 1)
            tones, tone = self.tones[pulse], note.pitch % 12
            is_near = not tones[tone] and bool(tones[tone - 1] or tones[(tone + 1) % 12])
            n_rubs += is_near and weights[pulse % len(weights)] >= STRONG
        return n_rubs

    def seam(self, before: Material, after: Material) -> float:
        """Cost of one seam, remembered."""
        place = (id(before), id(after))
        if place not in self._seams:
            self._seams[place] = seam_cost(before, after)
        return self._seams[place]

    def welcome_after(self, before: Material, recipe: int, slot: int) -> Costs:
        """How well each option of a slot follows a stretch; going on in the source, or another song, is welcome."""
        place = (id(before), recipe, slot, True)
        if place not in self._welcomes:
            options = self.library.recipes[recipe].options[slot]
            found = _meeting(self._table(recipe, slot).after(before))
            found *= [_taste(before, material) for material in options]
            self._welcomes[place] = found
        return self._welcomes[place]

    def welcome_before(self, after: Material, recipe: int, slot: int) -> Costs:
        """How well each option of a slot leads to a stretch."""
        place = (id(after), recipe, slot, False)
        if place not in self._welcomes:
            self._welcomes[place] = _meeting(self._table(recipe, slot).before(after))
        return self._welcomes[place]

    def _table(self, recipe: int, slot: int) -> SeamTable:
        if (recipe, slot) not in self._tables:
            self._tables[recipe, slot] = seam_table(self.library.recipes[recipe].options[slot])
        return self._tables[recipe, slot]


def _meeting(costs: Costs) -> Costs:
    return np.asarray((1.0 - 0.95 * costs) ** _SEAM_POWER)


def _taste(before: Material, after: Material) -> float:
    if after.follows(before):
        return _LIKES_TO_GO_ON
    return 1.0 if after.source.song == before.source.song else _LIKES_ANOTHER_SONG


def set_up(context: SectionContext, library: Library, stage: str) -> Bench:
    """Measure a section and what may be laid in it."""
    tones = np.ones((context.n_pulses, 12), dtype=bool)
    for chord in context.chords:
        tones[chord.start : chord.end] = False
        tones[chord.start : chord.end, list(chord.tones)] = True
    return Bench(context, library, stage, tones, density_ranks(list(library.materials.values())))


def density_ranks(materials: Sequence[Material]) -> dict[tuple[str, int], float]:
    """Rank source bars by notes per tick, 0 the sparsest, 1 the densest; equal ones share their place."""
    counts: dict[tuple[str, int], list[int]] = {}
    for material in materials:
        known = counts.setdefault((material.source.file, material.cut.bar), [0, 0])
        known[0] += len(material.notes)
        known[1] += material.n_ticks
    density = {place: n / max(ticks, 1) for place, (n, ticks) in counts.items()}
    levels = sorted(set(density.values()))
    most = max(len(levels) - 1, 1)
    rank = {level: place / most for place, level in enumerate(levels)}
    return {place: rank[value] for place, value in density.items()}
