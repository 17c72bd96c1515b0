"""Config files: typed, nested, extended, and refused with the key."""

from dataclasses import fields, is_dataclass, replace

import pytest

from whitelight.files import UnreadableFileError
from whitelight.training.config import ConfigError, TrainConfig, changed, flat, load_config, nested, presets
from whitelight.training.settings import FusionSettings


def written(folder, text, name="my.yml"):
    (folder / name).write_text(text)
    return folder / name


def test_laptop_is_the_defaults():
    assert load_config("laptop") == TrainConfig()


def test_gpu_is_larger_and_mixed():
    config = load_config("gpu")
    default = TrainConfig()
    assert config.network.precision == "bf16-mixed"
    assert config.network.width > default.network.width
    assert config.network.epochs > default.network.epochs
    assert config.fusion.midi.n_networks > default.fusion.midi.n_networks
    assert config.fusion.text == default.fusion.text


def test_presets_lie_in_the_package():
    assert presets() == ("gpu", "laptop")


def test_a_file_changes_a_few_keys(tmp_path):
    path = written(tmp_path, "extends: gpu\nfusion:\n  n_folds: 4\n  midi: {network_l2: 1e-3, width: 32}\n")
    found, base = load_config(path), load_config("gpu")
    assert found.network == base.network
    assert found.fusion == replace(base.fusion, n_folds=4, midi=replace(base.fusion.midi, network_l2=0.001, width=32))


def test_a_whole_number_is_a_number(tmp_path):
    value = load_config(written(tmp_path, "fusion: {loss: {focal_gamma: 2}}")).fusion.loss.focal_gamma
    assert isinstance(value, float)
    assert value == 2.0


def test_files_extend_files_relative_to_themselves(tmp_path):
    (tmp_path / "sub").mkdir()
    written(tmp_path, "fusion: {n_folds: 3}", "base.yml")
    path = written(tmp_path / "sub", "extends: ../base.yml\nfusion: {seed: 7}\n")
    assert load_config(path).fusion == FusionSettings(seed=7, n_folds=3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fusion: {midi: {widht: 3}}", r"my\.yml: unknown key 'fusion\.midi\.widht'; did you mean 'width'\?"),
        ("fusoin: {}", r"my\.yml: unknown key 'fusoin'; did you mean 'fusion'\?"),
        ("model: {}", r"my\.yml: unknown key 'model'; expected one of fusion, network"),
        ("fusion: {midi: {width: wide}}", r"my\.yml: fusion\.midi\.width is 'wide'; expected a whole number"),
        ("fusion: {midi: {width: 1.5}}", r"my\.yml: fusion\.midi\.width is 1\.5; expected a whole number"),
        ("fusion: {n_folds: true}", r"fusion\.n_folds is True; expected a whole number"),
        ("fusion: {midi: {standardize: 1}}", r"fusion\.midi\.standardize is 1; expected true or false"),
        ("fusion: {midi: {network_l2: .nan}}", r"network_l2 is nan; expected a number"),
        ("fusion: {fusion: 3}", r"fusion\.fusion is 3; expected a text"),
        ("fusion: {midi: [1, 2]}", r"fusion\.midi is a list of 2; expected keys with values"),
        ("fusion: {seed: }", r"fusion\.seed is nothing; expected a whole number"),
        ("- 1", r"my\.yml: the file is a list of 1; expected keys with values"),
        ("fusion: {n_folds: 1}", r"my\.yml: fusion: n_folds is 1; expected 2 or more"),
        ("network: {dropout: 1}", r"my\.yml: network: dropout is 1\.0; expected at least 0 and below 1"),
        ("extends: my.yml", r"my\.yml: 'extends' leads back to itself"),
        ("extends: [laptop]", r"extends is a list of 1; expected a preset or a file"),
        ("extends: labtop", r"config 'labtop': neither a preset \(gpu, laptop\) nor a file"),
    ],
)
def test_what_no_setting_means_is_refused(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load_config(written(tmp_path, text))


def test_an_empty_file_is_the_defaults(tmp_path):
    assert load_config(written(tmp_path, "")) == TrainConfig()


def test_a_missing_file_and_broken_yaml(tmp_path):
    with pytest.raises(ConfigError, match=r"config 'nowhere\.yml': neither a preset"):
        load_config("nowhere.yml")
    with pytest.raises(UnreadableFileError, match=r"my\.yml line 2"):
        load_config(written(tmp_path, "fusion: [\n"))


def test_flat_and_nested_are_each_others_reverse():
    settings = FusionSettings()
    values = flat(settings)
    assert values["midi.network_l2"] == settings.midi.network_l2
    assert changed(FusionSettings(seed=9, n_folds=2), nested(values), source="test") == settings


def test_every_setting_can_be_written_in_a_file():
    def kinds(settings):
        for one in fields(settings):
            value = getattr(settings, one.name)
            if is_dataclass(value):
                yield from kinds(value)
            else:
                yield type(value)

    assert set(kinds(TrainConfig())) <= {int, float, str, bool}
