"""The chord stage: what sounds under everything else. Top to bottom: progression, playing, rendering, theory, craft."""

from typing import Any

from whitelight.composition.chords.catalog_rules import style_of_classes
from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.chords.setting import ChordStyle, make_setting
from whitelight.composition.chords.transitions import shipped_rules
from whitelight.composition.context import SectionContext
from whitelight.composition.stage import Stage

__all__ = ["STAGE", "ChordCraft", "ChordStyle"]


def _craft(context: SectionContext, style: Any) -> ChordCraft:
    return ChordCraft(
        make_setting(
            context.section,
            key=context.key,
            meter=context.meter,
            tempo_bpm=context.tempo_bpm,
            style=style or ChordStyle(shipped_rules()),
        )
    )


STAGE = Stage(name="chords", title="Chord", hears=(), needs=(), craft=_craft, learn=style_of_classes)
