import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.training.splits import (
    ALWAYS_TRAIN,
    SplitError,
    grouped_folds,
    grouped_split,
    leaky_folds,
    song_weights,
    split_by_column,
    usable_folds,
)

SONGS = [f"song{i}" for i in range(40) for _ in range(3)]
LABELS = [i % 4 for i in range(40) for _ in range(3)]


def sides(groups: list[str], fold: np.ndarray) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for group, index in zip(groups, fold, strict=True):
        found.setdefault(group, set()).add(int(index))
    return found


def test_every_fold_has_its_share_of_every_class() -> None:
    fold = grouped_folds(SONGS, LABELS, n_folds=5, rng=np.random.default_rng(0))
    for index in range(5):
        assert np.bincount(np.array(LABELS)[fold == index]).tolist() == [6, 6, 6, 6]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=4, max_size=60),
    st.integers(2, 5),
    st.integers(0, 5),
)
def test_songs_stay_whole_even_when_their_clips_carry_several_labels(
    rows: list[tuple[int, int]], n_folds: int, seed: int
) -> None:
    groups, labels = [f"g{g}" for g, _ in rows], [k for _, k in rows]
    fold = grouped_folds(groups, labels, n_folds=n_folds, rng=np.random.default_rng(seed))
    assert all(len(found) == 1 for found in sides(groups, fold).values())
    assert set(fold) <= set(range(n_folds)) | {ALWAYS_TRAIN}
    for label in set(labels):
        if len({g for g, k in rows if k == label}) == 1:
            assert all(f == ALWAYS_TRAIN for f, k in zip(fold, labels, strict=True) if k == label)


def test_the_same_seed_deals_the_same_folds_and_another_one_differs() -> None:
    deal = [grouped_folds(SONGS, LABELS, n_folds=5, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert (deal[0] == deal[1]).all()
    assert (deal[0] != deal[2]).any()


def test_grouped_split_holds_out_about_the_share_asked_for() -> None:
    held_out = grouped_split(SONGS, LABELS, held_out=0.2, rng=np.random.default_rng(0))
    assert held_out.mean() == pytest.approx(0.2)
    assert all(len(found) == 1 for found in sides(SONGS, held_out).values())
    with pytest.raises(SplitError, match=r"at most 0\.5"):
        grouped_split(SONGS, LABELS, held_out=0.9, rng=np.random.default_rng(0))


def test_leaky_folds_tear_songs_apart() -> None:
    fold = leaky_folds(len(SONGS), n_folds=5, rng=np.random.default_rng(0))
    assert any(len(found) > 1 for found in sides(SONGS, fold).values())


def test_a_split_column_names_its_held_out_parts() -> None:
    split = split_by_column(["train", "val", "train", "test"], list("abcd"), column="split")
    assert split.train.tolist() == [True, False, True, False]
    assert {name: mask.tolist() for name, mask in split.held_out.items()} == {
        "test": [False, False, False, True],
        "val": [False, True, False, False],
    }


def test_a_split_column_without_train_or_with_a_torn_song_is_refused() -> None:
    with pytest.raises(SplitError, match="expected some rows 'train'"):
        split_by_column(["", "val"], ["a", "b"], column="split")
    with pytest.raises(SplitError, match="song 'a' is in both"):
        split_by_column(["train", "val"], ["a", "a"], column="split")


def test_folds_never_outnumber_the_songs_of_the_largest_class() -> None:
    assert usable_folds(SONGS, LABELS, 5) == 5
    assert usable_folds(["a", "b", "c", "d"], [0, 0, 1, 1], 5) == 2
    with pytest.raises(SplitError, match="expected at least 2"):
        grouped_folds(SONGS, LABELS, n_folds=1, rng=np.random.default_rng(0))


def test_songs_weigh_the_same_however_long_they_are() -> None:
    weights = song_weights(["a", "a", "a", "b"])
    assert weights.tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])
