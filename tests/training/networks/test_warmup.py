from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from whitelight.dataset import Dataset
from whitelight.music import MidiTrack, Notes, Piece
from whitelight.training.networks import NetworkSettings
from whitelight.training.networks.fitting import fit_network
from whitelight.training.networks.material import Material
from whitelight.training.networks.warmup import warm_up
from whitelight.training.rows import TooLittleMaterialError
from whitelight.training.settings import SettingsError


def test_warm_weights_are_the_same_again_and_a_start_for_training(
    tiny_material: Material,
    tiny_source: Dataset,
    sides: tuple[Material, Material],
    small: Callable[..., NetworkSettings],
    tmp_path: Path,
) -> None:
    settings = small(kind="remi", epochs=1, learning_rate=1e-9)
    warm, again = (warm_up(tiny_material.pieces, small(kind="remi"), n_steps=4) for _ in range(2))
    assert all(torch.equal(warm[name], again[name]) for name in warm)
    fitted = fit_network(sides[0], None, tiny_source.ontology, settings, folder=tmp_path, start=warm)
    state = fitted.network.state_dict()
    torch.testing.assert_close(state["tables.3.weight"], warm["tables.3.weight"], atol=1e-4, rtol=0)
    assert state["out.weight"].shape != warm["out.weight"].shape


def test_only_tokens_warm_up(tiny_material: Material, small: Callable[..., NetworkSettings]) -> None:
    with pytest.raises(SettingsError, match="expected 'remi'"):
        warm_up(tiny_material.pieces, small(kind="roll"), n_steps=1)


def test_drums_alone_are_refused(piece: Piece, small: Callable[..., NetworkSettings]) -> None:
    drums = MidiTrack(is_drum=True, notes=Notes.from_rows([(0, 10, 36, 100)]))
    with pytest.raises(TooLittleMaterialError, match="none of 1 pieces has pitched notes"):
        warm_up([Piece(480, piece.tempo_map, midi_tracks=(drums,))], small(kind="remi"), n_steps=1)
