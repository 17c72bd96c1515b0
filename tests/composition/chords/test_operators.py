import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.chords.genome import genome_from_dict
from whitelight.composition.chords.operators import MUTATIONS, cross, mutate, repair
from whitelight.composition.chords.playing import MIN_STROKE_S, compose_genome, regrain
from whitelight.composition.chords.rendering import render
from whitelight.composition.chords.vocabulary import in_scale
from whitelight.composition.form import SectionPlan
from whitelight.music import SCALES

METERS = ("4/4", "3/4", "5/8", "7/8", "11/8", "6/8", "18/32", "4/3")


def keeps_promises(genome, setting):
    chords = genome.chords
    assert genome.n_pulses == setting.n_pulses
    assert all(chord.duration > 0 for chord in chords)
    assert (chords[-1].root, chords[-1].inversion) == (0, 0)
    assert sum(chord.is_borrowed for chord in chords) <= 1
    for chord in chords:
        assert chord.is_borrowed or in_scale(chord.root, chord.quality, setting.scale)
    for rhythm in genome.touch.rhythms:
        assert rhythm[0] == 0
        assert all((b - a) * setting.grid.pulse_s >= MIN_STROKE_S for a, b in itertools.pairwise(rhythm))
        assert rhythm[-1] < setting.grid.bar_pulses
    notes = render(genome, setting).piece.midi_tracks[0].notes
    assert len(notes) > 0
    assert notes.last_tick <= render(genome, setting).piece.end_tick


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    scale_name=st.sampled_from(sorted(SCALES)),
    meter=st.sampled_from(METERS),
    tempo_bpm=st.integers(40, 220),
    n_bars=st.sampled_from([4, 8]),
)
def test_children_keep_every_promise(setting_for, seed, scale_name, meter, tempo_bpm, n_bars):  # noqa: PLR0917  drawn
    setting = setting_for(f"Eb {scale_name}", meter, tempo_bpm, SectionPlan("a", "verse", n_bars, 0.5))
    rng = np.random.default_rng(seed)
    first, second = compose_genome(setting, rng), compose_genome(setting, rng)
    keeps_promises(first, setting)
    child = first
    for _ in range(6):
        child = mutate(child, setting, rng)
        child = mutate(cross(child, second, setting, rng), setting, rng)
    keeps_promises(child, setting)


@pytest.mark.parametrize("mutation", sorted(set(MUTATIONS), key=lambda m: m.__name__), ids=lambda m: m.__name__)
def test_every_mutation_changes_something_and_repairs(setting_for, mutation):
    setting = setting_for("A minor")
    rng = np.random.default_rng(0)
    changed = 0
    for _ in range(40):
        genome = compose_genome(setting, rng)
        child = repair(mutation(genome, setting, rng), setting)
        keeps_promises(child, setting)
        changed += child != genome
    assert changed >= 8


def test_a_cross_begins_like_one_and_ends_like_the_other(setting_for):
    setting = setting_for("C major")
    rng = np.random.default_rng(5)
    first, second = compose_genome(setting, rng), compose_genome(setting, rng)
    children = [cross(first, second, setting, rng) for _ in range(20)]
    assert {child.touch for child in children} == {first.touch, second.touch}
    whole = [child for child in children if child.chords == first.chords]
    assert 4 <= len(whole) <= 16  # the chords of one, played like the other
    for child in children:
        assert child.chords[0].root == first.chords[0].root
        if child.chords != first.chords:
            assert child.chords[-2].root in {chord.root for chord in second.chords}


def test_genomes_travel_as_json(setting_for):
    genome = compose_genome(setting_for("A minor"), np.random.default_rng(1))
    assert genome_from_dict(json.loads(genome.to_json())) == genome


def test_playing_again_changes_only_velocities(setting_for):
    setting = setting_for("A minor")
    genome = compose_genome(setting, np.random.default_rng(1))
    first, again = (
        render(g, setting).piece.midi_tracks[0].notes for g in (genome, regrain(genome, genome.touch.grain + 1))
    )
    assert np.array_equal(first.pitch, again.pitch)
    assert np.array_equal(first.onset_tick, again.onset_tick)
    assert not np.array_equal(first.velocity, again.velocity)
