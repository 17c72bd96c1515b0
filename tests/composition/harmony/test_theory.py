"""Terms know good support from bad."""

from dataclasses import replace

import numpy as np
import pytest

from whitelight.composition.harmony import STAGE
from whitelight.composition.harmony.genome import COUNTER_LINE, HELD, PAD, EnsembleGenome, LineNote, Touch
from whitelight.composition.harmony.rendering import render
from whitelight.composition.harmony.surroundings import NOTHING, make_surroundings
from whitelight.composition.harmony.theory import TERMS, hear

TOUCH = Touch(gate=1.0, level=58, accent=4, swell=12, grain=1)


def pad(**changes) -> EnsembleGenome:
    plain = EnsembleGenome(PAD, 48, 3, 60, 1, HELD, ((),), (0,) * 8, (), TOUCH)
    return replace(plain, **changes)


def line(around, onsets, steps=(0, 1, 2, 1, 0, -1)) -> EnsembleGenome:
    notes = tuple(LineNote(int(p), 2, steps[i % len(steps)]) for i, p in enumerate(onsets))
    return pad(family=COUNTER_LINE, program=71, n_voices=1, rhythms=(), bar_rhythms=(), line=notes)


def term(name: str, genome: EnsembleGenome, around) -> float | None:
    return TERMS[name](hear(genome, around, render(genome, around)))


@pytest.fixture
def around(make_section):
    return make_surroundings(make_section(seed=11))


def test_louder_than_the_melody_is_no_balance(around) -> None:
    good, loud = (term("balance", pad(touch=replace(TOUCH, level=level)), around) for level in (60, 96))
    assert good > loud + 0.4


def test_swells_live(around) -> None:
    flat, alive = (term("dynamics", pad(touch=replace(TOUCH, swell=swell, accent=0)), around) for swell in (0, 20))
    assert alive > flat


def test_answers_are_heard(around) -> None:
    rests = np.flatnonzero(around.melody == NOTHING)[::4]
    together = np.flatnonzero(around.melody_starts)[::2]
    assert term("gap_answering", line(around, rests), around) > term("gap_answering", line(around, together), around)
    assert term("gap_answering", pad(), around) is None


def test_presence_follows_energy(around) -> None:
    assert term("presence", pad(bar_rhythms=(0, 0, 0, -1, 0, 0, -1, -1)), around) > term(
        "presence", pad(bar_rhythms=(-1,) * 7 + (0,)), around
    )


def test_far_from_the_melody_there_is_room(make_section) -> None:
    around = make_surroundings(make_section(seed=11, bass=False))
    below, within = (term("register_fit", pad(center=center), around) for center in (57, 72))
    assert below > within


def test_two_voices_leave_tones_out(make_section) -> None:
    around = make_surroundings(make_section(melody=False, bass=False, seed=4))
    assert term("completeness", pad(n_voices=4), around) >= term("completeness", pad(n_voices=2), around)


def test_a_line_that_stands_still_does_not_sing(make_section) -> None:
    around = make_surroundings(make_section(melody=False))
    places = range(0, around.context.n_pulses, 8)
    still, moving = line(around, places, steps=(0,)), line(around, places, steps=(0, 2, 4, 3, 1))
    assert term("singing", moving, around) > term("singing", still, around)


def test_rhythms_that_come_back_are_recalled(around) -> None:
    same = [bar * 16 + p for bar in range(8) for p in (0, 6)]
    other = [bar * 16 + bar for bar in range(8)]
    assert term("recall", line(around, same), around) > term("recall", line(around, other), around)


def test_silence_is_judged_without_failing(around) -> None:
    nothing = pad(bar_rhythms=(-1,) * 8)
    values = {name: term(name, nothing, around) for name in TERMS}
    assert all(value is None or 0.0 <= value <= 1.0 for value in values.values())


def test_measures_follow_the_music(make_section) -> None:
    craft = STAGE.craft(make_section(), None)
    low, high = (craft.play(pad(center=center)).measures for center in (54, 72))
    assert high["register"] > low["register"] + 8
    thin, full = (craft.play(pad(n_voices=n)).measures["fullness"] for n in (2, 4))
    assert full > thin
