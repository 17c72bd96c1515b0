from collections.abc import Callable

import numpy as np
import pytest
import torch

from whitelight.music import Piece
from whitelight.training.networks import NetworkSettings
from whitelight.training.networks.models import NoteGuesser, TokenNetwork, make_network, make_reader
from whitelight.training.networks.tokens import SIZES, TokenReader, tokenize

KINDS = pytest.mark.parametrize("kind", ["roll", "remi"])
N_COLUMNS = 8


def windows_of(piece: Piece, settings: NetworkSettings) -> torch.Tensor:
    return torch.from_numpy(make_reader(settings).spread(piece))


@KINDS
def test_a_window_is_judged_alike_alone_and_among_others(
    kind: str, piece: Piece, small: Callable[..., NetworkSettings]
) -> None:
    settings = small(kind=kind, n_windows=5)
    network = make_network(settings, N_COLUMNS).eval()
    windows = windows_of(piece, settings)
    with torch.no_grad():
        together = network(windows)
        alone = torch.cat([network(window[None]) for window in windows])
    assert together.shape == (5, N_COLUMNS)
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    assert together.std(dim=0).max() > 0  # it does look at them


@KINDS
def test_every_weight_learns(kind: str, piece: Piece, small: Callable[..., NetworkSettings]) -> None:
    settings = small(kind=kind)
    network = make_network(settings, N_COLUMNS)
    network(windows_of(piece, settings)).square().sum().backward()
    still = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert not still


def test_padding_changes_nothing(piece: Piece, small: Callable[..., NetworkSettings]) -> None:
    network = make_network(small(kind="remi", n_steps=64), N_COLUMNS).eval()
    short = TokenReader(30, 1).spread(piece)
    padded = np.zeros((1, 64, short.shape[2]), dtype=np.int64)
    padded[:, :30] = short
    changed = padded.copy()
    changed[:, :, 0][padded[:, :, 3] == 0] = 4  # a token where there is no note
    with torch.no_grad():
        assert isinstance(network, TokenNetwork)
        embedded = network.embed(torch.from_numpy(padded))
        longer = network.judge(embedded)
        torch.testing.assert_close(longer, network.judge(embedded[:, :30]), atol=1e-5, rtol=0)
        torch.testing.assert_close(longer, network(torch.from_numpy(changed)), atol=1e-6, rtol=0)


def test_the_order_of_notes_matters(piece: Piece, small: Callable[..., NetworkSettings]) -> None:
    network = make_network(small(kind="remi"), N_COLUMNS).eval()
    window = torch.from_numpy(tokenize(piece)[:32])
    with torch.no_grad():
        assert (network(window[None]) - network(window.flip(0)[None])).abs().max() > 1e-4


@pytest.mark.parametrize("n_layers", [1, 2, 3, 5])
def test_any_number_of_layers_fits_the_shortest_window(n_layers: int) -> None:
    settings = NetworkSettings(n_layers=n_layers, n_steps=16, width=10)
    assert make_network(settings, 3)(torch.zeros(2, *make_reader(settings).shape)).shape == (2, 3)


def test_hidden_notes_are_guessed_from_the_others_alone(piece: Piece, small: Callable[..., NetworkSettings]) -> None:
    network = make_network(small(kind="remi"), 1)
    assert isinstance(network, TokenNetwork)
    guesser = NoteGuesser(network.eval())
    windows = torch.from_numpy(TokenReader(32, 1).spread(piece))
    hidden = torch.zeros(1, 32, dtype=torch.bool)
    hidden[0, 5] = True
    seen: list[torch.Tensor] = []
    original = network.embed
    network.embed = lambda given: seen.append(given) or original(given)  # type: ignore[method-assign,func-returns-value]
    loss = guesser(windows, hidden)
    assert (seen[0][0, 5] == 1).all()  # masked
    assert torch.equal(seen[0][0, 6:], windows[0, 6:])
    assert abs(loss.item() - float(np.mean(np.log(SIZES)))) < 1  # a guess at random, at first
