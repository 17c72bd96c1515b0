"""An explanation must be the scorer's own number taken apart, and what it names must be what matters."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi
from whitelight.ontology import Target
from whitelight.origin import read_origin
from whitelight.scoring import ChromaticScorer
from whitelight.scoring.bundle import BundleError
from whitelight.scoring.distributions import (
    LEVELS,
    Distributions,
    Spread,
    distributions_of,
    measure_dataset,
    weighted_quantiles,
)
from whitelight.scoring.explaining import explain, midi_fitness
from whitelight.scoring.scorer import ScoringError

N_NAMED = 8


@pytest.fixture(scope="module")
def catalog(tiny_model: Path) -> Distributions:
    return distributions_of(tiny_model)


@pytest.fixture(scope="module")
def files(tiny: ModuleType) -> list[bytes]:
    rng = np.random.default_rng(7)
    return [write_midi(tiny.clip(quadrant, rng)) for _ in range(6) for quadrant in tiny.CLASSES]


def middle_of(catalog: Distributions) -> np.ndarray:
    everyone = catalog.spread("full")
    assert everyone is not None
    return everyone.median


@pytest.mark.parametrize("velocity", ["full", "free"])
@pytest.mark.parametrize("target", ["Q1", "60% Q1 + 40% Q3", "arousal=high"])
def test_contributions_and_the_usual_are_the_fitness(
    *, scorer: ChromaticScorer, catalog: Distributions, files: list[bytes], target: str, velocity: str
) -> None:
    found = explain(scorer, files[2], target, middle=middle_of(catalog), velocity=velocity)
    scored = scorer.score(files[2], target=target, velocity=velocity)
    assert found.fitness == pytest.approx(scored.fitness, abs=1e-9)
    assert found.usual + found.contributions.sum() == pytest.approx(found.fitness, abs=1e-9)
    assert sum(found.by_group().values()) == pytest.approx(found.contributions.sum(), abs=1e-9)
    unheard = scorer.parts.scaler.uses_velocity
    assert (found.contributions[unheard] == 0).all() == (velocity == "free")
    again = explain(scorer, files[2], target, middle=middle_of(catalog), velocity=velocity)
    assert (again.contributions == found.contributions).all()


def test_what_is_named_moves_the_fitness_more_than_anything_else(
    scorer: ChromaticScorer, catalog: Distributions, files: list[bytes], tiny: ModuleType
) -> None:
    """Put the named descriptors back to the middle, and as many drawn by lot: over many candidates and targets."""
    rng, middle = np.random.default_rng(0), middle_of(catalog)
    named, drawn, said, was = [], [], [], []
    for k, data in enumerate(files):
        goal = Target.parse(tiny.CLASSES[(k + k // 4) % 4], scorer.ontology)
        found = explain(scorer, data, goal, middle=middle)
        usual, piece = scorer.parts.scaler.apply(np.stack([middle, found.values]), np.zeros(2, np.int64), 0)
        moving = np.flatnonzero(found.contributions)
        strongest = found.strongest(N_NAMED)
        rows = np.tile(piece, (22, 1))
        rows[1, strongest] = usual[strongest]
        for row in rows[2:]:
            chosen = rng.choice(moving, N_NAMED, replace=False)
            row[chosen] = usual[chosen]
        fitness = midi_fitness(scorer, rows, goal, view="full", velocity="full")
        named.append(abs(fitness[0] - fitness[1]))
        drawn.append(np.abs(fitness[0] - fitness[2:]).mean())
        said.append(found.contributions[strongest].sum())
        was.append(fitness[0] - fitness[1])
    assert np.mean(named) > 3 * np.mean(drawn)
    assert np.mean(np.array(named) > np.array(drawn)) > 0.8
    assert np.corrcoef(said, was)[0, 1] > 0.7  # descriptors speak together too, so it is not 1


def test_more_orders_say_nothing_else(scorer: ChromaticScorer, catalog: Distributions, files: list[bytes]) -> None:
    """Few orders rank descriptors as many do, and are off by what their errors say."""
    few, many = (explain(scorer, files[0], "Q1", middle=middle_of(catalog), n_pairs=n, seed=n) for n in (8, 64))
    assert np.corrcoef(few.contributions, many.contributions)[0, 1] > 0.9
    moving = many.contributions != 0
    off = np.abs(few.contributions - many.contributions)[moving]
    assert (off < 3 * np.hypot(few.errors, many.errors)[moving] + 1e-9).mean() > 0.9
    assert many.errors.max() < few.errors.max()


def test_a_piece_in_the_very_middle_has_nothing_to_explain(
    scorer: ChromaticScorer, files: list[bytes], catalog: Distributions
) -> None:
    heard = scorer.listener.hear([files[0]]).descriptors[0]
    found = explain(scorer, files[0], "Q1", middle=heard)
    assert found.fitness == found.usual
    assert found.strongest(5) == []
    assert found.by_group() == {}
    assert explain(scorer, files[0], "Q1", middle=middle_of(catalog)).strongest(5)


def test_what_cannot_be_read_is_said(scorer: ChromaticScorer, catalog: Distributions) -> None:
    silent = write_midi(Piece(480, TempoMap.constant(120), midi_tracks=(MidiTrack("p", notes=Notes.empty()),)))
    for data in (b"no midi", silent):
        with pytest.raises(ScoringError):
            explain(scorer, data, "Q1", middle=middle_of(catalog))


# --- how the catalog is spread


@given(
    st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=60),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_shares_agree_with_counting(values: list[float], seed: int) -> None:
    column = np.array(values, np.float32)[:, None]
    spread = Spread(weighted_quantiles(column, np.ones(len(values))))
    assert (np.diff(spread.quantiles[:, 0]) >= 0).all()
    assert spread.shown(0) == tuple(sorted(spread.shown(0)))
    value = float(np.random.default_rng(seed).choice(column[:, 0]))
    below, at_most = (column < value).mean(), (column <= value).mean()
    step = float(LEVELS[1])
    assert below - step - 1e-6 <= spread.share_below(0, value) <= at_most + step + 1e-6
    assert spread.share_below(0, float(column.max()) + 1) == 1
    assert spread.share_below(0, float(column.min()) - 1) == 0


def test_songs_count_equally_and_classes_apart() -> None:
    descriptors = np.array([[0.0], [0.0], [0.0], [10.0], [5.0]], np.float32)
    songs = ["a", "a", "a", "b", "c"]
    label = np.array([0, 0, 0, 0, 1])
    found = Distributions.of_rows(
        descriptors, np.zeros(5, np.int64), label, songs, views=("full", "bass"), classes=("x", "y")
    )
    assert found.n_songs.tolist() == [[2, 1], [0, 0]]
    own = found.spread("full", np.array([1.0, 0.0]))
    assert own is not None
    assert own.quantiles[:, 0].tolist() == [0.0] * 11 + [10.0] * 10  # half of the songs, though a quarter of the rows
    assert found.spread("bass") is None
    everyone = found.spread("full")
    assert everyone is not None
    assert everyone.median[0] == 5.0
    back = Distributions.of_arrays(found.arrays())
    assert back.views == found.views
    assert (back.quantiles == found.quantiles).all()


def test_the_bundle_holds_what_its_dataset_says(tiny_model: Path, catalog: Distributions) -> None:
    dataset = read_origin(tiny_model)
    assert dataset is not None
    measured = measure_dataset(dataset)
    assert (measured.quantiles == catalog.quantiles).all()
    assert (measured.n_songs == catalog.n_songs).all()
    assert (measured.views, measured.classes) == (catalog.views, catalog.classes)


def test_a_bundle_that_does_not_say_needs_its_dataset(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="train again"):
        distributions_of(tmp_path)
