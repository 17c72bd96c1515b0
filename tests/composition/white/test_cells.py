"""Bars of one meter in another: the same length, or the same groups joined."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.composition.white.cells import Slot, Stretch, cells, recipes, stretches, why_not
from whitelight.music import Meter

METERS = st.builds(Meter, st.integers(1, 13), st.sampled_from((2, 4, 8, 16)))


def test_seven_eights_from_four_and_three() -> None:
    seven, four, three = Meter(7, 8), Meter(4, 8), Meter(3, 8)
    assert cells(seven) == (Fraction(1), Fraction(1), Fraction(3, 2))
    assert (Slot(0, 2), Slot(2, 1)) in list(recipes(seven))
    assert stretches(four, seven, Slot(0, 2)) == (Stretch(0, 2),)
    assert stretches(three, seven, Slot(2, 1)) == (Stretch(0, 1),)
    assert stretches(three, seven, Slot(0, 2)) == ()


def test_a_bar_of_the_same_length_fits_whole_and_a_downbeat_stays_one() -> None:
    assert stretches(Meter(6, 8), Meter(3, 4), Slot(0, 3)) == (Stretch(0, 2),)
    assert stretches(Meter(4, 4), Meter(3, 4), Slot(0, 3)) == (Stretch(0, 3),)
    assert stretches(Meter(4, 4), Meter(5, 4), Slot(4, 1)) == tuple(Stretch(i, 1) for i in range(4))


def test_what_does_not_fit_is_said() -> None:
    assert not any(stretches(Meter(9, 16), Meter(4, 4), slot) for recipe in recipes(Meter(4, 4)) for slot in recipe)
    assert why_not(Meter(9, 16), Meter(4, 4)) == (
        "a bar of 9/16 (3+3+3) has neither the length nor groups of 4/4 (1+1+1+1)"
    )


@given(METERS, METERS)
def test_a_stretch_is_as_long_as_its_slot(source: Meter, target: Meter) -> None:
    have, wanted = cells(source), cells(target)
    for recipe in recipes(target):
        assert sum(slot.n for slot in recipe) == len(wanted)
        for slot in recipe:
            for stretch in stretches(source, target, slot):
                taken = have[stretch.first : stretch.first + stretch.n]
                assert sum(taken) == sum(wanted[slot.first : slot.first + slot.n])
                assert slot.first or not stretch.first


@pytest.mark.parametrize("meter", ["4/4", "7/8", "11/8", "6/8"])
def test_every_meter_can_be_cut_from_itself(meter: str) -> None:
    at = Meter.parse(meter)
    first = next(recipes(at))
    assert len(first) == 1
    assert stretches(at, at, first[0])
