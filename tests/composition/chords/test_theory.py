from dataclasses import replace

import numpy as np
import pytest

from whitelight.composition.bands import read_bands
from whitelight.composition.chords.genome import ChordGene
from whitelight.composition.chords.playing import compose_genome
from whitelight.composition.chords.rendering import render
from whitelight.composition.chords.theory import MEASURES, TERMS, band_fit, hear, measures, theory_terms
from whitelight.composition.chords.transitions import SHIPPED_FILE

BARS = 16  # pulses of 4/4


def heard_with(setting, *chords):
    genome = compose_genome(setting, np.random.default_rng(0)).with_chords(tuple(chords))
    return hear(genome, setting, render(genome, setting))


def bars(*roots_and_qualities):
    degree = {0: 0, 2: 1, 4: 2, 5: 3, 7: 4, 9: 5, 10: 6, 11: 6, 8: 5, 3: 2}
    return [ChordGene(root, quality, BARS, degree[root]) for root, quality in roots_and_qualities]


@pytest.mark.parametrize("key", ["C major", "A minor", "D dorian", "B locrian"])
@pytest.mark.parametrize("meter", ["4/4", "7/8"])
def test_terms_are_numbers_between_0_and_1(setting_for, key, meter):
    setting = setting_for(key, meter)
    rng = np.random.default_rng(0)
    for _ in range(30):
        genome = compose_genome(setting, rng)
        heard = hear(genome, setting, render(genome, setting))
        for name, value in theory_terms(heard).items():
            assert value is None or 0.0 <= value <= 1.0, name
        assert set(measures(heard)) == set(MEASURES)


def test_no_band_is_claimed_where_none_was_counted(setting_for):
    def silent(key, meter):
        setting = setting_for(key, meter)
        genome = compose_genome(setting, np.random.default_rng(0))
        return {n for n, v in theory_terms(hear(genome, setting, render(genome, setting))).items() if v is None}

    assert silent("C major", "4/4") == set()
    assert silent("C major", "7/8") == {"harmonic_rhythm", "space"}
    assert silent("D dorian", "4/4") == {"tonic_balance", "root_motion", "color"}


def test_a_usual_close_beats_an_unusual_one(setting_for):
    setting = setting_for("C major")
    body = [(0, "maj"), (9, "min"), (5, "maj"), (7, "maj"), (0, "maj"), (9, "min")]
    usual = heard_with(setting, *bars(*body, (7, "maj"), (0, "maj")))
    unusual = heard_with(setting, *bars(*body, (4, "min"), (0, "maj")))
    assert TERMS["cadence"](usual) > TERMS["cadence"](unusual) + 0.3
    assert TERMS["flow"](usual) > TERMS["flow"](unusual)


def test_one_chord_is_no_journey_and_twelve_are_too_many(setting_for):
    setting = setting_for("C major")
    still = heard_with(setting, *bars(*[(0, "maj")] * 8))
    usual = heard_with(
        setting, *bars((0, "maj"), (9, "min"), (5, "maj"), (7, "maj"), (0, "maj"), (2, "min"), (7, "maj"), (0, "maj"))
    )
    for name in ("variety", "voice_leading", "tonic_balance", "harmonic_rhythm", "flow"):
        assert TERMS[name](still) < TERMS[name](usual), name


def test_a_phrase_that_remembers_beats_a_copy(setting_for):
    setting = setting_for("C major")
    phrase = [(0, "maj"), (9, "min"), (5, "maj"), (7, "maj")]
    answer = heard_with(setting, *bars(*phrase, (0, "maj"), (9, "min"), (7, "maj"), (0, "maj")))
    copy = heard_with(setting, *bars(*phrase, *phrase))
    other = heard_with(setting, *bars(*phrase, (5, "maj"), (2, "min"), (4, "min"), (0, "maj")))
    assert TERMS["recall"](answer) > TERMS["recall"](other)
    assert TERMS["recall"](answer) > TERMS["recall"](copy)


def test_flat_dynamics_score_lower(setting_for):
    setting = setting_for("C major")
    genome = compose_genome(setting, np.random.default_rng(2))
    flat = replace(genome, touch=replace(genome.touch, accent=0, swell=0))
    alive = replace(genome, touch=replace(genome.touch, accent=12, swell=10))
    values = [TERMS["dynamics"](hear(g, setting, render(g, setting))) for g in (flat, alive)]
    assert values[0] < values[1]


def test_bands_are_percentiles_and_fit_is_a_trapezoid():
    for name, (p5, p25, p50, p75, p95) in read_bands(SHIPPED_FILE).percentiles.items():
        assert p5 <= p25 <= p50 <= p75 <= p95
        assert band_fit(name, p50) == 1.0
        if p5 < p25:
            assert band_fit(name, p5) == pytest.approx(0.5)
        assert band_fit(name, p95) == pytest.approx(0.5)
        assert band_fit(name, p95 + 10 * (p95 - p75)) == 0.0
