from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.music import Piece, TempoError, TempoMap

MAPS = st.builds(
    lambda ticks_per_beat, gaps, tempos: TempoMap(
        ticks_per_beat,
        tuple(int(tick) for tick in np.cumsum([0, *gaps[: len(tempos) - 1]])),
        tuple(tempos[: len(gaps) + 1]),
    ),
    st.sampled_from([1, 24, 480, 960, 32767]),
    st.lists(st.integers(1, 5000), max_size=8),
    st.lists(st.integers(10_000, 0xFFFFFF), min_size=1, max_size=9),
)


def test_two_tempi_add_up() -> None:
    tempo_map = TempoMap(480, (0, 960), (500_000, 1_000_000))
    assert tempo_map.ticks_to_seconds(960) == 1.0
    assert tempo_map.ticks_to_seconds(np.array([480, 1440])).tolist() == [0.5, 2.0]
    assert tempo_map.seconds_to_ticks(2.0) == 1440
    assert tempo_map.tempo_bpm_at(959) == 120
    assert tempo_map.tempo_bpm_at(960) == 60
    assert tempo_map.mean_tempo_bpm(0, 1920) == pytest.approx(80)


def test_constant_is_rounded_as_midi_states_it() -> None:
    assert TempoMap.constant(90).us_per_beat == (666_667,)


@given(MAPS, st.lists(st.integers(0, 60_000), min_size=2, max_size=30))
@settings(max_examples=80, deadline=None)
def test_time_is_exact_monotone_and_invertible(tempo_map: TempoMap, ticks: list[int]) -> None:
    points = np.array(sorted(set(ticks)))
    exact = tempo_map.exact_us(points)
    assert (np.diff(exact) > 0).all()
    assert tempo_map.seconds_to_ticks(tempo_map.ticks_to_seconds(points)).tolist() == points.tolist()
    # a second reader: walk the changes with fractions
    for tick, found in zip(points.tolist(), exact.tolist(), strict=True):
        expected, changes = Fraction(0), [*tempo_map.change_ticks, 10**9]
        for start, stop, us in zip(changes, changes[1:], tempo_map.us_per_beat, strict=False):
            expected += max(min(stop, tick) - start, 0) * Fraction(us)
        assert found == expected
        assert tempo_map.exact_us(tick) == found


@given(MAPS, st.integers(0, 30_000), st.integers(1, 30_000), st.integers(0, 30_000))
@settings(max_examples=80, deadline=None)
def test_a_cut_map_keeps_time(tempo_map: TempoMap, start: int, length: int, offset: int) -> None:
    cut = tempo_map.cut(start, start + length)
    tick = min(offset, length)
    assert cut.exact_us(tick) == tempo_map.exact_us(start + tick) - tempo_map.exact_us(start)
    assert max(cut.change_ticks) < length


def test_beats_do_not_depend_on_tempo(random_piece: Callable[..., Piece]) -> None:
    tempo_map = random_piece(3).tempo_map
    assert tempo_map.ticks_to_beats(tempo_map.ticks_per_beat * 7) == 7


@pytest.mark.parametrize(
    ("ticks", "tempos", "complaint"),
    [
        ((0,), (0,), "tempo of 0 µs per beat"),
        ((0,), (9,), "expected 10000 to"),
        ((0,), (2**24,), "16777216"),
        ((5,), (500_000,), "first at tick 0"),
        ((0, 5, 5), (500_000,) * 3, "increasing"),
        ((0, 5), (500_000,), "one tempo per change"),
    ],
)
def test_absurd_maps_are_refused(ticks: tuple[int, ...], tempos: tuple[int, ...], complaint: str) -> None:
    with pytest.raises(TempoError, match=complaint):
        TempoMap(480, ticks, tempos)


def test_absurd_bpm_is_refused() -> None:
    with pytest.raises(TempoError, match="more than 0"):
        TempoMap.constant(0)
    with pytest.raises(TempoError, match="µs per beat"):
        TempoMap.constant(1)
