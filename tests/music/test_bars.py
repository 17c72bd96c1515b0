from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.music import BarGrid, BarPosition, Meter, MeterChange, Piece, PieceError, TempoMap

GRIDS = st.builds(
    lambda ticks_per_beat, meters, gaps: BarGrid(
        tuple(MeterChange(sum(gaps[:index]), Meter(*meter)) for index, meter in enumerate(meters[: len(gaps) + 1])),
        ticks_per_beat,
    ),
    st.sampled_from([24, 96, 480]),
    st.lists(
        st.sampled_from([(4, 4), (5, 8), (11, 8), (18, 32), (7, 4), (4, 3), (5, 7), (1, 64)]), min_size=1, max_size=5
    ),
    st.lists(st.integers(1, 4000), max_size=4),
)


@given(GRIDS, st.integers(0, 20_000))
@settings(max_examples=150, deadline=None)
def test_positions_and_ticks_are_inverse(grid: BarGrid, tick: int) -> None:
    position = grid.position(tick)
    assert grid.tick_of(position) == tick
    assert grid.bar_start(position.bar) <= tick
    assert position.beat >= 0


@given(GRIDS, st.integers(1, 20_000))
@settings(max_examples=80, deadline=None)
def test_bar_lines_agree_one_by_one(grid: BarGrid, end_tick: int) -> None:
    starts = grid.starts(end_tick).tolist()
    assert starts == [grid.bar_start(bar) for bar in range(len(starts))]
    assert starts == sorted(set(starts))
    assert starts[-1] < end_tick
    assert {change.tick for change in grid.changes if change.tick < end_tick} <= set(starts)
    assert [grid.position(tick) for tick in starts] == [BarPosition(bar, Fraction(0)) for bar in range(len(starts))]


def test_a_change_cuts_the_bar_before_it_short() -> None:
    grid = BarGrid((MeterChange(0, Meter(4, 4)), MeterChange(2400, Meter(5, 8))), 480)
    assert grid.starts(5000).tolist() == [0, 1920, 2400, 3600, 4800]
    assert grid.position(3840) == BarPosition(3, Fraction(1, 2))


def test_a_piece_without_meter_is_in_four() -> None:
    piece = Piece(480, TempoMap(480), meters=(MeterChange(3840, Meter(3, 4)),), end_tick=6000)
    assert BarGrid.of(piece).starts(piece.end_tick).tolist() == [0, 1920, 3840, 5280]


def test_a_grid_starts_at_zero_and_goes_on() -> None:
    with pytest.raises(PieceError, match="tick 0"):
        BarGrid((MeterChange(5, Meter(4, 4)),), 480)
    with pytest.raises(PieceError, match="does not follow"):
        BarGrid((MeterChange(0, Meter(4, 4)), MeterChange(0, Meter(3, 4))), 480)
