"""The lyric stage as a craft: what `search` needs, in the terms of lyric genomes."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Played
from whitelight.composition.lyrics.bank import plain
from whitelight.composition.lyrics.generator import compose_genome
from whitelight.composition.lyrics.genome import LyricGenome, candidate_text
from whitelight.composition.lyrics.learning import LyricStyle, style_of_dataset
from whitelight.composition.lyrics.operators import cross, mutate
from whitelight.composition.lyrics.rendering import render
from whitelight.composition.lyrics.setting import LyricBrief, LyricSetting, make_setting
from whitelight.composition.lyrics.theory import MEASURES, hear, measures, syllable_fit, theory_terms
from whitelight.composition.section_craft import Operators, SectionCraft
from whitelight.composition.stage import Stage
from whitelight.music import write_midi

GRAINS = 1 << 30


class LyricCraft(SectionCraft[LyricGenome, LyricSetting]):
    """Words in one section; see `craft.Craft`."""

    __slots__ = ()
    view = "lyrics"
    ranges = MEASURES
    operators = Operators(compose_genome, mutate, cross)

    def again(self, genome: LyricGenome) -> LyricGenome:
        """The same words with other small differences of the voice."""
        return replace(genome, grain=(genome.grain + 1) % GRAINS)

    def play(self, genome: LyricGenome) -> Played:
        """Sing the first stanza; all stanzas are measured and scored."""
        piece = render(genome.stanzas[0], self.setting.phrases, self.setting.context, grain=genome.grain)
        heard = hear(genome, self.setting)
        text = candidate_text(genome).rstrip("\n")
        return Played(write_midi(piece), theory_terms(heard), measures(heard), lyrics=text)

    def idea(self, genome: LyricGenome) -> tuple[Hashable, ...]:
        """Words in order."""
        return tuple(plain(word) for lines in genome.stanzas for line in lines for word in line.words)

    def facts(self, genome: LyricGenome) -> dict[str, Any]:
        """The words, how they come back and rhyme, how they sit on the melody, and whose words they are made of."""
        heard = hear(genome, self.setting)
        return {
            "words": candidate_text(genome).split("\n\n")[0].splitlines(),
            "stanzas": len(genome.stanzas),
            "repeat": str(genome.kind),
            "rhyme": "".join("-" if rime < 0 else chr(ord("a") + rime % 26) for rime in genome.plan),
            "syllable_fit": round(syllable_fit(heard) or 0.0, 3),
            "learned_from": self.setting.style.source,
        }


def lyric_craft(context: SectionContext, style: Any) -> LyricCraft:
    """Make the craft of a section.

    Parameters
    ----------
    style : a `LyricBrief`, a bare `LyricStyle`, or None for the shipped lines without a theme.

    Raises
    ------
    NoMelodyError : there is nothing to sing.
    """
    if style is None or isinstance(style, LyricStyle):
        style = LyricBrief(style=style)
    return LyricCraft(make_setting(context, style))


def brief_song(style: Any, title: str, concept: str, sung: Sequence[str] = ()) -> LyricBrief:
    """What the words of a song are about and what its other sections say, in a style; what a brief says already is kept."""
    brief = style if isinstance(style, LyricBrief) else LyricBrief(style=style)
    return replace(brief, title=brief.title or title, concept=brief.concept or concept, sung=brief.sung or tuple(sung))


STAGE = Stage(
    name="lyrics",
    title="Lyric",
    hears=("melody",),
    needs=("melody",),
    craft=lyric_craft,
    learn=style_of_dataset,
    brief=brief_song,
)
