import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.ontology import (
    InvalidTargetError,
    Target,
    UnknownAxisError,
    UnknownClassError,
    load_ontology,
    mix,
    ontology_from_classes,
)

RAINBOW = load_ontology("rainbow")
NAMES = st.sampled_from(RAINBOW.class_names)


def weights_of(text, ontology=RAINBOW):
    target = Target.parse(text, ontology)
    return {n: round(w, 6) for n, w in zip(ontology.class_names, target.class_weights, strict=True) if w}


@pytest.mark.parametrize("text", ["Red", "r", "02", " red "])
def test_one_class(text):
    target = Target.parse(text, RAINBOW)
    assert target.text == "Red"
    assert target.names_classes
    assert {k: v.tolist() for k, v in target.axes.items()} == {
        "temporal": [1, 0, 0],
        "spatial": [1, 0, 0],
        "ontological": [0, 0, 1],
    }
    assert set(target.axis_weights.values()) == {1.0}


@pytest.mark.parametrize(
    "text",
    [
        "60% Red + 40% Orange",
        "60 % Red + 40 % Orange",
        "60% of Red and 40% of Orange",
        "Red:0.6, Orange:0.4",
        "red: 60%, orange: 40%",
        "R=3; O=2",
        "0.6 Red + .4 Orange",
        "3x02 + 2x03",
    ],
)
def test_mixtures_in_the_ways_people_write_them(text):
    assert weights_of(text) == {"Red": 0.6, "Orange": 0.4}
    assert Target.parse(text, RAINBOW).axes["ontological"] == pytest.approx([0.4, 0, 0.6])
    assert Target.parse(text, RAINBOW).text == "60% Red + 40% Orange"


def test_bare_names_share_evenly_and_thirds_add_up():
    assert weights_of("Red + Blue") == {"Red": 0.5, "Blue": 0.5}
    assert weights_of("33% Red + 33% Blue + 33% Green") == dict.fromkeys(("Red", "Green", "Blue"), 0.333333)


def test_an_axis_only_part_of_the_mixture_claims_says_how_much():
    target = Target.parse("75% Indigo + 25% Red", RAINBOW)
    assert list(target.axes) == ["temporal", "spatial", "ontological"]
    assert target.axes["temporal"].tolist() == [1, 0, 0]
    assert target.axis_weights == pytest.approx({"temporal": 0.25, "spatial": 0.25, "ontological": 1.0})
    assert target.axes["ontological"] == pytest.approx([0, 0.375, 0.625])
    assert Target.parse("Black + White", RAINBOW).axes == {}


def test_a_place_on_the_axes():
    target = Target.parse("temporal=past; objectional=place:0.7,thing:.3", RAINBOW)
    assert not target.names_classes
    assert target.axes["spatial"] == pytest.approx([0.3, 0.7, 0])
    same = Target.from_axes(RAINBOW, {"spatial": {"place": 7, "thing": 3}, "temporal": [1, 0, 0]})
    assert list(same.axes) == ["temporal", "spatial"]
    assert same.axes["spatial"] == pytest.approx(target.axes["spatial"])


def test_class_names_that_look_like_weights_or_mixtures():
    ontology = ontology_from_classes("style", ["80s rock", "R&B + soul", "hip-hop"])
    assert weights_of("80s rock", ontology) == {"80s rock": 1}
    assert weights_of("R&B + soul", ontology) == {"R&B + soul": 1}
    assert weights_of("2 80s rock + 2 hip-hop", ontology) == {"80s rock": 0.5, "hip-hop": 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; name a class: Black"),
        ("60% Red + 30% Orange", "adds up to 90 %, expected 100 %"),
        ("60% Red + Orange", "mixes percentages, weights and bare names"),
        ("Red + r", "names a class twice"),
        ("Red:0, Orange:0", "one above 0"),
        ("temporal=past:much", "is not mode or mode:weight"),
        ("temporal=past; temporal=future", "names axis 'temporal' twice"),
    ],
)
def test_what_is_no_target_is_refused(text, message):
    with pytest.raises(InvalidTargetError, match=message):
        Target.parse(text, RAINBOW)


def test_what_does_not_exist_is_refused():
    with pytest.raises(UnknownClassError, match="'Gren' is no class"):
        Target.parse("60% Red + 40% Gren", RAINBOW)
    with pytest.raises(UnknownAxisError, match="'yesterday' is no mode"):
        Target.parse("temporal=yesterday", RAINBOW)
    with pytest.raises(UnknownAxisError, match="'mood' is no axis"):
        Target.parse("mood=dark", RAINBOW)
    with pytest.raises(InvalidTargetError, match="asks for nothing"):
        Target.from_axes(RAINBOW, {})
    with pytest.raises(InvalidTargetError, match="axis twice"):
        Target.from_axes(RAINBOW, {"spatial": [1, 0, 0], "objectional": [1, 0, 0]})


@settings(deadline=None, max_examples=80)
@given(st.dictionaries(NAMES, st.floats(0, 1e6), min_size=1, max_size=5))
def test_every_mixture_is_a_distribution(weights):
    if not any(weights.values()):
        with pytest.raises(InvalidTargetError, match="one above 0"):
            Target.mixture(RAINBOW, weights)
        return
    target = Target.mixture(RAINBOW, weights)
    assert target.class_weights.sum() == pytest.approx(1)
    assert target.axis_weights.keys() == target.axes.keys()
    for name, values in target.axes.items():
        assert values.sum() == pytest.approx(1)
        assert (values >= 0).all()
        assert 0 < target.axis_weights[name] <= 1
    assert Target.parse(target.text, RAINBOW).class_weights == pytest.approx(target.class_weights, abs=0.02)


@settings(deadline=None, max_examples=40)
@given(NAMES, NAMES, st.floats(0.01, 0.99))
def test_mixing_is_symmetric_and_idempotent(a, b, share):
    one, other = Target.of_class(RAINBOW, a), Target.of_class(RAINBOW, b)
    there, back = mix(RAINBOW, [one, other], [share, 1 - share]), mix(RAINBOW, [other, one], [1 - share, share])
    assert there.class_weights == pytest.approx(back.class_weights)
    for name in there.axes:
        assert there.axes[name] == pytest.approx(back.axes[name])
    same = mix(RAINBOW, [one, one], [share, 1 - share])
    assert np.allclose(same.class_weights, one.class_weights)
    assert same.to_dict()["axes"].keys() == one.axes.keys()
