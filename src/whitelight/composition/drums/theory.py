"""Theory terms: what a drum candidate does well, each a number in [0, 1] with a name a drummer knows.

Bands come from played drums (`drums.yml`), counted by the same functions of `take`. A term that has no business with the
material at hand returns None: "no band applies". What a term is worth is decided in `fitness` by its spread.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from whitelight.composition.bands import Bands, read_bands
from whitelight.composition.drums import take as counted
from whitelight.composition.drums.genome import DrumGenome
from whitelight.composition.drums.kits import SHIPPED_FILE
from whitelight.composition.drums.rendering import Rendered
from whitelight.composition.drums.setting import Setting
from whitelight.composition.drums.take import Take
from whitelight.composition.drums.voices import TOMS

QUIET_RATE, LOUD_RATE = 1.5, 12.0  # hits per second at energy 0 and 1 (Groove: 4.8 to 12.7, 8.1 in the middle)
MEDIAN_TEMPO_BPM = 105.0
MEAN_VELOCITY = 70.0  # of the played drums behind the band
SNARE_ON_PLAN = 0.5  # of the snare hits that are no ghosts lie on the backbeat; more is as good
TOM_SHARE, TOM_TOLERANCE = 0.3, 0.3  # of the hits of a fill (Groove: .28)


@dataclass(frozen=True, slots=True)
class Heard:
    """A candidate as the terms see it."""

    genome: DrumGenome
    setting: Setting
    take: Take
    fill_velocity: tuple[tuple[int, int], ...]


Term = Callable[[Heard], float | None]


def hear(genome: DrumGenome, setting: Setting, rendered: Rendered) -> Heard:
    """Collect what the terms need."""
    return Heard(genome, setting, rendered.take, rendered.fill_velocity)


def backbeat(heard: Heard) -> float:
    """The snare keeps its place and does not talk over it; without a plan the groups are marked."""
    plan, snare = list(heard.genome.backbeat), heard.take.lane("snare")
    if not plan:
        return accents(heard)
    kept = float(snare[:, plan].mean())
    on_plan = float(snare[:, plan].sum()) / max(float(snare.sum()), 1.0)
    return 0.6 * kept + 0.4 * min(on_plan / SNARE_ON_PLAN, 1.0)


def accents(heard: Heard) -> float:
    """Kick, snare or crash mark the groups of the meter, the bar line above all."""
    felt = list(heard.setting.felt)
    struck = heard.take.lane("kick", "snare", "crash", "tom")[:, felt].mean(axis=0)
    weights = np.array([heard.setting.grid.weights[place] for place in felt], dtype=np.float64)
    return float((struck * weights).sum() / weights.sum())


def steadiness(heard: Heard) -> float:
    """A bar differs from the one before by a few kick and snare hits: neither a machine nor a stumble."""
    return band_fit("changed_hits", _changed(heard.take))


def variety(heard: Heard) -> float:
    """Enough bars have their own pattern, and enough return."""
    return band_fit(f"own_bars_{heard.take.n_bars}", counted.own_bars(heard.take))


def density(heard: Heard) -> float:
    """As many hits per second as the energy asks for, or as the part of the catalog has; 0 at twice or half of it."""
    family = heard.setting.families[heard.genome.family]
    context = heard.setting.context
    tempo = float(np.clip(context.tempo_bpm / MEDIAN_TEMPO_BPM, 0.3, 3.0)) ** 0.4
    wanted = (QUIET_RATE + (LOUD_RATE - QUIET_RATE) * context.section.energy) * tempo
    wanted = family.hits_per_s if family.is_own else wanted
    rate = hits_per_second(heard)
    return float(np.clip(1.0 - abs(np.log2(max(rate, 0.05) / wanted)), 0.0, 1.0))


def ghosts(heard: Heard) -> float:
    """As many ghost notes as drummers of this family play."""
    family = heard.setting.families[heard.genome.family]
    return Bands({"ghosts": family.ghost_share}).fit("ghosts", counted.ghost_share(heard.take))


def fills(heard: Heard) -> float:
    """The section leads on: a fill at its end that grows with what follows, as dense as the groove, down the toms."""
    genome, setting = heard.genome, heard.setting
    last = next((fill for fill in genome.fills if fill.bar == setting.n_bars - 1), None)
    lift, size = setting.context.section.lift, setting.grid.bar_pulses
    wanted = float(np.clip(0.3 + 0.5 * lift + 0.25 * setting.context.section.energy, 0.0, 1.0))
    if last is None:
        return 1.0 - wanted
    length = 1.0 - last.start / size
    toms = sum(voice in TOMS for _, voice in last.hits) / len(last.hits)
    groove = counted.hits_per_bar(heard.take)
    ratio = len(last.hits) / max(groove * length, 0.5)
    loud = [velocity for pulse, velocity in heard.fill_velocity if pulse >= size * last.bar]
    rises = len(loud) > 1 and np.mean(loud[len(loud) // 2 :]) > np.mean(loud[: len(loud) // 2])
    return float(
        0.35 * (1.0 - min(abs(length - wanted), 1.0))
        + 0.25 * max(1.0 - abs(toms - TOM_SHARE) / TOM_TOLERANCE, 0.0)
        + 0.25 * max(1.0 - abs(np.log2(ratio)), 0.0)
        + 0.15 * rises
    )


def kick_cymbal(heard: Heard) -> float | None:
    """Kicks sound together with what keeps time about as often as they do in played drums."""
    if not heard.take.lane("kick").any() or not heard.take.lane("time", "open").any():
        return None
    return band_fit("kick_with_cymbal", counted.kick_with_cymbal(heard.take))


def syncopation(heard: Heard) -> float | None:
    """As much of kick and snare lies off the beat as in played drums; counted in quarters only."""
    if heard.setting.context.meter.denominator != 4 or not heard.take.lane("kick", "snare").any():
        return None
    return band_fit("off_beat", counted.off_beat(heard.take))


def dynamics(heard: Heard) -> float:
    """Loud and soft strokes lie as far apart as on played drums, at the level at hand."""
    return band_fit("velocity_sd", counted.velocity_sd(heard.take) * MEAN_VELOCITY / float(heard.take.velocity.mean()))


def timing(heard: Heard) -> float:
    """Distances from the grid are those of a person."""
    return band_fit("timing_ms", counted.timing_ms(heard.take))


def changes(heard: Heard) -> float | None:
    """Kick or crash mark where the chord changes."""
    places = sorted(heard.setting.changes)
    if len(places) < 2:
        return None
    return float(heard.take.lane("kick", "crash").reshape(-1)[places].mean())


TERMS: dict[str, Term] = {
    term.__name__: term
    for term in (
        backbeat, accents, steadiness, variety, density, ghosts, fills, kick_cymbal, syncopation, dynamics, timing,
        changes,
    )
}  # fmt: skip


def theory_terms(heard: Heard) -> dict[str, float | None]:
    """All terms of one candidate."""
    return {name: term(heard) for name, term in TERMS.items()}


MEASURES = {"hits_per_second": (1.0, 13.0), "off_beat": (0.0, 0.75), "changed_hits": (0.0, 8.0)}


def measures(heard: Heard) -> dict[str, float]:
    """Where a candidate lies, whatever it is worth: the axes of the archive, see `MEASURES` for their range."""
    return {
        "hits_per_second": hits_per_second(heard),
        "off_beat": counted.off_beat(heard.take),
        "changed_hits": _changed(heard.take),
    }


def hits_per_second(heard: Heard) -> float:
    """Everything that is struck, per second."""
    return counted.hits_per_bar(heard.take) / heard.setting.grid.bar_s


def band_fit(name: str, value: float) -> float:
    """Fit to a band of the drum tables."""
    return read_bands(SHIPPED_FILE).fit(name, value)


def _changed(take: Take) -> float:
    """Changed hits for a bar as long as one of 4/4; longer ones may change more."""
    return counted.changed_hits(take) * 16 / max(take.grid.bar_pulses, 8)
