"""Terms tell good from bad: each is heard on a line and on one made worse."""

from dataclasses import replace

import numpy as np
import pytest

from whitelight.composition.melody.layout import Sung
from whitelight.composition.melody.rendering import Rendered
from whitelight.composition.melody.setting import make_setting
from whitelight.composition.melody.theory import TERMS, hear, longest_breath_s, ramp, theory_terms
from whitelight.music import MidiTrack, Notes

EIGHTH = 2
PHRASE = [0, 2, 4, 3, 2, 1, 0]  # degrees of one phrase, an arch that peaks early


@pytest.fixture(scope="module")
def setting(section_for):
    return make_setting(section_for("C major", tempo_bpm=96.0))


def term(name, setting, phrases, *, semitones=None) -> float | None:
    """A term on phrases of eighths, each at the start of two bars, the last note a half."""
    line, rows = [], []
    for turn, degrees in enumerate(phrases):
        for place, degree in enumerate(degrees):
            is_last = place == len(degrees) - 1
            start = turn * 32 + EIGHTH * place
            pitch = setting.pitch(degree) if semitones is None else setting.tonic + semitones[place]
            line.append(
                Sung(start, start + (8 if is_last else EIGHTH), degree, turn, is_last, leans=False, pitch=pitch)
            )
            rows.append((start * setting.context.pulse_ticks, 200 if not is_last else 900, pitch, 70 + place))
    piece = setting.context.piece([MidiTrack("Melody", notes=Notes.from_rows(rows))])
    return theory_terms(hear(Rendered(piece, tuple(line)), setting))[name]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("contour", [PHRASE] * 4, [PHRASE[::-1]] * 3 + [[0, 0, 1, 1, 2, 3, 4]]),
        ("climax", [PHRASE, [0, 1, 2, 1, 0], [0, 1, 2, 3, 0], [2, 1, 0]], [[4, 4, 4, 4]] * 4),
        ("leap_recovery", [[0, 5, 4, 3, 2, 1, 0]] * 4, [[0, 4, 8, 4, 0, 4, 8]] * 4),
        ("motif", [PHRASE, [0, 1, 2, 1, 0, 2, 0], PHRASE, [0, 1, 2, 1, 0, 2, 0]], [[0, 2, 4], [3, 1, 5, 0, 6, 4, 2], [1, 1], [7]]),
        ("compass", [PHRASE, [7, 6, 5, 4], PHRASE, PHRASE], [[0, 0, 1, 0]] * 4),
        ("steps", [PHRASE] * 4, [[0, 4, 2, 7, 3, 9, 0]] * 4),
    ],
)  # fmt: skip
def test_a_term_hears_what_it_is_named_for(setting, name, good, bad) -> None:
    better, worse = term(name, setting, good), term(name, setting, bad)
    assert better is not None
    assert worse is not None
    assert better > worse + 0.1


def test_tritones_and_sevenths_are_hard_to_sing(setting) -> None:
    easy, hard = [0, 2, 4, 5, 4, 2, 0], [0, 6, 0, 11, 0, 6, 0]
    assert term("singability", setting, [PHRASE] * 4, semitones=easy) > term(
        "singability", setting, [PHRASE] * 4, semitones=hard
    )


def test_terms_without_business_are_silent(section_for) -> None:
    odd = make_setting(section_for("C major", "7/8"))
    assert term("syncopation", odd, [PHRASE]) is None
    bare = make_setting(replace(section_for("C major"), heard={}, chords=()))
    assert term("strong_tones", bare, [PHRASE]) is None
    assert term("memory", bare, [PHRASE]) is None
    assert term("friction", bare, [PHRASE]) is None


def test_breath_is_counted_from_rest_to_rest(setting) -> None:
    pulse = setting.context.pulse_ticks
    rows = [(0, 16 * pulse, 60, 80), (16 * pulse, 8 * pulse, 62, 80), (32 * pulse, 8 * pulse, 64, 80)]
    piece = setting.context.piece([MidiTrack("Melody", notes=Notes.from_rows(rows))])
    line = [Sung(o // pulse, (o + d) // pulse, 0, 0, is_last=False, leans=False, pitch=p) for o, d, p, _ in rows]
    heard = hear(Rendered(piece, tuple(line)), setting)
    assert longest_breath_s(heard) == pytest.approx(24 * setting.context.grid.pulse_s)


def test_no_term_is_dead(section_for) -> None:
    from whitelight.composition.melody import STAGE

    craft = STAGE.craft(section_for("C major", tempo_bpm=96.0, seed=1), None)
    rng = np.random.default_rng(0)
    rows = [craft.play(craft.compose(rng)).terms for _ in range(60)]
    for name in TERMS:
        values = [row[name] for row in rows if row[name] is not None]
        assert not values or np.std(values) > 0.02, name


def test_a_ramp_is_straight_between_corners() -> None:
    corners = ((0.0, 1.0, 3.0), (0.0, 1.0, 0.5))
    assert [ramp(value, *corners) for value in (-1, 0.5, 1, 2, 9)] == [0.0, 0.5, 1.0, 0.75, 0.5]
