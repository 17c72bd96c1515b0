"""What is known before a bass line is composed: what sounds below, kicks, swing, and where notes of a bar fall."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.bass.styles import BassStyle, Habit, shipped_onsets, shipped_styles
from whitelight.composition.context import SectionContext
from whitelight.composition.drums.accents import backbeats, felt_groups, table_places
from whitelight.composition.form import SectionPlan
from whitelight.composition.meter_grid import MeterGrid
from whitelight.composition.sounding import SoundingChord
from whitelight.composition.timing import heard_swing, pulse_ticks
from whitelight.errors import WhitelightError

KICK_NOTES = (35, 36)
MIN_GAP_S = 0.13  # the fastest a bass line moves


class NoChordsError(WhitelightError):
    """A bass without chords has no ground."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Everything a generator must know about one section; build with `make_setting`.

    Attributes
    ----------
    places : index into `context.chords` of every pulse. kicks : per pulse of the section whether a kick sounds there.
    onsets : share of bars with an onset, per pulse of a bar. least : pulses between two notes.
    """

    context: SectionContext
    style: BassStyle | None
    usual: tuple[float, ...]
    places: tuple[int, ...]
    kicks: NDArray[np.bool_]
    onsets: NDArray[np.float64]
    felt: tuple[int, ...]
    swing: float
    least: int

    @property
    def section(self) -> SectionPlan:
        """What is composed."""
        return self.context.section

    @property
    def grid(self) -> MeterGrid:
        """The bar as pulses."""
        return self.context.grid

    @property
    def chords(self) -> Sequence[SoundingChord]:
        """What sounds."""
        return self.context.chords

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of the key."""
        return self.context.key.scale_pitch_classes

    @property
    def n_bars(self) -> int:
        """Bars of the section."""
        return self.context.section.n_bars

    def habit(self, place: int) -> Habit | None:
        """A part of the catalog by its place, None when there is none such."""
        habits = self.style.habits if self.style is not None else ()
        return habits[place] if 0 <= place < len(habits) else None

    def chord(self, pulse: int) -> SoundingChord:
        """Chord that sounds at a pulse."""
        return self.context.chords[self.places[pulse]]

    def following(self, pulse: int) -> SoundingChord | None:
        """The next chord."""
        place = self.places[pulse] + 1
        return self.context.chords[place] if place < len(self.context.chords) else None

    def weight(self, pulse: int) -> int:
        """Metrical weight of a pulse of the section."""
        return self.grid.weights[pulse % self.grid.bar_pulses]

    def is_strong(self, pulse: int) -> bool:
        """Whether a foreign tone would sound sour there: bar line, half bar, the start of a group of several units."""
        weight = self.weight(pulse)
        return weight >= 3 or (weight == 2 and len(self.grid.groups) * self.grid.unit_pulses < self.grid.bar_pulses)


def make_setting(context: SectionContext, style: BassStyle | None) -> Setting:
    """Prepare a section.

    Raises
    ------
    NoChordsError : nothing pitched sounds in the approved chords, or none are approved.
    """
    if not context.chords:
        raise NoChordsError(f"section '{context.section.name}': no chords to play under; approve a chord part first")
    shipped = shipped_styles()
    usual = [one.usual(context.section.energy) for one in shipped.values()]
    if style is not None and style.style in shipped:
        usual = [float(name == style.style) for name in shipped]
    places: list[int] = []
    for index, chord in enumerate(context.chords):
        places += [index] * chord.duration
    row = np.array(shipped_onsets())
    return Setting(
        context=context,
        style=style,
        usual=tuple(usual),
        places=tuple(places),
        kicks=_kicks(context),
        onsets=row[table_places(context.grid, backbeats(context.grid)["back"])],
        felt=felt_groups(context.grid),
        swing=heard_swing(context, ("chords", "drums")),
        least=max(int(np.ceil(MIN_GAP_S / context.grid.pulse_s - 1e-9)), 1),
    )


def _kicks(context: SectionContext) -> NDArray[np.bool_]:
    """Pulses nearest to the kicks of the approved drums, on their own swung grid."""
    found = np.zeros(context.n_pulses, dtype=bool)
    piece = context.heard.get("drums")
    if piece is None:
        return found
    notes = piece.all_notes(drums="only")
    onsets = notes.onset_tick[np.isin(notes.pitch, KICK_NOTES)]
    ticks = pulse_ticks(context, heard_swing(context, ("drums",)))
    edges = (ticks[1:] + ticks[:-1]) / 2
    near = np.searchsorted(edges, onsets)
    found[near[near < context.n_pulses]] = True
    return found
