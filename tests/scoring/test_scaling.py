import numpy as np
import pytest

from whitelight.scoring.scaling import CLIP, Familiarity, Scaler

SCALER = Scaler(
    mean=np.array([[0.0, 10.0], [5.0, 20.0]], dtype=np.float32),
    scale=np.array([[1.0, 2.0], [1.0, 4.0]], dtype=np.float32),
    uses_velocity=np.array([False, True]),
)
ROWS = np.array([[1.0, 12.0], [5.0, 12.0], [1000.0, 10.0]], dtype=np.float32)


def test_each_view_has_its_own_scale_and_extremes_are_clipped() -> None:
    found = SCALER.apply(ROWS, np.array([0, 1, 0]), 0)
    assert found.tolist() == [[1.0, 1.0], [0.0, -2.0], [CLIP, 0.0]]


def test_velocity_free_looks_at_nothing_loudness_tells() -> None:
    louder = ROWS + np.array([0.0, 5.0], dtype=np.float32)
    assert (SCALER.apply(ROWS, np.zeros(3, int), 1) == SCALER.apply(louder, np.zeros(3, int), 1)).all()
    assert (SCALER.apply(ROWS, np.zeros(3, int), 0) != SCALER.apply(louder, np.zeros(3, int), 0)).any()


def test_novelty_grows_with_distance_and_approaches_one() -> None:
    familiarity = Familiarity(np.linspace(1, 3, 21)[None, None, :])
    found = familiarity.novelty(np.array([0.5, 1.5, 2.0, 3.0, 6.0, 1e6]), 0, 0)
    assert (np.diff(found) > 0).all()
    assert found[2] == pytest.approx(0.5)
    assert 0 < found[0] < 0.05
    assert 0.999 < found[-1] <= 1
