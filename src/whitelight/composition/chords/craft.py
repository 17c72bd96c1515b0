"""The chord stage as a craft: what `search` needs, in the terms of chord genomes."""

from typing import Any

from whitelight.composition.chords.genome import ChordGenome
from whitelight.composition.chords.naming import chart, chord_symbol
from whitelight.composition.chords.operators import cross, mutate
from whitelight.composition.chords.playing import compose_genome, regrain
from whitelight.composition.chords.rendering import render
from whitelight.composition.chords.setting import Setting
from whitelight.composition.chords.theory import MEASURES, hear, measures, theory_terms
from whitelight.composition.craft import Played
from whitelight.composition.scorer import VIEW
from whitelight.composition.section_craft import Operators, SectionCraft
from whitelight.music import write_midi


class ChordCraft(SectionCraft[ChordGenome, Setting]):
    """Chords in one section; see `craft.Craft`."""

    __slots__ = ()
    view = VIEW
    ranges = MEASURES
    operators = Operators(compose_genome, mutate, cross)

    def again(self, genome: ChordGenome) -> ChordGenome:
        """The same music with other small differences between strokes."""
        return regrain(genome, genome.touch.grain + 1)

    def play(self, genome: ChordGenome) -> Played:
        """Render a genome to the bytes that will be scored and written, and measure it."""
        rendered = render(genome, self.setting)
        heard = hear(genome, self.setting, rendered)
        return Played(write_midi(rendered.piece), theory_terms(heard), measures(heard))

    def idea(self, genome: ChordGenome) -> tuple[tuple[int, str], ...]:
        """Roots and qualities in order."""
        return tuple((chord.root, chord.quality) for chord in genome.chords)

    def facts(self, genome: ChordGenome) -> dict[str, Any]:
        """The chart, by names and by function, and what is borrowed."""
        key, bar_pulses = self.setting.key, self.setting.grid.bar_pulses
        return {
            "chords": chart(genome, key, bar_pulses, is_roman=False),
            "roman": chart(genome, key, bar_pulses, is_roman=True),
            "borrowed": [chord_symbol(chord, key) for chord in genome.chords if chord.is_borrowed],
        }
