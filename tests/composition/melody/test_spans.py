import itertools

import pytest

from whitelight.composition.melody.spans import section_spans, turn_numbers
from whitelight.composition.meter_grid import meter_grid
from whitelight.music import Meter


def grid(meter: str, tempo_bpm: float):
    return meter_grid(Meter.parse(meter), tempo_bpm)


@pytest.mark.parametrize(("tempo_bpm", "n_turns"), [(220, 2), (100, 4), (50, 8)])
def test_phrases_last_about_five_seconds_at_any_tempo(tempo_bpm, n_turns) -> None:
    numbers = turn_numbers(8, grid("4/4", tempo_bpm))
    assert max(numbers, key=numbers.__getitem__) == n_turns


def test_a_bar_too_slow_for_one_breath_is_shared() -> None:
    slow = grid("12/8", 20)  # 18 s a bar
    assert max(turn_numbers(8, slow)) == 16
    spans = section_spans(16, 8, slow)
    assert spans[:3] == [(0, 12), (12, 24), (24, 36)]


@pytest.mark.parametrize("meter", ["4/4", "7/8", "11/8", "1/4", "18/32"])
@pytest.mark.parametrize("tempo_bpm", [20, 90, 400])
@pytest.mark.parametrize("n_bars", [4, 8])
def test_spans_fill_the_section_in_order(meter, tempo_bpm, n_bars) -> None:
    one = grid(meter, tempo_bpm)
    for n_turns in turn_numbers(n_bars, one):
        spans = section_spans(n_turns, n_bars, one)
        assert len(spans) == n_turns
        assert (spans[0][0], spans[-1][1]) == (0, n_bars * one.bar_pulses)
        assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
        assert all(start < end for start, end in spans)
