"""A drum part as numbers: which lane is struck at which pulse how hard, and how far from the grid.

The same descriptors are counted on what people played (the bands of `drums.yml`) and on every candidate as it will be
written, so a band and a term never mean two things.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.drums.voices import GHOST_VELOCITY, NAME_OF_NOTE, SNARE_NOTES, lane_of
from whitelight.composition.meter_grid import MeterGrid, meter_grid
from whitelight.composition.timing import STRAIGHT, estimate_swing, straightened
from whitelight.music import BarGrid, Piece

HEARD_LANES = ("kick", "snare", "ghost", "time", "open", "foot", "color", "crash", "tom")
GHOST_SHARE = 0.6  # of the loud strokes of a soft part; below it lie its ghosts
_INDEX = {lane: place for place, lane in enumerate(HEARD_LANES)}
_LANE = np.array([[_INDEX[lane_of(note, 100 * loud)] for note in range(128)] for loud in (0, 1)])


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """What was struck.

    Attributes
    ----------
    struck : shape (lanes, bars, pulses), the velocity of the loudest hit there, 0 where nothing is.
    pitch, pulse, velocity, late_s : of every hit; pulses from the start, seconds after its place on the (swung) grid.
    """

    grid: MeterGrid
    struck: NDArray[np.int16]
    pitch: NDArray[np.int16]
    pulse: NDArray[np.int64]
    velocity: NDArray[np.int16]
    late_s: NDArray[np.float64]
    swing: float

    def lane(self, *names: str) -> NDArray[np.bool_]:
        """Where one of some lanes is struck; shape (bars, pulses)."""
        return np.asarray(self.struck[[_INDEX[name] for name in names]].any(axis=0))

    @property
    def n_bars(self) -> int:
        """Bars it lasts."""
        return int(self.struck.shape[1])


def take_of(
    pitch: NDArray[np.integer],
    velocity: NDArray[np.integer],
    pulses: NDArray[np.int64],
    late_s: NDArray[np.float64],
    *,
    grid: MeterGrid,
    n_bars: int,
    swing: float,
    ghosts_below: float = GHOST_VELOCITY,
) -> Take:
    """Lay hits whose pulse is known into the grid; all columns of one length."""
    struck = np.zeros((len(HEARD_LANES), n_bars, grid.bar_pulses), dtype=np.int16)
    lanes = _LANE[(velocity >= ghosts_below).astype(int), pitch]
    np.maximum.at(struck, (lanes, pulses // grid.bar_pulses, pulses % grid.bar_pulses), velocity.astype(np.int16))
    return Take(grid, struck, pitch.astype(np.int16), pulses, velocity.astype(np.int16), late_s, swing)


def hear_take(piece: Piece) -> Take | None:
    """Read the drums of a file onto the grid of its last meter; None without whole bars that have hits."""
    meter = piece.meter_at(piece.end_tick)
    start = max((change.tick for change in piece.meters if change.meter != meter), default=-1)
    lines = [tick for tick in BarGrid.of(piece).starts(piece.end_tick).tolist() if tick > start]
    notes = piece.all_notes(drums="only")
    if not lines or not len(notes):
        return None
    bar_ticks = meter.bar_ticks(piece.ticks_per_beat)
    tempo_bpm = 60.0 * bar_ticks / piece.ticks_per_beat / float(piece.tempo_map.ticks_to_seconds(bar_ticks))
    grid = meter_grid(meter, float(np.clip(tempo_bpm, 1.0, 4000.0)))
    n_bars = round((piece.end_tick - lines[0]) / bar_ticks)
    ticks = bar_ticks / grid.bar_pulses
    units = (notes.onset_tick - lines[0]) / (ticks * grid.unit_pulses)
    swing = estimate_swing(units) if meter.denominator <= 4 else STRAIGHT
    places = (np.floor(units) + straightened(units % 1.0, swing)) * grid.unit_pulses
    pulses = np.rint(places).astype(np.int64)
    inside = (pulses >= 0) & (pulses < n_bars * grid.bar_pulses)
    if not inside.any():
        return None
    late_s = (places - pulses)[inside] * grid.pulse_s
    pitch, velocity = notes.pitch[inside], notes.velocity[inside]
    below = _ghosts_below(pitch, velocity)
    return take_of(pitch, velocity, pulses[inside], late_s, grid=grid, n_bars=n_bars, swing=swing, ghosts_below=below)


def _ghosts_below(pitch: NDArray[np.int16], velocity: NDArray[np.int16]) -> float:
    """Velocity of a ghost in this part: a soft drummer's backbeat is no ghost."""
    snare = velocity[np.isin(pitch, SNARE_NOTES)]
    return float(min(GHOST_VELOCITY, GHOST_SHARE * np.percentile(snare, 90))) if len(snare) else GHOST_VELOCITY


def beat_lanes(take: Take) -> NDArray[np.bool_]:
    """Kick and snare as one row per bar, without ghosts."""
    return np.concatenate([take.lane("kick"), take.lane("snare")], axis=1)


def hits_per_bar(take: Take) -> float:
    """Everything that is struck."""
    return len(take.velocity) / take.n_bars


def changed_hits(take: Take) -> float:
    """Kick and snare hits in which a bar differs from the one before it."""
    rows = beat_lanes(take)
    return float((rows[1:] != rows[:-1]).sum(axis=1).mean()) if len(rows) > 1 else 0.0


def own_bars(take: Take) -> float:
    """Share of bars with their own kick and snare pattern."""
    return len({row.tobytes() for row in beat_lanes(take)}) / take.n_bars


def ghost_share(take: Take) -> float:
    """Share of snare hits that are ghosts."""
    ghosts, hits = take.lane("ghost").sum(), take.lane("ghost", "snare").sum()
    return float(ghosts / max(hits, 1))


def kick_with_cymbal(take: Take) -> float:
    """Share of kicks that sound together with a cymbal or what keeps time in its place."""
    kicks = take.lane("kick")
    return float((kicks & take.lane("time", "open", "crash", "foot")).sum() / max(kicks.sum(), 1))


def off_beat(take: Take) -> float:
    """Share of kick and snare hits that lie inside a unit of the meter."""
    rows = take.lane("kick", "snare")
    inside = np.array(take.grid.weights) == 0
    return float(rows[:, inside].sum() / max(rows.sum(), 1))


def velocity_sd(take: Take) -> float:
    """Standard deviation of all velocities."""
    return float(take.velocity.std())


def timing_ms(take: Take) -> float:
    """Standard deviation of the distance from the grid, milliseconds."""
    return float(take.late_s.std() * 1e3)


def cymbal_name(pitches: Sequence[int]) -> str:
    """Name of what keeps time most, "" when nothing does."""
    counts: dict[str, int] = {}
    for pitch in pitches:
        if lane_of(pitch, 100) == "time":
            name = NAME_OF_NOTE.get(pitch, "hat")
            counts[name] = counts.get(name, 0) + 1
    return max(sorted(counts), key=lambda name: counts[name]) if counts else ""
