"""Entropies, Dirichlet distributions and figures against numbers known by other means."""

import numpy as np
import pytest
import torch

from whitelight.training.metrics import auc
from whitelight.training.uncertainty import tempered
from whitelight.training.uncertainty.evidential import (
    dirichlet_uncertainty,
    divergence_from_nothing,
    evidential_loss,
)
from whitelight.training.uncertainty.figures import Foreign, Judged, measured
from whitelight.training.uncertainty.interface import decomposed, entropy


def test_voices_that_agree_leave_only_aleatoric_doubt() -> None:
    found = decomposed(np.tile([[[0.5, 0.5], [0.9, 0.1]]], (4, 1, 1)))
    assert found.epistemic == pytest.approx([0, 0], abs=1e-12)
    assert found.aleatoric[0] == pytest.approx(np.log(2))


def test_voices_that_are_sure_of_different_things_leave_only_epistemic_doubt() -> None:
    found = decomposed(np.array([[[1.0, 0.0]], [[0.0, 1.0]]]))
    assert found.total == pytest.approx(np.log(2))
    assert found.aleatoric == pytest.approx(0, abs=1e-9)
    assert found.epistemic == pytest.approx(np.log(2))
    assert found.probabilities[0] == pytest.approx([0.5, 0.5])


def test_entropy_is_largest_where_everything_is_as_likely() -> None:
    assert entropy(np.array([[1.0, 0, 0, 0], [0.25] * 4])) == pytest.approx([0, np.log(4)], abs=1e-9)


def test_no_evidence_is_all_vacuity_and_much_evidence_none() -> None:
    found = dirichlet_uncertainty(np.array([[1.0, 1, 1, 1], [1e6, 1e6, 1, 1]]))
    assert found.novelty == pytest.approx([1, 0], abs=1e-5)
    assert found.total[0] == pytest.approx(np.log(4))
    assert found.total[1] == pytest.approx(found.aleatoric[1], abs=1e-4)
    assert found.total[1] == pytest.approx(np.log(2), abs=1e-4)


def test_the_expected_entropy_is_that_of_drawn_probabilities() -> None:
    alpha = np.array([[0.7, 2.0, 5.0]])
    drawn = np.random.default_rng(0).dirichlet(alpha[0], size=200_000)
    assert dirichlet_uncertainty(alpha).aleatoric[0] == pytest.approx(entropy(drawn).mean(), abs=2e-3)


def test_the_expected_squared_error_is_that_of_drawn_probabilities() -> None:
    alpha, target = np.array([0.7, 2.0, 5.0]), np.array([0.0, 1.0, 0.0])
    drawn = np.random.default_rng(0).dirichlet(alpha, size=400_000)
    found = evidential_loss(torch.tensor(alpha)[None], torch.tensor(target)[None], 0.0)
    assert float(found) == pytest.approx(((drawn - target) ** 2).sum(axis=1).mean(), abs=3e-3)


def test_divergence_is_that_of_torch() -> None:
    alpha = torch.tensor([[0.7, 2.0, 5.0], [1.0, 1.0, 1.0]], dtype=torch.float64)
    expected = torch.distributions.kl_divergence(
        torch.distributions.Dirichlet(alpha), torch.distributions.Dirichlet(torch.ones(2, 3, dtype=torch.float64))
    )
    assert torch.allclose(divergence_from_nothing(alpha), expected)


def test_only_misleading_evidence_is_punished_by_divergence() -> None:
    target = torch.tensor([[1.0, 0.0]])
    right, wrong = torch.tensor([[9.0, 1.0]]), torch.tensor([[1.0, 9.0]])
    gain = [float(evidential_loss(a, target, 1.0) - evidential_loss(a, target, 0.0)) for a in (right, wrong)]
    assert gain[0] == pytest.approx(0, abs=1e-6)
    assert gain[1] > 1


def test_a_temperature_above_one_flattens_and_keeps_the_order() -> None:
    p = np.array([[0.7, 0.2, 0.1]])
    flat = tempered(p, 2.0)
    assert flat.sum() == pytest.approx(1)
    assert p[0, 0] > flat[0, 0] > flat[0, 1] > flat[0, 2] > p[0, 2]
    assert tempered(p, 1.0) == pytest.approx(p)


def judged(rng: np.random.Generator, *, skill: float) -> Judged:
    """120 rows of 30 songs; doubt is high where it is wrong, as far as `skill` reaches."""
    n, label = 120, np.arange(120) % 3
    song_rng = np.random.default_rng(0)
    group = np.array([f"s{i // 4}" for i in range(n)], dtype=object)
    right = np.repeat(song_rng.random(30) < skill, 4)
    guess = np.where(right, label, (label + 1) % 3)
    p = np.full((n, 3), 0.1)
    p[np.arange(n), guess] = 0.8
    doubt = np.where(right, 0.0, 1.0) + rng.normal(size=n) * 0.1
    foreign = Foreign({"total": doubt[:20] + 5}, group[:20])
    return Judged(p, p, label, group, {"total": doubt}, {"drums": foreign})


def test_figures_and_paired_differences() -> None:
    rng = np.random.default_rng(0)
    good, bad = judged(rng, skill=0.9), judged(rng, skill=0.5)
    found = measured([good, good], [bad, bad], rng=np.random.default_rng(1), n_draws=100)
    assert found["accuracy"]["value"] == (good.raw.argmax(axis=1) == good.label).mean()
    assert found["mistakes by total"]["value"] == pytest.approx(1.0)
    assert found["drums by total"]["value"] == pytest.approx(1.0)
    low, high = found["accuracy"]["difference_interval"]
    assert 0 < low < found["accuracy"]["difference"] < high
    same = measured([good], [good], rng=np.random.default_rng(1), n_draws=20)
    assert same["AURC"]["difference_interval"] == (0, 0)


def test_intervals_are_wider_over_songs_than_over_rows() -> None:
    one = judged(np.random.default_rng(0), skill=0.7)
    alone = Judged(one.raw, one.tempered, one.label, np.arange(120), one.doubts)
    width = [
        np.subtract(*measured([j], rng=np.random.default_rng(0), n_draws=300)["accuracy"]["interval"][::-1])
        for j in (one, alone)
    ]
    assert width[0] > 1.5 * width[1]


def test_a_figure_that_cannot_be_is_not_a_number() -> None:
    perfect = Judged(np.eye(3), np.eye(3), np.arange(3), np.arange(3), {"total": np.zeros(3)})
    assert auc(np.zeros(3), np.zeros(3, np.bool_)) is None
    found = measured([perfect], rng=np.random.default_rng(0), n_draws=5)
    assert np.isnan(found["mistakes by total"]["value"])
    assert found["AURC"]["value"] == 0
