"""The drum stage as a craft: what `search` needs, in the terms of drum genomes."""

from dataclasses import replace
from typing import Any

from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Played
from whitelight.composition.drums.genome import DrumGenome, Pulses
from whitelight.composition.drums.operators import cross, mutate
from whitelight.composition.drums.playing import compose_genome
from whitelight.composition.drums.rendering import render
from whitelight.composition.drums.setting import Setting, make_setting
from whitelight.composition.drums.style import DrumStyle
from whitelight.composition.drums.theory import MEASURES, hear, measures, theory_terms
from whitelight.composition.section_craft import Operators, SectionCraft
from whitelight.music import write_midi

VIEW = "drums"


class DrumCraft(SectionCraft[DrumGenome, Setting]):
    """Drums in one section; see `craft.Craft`."""

    __slots__ = ()
    view = VIEW
    ranges = MEASURES
    operators = Operators(compose_genome, mutate, cross)

    def again(self, genome: DrumGenome) -> DrumGenome:
        """The same part with other small differences between hits."""
        return replace(genome, feel=replace(genome.feel, grain=(genome.feel.grain + 1) % 2**31))

    def play(self, genome: DrumGenome) -> Played:
        """Render a genome to the bytes that will be scored and written, and measure it."""
        rendered = render(genome, self.setting.context)
        heard = hear(genome, self.setting, rendered)
        return Played(write_midi(rendered.piece), theory_terms(heard), measures(heard))

    def idea(self, genome: DrumGenome) -> tuple[tuple[Pulses, Pulses], ...]:
        """Kick and snare of every bar, as far as no fill takes their place."""
        starts = {fill.bar: fill.start for fill in genome.fills}
        size = self.setting.grid.bar_pulses
        found = []
        for place, bar in enumerate(genome.bars):
            end = starts.get(place, size)
            kick, snare = (tuple(p for p in bar.lane(name) if p < end) for name in ("kick", "snare"))
            found.append((kick, snare))
        return tuple(found)

    def facts(self, genome: DrumGenome) -> dict[str, Any]:
        """The kit, how time is kept, the first bar as a row of letters, and where fills are."""
        return {
            "kit": genome.family,
            "time": f"{genome.time}, {genome.layer}" if genome.layer != "none" else "none",
            "groove": letters(genome, self.setting),
            "fills": [fill.bar + 1 for fill in genome.fills],
            "swing": genome.feel.swing,
        }


def letters(genome: DrumGenome, setting: Setting, bar: int = 0) -> str:
    """One bar of kick (K), snare (S), both (B) and ghosts (g), groups set apart."""
    found = genome.bars[bar]
    kick, snare, ghost = ({*found.lane(name)} for name in ("kick", "snare", "ghost"))
    marks = []
    for pulse in range(setting.grid.bar_pulses):
        if pulse in setting.felt and pulse:
            marks.append(" ")
        both = pulse in kick, pulse in snare
        marks.append("B" if all(both) else "K" if both[0] else "S" if both[1] else "g" if pulse in ghost else ".")
    return "".join(marks)


def make_craft(context: SectionContext, style: DrumStyle | None) -> DrumCraft:
    """Prepare the stage for one section."""
    return DrumCraft(make_setting(context, style))
