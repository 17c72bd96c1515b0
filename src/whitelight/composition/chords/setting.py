"""What the proposal fixes for a section before anything is composed: key, meter, tempo, length, role."""

from dataclasses import dataclass

from whitelight.composition.chords.manner import Manner
from whitelight.composition.chords.transitions import ChordRules, DegreeChain, degree_chain
from whitelight.composition.form import ImpossibleSectionError, SectionPlan
from whitelight.composition.meter_grid import MeterGrid, meter_grid
from whitelight.music import Key, Meter

TEMPO_RANGE_BPM = (20.0, 400.0)
MAX_BAR_PULSES = 512  # a bar of 32/4 in sixteenths has 512


@dataclass(frozen=True, slots=True)
class ChordStyle:
    """How chords follow each other and how they are played; without a manner they are played as in songs at large."""

    rules: ChordRules
    manner: Manner | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Everything a generator must know about one section."""

    section: SectionPlan
    key: Key
    meter: Meter
    tempo_bpm: float
    grid: MeterGrid
    chain: DegreeChain
    manner: Manner | None = None

    @property
    def scale(self) -> tuple[int, ...]:
        """Semitones of the scale above the tonic."""
        return self.key.scale_intervals

    @property
    def n_pulses(self) -> int:
        """Length of the section in pulses."""
        return self.section.n_bars * self.grid.bar_pulses


def make_setting(section: SectionPlan, *, key: Key, meter: Meter, tempo_bpm: float, style: ChordStyle) -> Setting:
    """Prepare a section.

    Raises
    ------
    ImpossibleSectionError : a tempo outside `TEMPO_RANGE_BPM` or a bar of more than `MAX_BAR_PULSES`.
    """
    low, high = TEMPO_RANGE_BPM
    if not low <= tempo_bpm <= high:
        raise ImpossibleSectionError(f"tempo {tempo_bpm:g} bpm; expected {low:g} to {high:g}; change its bpm")
    grid = meter_grid(meter, tempo_bpm)
    if grid.bar_pulses > MAX_BAR_PULSES:
        raise ImpossibleSectionError(
            f"meter {meter}: bars of {grid.bar_pulses} pulses; expected at most {MAX_BAR_PULSES}; change its meter"
        )
    chain = degree_chain(style.rules, key.scale_name, key.scale_intervals)
    return Setting(section, key, meter, tempo_bpm, grid, chain, style.manner)


def describe(setting: Setting) -> dict[str, object]:
    """Return plain data for `song.yml`."""
    section = setting.section
    return {"name": section.name, "role": section.role, "bars": section.n_bars, "energy": section.energy}
