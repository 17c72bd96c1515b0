import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.ontology import Target, distance, feasibility, load_ontology, path

RAINBOW = load_ontology("rainbow")
NAMES = st.sampled_from(RAINBOW.class_names)
WISHES = st.dictionaries(NAMES, st.floats(0.01, 1), min_size=1, max_size=3).map(
    lambda weights: Target.mixture(RAINBOW, weights)
)


def target(text):
    return Target.parse(text, RAINBOW)


def test_distances_per_axis_and_in_total():
    near = distance(target("Red"), target("Orange"))
    assert near.axes == {"temporal": 0, "spatial": 0, "ontological": 1}
    assert near.total == 1
    assert distance(target("Red"), target("Green")).total == 3
    assert distance(target("Red"), target("60% Red + 40% Orange")).total == pytest.approx(0.4)


def test_axes_that_cannot_be_compared_are_named_and_not_guessed():
    moved = distance(target("Red"), target("Indigo"))
    assert (moved.axes, moved.lost, moved.gained) == ({"ontological": 0.5}, ("temporal", "spatial"), ())
    assert distance(target("Black"), target("Red")).total is None
    assert distance(target("Black"), target("Red")).gained == ("temporal", "spatial", "ontological")


@settings(deadline=None, max_examples=60)
@given(WISHES, WISHES)
def test_distance_is_a_metric_on_shared_axes(a, b):
    there, back = distance(a, b), distance(b, a)
    assert there.axes == pytest.approx(back.axes)
    assert (there.gained, there.lost) == (back.lost, back.gained)
    assert distance(a, a).total in (0, None)
    assert all(0 <= d <= 1 + 1e-12 for d in there.axes.values())


@settings(deadline=None, max_examples=60)
@given(WISHES, WISHES)
def test_a_path_starts_here_ends_there_and_never_moves_away(a, b):
    steps = path(RAINBOW, a, b)
    assert steps[0].point is a
    for name, values in b.axes.items():
        assert steps[-1].point.axes[name] == pytest.approx(values)
    assert set(steps[-1].point.axes) == set(b.axes)
    sizes = [distance(a, b).axes.get(step.changed[0], -1) for step in steps[1:] if step.changed]
    assert sizes == sorted(sizes, reverse=True)  # the largest axis first
    remaining = [sum(step.remaining.axes.values()) for step in steps]
    assert all(after <= before + 1e-9 for before, after in itertools.pairwise(remaining))


@settings(deadline=None, max_examples=40)
@given(WISHES, WISHES, st.integers(1, 6))
def test_an_interpolated_path_has_even_steps(a, b, n_steps):
    steps = path(RAINBOW, a, b, method="interpolated", n_steps=n_steps)
    assert len(steps) == n_steps + 1
    for index, step in enumerate(steps):
        expected = a.class_weights + (b.class_weights - a.class_weights) * index / n_steps
        assert step.point.class_weights == pytest.approx(expected)


def test_the_steps_from_one_class_to_another_are_named():
    steps = path(RAINBOW, target("Red"), target("Green"))
    assert [step.name.name for step in steps] == ["Red", "future · thing · known", "future · place · known", "Green"]
    assert [step.changed for step in steps] == [(), ("temporal",), ("spatial",), ("ontological",)]
    assert [step.remaining.total for step in steps] == [3, 2, 1, 0]
    to_silent = path(RAINBOW, target("Red"), target("Black"))
    assert [step.changed for step in to_silent[1:]] == [("temporal",), ("spatial",), ("ontological",)]
    assert to_silent[-1].point.text == "Black"
    assert len(path(RAINBOW, target("Black"), target("White"))) == 2
    with pytest.raises(ValueError, match="n_steps is 0"):
        path(RAINBOW, target("Red"), target("Blue"), method="interpolated", n_steps=0)


def test_feasibility_says_what_lies_between():
    assert feasibility(RAINBOW, target("Red"), target("Orange")).level == "direct"
    assert feasibility(RAINBOW, target("Red"), target("Red")).level == "same"
    far = feasibility(RAINBOW, target("Red"), target("Green"))
    assert (far.level, far.hybrids) == ("hybrid", ("future · thing · known", "future · place · known"))
    assert feasibility(RAINBOW, target("Black"), target("Red")).level == "undefined"
    partly = feasibility(RAINBOW, target("Red"), target("Indigo"))
    assert partly.share_comparable == pytest.approx(1 / 3)
