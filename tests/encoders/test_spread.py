"""Spread and separation: figures with known values, honest about chance, small samples and songs of many rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.encoders.separation import (
    MAX_SONGS,
    N_SHUFFLES,
    SIGNIFICANT,
    best_p,
    comparable_songs,
    measure_separation,
)
from whitelight.encoders.spread import effective_dim, mean_cosine, measure_spread


def songs_of(n_classes, songs_per_class, rows_per_song, dim, *, apart, song_noise=1.0, row_noise=1.0, seed=0):
    """Rows around songs around classes: vectors, song and class of each row."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(0, apart, (n_classes, dim))
    vectors, songs, classes = [], [], []
    for c in range(n_classes):
        for s in range(songs_per_class):
            song = centers[c] + rng.normal(0, song_noise, dim)
            vectors.append(song + rng.normal(0, row_noise, (rows_per_song, dim)))
            songs += [f"{c}/{s}"] * rows_per_song
            classes += [f"class {c}"] * rows_per_song
    return np.float32(np.concatenate(vectors)), songs, classes


def spread(vectors, songs, classes, seed=0):
    return measure_spread(vectors, songs, classes, np.random.default_rng(seed))


def test_classes_that_are_apart_are_told_apart():
    found = spread(*songs_of(4, 6, 5, 20, apart=1.5))
    assert found.separation.silhouette > 0.3
    assert found.separation.hit_rate == 1
    assert found.separation.p == pytest.approx(2 / (N_SHUFFLES + 1))
    assert found.separation.chance == pytest.approx(5 / 23)
    assert found.warning is None
    assert (found.n_rows, found.n_songs, found.n_classes) == (120, 24, 4)


def test_rows_of_one_song_are_no_neighbors():
    """Songs far apart with close rows: by rows everything would be found, by songs nothing is."""
    found = spread(*songs_of(4, 6, 10, 20, apart=0.0, song_noise=3.0, row_noise=0.01, seed=1))
    assert found.separation.p > SIGNIFICANT
    assert "does not separate the classes" in found.warning
    assert "nothing to learn from" in found.warning


def test_vectors_that_mean_nothing_pass_no_more_often_than_they_say():
    passed = [
        spread(*songs_of(3, 8, 2, 10, apart=0.0, seed=seed), seed=seed).separation.is_significant for seed in range(60)
    ]
    assert sum(passed) <= 7  # 3 expected; more than 7 in one of 100 such tests


def test_units_do_not_matter():
    vectors, songs, classes = songs_of(4, 6, 5, 20, apart=1.5)
    scaled = vectors * np.geomspace(1e-3, 1e3, 20, dtype=np.float32) + np.float32(5)
    one, other = spread(vectors, songs, classes), spread(scaled, songs, classes)
    assert other.separation.silhouette == pytest.approx(one.separation.silhouette, abs=1e-3)
    assert other.separation.hit_rate == one.separation.hit_rate
    assert other.effective_dim == pytest.approx(one.effective_dim, rel=1e-3)
    shifted = spread(vectors + np.float32(5), songs, classes)  # the cosine is of vectors as they are
    assert shifted.mean_cosine > one.mean_cosine + 0.3


def test_the_same_seed_gives_the_same_figures():
    given_ = songs_of(3, 5, 2, 8, apart=0.3)
    assert spread(*given_) == spread(*given_)
    assert spread(*given_, seed=1).separation.silhouette == spread(*given_).separation.silhouette


def test_the_figures_of_a_small_example():
    """Two classes on two axes: distances are 0 within and 1 between."""
    means = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 3.0]])
    found = measure_separation(means, np.array(["a", "a", "b", "b"]), np.random.default_rng(0))
    assert found.silhouette == pytest.approx(1)
    assert found.hit_rate == 1
    assert found.chance == pytest.approx(1 / 3)
    assert found.silhouette_p == pytest.approx(1 / 3, abs=0.06)  # three ways to make pairs
    crossed = measure_separation(means, np.array(["a", "b", "a", "b"]), np.random.default_rng(0))
    assert crossed.silhouette == pytest.approx(-0.5)  # own 1, other 1/2
    assert crossed.hit_rate == 0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5))
