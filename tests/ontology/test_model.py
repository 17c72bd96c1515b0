import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.ontology import Ontology, UnknownAxisError, UnknownClassError, load_ontology

RAINBOW = load_ontology("rainbow")


@st.composite
def ontologies(draw):
    """Any axes, any modes, classes with one mode, several or none."""
    n_modes = draw(st.lists(st.integers(2, 5), min_size=1, max_size=4))
    axes = [{"name": f"axis{i}", "modes": [f"m{j}" for j in range(n)]} for i, n in enumerate(n_modes)]
    subsets = [st.sets(st.sampled_from(a["modes"]), max_size=len(a["modes"]) - 1).map(sorted) for a in axes]
    classes = [
        {"name": f"class{i}", "modes": {a["name"]: draw(s) for a, s in zip(axes, subsets, strict=True)}}
        for i in range(draw(st.integers(2, 6)))
    ]
    return Ontology.from_dict({"name": "any", "axes": axes, "classes": classes})


@st.composite
def ontologies_with_points(draw):
    ontology = draw(ontologies())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    heard = [a for a in ontology.axes if draw(st.booleans())]
    return ontology, {a.name: rng.dirichlet(np.full(len(a.modes), 0.3)) for a in heard}


@settings(deadline=None, max_examples=60)
@given(ontologies(), st.floats(0, 0.99))
def test_targets_sum_to_1_and_masked_axes_are_absent(ontology, smoothing):
    for c in ontology.classes:
        targets = ontology.axis_targets(c.name, smoothing=smoothing)
        mask = ontology.axis_mask(c.name)
        assert [name in targets for name in ontology.axis_names] == mask.tolist()
        for name, values in targets.items():
            assert values.sum() == pytest.approx(1)
            claimed = [mode in c.modes[name] for mode in ontology.axis(name).modes]
            assert values[claimed].min() > values[np.logical_not(claimed)].max()


@settings(deadline=None, max_examples=60)
@given(ontologies_with_points())
def test_the_posterior_is_a_distribution_and_silent_classes_gain_no_evidence(case):
    ontology, point = case
    posterior = ontology.class_posterior(point)
    assert sum(posterior.values()) == pytest.approx(1)
    silent = [c.name for c in ontology.classes if not any(c.modes[name] for name in point)]
    assert len({posterior[name] for name in silent}) <= 1  # the odds among them are the prior's
    for c in ontology.classes:  # the definition, in plain arithmetic
        if silent and posterior[c.name] > 1e-9:
            odds = math.prod(
                len(ontology.axis(a).modes)
                * max(np.mean([v[ontology.axis(a).modes.index(m)] for m in c.modes[a]]), 1e-12)
                for a, v in point.items()
                if c.modes[a]
            )
            assert posterior[c.name] / posterior[silent[0]] == pytest.approx(odds, rel=1e-6)


@settings(deadline=None, max_examples=30)
@given(ontologies())
def test_dictionaries_and_hashes_survive_the_round_trip(ontology):
    again = Ontology.from_dict(ontology.to_dict())
    assert again == ontology
    assert again.hash == ontology.hash
    assert pickle.loads(pickle.dumps(ontology)) == ontology  # worker processes receive it


def test_targets_of_sets_and_of_nothing():
    assert RAINBOW.axis_targets("Indigo").keys() == {"ontological"}
    assert RAINBOW.axis_targets("Indigo")["ontological"].tolist() == [0.0, 0.5, 0.5]
    assert RAINBOW.axis_targets("Black") == {}
    assert RAINBOW.axis_mask("Black").tolist() == [False, False, False]
    assert RAINBOW.axis_targets("Red", smoothing=0.3)["temporal"] == pytest.approx([0.8, 0.1, 0.1])
    with pytest.raises(ValueError, match="smoothing is 1"):
        RAINBOW.axis_targets("Red", smoothing=1.0)


@pytest.mark.parametrize("text", ["Green", "green", " GREEN ", "G", "g", "05"])
def test_a_class_is_found_by_every_spelling(text):
    assert RAINBOW.resolve_class(text).name == "Green"
    assert RAINBOW.class_index(text) == 4


@pytest.mark.parametrize("text", ["Gren", "", "5", "ABD96D"])
def test_an_unknown_class_lists_what_exists(text):
    with pytest.raises(UnknownClassError, match=r"ontology 'rainbow'; it has Black \(Z\), Red \(R\)"):
        RAINBOW.resolve_class(text)


def test_the_posterior_prefers_the_class_that_lives_there():
    posterior = RAINBOW.class_posterior(RAINBOW.axis_targets("Red"))
    assert max(posterior, key=posterior.__getitem__) == "Red"
    assert posterior["Red"] / posterior["Black"] == pytest.approx(27)  # three axes, each 3 × against ignorance
    ignorance = {a.name: np.full(3, 1 / 3) for a in RAINBOW.axes}
    assert list(RAINBOW.class_posterior(ignorance).values()) == pytest.approx([1 / 9] * 9)
    assert list(RAINBOW.class_posterior({}).values()) == pytest.approx([1 / 9] * 9)
    prior = RAINBOW.class_posterior(ignorance, prior=dict.fromkeys(("Red", "Blue"), 3.0))
    assert prior["Red"] == pytest.approx(0.5)


def test_combinations_no_class_claims_are_hybrids_named_by_their_modes():
    red = RAINBOW.name_point(RAINBOW.axis_targets("Red"))
    assert (red.name, red.is_hybrid) == ("Red", False)
    point = {"temporal": [1, 0, 0], "objectional": [0, 0, 1], "ontological": [0, 0.2, 0.8]}
    hybrid = RAINBOW.name_point(point)
    assert (hybrid.name, hybrid.is_hybrid) == ("past · person · known", True)
    assert hybrid.modes == {"temporal": "past", "spatial": "person", "ontological": "known"}
    assert RAINBOW.name_point({"ontological": [0, 0, 1]}).is_hybrid  # Indigo claims no whole combination
    assert RAINBOW.name_point({}).name == "nowhere"


@pytest.mark.parametrize("values", [[1, 0], [1, 0, -1], [np.nan, 0, 1], [0, 0, 0], {"yesterday": 1}])
def test_what_is_no_distribution_is_refused(values):
    with pytest.raises(UnknownAxisError, match="temporal"):
        RAINBOW.class_posterior({"temporal": values})


def test_an_unknown_axis_lists_what_exists():
    with pytest.raises(UnknownAxisError, match="it has temporal, spatial, ontological"):
        RAINBOW.axis("arousal")
