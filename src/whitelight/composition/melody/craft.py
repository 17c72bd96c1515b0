"""The melody stage as a craft: what `search` needs, in the terms of melody genomes."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from whitelight.composition.clashes import count_clashes
from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Played
from whitelight.composition.melody.composing import compose_genome
from whitelight.composition.melody.genome import MelodyGenome
from whitelight.composition.melody.layout import Sung
from whitelight.composition.melody.operators import cross, mutate, repair
from whitelight.composition.melody.rendering import render
from whitelight.composition.melody.setting import Setting, make_setting
from whitelight.composition.melody.singing import sing
from whitelight.composition.melody.tables import MelodyStyle
from whitelight.composition.melody.theory import MEASURES, hear, measures, theory_terms
from whitelight.composition.randomness import Rng
from whitelight.composition.section_craft import Operators, SectionCraft
from whitelight.music import write_midi

VIEW = "melody"


def _composed(setting: Setting, rng: Rng) -> MelodyGenome:
    return repair(compose_genome(setting, rng), setting)


class MelodyCraft(SectionCraft[MelodyGenome, Setting]):
    """A melody over the approved chords of one section; see `craft.Craft`."""

    __slots__ = ()
    view = VIEW
    ranges = MEASURES
    operators = Operators(_composed, mutate, cross)

    def again(self, genome: MelodyGenome) -> MelodyGenome:
        """The same music with other small differences between notes."""
        return replace(genome, touch=replace(genome.touch, grain=genome.touch.grain + 1))

    def play(self, genome: MelodyGenome) -> Played:
        """Render a genome to the bytes that will be scored and written, and measure it."""
        rendered = render(genome, self.setting)
        heard = hear(rendered, self.setting)
        return Played(write_midi(rendered.piece), theory_terms(heard), measures(heard))

    def idea(self, genome: MelodyGenome) -> tuple[tuple[int, int], ...]:
        """Interval and time from note to note."""
        return tuple((b.pitch - a.pitch, b.start - a.start) for a, b in pairwise(sing(genome, self.setting)))

    def facts(self, genome: MelodyGenome) -> dict[str, Any]:
        """Who sings, the plan of phrases, the notes of each, and what rubs."""
        rendered = render(genome, self.setting)
        count = count_clashes(rendered.notes, self.setting.frame, self.setting.context.notes_of("bass"))
        pitches = rendered.notes.pitch
        return {
            "voice": self.setting.voice.name,
            "range": f"{self._name(int(pitches.min()))}–{self._name(int(pitches.max()))}",
            "plan": "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[turn.phrase % 26] for turn in genome.turns),
            "phrases": self._phrases(rendered.line),
            "strong_chord_tones": round(count.strong_tone_share, 2),
            "clashes": count.n_strong_unintended + count.n_against_unintended + count.n_held_clashes,
            "out_of_key": count.n_foreign,
        }

    def _phrases(self, line: tuple[Sung, ...]) -> list[str]:
        """Note names of every turn that sings."""
        turns = sorted({note.turn for note in line})
        return [" ".join(self._name(note.pitch) for note in line if note.turn == turn) for turn in turns]

    def _name(self, pitch: int) -> str:
        return f"{self.setting.context.key.spell(pitch % 12)}{pitch // 12 - 1}"


def melody_craft(context: SectionContext, style: Any = None) -> MelodyCraft:
    """Make the craft of one section; `style` is a `MelodyStyle` or None."""
    return MelodyCraft(make_setting(context, style if isinstance(style, MelodyStyle) else None))
