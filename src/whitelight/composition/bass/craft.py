"""The bass stage as a craft: what `search` needs, in the terms of bass genomes."""

from dataclasses import replace
from typing import Any

from whitelight.composition.bass.genome import BassGenome
from whitelight.composition.bass.line import CHROMATIC, PEDAL
from whitelight.composition.bass.operators import cross, mutate
from whitelight.composition.bass.playing import compose_genome
from whitelight.composition.bass.rendering import render
from whitelight.composition.bass.setting import Setting, make_setting
from whitelight.composition.bass.styles import BassStyle
from whitelight.composition.bass.theory import MEASURES, hear, measures, theory_terms
from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Played
from whitelight.composition.section_craft import Operators, SectionCraft
from whitelight.music import write_midi

VIEW = "bass"


class BassCraft(SectionCraft[BassGenome, Setting]):
    """Bass in one section; see `craft.Craft`."""

    __slots__ = ()
    view = VIEW
    ranges = MEASURES
    operators = Operators(compose_genome, mutate, cross)

    def again(self, genome: BassGenome) -> BassGenome:
        """The same line with other small differences between notes."""
        return replace(genome, feel=replace(genome.feel, grain=(genome.feel.grain + 1) % 2**31))

    def play(self, genome: BassGenome) -> Played:
        """Render a genome to the bytes that will be scored and written, and measure it."""
        rendered = render(genome, self.setting.context)
        heard = hear(genome, self.setting, rendered)
        return Played(write_midi(rendered.piece), theory_terms(heard), measures(heard))

    def idea(self, genome: BassGenome) -> tuple[tuple[int, int], ...]:
        """Semitones above the tonic and place in the bar of every note."""
        tonic, size = self.setting.context.key.tonic, self.setting.grid.bar_pulses
        return tuple(((note.pitch - tonic) % 12, note.start % size) for note in genome.notes)

    def facts(self, genome: BassGenome) -> dict[str, Any]:
        """Style, the first bars by name, what is foreign on purpose."""
        key, size = self.setting.context.key, self.setting.grid.bar_pulses
        first = [note for note in genome.notes if note.start < 2 * size]
        names = [f"{'| ' if note.start >= size else ''}{key.spell(note.pitch)}" for note in first]
        if (bar := next((i for i, note in enumerate(first) if note.start >= size), None)) is not None:
            names[bar + 1 :] = [name.removeprefix("| ") for name in names[bar + 1 :]]
        return {
            "style": genome.style,
            "line": " ".join(names),
            "chromatic": sum(note.role == CHROMATIC for note in genome.notes),
            "pedal": sum(note.role == PEDAL for note in genome.notes),
            "swing": genome.feel.swing,
        }


def make_craft(context: SectionContext, style: BassStyle | None) -> BassCraft:
    """Prepare the stage for one section."""
    return BassCraft(make_setting(context, style))