def test_the_mean_cosine_is_that_of_all_pairs_of_different_songs(seed, sizes):
    rng = np.random.default_rng(seed)
    song_of = np.repeat(np.arange(len(sizes)), sizes)
    rows = rng.normal(size=(len(song_of), 4)) + 1
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = [unit[i] @ unit[j] for i in range(len(rows)) for j in range(len(rows)) if song_of[i] != song_of[j]]
    assert mean_cosine(rows, song_of) == pytest.approx(np.mean(pairs))
    assert mean_cosine(rows, np.zeros(len(rows), np.int64)) is None


@pytest.mark.parametrize("n_rows", [400, 5])
def test_the_effective_dimension_counts_directions(n_rows):
    rng = np.random.default_rng(0)
    rows = np.zeros((400, 12))
    rows[:, 3:6] = rng.normal(size=(400, 3))
    assert effective_dim(rows - rows.mean(axis=0)) == pytest.approx(3, rel=0.05)
    rows[:, 4:6] = 0
    assert effective_dim((rows - rows.mean(axis=0))[:n_rows]) == pytest.approx(1)
    assert effective_dim(np.zeros((n_rows, 3))) is None


def test_what_cannot_be_judged_is_said():
    vectors, songs, classes = songs_of(4, 6, 5, 20, apart=1.5)
    same = spread(np.ones_like(vectors), songs, classes)
    assert same.separation is None
    assert same.effective_dim is None
    assert same.mean_cosine == pytest.approx(1)
    assert same.warning == "all 120 vectors are the same: this encoder says nothing about this dataset"
    nothing = spread(vectors[:0], [], [])
    assert nothing.warning.startswith("no row has a vector")
    assert nothing.mean_cosine is None
    few = spread(*songs_of(2, 4, 5, 20, apart=9.0))
    assert few.separation is None
    assert few.warning.startswith("8 songs in classes of two or more are too few")
    assert spread(*songs_of(2, 5, 1, 20, apart=9.0)).separation.is_significant
    assert spread(*songs_of(4, 2, 1, 20, apart=9.0)).separation is not None
    unknown = spread(vectors, songs, [""] * len(songs))
    assert (unknown.n_songs, unknown.n_classes, unknown.separation) == (0, 0, None)
    assert unknown.effective_dim > 1


def test_the_best_p_of_perfect_classes():
    assert best_p(np.array(["a"] * 4 + ["b"] * 4)) == pytest.approx(1 / 35)
    assert best_p(np.array(["a"] * 3 + ["b"] * 4)) == pytest.approx(1 / 35)
    assert best_p(np.array(["a", "a", "b", "b", "c", "c", "d", "d"])) == pytest.approx(1 / 105)
    assert best_p(np.array(["a"] * 9)) == 1
    assert best_p(np.array([])) == 1
    assert best_p(np.array(["a"] * 50 + ["b"] * 50)) == pytest.approx(1 / (N_SHUFFLES + 1))


def test_songs_alone_in_their_class_and_too_many_songs_are_left_out():
    rng = np.random.default_rng(0)
    label = np.array(["a", "b", "a", "", "c", "b"], dtype=object)
    assert comparable_songs(label, rng).tolist() == [0, 1, 2, 5]
    many = np.array(["a", "b"] * MAX_SONGS, dtype=object)
    assert len(comparable_songs(many, rng)) == MAX_SONGS


def test_clips_with_two_labels_count_for_the_more_frequent_one():
    vectors, songs, classes = songs_of(2, 6, 3, 8, apart=3.0)
    mixed = list(classes)
    mixed[1] = ""  # of the three clips of the first song
    assert spread(vectors, songs, mixed).separation.hit_rate == 1
    mixed[0] = mixed[2] = "class 1"
    found = spread(vectors, songs, mixed)
    assert (found.n_songs, found.n_classes) == (12, 2)
    assert found.separation.hit_rate < 1
