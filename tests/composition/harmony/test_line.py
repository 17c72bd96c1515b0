"""Counter-lines: they answer, they step, they never lean on the melody."""

from itertools import pairwise

import numpy as np

from whitelight.composition.harmony.counterpoint import place_line, wished_pitch
from whitelight.composition.harmony.genome import LineNote
from whitelight.composition.harmony.rhythm import draw_line, draw_presence, draw_steps, off_beats, onset_weights
from whitelight.composition.harmony.surroundings import NOTHING, make_surroundings
from whitelight.composition.meter_grid import meter_grid
from whitelight.music import Meter


def lines(around, n: int = 20):
    rng = np.random.default_rng(5)
    return [draw_line(around, [True] * around.context.section.n_bars, rng) for _ in range(n)]


def test_a_line_answers_in_the_rests(make_section) -> None:
    around = make_surroundings(make_section(seed=11))
    onsets = [note.start for line in lines(around) for note in line]
    in_rests = np.mean(around.melody[onsets] == NOTHING)
    by_chance = np.mean(around.melody[np.flatnonzero(np.tile(around.context.grid.weights, 8) > 0)] == NOTHING)
    assert in_rests > 1.5 * by_chance
    together = np.mean(around.melody_starts[onsets])
    assert together < 0.5
    density = len(onsets) / 20 / around.melody_starts.sum()
    assert 0.35 < density < 1.0


def test_a_line_is_one_voice_in_order(make_section) -> None:
    for line in lines(make_surroundings(make_section("7/8"))):
        assert all(a.start + a.duration <= b.start for a, b in pairwise(line))
        assert all(note.duration >= 1 for note in line)


def test_tones_outside_the_chord_pass_by_step(make_section) -> None:
    context = make_section("4/4", "G major", melody=False, seed=2)
    around = make_surroundings(context)
    foreign = 0
    for line in lines(around):
        pitches = place_line(line, around, center=64, low=50, high=84)
        for place, (note, pitch) in enumerate(zip(line, pitches, strict=True)):
            chord = context.chord_at(note.start)
            assert chord is not None
            if pitch is None or pitch % 12 in chord.tones:
                continue
            foreign += 1
            assert context.grid.weights[note.start % 16] < 2
            assert pitch % 12 in context.key.scale_pitch_classes
            for other in (*pitches[max(place - 1, 0) : place], *pitches[place + 1 : place + 2]):
                assert other is None or 1 <= abs(other - pitch) <= 2
    assert foreign > 0


def test_steps_are_counted_from_the_tonic_near_the_center(make_section) -> None:
    around = make_surroundings(make_section("4/4", "D minor"))
    assert [wished_pitch(step, around, 60) for step in (0, 1, 2, 7, -1, -7)] == [62, 64, 65, 74, 60, 50]


def test_a_note_with_no_place_is_left_out(make_section) -> None:
    around = make_surroundings(make_section())
    assert place_line([LineNote(0, 4, 0)], around, center=60, low=60, high=59) == (None,)
    assert place_line([], around, center=60, low=50, high=80) == ()


def test_low_energy_enters_less() -> None:
    rng = np.random.default_rng(0)
    share = {e: np.mean([draw_presence(8, e, 0.0, rng) for _ in range(300)]) for e in (0.1, 0.9)}
    assert share[0.1] < 0.7
    assert share[0.9] > 0.85
    assert all(any(draw_presence(4, 0.0, 0.0, rng)) for _ in range(50))


def test_off_beats_lie_between_the_felt_beats() -> None:
    assert off_beats(meter_grid(Meter(4, 4), 100)) == (2, 6, 10, 14)
    assert off_beats(meter_grid(Meter(6, 8), 100)) == (2, 4, 8, 10)
    assert off_beats(meter_grid(Meter.parse("2+2+3/8"), 100)) == (2, 6, 10, 12)


def test_steps_stay_near_their_center() -> None:
    assert max(abs(step) for step in draw_steps(500, np.random.default_rng(1))) <= 5


def test_weights_cover_every_pulse(make_section) -> None:
    around = make_surroundings(make_section("5/8"))
    assert onset_weights(around).shape == (around.context.n_pulses,)
    assert onset_weights(around).min() >= 0
