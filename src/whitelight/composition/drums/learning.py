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
from whitelight.composition.drums.setting import DRAWN_LANES
from whitelight.composition.drums.style import DrumStyle
from whitelight.composition.drums.take import Take, cymbal_name, ghost_share, hear_take
from whitelight.composition.drums.voices import NAME_OF_NOTE, lane_of
from whitelight.dataset import Dataset
from whitelight.music import Meter, Piece, read_midi

MIN_BARS = 2  # fewer say nothing about a part
PRIOR_BARS = 2.0  # bars of the part that weigh as much as the shipped table
MIN_BACKBEAT, MIN_LAYER = 0.4, 0.35  # snare on a plan's places; agreement of a layer with what keeps time
OWN_STEER = 0.35  # energy moves a learned part a little: it was played at some energy


def learn_drums(pieces: Iterable[Piece], *, family: str = "") -> DrumStyle | None:
    """Hear how drums are played; None when no piece has `MIN_BARS` bars of them.

    Parameters
    ----------
    pieces : drum parts, or whole songs, whose other parts are not heard.
    family : shipped family for the candidates that do not play as the catalog does.
    """
    families: list[Family] = []
    n_bars = 0
    for piece in pieces:
        take = hear_take(piece)
        if take is None or take.n_bars < MIN_BARS:
            continue
        played = int(take.struck.any(axis=(0, 2)).sum())
        if played < MIN_BARS:
            continue
        meter = piece.meter_at(piece.end_tick)
        families.append(_family(f"own {len(families) + 1}", take, piece, meter))
        n_bars += played
    return DrumStyle(tuple(families), n_bars, family) if families else None


def drum_style_of_classes(dataset: Path, class_names: Collection[str], *, family: str = "") -> DrumStyle | None:
    """Listen to the drum view of the songs of some classes; to all songs when there are none of them.

    Parameters
    ----------
    dataset : folder of a built dataset; songs without drums add nothing.
    """
    source = Dataset.open(dataset)
    song_ids = [s for s, record in source.manifest.songs.items() if record.class_name in class_names]
    rows = source.rows(["row_id"], views=["drums"], song_ids=song_ids or None).to_pydict()
    return learn_drums((read_midi(midi) for _, midi in source.media(rows["row_id"])), family=family)


def _family(name: str, take: Take, piece: Piece, meter: Meter) -> Family:
    take = _trimmed(take)
    notes = piece.all_notes(drums="only")
    plan, places = _plan(take)
    time = cymbal_name(notes.pitch.tolist()) or "hat"
    color, rate = _color(notes.pitch.tolist(), notes.velocity.tolist())
    share = ghost_share(take)
    return Family(
        name=name,
        words=(),
        tempo_bpm=(1.0, 4000.0),
        energy=(0.0, 1.0),
        snare=_snares(notes.pitch.tolist()),
        time={time: 1.0},
        color=color,
        color_rate=rate,
        layers={_layer(take): 1.0},
        backbeat={plan: 1.0},
        ghost_share=(max(share - 0.3, 0.0), max(share - 0.1, 0.0), share, share + 0.1, share + 0.3),
        swing_share=float(take.swing != 0.5),
        swing=(take.swing, take.swing),
        level=0,
        table=_table(take, places),
        meter=str(meter),
        steer=OWN_STEER,
    )


def _trimmed(take: Take) -> Take:
    """Without the bars in which nothing is struck."""
    full = take.struck.any(axis=(0, 2))
    return Take(take.grid, take.struck[:, full], take.velocity, take.late_s, take.swing)


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
    counts = {lane: take.lane(lane).sum(axis=0).astype(np.float64) for lane in DRAWN_LANES}
    places = table_places(take.grid, backbeat)
    own = np.concatenate([counts[lane] / take.n_bars for lane in ("kick", "snare")])
    priors = {name: _placed(family, places) for name, family in shipped_families().items()}
    nearest = min(priors, key=lambda name: float(np.abs(_beat(priors[name]) - own).sum()))
    prior, total = priors[nearest], take.n_bars + PRIOR_BARS
    return {lane: tuple(((counts[lane] + PRIOR_BARS * prior[lane]) / total).tolist()) for lane in DRAWN_LANES}


def _placed(family: Family, places: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    return {lane: np.array(family.table[lane])[places] for lane in DRAWN_LANES}


def _beat(table: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([table["kick"], table["snare"]])


def _snares(pitches: Sequence[int]) -> dict[str, float]:
    """What plays the snare lane, by share."""
    names = [NAME_OF_NOTE[pitch] for pitch in pitches if lane_of(pitch, 100) == "snare"]
    return {name: names.count(name) / len(names) for name in sorted(set(names))} or {"snare": 1.0}


def _color(pitches: Sequence[int], velocities: Sequence[int]) -> tuple[dict[str, float], float]:
    """Percussion beside the kit, by share, and whether there is enough of it to be a lane."""
    pairs = zip(pitches, velocities, strict=True)
    names = [NAME_OF_NOTE[pitch] for pitch, loud in pairs if lane_of(pitch, loud) == "color" and pitch in NAME_OF_NOTE]
    share = len(names) / max(len(pitches), 1)
    return {name: names.count(name) / len(names) for name in sorted(set(names))}, min(5.0 * share, 1.0)
