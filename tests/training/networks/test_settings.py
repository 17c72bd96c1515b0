import pytest

from whitelight.training.networks import NetworkSettings
from whitelight.training.networks.settings import AugmentationSettings
from whitelight.training.settings import SettingsError


def test_defaults_are_possible() -> None:
    assert NetworkSettings().kind == "roll"
    assert NetworkSettings(kind="remi", width=96, n_heads=4).width == 96


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "lstm"}, "kind is 'lstm'; expected one of roll, remi"),
        ({"precision": "8-true"}, "precision is '8-true'"),
        ({"strategy": "fsdp"}, "expected one of auto, ddp"),
        ({"epochs": 0}, "epochs is 0; expected 1 or more"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"weight_decay": -1.0}, "weight_decay is -1.0"),
        ({"mixup": float("nan")}, "mixup is nan"),
        ({"n_steps": 4}, "n_steps is 4"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"validation_share": 0.0}, "validation_share is 0.0"),
        ({"kind": "remi", "width": 66}, "a multiple of n_heads, 4"),
        ({"batch_size": 15, "devices": 2}, "a multiple of devices, 2"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_impossible_values_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        NetworkSettings(**values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"transpose": 13}, "transpose is 13"),
        ({"velocity": -1}, "velocity is -1"),
        ({"tempo": 1.0}, "tempo is 1.0"),
        ({"note_drop": -0.1}, "note_drop is -0.1"),
        ({"view_drop": 1.5}, "view_drop is 1.5"),
    ],
)
def test_impossible_augmentation_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        AugmentationSettings(**values)
