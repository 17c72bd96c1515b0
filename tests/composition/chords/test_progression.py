from collections import Counter

import numpy as np
import pytest

from whitelight.composition.chords.coloring import SLASH_LIMIT
from whitelight.composition.chords.progression import compose_progression, draw_taste, sample_path
from whitelight.composition.chords.vocabulary import in_scale
from whitelight.composition.form import SectionPlan
from whitelight.composition.randomness import draw
from whitelight.music import SCALES


def many(setting, n=150, seed=0):
    rng = np.random.default_rng(seed)
    return [compose_progression(setting, draw_taste(setting.section.energy, rng), rng) for _ in range(n)]


@pytest.mark.parametrize("scale_name", SCALES)
@pytest.mark.parametrize("n_bars", [4, 8])
def test_sections_arrive(setting_for, scale_name, n_bars):
    setting = setting_for(f"D {scale_name}", section=SectionPlan("a", "verse", n_bars, 0.5))
    for chords in many(setting, 60):
        assert sum(chord.duration for chord in chords) == setting.n_pulses
        assert all(chord.duration > 0 for chord in chords)
        assert (chords[-1].root, chords[-1].inversion, chords[-1].is_borrowed) == (0, 0, False)
        assert sum(chord.is_borrowed for chord in chords) <= 1
        slash = sum(chord.duration for chord in chords if chord.inversion)
        assert slash <= SLASH_LIMIT * setting.n_pulses
        for chord in chords:
            assert chord.is_borrowed or in_scale(chord.root, chord.quality, setting.scale)


def test_closes_are_cadences(setting_for):
    for key, expected in (
        ("C major", {7, 5}),
        ("A minor", {7, 10, 5}),
        ("D dorian", {5, 10, 7}),
        ("E phrygian", {1, 10}),
    ):
        before_last = Counter(chords[-2].root for chords in many(setting_for(key)))
        assert sum(before_last[root] for root in expected) / before_last.total() > 0.75, (key, before_last)


def test_minor_borrows_its_dominant(setting_for):
    closes = [chords[-2] for chords in many(setting_for("A minor"), 300)]
    fifths = [chord for chord in closes if chord.root == 7]
    major = [chord for chord in fifths if chord.quality in ("maj", "7") and chord.is_borrowed]
    assert 0.4 < len(major) / len(fifths) < 0.8
    harmonic = [chords[-2] for chords in many(setting_for("A harmonic minor"), 100)]
    assert not any(chord.is_borrowed for chord in harmonic if chord.root == 7)


def test_first_chord_is_mostly_the_tonic(setting_for):
    for key in ("C major", "A minor"):
        assert 0.5 < np.mean([chords[0].root == 0 for chords in many(setting_for(key), 300)]) < 0.8


def test_harmonic_rhythm_is_that_of_songs(setting_for):
    setting = setting_for("C major")
    rates = [len(chords) / setting.section.n_bars for chords in many(setting, 300)]
    assert np.percentile(rates, 5) >= 0.5
    assert 1.0 <= np.median(rates) <= 1.5
    assert np.percentile(rates, 95) <= 2.0


def test_changes_lie_on_groups_of_odd_meters(setting_for):
    setting = setting_for("C major", "11/8", 150)
    assert setting.grid.groups == (0, 6, 12, 18)
    for chords in many(setting, 80):
        start = 0
        for chord in chords:
            assert start % setting.grid.bar_pulses in setting.grid.groups
            start += chord.duration


def test_short_bars_share_chords(setting_for):
    quick = setting_for("C major", "5/8", 220)
    slow = setting_for("C major", "5/8", 60)
    assert np.mean([len(c) for c in many(quick)]) < np.mean([len(c) for c in many(slow)])
    assert all(chord.duration * quick.grid.pulse_s > 0.6 for chords in many(quick) for chord in chords)


def test_paths_follow_the_conditioned_chain_exactly():
    matrix = np.array([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3], [0.3, 0.3, 0.4]])
    goal, rng = np.array([0.0, 1.0, 0.0]), np.random.default_rng(3)
    drawn = Counter(tuple(sample_path(matrix, 3, {2: goal}, rng)) for _ in range(6000))
    weights = {(a, b, 1): matrix[a, b] * matrix[b, 1] for a in range(3) for b in range(3)}
    assert set(drawn) <= set(weights)
    for path, weight in weights.items():
        assert drawn[path] / 6000 == pytest.approx(weight / sum(weights.values()), abs=0.03)


def test_a_path_exists_even_where_the_table_has_none():
    matrix = np.eye(7)[[1, 2, 3, 4, 5, 6, 0]]
    assert sample_path(matrix, 2, {0: np.eye(7)[0], 1: np.eye(7)[0]}, np.random.default_rng(0)) == [0, 0]


def test_draw_follows_weights():
    rng = np.random.default_rng(0)
    counts = Counter(draw([1.0, 0.0, 3.0], rng) for _ in range(4000))
    assert counts[1] == 0
    assert counts[2] / 4000 == pytest.approx(0.75, abs=0.03)
