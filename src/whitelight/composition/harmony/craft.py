"""The harmony stage as a craft: what `search` needs, in the terms of ensembles."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Played
from whitelight.composition.form import SectionPlan
from whitelight.composition.harmony.generator import compose_genome
from whitelight.composition.harmony.genome import COUNTER_LINE, PAD, SILENT, EnsembleGenome
from whitelight.composition.harmony.instruments import LINE_INSTRUMENTS, QUARTET_PARTS
from whitelight.composition.harmony.operators import cross, mutate
from whitelight.composition.harmony.rendering import render, voice
from whitelight.composition.harmony.surroundings import Surroundings, make_surroundings
from whitelight.composition.harmony.theory import MEASURES, hear, measures, theory_terms
from whitelight.composition.randomness import Rng
from whitelight.music import write_midi


@dataclass(frozen=True, slots=True, eq=False)
class HarmonyCraft:
    """Pads, counter-lines and quartets in one section; see `craft.Craft`."""

    around: Surroundings

    @property
    def view(self) -> str:
        """Heard as a whole arrangement is."""
        return "full"

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """The measures of `theory`."""
        return MEASURES

    @property
    def section(self) -> SectionPlan:
        """What is composed."""
        return self.around.context.section

    def compose(self, rng: Rng) -> EnsembleGenome:
        """Make a genome from nothing."""
        return compose_genome(self.around, rng)

    def mutate(self, genome: EnsembleGenome, rng: Rng) -> EnsembleGenome:
        """Change one to three things."""
        return mutate(genome, self.around, rng)

    def cross(self, first: EnsembleGenome, second: EnsembleGenome, rng: Rng) -> EnsembleGenome:
        """Material of one, manner of the other."""
        return cross(first, second, self.around, rng)

    def again(self, genome: EnsembleGenome) -> EnsembleGenome:
        """The same music with other small differences between notes."""
        return regrain(genome, genome.touch.grain + 1)

    def play(self, genome: EnsembleGenome) -> Played:
        """Render a genome to the bytes that will be scored and written, and measure it."""
        rendered = render(genome, self.around)
        heard = hear(genome, self.around, rendered)
        return Played(write_midi(rendered.piece), theory_terms(heard), measures(heard))

    def idea(self, genome: EnsembleGenome) -> tuple[Hashable, ...]:
        """Steps and places of a line; of the others the rhythm of every bar and what the upper voice has in it."""
        bar_pulses = self.around.context.grid.bar_pulses
        if genome.family == COUNTER_LINE:
            moves = [after.step - before.step for before, after in pairwise(genome.line)]
            places = [note.start % bar_pulses for note in genome.line]
            return tuple(zip(places, [note.step for note in genome.line[:1]] + moves, strict=True))
        tops = self._top_voice(genome)
        bars = [
            (genome.family, genome.figure, genome.rhythms[rhythm], tops[bar])
            for bar, rhythm in enumerate(genome.bar_rhythms)
            if rhythm != SILENT
        ]
        return tuple(bars) or (genome.family,)

    def _top_voice(self, genome: EnsembleGenome) -> list[tuple[int, ...]]:
        """Per bar the highest tones, as semitones above the tonic."""
        context, voicings = self.around.context, voice(genome, self.around)
        size, tonic = context.grid.bar_pulses, context.key.tonic
        there = list(zip(context.chords, voicings, strict=True)) if voicings else []
        return [
            tuple((top[-1] - tonic) % 12 for chord, top in there if chord.start < bar + size and chord.end > bar)
            for bar in range(0, context.n_pulses, size)
        ]

    def facts(self, genome: EnsembleGenome) -> dict[str, Any]:
        """Who plays, how, and in which bars."""
        context = self.around.context
        bar_pulses = context.grid.bar_pulses
        if genome.family == COUNTER_LINE:
            played = {note.start // bar_pulses for note in genome.line}
            bars = [bar in played for bar in range(context.section.n_bars)]
        else:
            bars = [rhythm != SILENT for rhythm in genome.bar_rhythms]
        return {
            "family": genome.family,
            "instruments": _players(genome),
            "figure": genome.figure if genome.family != COUNTER_LINE else f"{len(genome.line)} notes",
            "bars": "".join("x" if plays else "." for plays in bars),
        }


def make_craft(context: SectionContext, _style: Any = None) -> HarmonyCraft:
    """Prepare a section; the catalog teaches this stage nothing yet."""
    return HarmonyCraft(make_surroundings(context))


def regrain(genome: EnsembleGenome, grain: int) -> EnsembleGenome:
    """The same music in another hand."""
    return replace(genome, touch=replace(genome.touch, grain=grain))


def _players(genome: EnsembleGenome) -> list[str]:
    if genome.family == COUNTER_LINE:
        return [LINE_INSTRUMENTS[genome.program].name]
    return ["Pad"] if genome.family == PAD else [one.name for one in reversed(QUARTET_PARTS)]
