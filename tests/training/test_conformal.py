import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.scoring.conformal import LEVELS, ConformalSets
from whitelight.training.calibration import Conditions
from whitelight.training.conformal import NEVER, fit_conformal, song_threshold


def heard(n_songs: int, seed: int, *, classes: int = 4, per_song: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities that are too sure of themselves, labels, songs; the rows of a song are alike."""
    rng = np.random.default_rng(seed)
    label = np.repeat(np.arange(n_songs) % classes, per_song)
    song = np.repeat(np.arange(n_songs), per_song)
    logits = rng.normal(size=(n_songs, classes))[song] + 0.3 * rng.normal(size=(len(song), classes))
    logits[np.arange(len(song)), label] += 0.5 + 0.5 * label
    p = np.exp(4 * logits)
    return p / p.sum(axis=1, keepdims=True), label, song.astype(str)


def one_condition(song: np.ndarray) -> Conditions:
    return Conditions(np.zeros(len(song), dtype=int), song, (1, 1))


@pytest.mark.parametrize("level", LEVELS)
def test_sets_hold_the_right_class_as_often_as_stated_for_every_class_and_new_songs(level: float) -> None:
    covered = []
    for seed in range(40):
        p, label, song = heard(240, seed)
        fitted = np.isin(song, np.unique(song)[::2])
        sets = ConformalSets(fit_conformal(p[fitted], label[fitted], one_condition(song[fitted]), np.ones(4)))
        inside = sets.members(p[~fitted], 0, 0, level=level)
        covered.append([inside[label[~fitted] == k, k].mean() for k in range(4)])
    mean = np.mean(covered, axis=0)
    assert (mean > level - 0.02).all()
    assert (mean < level + 0.05).all()  # thirty songs of a class are one in thirty-one short of enough


def test_a_class_of_few_songs_shares_the_threshold_of_all_and_an_unheard_one_is_never_in() -> None:
    p, label, song = heard(60, 0)
    few = (label != 3) | np.isin(song, np.unique(song[label == 3])[:5])
    found = fit_conformal(p[few], label[few], one_condition(song[few]), np.array([1.0, 1.0, 1.0, 1.0]))
    own = p[few][np.arange(few.sum()), label[few]]
    assert found[1, 0, 0, 3] == song_threshold(own, song[few], 0.9)
    assert found[1, 0, 0, 0] != found[1, 0, 0, 3]
    unheard = fit_conformal(p, label, one_condition(song), np.array([1.0, 1.0, 1.0, 0.0]))
    assert (unheard[..., 3] == NEVER).all()


def test_with_fewer_songs_than_the_level_needs_everything_is_plausible() -> None:
    p, label, song = heard(8, 0)
    found = fit_conformal(p, label, one_condition(song), np.ones(4))
    assert (found[LEVELS.index(0.9)] == 0).all()
    assert song_threshold(np.full(9, 0.5), np.arange(9).astype(str), 0.9) == 0.5  # nine are enough


def test_a_view_with_enough_songs_has_thresholds_of_its_own() -> None:
    p, label, song = heard(100, 0, per_song=2)
    view = np.tile([0, 1], 100)
    p[view == 1] = 0.25
    found = fit_conformal(p, label, Conditions(view, song, (1, 3)), np.ones(4))
    assert (found[:, 0, 1] == 0.25).all()
    assert (found[:, 0, 0] != found[:, 0, 1]).any()
    assert found.shape == (len(LEVELS), 1, 3, 4)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 15), st.floats(0, 1)), min_size=1, max_size=60), st.sampled_from(LEVELS))
def test_the_song_to_come_counts_as_one_that_is_missed(rows: list[tuple[int, float]], level: float) -> None:
    song, own = np.array([str(s) for s, _ in rows]), np.array([p for _, p in rows])
    found = song_threshold(own, song, level)
    n = len(set(song))
    if n / (n + 1) < level - 1e-12:
        assert found is None
        return
    assert found is not None
    assert (own >= found).mean() * n / (n + 1) >= level - 1e-9
    assert (own > found).mean() * n / (n + 1) < level


def test_a_result_names_them_most_likely_first_and_never_nothing() -> None:
    sets = ConformalSets(np.broadcast_to(np.array([0.3, 0.3, 0.9]), (2, 2, 1, 3)))
    p = np.array([[0.3, 0.4, 0.3], [0.2, 0.1, 0.7]])
    assert sets.names(p, 0, 0, ("a", "b", "c")) == [("b", "a"), ("c",)]
