import numpy as np
import pytest

from whitelight.composition.context import make_context
from whitelight.composition.form import SectionPlan
from whitelight.composition.timing import estimate_swing, heard_swing, pulse_ticks, straightened, sway, swung
from whitelight.music import Key, Meter, MidiTrack, Notes, Piece, TempoMap

SECTION = SectionPlan("verse", "verse", 4, 0.5)


def context(meter="4/4", **heard):
    return make_context(SECTION, key=Key.parse("C major"), meter=Meter.parse(meter), tempo_bpm=100, heard=heard)


def test_swing_moves_the_inside_of_a_beat_and_back():
    shares = np.linspace(0, 0.99, 50)
    assert swung(np.array([0.0, 0.5]), 0.62).tolist() == [0.0, 0.62]
    assert np.allclose(straightened(swung(shares, 0.62), 0.62), shares)
    assert (np.diff(swung(shares, 0.7)) > 0).all()


def test_swing_is_estimated_only_where_most_eighths_are_late():
    late = np.arange(8) + 0.66
    assert estimate_swing(late) == pytest.approx(0.66)
    assert estimate_swing(np.concatenate([late, np.arange(8) + 0.5])) == 0.5
    assert estimate_swing(late[:3]) == 0.5


def test_swing_of_approved_parts_is_followed():
    rows = [(beat * 480 + off, 100, 60, 80) for beat in range(16) for off in (0, 310)]
    part = Piece(480, TempoMap.constant(100), midi_tracks=(MidiTrack("keys", notes=Notes.from_rows(rows)),))
    assert heard_swing(context(chords=part), ("chords", "drums")) == pytest.approx(310 / 480, abs=1e-3)
    assert heard_swing(context("6/8", chords=part), ("chords",)) == 0.5
    assert heard_swing(context(), ("chords",)) == 0.5


def test_pulses_stay_in_order_and_bars_in_place():
    for meter in ("4/4", "7/8", "18/32"):
        ground = context(meter)
        for swing in (0.5, 0.67):
            ticks = pulse_ticks(ground, swing)
            assert ticks[0] == 0
            assert ticks[-1] == ground.end_tick
            assert (np.diff(ticks) > 0).all()


def test_a_wander_is_slow():
    seconds = np.arange(0, 600, 0.1)
    wander = sway(seconds, np.random.default_rng(0))
    assert wander.std() == pytest.approx(1.0, abs=0.1)
    assert np.corrcoef(wander[:-1], wander[1:])[0, 1] > 0.95
