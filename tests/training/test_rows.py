import numpy as np
import pytest

from whitelight.training.rows import ABSENT, Rows, training_weights


def rows_of(groups: list[str], labels: list[int]) -> Rows:
    n = len(groups)
    names = np.array(groups, dtype=object)
    return Rows(
        row_id=np.array([f"{g}/{i}" for i, g in enumerate(groups)], dtype=object),
        segment_id=names,
        song_id=names,
        group_id=names,
        split=np.array([""] * n, dtype=object),
        view=np.zeros(n, dtype=np.int64),
        label=np.array(labels),
        has_midi=np.ones(n, dtype=np.bool_),
        descriptors=np.zeros((n, 3), dtype=np.float32),
        audio=ABSENT,
        lyric=ABSENT,
        concept=ABSENT,
    )


def test_classes_count_equally_and_songs_by_the_root_of_their_rows() -> None:
    rows = rows_of(["a"] * 4 + ["b"] + ["c"] * 9, [0] * 5 + [1] * 9)
    weights = training_weights(rows, np.ones(14, dtype=np.bool_), 0, 0.4)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[:5].sum() == pytest.approx(0.5)
    assert weights[:4].sum() == pytest.approx(2 * weights[4])


def test_rows_that_are_not_used_weigh_nothing() -> None:
    rows = rows_of(["a", "a", "b", "b"], [0, 0, 1, 1])
    used = np.array([True, False, True, True])
    weights = training_weights(rows, used, 0, 0.4)
    assert weights[1] == 0
    assert weights.sum() == pytest.approx(1.0)
    assert not training_weights(rows, np.zeros(4, dtype=np.bool_), 0, 0.4).any()
