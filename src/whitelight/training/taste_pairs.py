"""Judgements as comparisons: of one song, stage and section, each liked candidate beside each that was not.

What all candidates of a section share (tempo, key, energy, the song itself) cancels in a comparison, so a taste can
only learn what a search can change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.descriptors.encoder import DESCRIPTORS
from whitelight.scoring.heads import Array
from whitelight.scoring.taste import REACH, Judgement, features_of

MOST_PAIRS = 400  # of one section; of more as many are drawn
STAGE_OWN = 0.7  # how far a stage may differ from what all stages share, against what they share
# what an ear names: pace, density, register, steps, harmony, touch, groove; few enough for a hundred judgements
AUDIBLE = (
    "note_rate_log", "chord_rate_log", "note_rate_cell_deviation", "voices_mean", "silence", "chord_size_mean",
    "ioi_deviation", "ioi_entropy", "ioi_variability", "ioi_repeated", "syncopation", "beat_position_beat",
    "pitch_mean", "pitch_range", "pitch_deviation", "chord_width", "pitch_variety", "melody_interval_mean",
    "melody_turning", "melody_rising", "melody_repeated_pairs", "bass_pitch", "bass_rate_log", "bass_interval_mean",
    "melody_over_bass", "length_mean", "legato", "staccato", "held_over", "key_major_minus_minor", "chroma_entropy",
    "collection_fit", "harmonic_distance", "chord_change", "sounding_classes", "chord_similarity_major_seventh",
    "chord_similarity_minor_seventh", "chord_similarity_dominant_seventh", "chord_similarity_suspended",
    "chord_similarity_diminished", "drum_rate_log", "drum_together", "drum_kick_rate", "drum_snare_rate",
    "drum_cymbal_rate", "drum_share_open_hat", "drum_share_ride", "drum_share_tom", "drum_swing",
    "drum_step_entropy", "drum_repetition",
)  # fmt: skip
SMALLEST_SPREAD = 1e-3  # of the size of the middle; features that vary less inside sections say nothing


@dataclass(frozen=True, slots=True)
class Scale:
    """Middle and spread of the features of one stage; spread 0 where a feature says nothing."""

    middle: Array
    spread: Array

    def apply(self, features: Array) -> Array:
        """Return features in spreads from the middle, 0 where nothing is known or said."""
        known = self.spread > 0
        scaled = np.where(known, (features - self.middle) / np.where(known, self.spread, 1.0), 0.0)
        return np.asarray(np.clip(np.nan_to_num(scaled), -REACH, REACH))


@dataclass(frozen=True, slots=True)
class Table:
    """Judged candidates as rows.

    Attributes
    ----------
    features : (n, n_columns), the audible descriptors, then every term of every stage; NaN where unknown.
    liked, blind : (n,) bool. song, stage : (n,) index. section : (n,) index of song, stage and section together.
    songs, stages, terms : names; a term is (stage, name).
    """

    features: Array
    liked: NDArray[np.bool_]
    blind: NDArray[np.bool_]
    song: NDArray[np.int64]
    stage: NDArray[np.int64]
    section: NDArray[np.int64]
    songs: tuple[str, ...]
    stages: tuple[str, ...]
    terms: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, judged: Sequence[Judgement]) -> "Table":
        """Describe what was judged."""
        songs, stages = (tuple(dict.fromkeys(getattr(one, name) for one in judged)) for name in ("song", "stage"))
        parts = list(dict.fromkeys((one.song, one.stage, one.section) for one in judged))
        terms = tuple(sorted({(one.stage, name) for one in judged for name in one.terms}))
        notes = features_of([one.music for one in judged], [{}] * len(judged), AUDIBLE, ())
        measured = np.array([[_term(one, *term) for term in terms] for one in judged]).reshape(len(judged), len(terms))
        return cls(
            features=np.concatenate([notes, measured], axis=1),
            liked=np.array([one.liked for one in judged], np.bool_),
            blind=np.array([one.blind for one in judged], np.bool_),
            song=np.array([songs.index(one.song) for one in judged], np.int64),
            stage=np.array([stages.index(one.stage) for one in judged], np.int64),
            section=np.array([parts.index((one.song, one.stage, one.section)) for one in judged], np.int64),
            songs=songs,
            stages=stages,
            terms=terms,
        )

    def scale(self, stage: int, used: NDArray[np.bool_]) -> Scale:
        """Measure one stage on some rows: the spread is that inside sections."""
        chosen = used & (self.stage == stage)
        values, section = self.features[chosen], self.section[chosen]
        if not chosen.any():
            return Scale(np.zeros(values.shape[1]), np.zeros(values.shape[1]))
        known = ~np.isnan(values)
        count = np.maximum(known.sum(axis=0), 1)
        middle = np.where(known, values, 0.0).sum(axis=0) / count
        apart = np.zeros(values.shape[1])
        for each in np.unique(section):
            rows = values[section == each]
            here = ~np.isnan(rows)
            own = np.where(here, rows, 0.0).sum(axis=0) / np.maximum(here.sum(axis=0), 1)
            apart += (np.where(here, rows - own, 0.0) ** 2).sum(axis=0)
        spread = np.sqrt(apart / count)
        return Scale(middle, np.where(spread > SMALLEST_SPREAD * (1.0 + np.abs(middle)), spread, 0.0))

    def columns(self, stage: int) -> NDArray[np.int64]:
        """Columns that one stage has: every descriptor, and its own terms."""
        own = [len(AUDIBLE) + k for k, (name, _) in enumerate(self.terms) if name == self.stages[stage]]
        return np.array([*range(len(AUDIBLE)), *own], np.int64)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Comparisons: rows of a table.

    Attributes
    ----------
    liked, other : (n_pairs,) rows. weight : (n_pairs,); a section counts by its judgements less one, not by its pairs.
    """

    liked: NDArray[np.int64]
    other: NDArray[np.int64]
    weight: Array

    @classmethod
    def of(cls, table: Table, used: NDArray[np.bool_], rng: np.random.Generator) -> "Pairs":
        """Compare within every section that has both kinds."""
        found: list[tuple[NDArray[np.int64], NDArray[np.int64], Array]] = []
        for section in np.unique(table.section[used]):
            rows = np.flatnonzero(used & (table.section == section))
            yes, no = rows[table.liked[rows]], rows[~table.liked[rows]]
            if not len(yes) or not len(no):
                continue
            pairs = np.stack(np.meshgrid(yes, no, indexing="ij"), axis=-1).reshape(-1, 2)
            if len(pairs) > MOST_PAIRS:
                pairs = pairs[np.sort(rng.choice(len(pairs), MOST_PAIRS, replace=False))]
            found.append((pairs[:, 0], pairs[:, 1], np.full(len(pairs), (len(rows) - 1) / len(pairs))))
        if not found:
            nothing = np.zeros(0, np.int64)
            return cls(nothing, nothing, np.zeros(0))
        return cls(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def design(table: Table, scales: Sequence[Scale]) -> Array:
    """Return rows as the model reads them, (n, n_descriptors + n_stages · n_columns): what stages share, then their own."""
    n_shared, n_columns = len(AUDIBLE), table.features.shape[1]
    found = np.zeros((len(table.liked), n_shared + len(table.stages) * n_columns))
    for stage in range(len(table.stages)):
        rows = np.flatnonzero(table.stage == stage)
        scaled = scales[stage].apply(table.features[rows])
        own = np.zeros(n_columns)
        own[table.columns(stage)] = STAGE_OWN
        found[rows, :n_shared] = scaled[:, :n_shared]
        start = n_shared + stage * n_columns
        found[rows, start : start + n_columns] = scaled * own
    return found


def stage_weights(table: Table, coefficients: Array, stage: int) -> Array:
    """Return the weight of every column in one stage, (n_columns,), from those of the design."""
    n_shared, n_columns = len(AUDIBLE), table.features.shape[1]
    start = n_shared + stage * n_columns
    weight = STAGE_OWN * coefficients[start : start + n_columns]
    weight[:n_shared] += coefficients[:n_shared]
    return np.asarray(weight)


def _term(one: Judgement, stage: str, name: str) -> float:
    return float(one.terms.get(name, np.nan)) if one.stage == stage else float("nan")


assert {d.name for d in DESCRIPTORS if not d.uses_velocity} >= set(AUDIBLE)
