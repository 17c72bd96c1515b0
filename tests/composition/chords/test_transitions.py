import numpy as np
import pytest

from whitelight.composition.chords.transitions import (
    InvalidTransitionsError,
    blend,
    degree_chain,
    read_transitions,
    shipped_rules,
)
from whitelight.composition.chords.vocabulary import (
    Function,
    UnknownChordError,
    diatonic_triads,
    enrichments,
    in_scale,
    parse_function,
)
from whitelight.music import SCALES


def test_shipped_rules_name_their_sources():
    for source in shipped_rules().sources:
        assert source["name"]
        assert "MIT" in source["licence"]
        assert source["credit"].startswith("©")
    assert {source["name"] for source in shipped_rules().sources} == {"POP909", "POP909-CL", "OpenEWLD"}


def test_rows_are_distributions():
    for rows in shipped_rules().transitions.values():
        for row in rows.values():
            assert sum(row.values()) == pytest.approx(1.0)
            assert min(row.values()) >= 0


@pytest.mark.parametrize("scale_name", SCALES)
def test_every_scale_has_a_chain_on_its_own_chords(scale_name):
    chain = degree_chain(shipped_rules(), scale_name, SCALES[scale_name])
    assert np.allclose(chain.next_degree.sum(axis=1), 1.0)
    assert np.allclose(np.diag(chain.next_degree), 0.0)
    for weights in (chain.opening, chain.inner_end, chain.cadence):
        assert weights.sum() == pytest.approx(1.0)
    assert chain.cadence[0] == 0
    for triad in chain.triads:
        assert in_scale(triad.root, triad.quality, SCALES[scale_name])
    for color, _, _ in chain.colors:
        assert not in_scale(color.root, color.quality, SCALES[scale_name])


def test_characteristic_chords_have_their_place():
    def chain(name):
        return degree_chain(shipped_rules(), name, SCALES[name])

    assert chain("mixolydian").next_degree[0, 6] > chain("major").next_degree[0, 6]
    assert chain("dorian").triads[3].quality == "maj"
    assert chain("phrygian").cadence.argmax() == 1
    assert chain("lydian").cadence.argmax() == 1
    assert chain("harmonic minor").triads[4].quality == "maj"
    assert chain("dorian").colors == ()


def test_user_counts_outweigh_shipped_ones_as_they_grow():
    rules = shipped_rules()
    shipped = rules.transitions["major"]["I"]["bVII"]
    few = blend(rules, {"major": {"I": {"bVII": 4}}}).transitions["major"]["I"]
    many = blend(rules, {"major": {"I": {"bVII": 4000}}}).transitions["major"]["I"]
    assert shipped < few["bVII"] < 0.5 < many["bVII"]
    assert sum(few.values()) == pytest.approx(1.0)
    assert rules.transitions["major"]["I"]["bVII"] == shipped
    assert blend(rules, {}).transitions["minor"]["i"] == pytest.approx(rules.transitions["minor"]["i"])
    assert "i" not in rules.transitions["minor"]["i"]


@pytest.mark.parametrize(
    "text", ["counts: [1]\n", "x: 1\n", "counts: {major: {I: {V: -1}}}\n", "counts: {lydian: {}}\n"]
)
def test_a_file_of_another_form_is_refused(tmp_path, text):
    path = tmp_path / "mine.yml"
    path.write_text(text)
    with pytest.raises(InvalidTransitionsError, match=r"mine\.yml"):
        read_transitions(path)


def test_functions_are_read_against_the_major_scale():
    assert parse_function("bVI") == Function(8, 5, "maj")
    assert parse_function("ii") == Function(2, 1, "min")
    assert parse_function("vii°") == Function(11, 6, "dim")
    for text in ("H", "iI", "VIII", ""):
        with pytest.raises(UnknownChordError):
            parse_function(text)


def test_enrichments_stay_in_the_scale():
    assert "maj7" in enrichments(0, "maj", SCALES["major"])
    assert "7" not in enrichments(0, "maj", SCALES["major"])
    assert "7" in enrichments(7, "maj", SCALES["major"])
    assert "sus4" not in enrichments(5, "maj", SCALES["major"])


def test_a_scale_without_usual_triads_is_refused():
    with pytest.raises(UnknownChordError, match="degree"):
        diatonic_triads((0, 1, 2, 3, 4, 5, 6))
