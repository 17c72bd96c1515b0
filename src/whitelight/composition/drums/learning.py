"""Hearing how a catalog plays its drums: hit probabilities, kit, layer, backbeat, swing and ghosts of each part.

Statistics, never copied bars: a row of a table is shrunk toward the shipped family nearest to it, so a part that repeats
one bar still leaves room, and every candidate draws its own hits.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.drums.accents import backbeats, layers, table_places
from whitelight.composition.drums.kits import Family, Table, shipped_families
from whitelight.composition.drums.style import DrumStyle
from whitelight.composition.drums.take import Take, cymbal_name, ghost_share, hear_take
from whitelight.composition.drums.voices import NAME_OF_NOTE, TOMS, lane_of
from whitelight.composition.timing import STRAIGHT
from whitelight.dataset import Dataset
from whitelight.music import Meter, Piece, read_midi

KIT_LANES = ("kick", "snare", "ghost", "open", "foot")
MIN_BARS = 2  # fewer say nothing about a part
PRIOR_BARS = 1.0  # bars of the part that weigh as much as the shipped table
MIN_BACKBEAT, MIN_LAYER = 0.4, 0.35  # snare on a plan's places; agreement of a layer with what keeps time
MIN_COLOR = 0.4  # hits per bar of a voice beside the kit that make it a lane
MIN_TOMS, PLAIN_FILL = 0.1, 0.5  # toms per bar that show fills; size of fills where none are heard
OWN_STEER = 0.35  # energy moves a learned part a little: it was played at some energy


def learn_drums(pieces: Iterable[Piece], *, family: str = "") -> DrumStyle | None:
    """Hear how drums are played; None when no piece has `MIN_BARS` bars of them.

    Parameters
    ----------
    pieces : drum parts, or whole songs, whose other parts are not heard; each is a part of its own.
    family : shipped family for the candidates that do not play as the catalog does.
    """
    return learn_parts(([piece] for piece in pieces), family=family)


def learn_parts(parts: Iterable[Sequence[Piece]], *, family: str = "") -> DrumStyle | None:
    """Hear drums of which several pieces are one part, as the segments of a song are; see `learn_drums`."""
    families: list[Family] = []
    n_bars = 0
    for pieces in parts:
        by_meter: dict[Meter, list[Take]] = {}
        for piece in pieces:
            take = hear_take(piece)
            if take is not None:
                by_meter.setdefault(piece.meter_at(piece.end_tick), []).append(take)
        for meter, takes in by_meter.items():
            take = _joined(takes)
            if take.n_bars >= MIN_BARS:
                families.append(_family(f"own {len(families) + 1}", take, meter))
                n_bars += take.n_bars
    return DrumStyle(tuple(families), n_bars, family) if families else None


def drum_style_of_classes(dataset: Path, class_names: Collection[str], *, family: str = "") -> DrumStyle | None:
    """Listen to the drum view of the songs of some classes; to all songs when there are none of them.

    Parameters
    ----------
    dataset : folder of a built dataset; songs without drums add nothing.
    """
    source = Dataset.open(dataset)
    song_ids = [s for s, record in source.manifest.songs.items() if record.class_name in class_names]
    rows = source.rows(["row_id", "song_id"], views=["drums"], song_ids=song_ids or None).to_pydict()
    songs: dict[str, list[str]] = {}
    for row_id, song_id in zip(rows["row_id"], rows["song_id"], strict=True):
        songs.setdefault(song_id, []).append(row_id)
    parts = ([read_midi(midi) for _, midi in source.media(row_ids)] for row_ids in songs.values())
    return learn_parts(parts, family=family)


def _joined(takes: Sequence[Take]) -> Take:
    """Takes in one meter as one, without the bars in which nothing is struck."""
    first = takes[0]
    size, struck, pulses, before = first.grid.bar_pulses, [], [], 0
    for take in takes:
        full = take.struck.any(axis=(0, 2))
        struck.append(take.struck[:, full])
        place = np.cumsum(full) - 1
        pulses.append((before + place[take.pulse // size]) * size + take.pulse % size)
        before += int(full.sum())
    return Take(
        grid=first.grid,
        struck=np.concatenate(struck, axis=1),
        pitch=np.concatenate([take.pitch for take in takes]),
        pulse=np.concatenate(pulses),
        velocity=np.concatenate([take.velocity for take in takes]),
        late_s=np.concatenate([take.late_s for take in takes]),
        swing=float(np.median([take.swing for take in takes])),
    )


def _family(name: str, take: Take, meter: Meter) -> Family:
    plan, places = _plan(take)
    time = cymbal_name(take.pitch.tolist()) or "hat"
    color, color_row = _color(take, time)
    table = {**_table(take, places), "color": tuple(color_row.tolist())}
    share, toms = ghost_share(take), float(take.lane("tom").sum()) / take.n_bars
    return Family(
        name=name,
        words=(),
        tempo_bpm=(1.0, 4000.0),
        energy=(0.0, 1.0),
        snare=_snares(take.pitch.tolist()),
        time={time: 1.0},
        color={color: 1.0} if color else {},
        color_rate=1.0 if color else 0.0,
        layers={_layer(take): 1.0},
        backbeat={plan: 1.0},
        ghost_share=(max(share - 0.3, 0.0), max(share - 0.1, 0.0), share, share + 0.1, share + 0.3),
        swing_share=float(take.swing != STRAIGHT),
        swing=(take.swing, take.swing),
        level=0,
        table=table,
        meter=str(meter),
        steer=OWN_STEER,
        hits_per_s=len(take.pitch) / take.n_bars / take.grid.bar_s,
        fill=1.0 if toms >= MIN_TOMS and color not in TOMS else PLAIN_FILL,
        is_own=True,
    )


def _plan(take: Take) -> tuple[str, tuple[int, ...]]:
    """The backbeat that the snare keeps, "none" when it keeps none."""
    snare = take.lane("snare").mean(axis=0)
    plans = {name: places for name, places in backbeats(take.grid).items() if places}
    kept = {name: float(snare[list(places)].min()) for name, places in plans.items()}
    best = max(kept, key=lambda name: (kept[name] > MIN_BACKBEAT, len(plans[name]), kept[name])) if kept else "none"
    return (best, plans[best]) if kept and kept[best] > MIN_BACKBEAT else ("none", ())


def _layer(take: Take) -> str:
    """The layer that agrees best with what keeps time (F-measure), "none" when nothing does."""
    rate = take.lane("time", "open").mean(axis=0)
    best, most = "none", MIN_LAYER
    for name, places in layers(take.grid).items():
        inside = float(rate[list(places)].sum())
        fit = 2 * inside / (len(places) + float(rate.sum()))
        if fit > most + 1e-9:
            best, most = name, fit
    return best


def _table(take: Take, backbeat: tuple[int, ...]) -> Table:
    """Share of bars that strike a pulse, shrunk toward the nearest shipped family."""
    counts = {lane: take.lane(lane).sum(axis=0).astype(np.float64) for lane in KIT_LANES}
    places = table_places(take.grid, backbeat)
    own = np.concatenate([counts[lane] / take.n_bars for lane in ("kick", "snare")])
    priors = {name: _placed(family, places) for name, family in shipped_families().items()}
    nearest = min(priors, key=lambda name: float(np.abs(_beat(priors[name]) - own).sum()))
    prior, total = priors[nearest], take.n_bars + PRIOR_BARS
    return {lane: tuple(((counts[lane] + PRIOR_BARS * prior[lane]) / total).tolist()) for lane in KIT_LANES}


def _placed(family: Family, places: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    return {lane: np.array(family.table[lane])[places] for lane in KIT_LANES}


def _beat(table: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([table["kick"], table["snare"]])


def _snares(pitches: Sequence[int]) -> dict[str, float]:
    """What plays the snare lane, by share."""
    names = [NAME_OF_NOTE[pitch] for pitch in pitches if lane_of(pitch, 100) == "snare"]
    return {name: names.count(name) / len(names) for name in sorted(set(names))} or {"snare": 1.0}


def _color(take: Take, time: str) -> tuple[str, NDArray[np.float64]]:
    """The voice beside the kit that is struck most, "" when none is; and the share of bars in which it is, per pulse.

    A second thing that keeps time is such a voice, and so are toms when they belong to the groove.
    """
    kit = {"kick", "snare", "stick", "clap", "open", "foot", "crash", time}
    names = np.array([NAME_OF_NOTE.get(pitch, "") for pitch in take.pitch.tolist()])
    size = take.grid.bar_pulses
    counts = {str(name): int((names == name).sum()) for name in sorted(set(names)) if name and name not in kit}
    best = max(counts, key=lambda name: counts[name], default="")
    if not best or counts[best] < MIN_COLOR * take.n_bars:
        return "", np.zeros(size)
    hits = np.unique(take.pulse[names == best])
    return best, np.bincount(hits % size, minlength=size) / take.n_bars
