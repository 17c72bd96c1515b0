"""What is known before a drum part is composed: families, layers and backbeats of the meter, swing and changes heard."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.context import SectionContext
from whitelight.composition.drums.accents import backbeats, felt_groups, layers, table_places
from whitelight.composition.drums.kits import TABLE_METER, Family, shipped_families
from whitelight.composition.drums.style import OWN_SHARE, DrumStyle
from whitelight.composition.form import SectionPlan
from whitelight.composition.meter_grid import MeterGrid
from whitelight.composition.randomness import Rng, draw
from whitelight.composition.timing import heard_swing

DRAWN_LANES = ("kick", "snare", "ghost", "open", "foot", "color")
FAST_PULSE_S, SLOW_PULSE_S = 0.06, 0.14  # hits inside a unit thin out between them


@dataclass(frozen=True, slots=True)
class Groove:
    """Hit probabilities of one family in this meter, by lane; shape (bar_pulses,) each, and the same as plain numbers."""

    chance: Mapping[str, NDArray[np.float64]]
    plain: Mapping[str, list[float]]


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Everything a generator must know about one section; build with `make_setting`."""

    context: SectionContext
    style: DrumStyle | None
    families: Mapping[str, Family]
    usual: tuple[float, ...]
    layers: Mapping[str, tuple[int, ...]]
    backbeats: Mapping[str, tuple[int, ...]]
    felt: tuple[int, ...]
    swing: float
    changes: frozenset[int]
    grooves: dict[tuple[str, tuple[int, ...], float], Groove] = field(default_factory=dict)

    @property
    def section(self) -> SectionPlan:
        """What is composed."""
        return self.context.section

    @property
    def grid(self) -> MeterGrid:
        """The bar as pulses."""
        return self.context.grid

    @property
    def n_bars(self) -> int:
        """Bars of the section."""
        return self.context.section.n_bars

    def draw_family(self, rng: Rng) -> Family:
        """Draw a family: mostly the catalog's own, else one that is usual here."""
        names = list(self.families)
        if self.style is not None and self.style.families and rng.random() < OWN_SHARE:
            return self.style.draw(str(self.context.meter), rng)
        return self.families[names[draw(self.usual, rng)]]

    def least(self, seconds: float) -> int:
        """Pulses that last at least so long."""
        return max(int(np.ceil(seconds / self.grid.pulse_s - 1e-9)), 1)

    def groove(self, family: str, backbeat: tuple[int, ...], fullness: float) -> Groove:
        """Hit probabilities for a family at a fullness, remembered."""
        key = (family, backbeat, fullness)
        if key not in self.grooves:
            self.grooves[key] = _groove(self, self.families[family], backbeat, fullness)
        return self.grooves[key]


def make_setting(context: SectionContext, style: DrumStyle | None) -> Setting:
    """Prepare a section."""
    shipped, energy = shipped_families(), context.section.energy
    usual = [family.usual(context.tempo_bpm, energy) for family in shipped.values()]
    if style is not None and style.family in shipped:
        usual = [float(name == style.family) for name in shipped]
    own = {family.name: family for family in style.families} if style is not None else {}
    return Setting(
        context=context,
        style=style,
        families={**shipped, **own},
        usual=(*usual, *(0.0 for _ in own)),
        layers={**layers(context.grid), "none": ()},
        backbeats=backbeats(context.grid),
        felt=felt_groups(context.grid),
        swing=heard_swing(context, ("chords",)),
        changes=frozenset(chord.start for chord in context.chords),
    )


def _groove(setting: Setting, family: Family, backbeat: tuple[int, ...], fullness: float) -> Groove:
    """Read the table in this meter; what is not an anchor grows with the fullness."""
    grid, density = setting.grid, 0.3 + 1.4 * fullness
    thin = np.clip((grid.pulse_s - FAST_PULSE_S) / (SLOW_PULSE_S - FAST_PULSE_S), 0.0, 1.0)
    if family.steer < 1.0:  # people played these hits at their own tempo
        thin = max(float(thin), 0.9)
    inside = np.array(grid.weights) <= (0 if grid.unit_pulses > 1 else 1)
    chance = {}
    for lane in DRAWN_LANES:
        plain = _in_meter(setting, family, lane, backbeat)
        chance[lane] = 1.0 - (1.0 - np.clip(plain, 0.0, 0.98)) ** density * 1.0
        chance[lane] = np.where(inside, chance[lane] * thin, chance[lane])
    for place in backbeat:
        chance["kick"][place] *= 0.6
    return Groove(chance, {lane: row.tolist() for lane, row in chance.items()})


def _in_meter(setting: Setting, family: Family, lane: str, backbeat: tuple[int, ...]) -> NDArray[np.float64]:
    """A row of the table, pulse by pulse: as it is, by place in the groups, or by weight."""
    grid = setting.grid
    if lane not in family.table:
        return np.zeros(grid.bar_pulses)
    row = np.array(family.table[lane])
    if family.meter == str(setting.context.meter) and len(row) == grid.bar_pulses:
        return row
    if family.meter == TABLE_METER and len(row) == 16:
        return row[table_places(grid, backbeat)]
    ranks = np.argsort(-row, kind="stable")  # a part in another odd meter: its strong places go to strong places
    places = np.argsort(-np.array(grid.weights), kind="stable")
    found = np.zeros(grid.bar_pulses)
    n = min(len(row), grid.bar_pulses)
    found[places[:n]] = row[ranks[:n]]
    return found
