import itertools

import numpy as np
import pytest

from whitelight.composition.melody.rhythm import FASTEST_S, draw_cell, draw_phrase_rhythm, places_of, vary_cell
from whitelight.composition.melody.setting import make_setting


@pytest.mark.parametrize(
    ("meter", "tempo_bpm", "spacing"),
    [("4/4", 100, 2), ("4/4", 220, 4), ("4/4", 45, 1), ("6/8", 100, 2), ("7/8", 110, 2)],
)
def test_places_lie_as_far_apart_as_a_voice_likes(section_for, meter, tempo_bpm, spacing) -> None:
    assert places_of(make_setting(section_for(meter=meter, tempo_bpm=float(tempo_bpm))), 1.0).spacing == spacing


def test_swing_decides_about_the_places_off_the_beat(section_for) -> None:
    setting = make_setting(section_for())
    square, loose = places_of(setting, 0.1), places_of(setting, 1.4)
    assert square.weights[2] < square.weights[4] < square.weights[0]
    assert loose.weights[2] > loose.weights[4]


@pytest.mark.parametrize("meter", ["4/4", "5/8", "7/8", "11/8", "18/32", "12/8"])
@pytest.mark.parametrize("tempo_bpm", [20.0, 97.0, 400.0])
def test_a_phrase_begins_runs_and_comes_to_rest(section_for, meter, tempo_bpm) -> None:
    setting = make_setting(section_for(meter=meter, tempo_bpm=tempo_bpm))
    size = 2 * setting.context.grid.bar_pulses
    rng = np.random.default_rng(0)
    for _ in range(20):
        places = places_of(setting, float(rng.uniform(0.1, 1.4)))
        cell = draw_cell(setting, places, rng)
        onsets, lengths = draw_phrase_rhythm(setting, (0, size), (cell, vary_cell(cell, places, rng)), places, rng)
        assert len(onsets) == len(lengths) >= 1
        assert all(a < b for a, b in itertools.pairwise(onsets))
        assert all(a + length <= b for a, length, b in zip(onsets, lengths, onsets[1:], strict=False))
        assert 0 <= onsets[-1] < size
        assert min(lengths) >= 1


def test_onsets_of_a_cell_are_not_faster_than_a_voice(section_for) -> None:
    setting = make_setting(section_for(tempo_bpm=150.0))
    rng = np.random.default_rng(0)
    for _ in range(50):
        cell = draw_cell(setting, places_of(setting, 1.0), rng)
        gaps = np.diff((*cell, cell[0] + 16)) * setting.context.grid.pulse_s
        assert gaps.min() >= 0.8 * FASTEST_S


def test_drums_draw_onsets(section_for) -> None:
    from dataclasses import replace

    from whitelight.music import MidiTrack, Notes

    context = section_for()
    ticks = context.pulse_ticks
    hits = Notes.from_rows([(bar * 16 * ticks + 6 * ticks, 60, 36, 90) for bar in range(8)])
    heard = {**context.heard, "drums": context.piece([MidiTrack("Drums", is_drum=True, notes=hits)])}
    plain, drawn = make_setting(context), make_setting(replace(context, heard=heard))
    assert places_of(drawn, 1.0).weights[6] > places_of(plain, 1.0).weights[6]
    assert places_of(drawn, 1.0).weights[4] == places_of(plain, 1.0).weights[4]
