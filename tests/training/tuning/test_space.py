"""Search spaces: typed by the settings, refused with the key."""

import pytest

from whitelight.training.config import flat
from whitelight.training.settings import FusionSettings
from whitelight.training.tuning.space import FIXED, TuneError, load_space, with_values

BASE = FusionSettings()


class Lowest:
    """A trial that always draws the first of what it may."""

    def suggest_categorical(self, key, choices):
        return choices[0]

    def suggest_int(self, key, low, high, *, step, log):
        return low

    def suggest_float(self, key, low, high, *, step, log):
        return low


def test_the_usual_space_can_be_drawn():
    space = load_space(None, BASE)
    values = space.draw(Lowest())
    assert set(values) <= set(flat(BASE))
    assert not any(key.startswith(FIXED) for key in values)
    settings = with_values(BASE, values)
    assert settings.midi.network_l2 == values["midi.network_l2"] == 0.003
    assert isinstance(settings.midi.network_steps, int)
    assert settings.text == BASE.text


def test_a_space_is_told_from_another(tmp_path):
    (tmp_path / "s.yml").write_text("fusion: {choices: [late, early]}\nmidi.width: {low: 8, high: 64, log: true}\n")
    assert load_space(tmp_path / "s.yml", BASE).to_dict() == {
        "fusion": {"choices": ["late", "early"]},
        "midi.width": {"low": 8.0, "high": 64.0, "log": True, "step": 0.0},
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("midi.width: {low: 8, high: 64}", {"midi.width": 64}),
        ("midi.width: {low: 8, high: 60}", {}),
        ("midi.width: {low: 8, high: 80, step: 10}", {}),
        ("midi.width: {choices: [8, 16]}\nmidi.input_dropout: {low: 0, high: 0.9}", {}),
        ("fusion: {choices: [early, late]}", {"fusion": "late"}),
    ],
)
def test_a_search_begins_where_it_is_if_that_is_inside(tmp_path, text, found):
    (tmp_path / "s.yml").write_text(text)
    assert load_space(tmp_path / "s.yml", BASE).start(BASE) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("midi.widht: {low: 1, high: 2}", r"s\.yml: midi\.widht: unknown setting; did you mean 'midi\.width'\?"),
        ("midi: {low: 1, high: 2}", "unknown setting"),
        ("seed: {low: 1, high: 2}", "seed: stays fixed in a search"),
        ("encoders.audio: {choices: [clap, none]}", "encoders.audio: stays fixed"),
        ("midi.width: 64", "midi.width is 64; expected {low: a, high: b}"),
        ("midi.width: {low: 8, hihg: 64}", "expected {low: a, high: b}"),
        ("midi.width: {low: 8.5, high: 64}", "expected low and high as whole numbers"),
        ("midi.width: {low: 64, high: 8}", "expected low below high"),
        ("midi.network_l2: {low: 0, high: 1, log: true}", "for log: true low above 0 and no step"),
        ("midi.network_l2: {high: 1}", "expected low and high as numbers"),
        ("midi.width: {choices: [8]}", "expected choices alone, two at least"),
        ("midi.width: {choices: [8, wide]}", r"midi\.width is 'wide'; expected a whole number"),
        ("midi.input_dropout: {low: 0.5, high: 1.5}", r"input_dropout is 1\.5; expected at least 0 and below 1"),
        ("fusion: {low: 1, high: 2}", "expected low and high as choices"),
        ("midi.standardize: {low: 0, high: 1}", "expected low and high as choices"),
        ("", "no settings; expected lines such as"),
        ("- 1", "no settings; expected lines such as"),
    ],
)
def test_what_cannot_be_searched_is_refused(tmp_path, text, message):
    (tmp_path / "s.yml").write_text(text)
    with pytest.raises(TuneError, match=message):
        load_space(tmp_path / "s.yml", BASE)
