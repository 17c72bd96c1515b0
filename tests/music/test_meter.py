from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.music import Meter, MeterError, ticks_per_beat_for


@pytest.mark.parametrize(
    ("text", "quarters", "grouping"),
    [
        ("4/4", Fraction(4), (1, 1, 1, 1)),
        ("5/8", Fraction(5, 2), (3, 2)),
        ("7/8", Fraction(7, 2), (2, 2, 3)),
        ("3+2+2/8", Fraction(7, 2), (3, 2, 2)),
        ("11/8", Fraction(11, 2), (3, 3, 3, 2)),
        ("18/32", Fraction(9, 4), (3,) * 6),
        ("7/4", Fraction(7), (1,) * 7),
        (" 6 / 8 ", Fraction(3), (3, 3)),
        ("4/3", Fraction(16, 3), (1, 1, 1, 1)),
        ("C", Fraction(4), (1, 1, 1, 1)),
        ("cut time", Fraction(4), (1, 1)),
    ],
)
def test_meters_are_exact(text: str, quarters: Fraction, grouping: tuple[int, ...]) -> None:
    meter = Meter.parse(text)
    assert meter.beats_per_bar == quarters
    assert meter.grouping == grouping
    assert sum(meter.grouping) == meter.numerator


@given(st.integers(1, 64), st.integers(1, 64))
def test_a_fitting_resolution_is_found(numerator: int, denominator: int) -> None:
    meter = Meter(numerator, denominator)
    ticks_per_beat = ticks_per_beat_for([meter])
    assert ticks_per_beat >= 480
    assert meter.bar_ticks(ticks_per_beat) == meter.beats_per_bar * ticks_per_beat
    assert meter.unit_ticks(ticks_per_beat) * numerator == meter.bar_ticks(ticks_per_beat)
    assert sum(meter.grouping) == numerator


@pytest.mark.parametrize("value", ["7/8", {"numerator": 7, "denominator": 8}, [7, 8], Meter(7, 8)])
def test_values_of_yaml_files(value: object) -> None:
    assert Meter.from_value(value) == Meter(7, 8)


@pytest.mark.parametrize("value", ["", "4", "4/0", "0/4", "x/4", {"numerator": 4}, [4], None, 4.5, {"numerator": True}])
def test_no_meters(value: object) -> None:
    with pytest.raises(MeterError, match="expected"):
        Meter.from_value(value)


def test_a_bar_that_is_no_whole_number_of_ticks() -> None:
    with pytest.raises(MeterError, match="use 224 ticks per beat"):
        Meter(18, 32).bar_ticks(222)
    with pytest.raises(MeterError, match="add up"):
        Meter(7, 8, (3, 3))
    with pytest.raises(MeterError, match="together"):
        ticks_per_beat_for([Meter(1, 9973), Meter(1, 9967)])


def test_what_midi_can_say() -> None:
    assert Meter(18, 32).is_midi
    assert not Meter(5, 6).is_midi
    assert not Meter(300, 4).is_midi
