"""Self-supervised warm-up of a token network on music without labels: guess hidden notes from the notes around them.

Off by default: `docs/networks.md` says what it gained where it was measured. The weights it returns are a start for
`fitting.fit_network`; the head is not among them.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from whitelight.music import Piece
from whitelight.progress import Progress, silent
from whitelight.training.models import deterministic
from whitelight.training.networks.changes import change_piece, draw_change
from whitelight.training.networks.fitting import GRADIENT_CLIP
from whitelight.training.networks.material import pitched
from whitelight.training.networks.models import NoteGuesser, TokenNetwork, make_network, make_reader
from whitelight.training.networks.settings import REMI, NetworkSettings
from whitelight.training.networks.tokens import FIELDS, PADDING
from whitelight.training.rows import TooLittleMaterialError
from whitelight.training.settings import SettingsError

HIDDEN = 0.15  # share of the notes
HIDING, DRAWING = 4, 5  # which draws of a seed; `data` and `module` have the others
PITCH = FIELDS.index("pitch")


def warm_up(
    pieces: Sequence[Piece], settings: NetworkSettings, *, n_steps: int, progress: Progress = silent
) -> dict[str, Tensor]:
    """Return weights of a token network that learned to guess hidden notes.

    Parameters
    ----------
    pieces : any music; those without pitched notes are left out. n_steps : batches.

    Raises
    ------
    SettingsError : the network is not one of tokens.
    TooLittleMaterialError : no piece has pitched notes.
    """
    if settings.kind != REMI:
        raise SettingsError(f"kind is '{settings.kind}'; expected '{REMI}', the only one that warms up")
    known = [piece for piece in map(pitched, pieces) if piece.n_notes]
    if not known:
        raise TooLittleMaterialError(f"none of {len(pieces)} pieces has pitched notes; give music that has")
    with deterministic(settings.seed):
        network = make_network(settings, 1)
        assert isinstance(network, TokenNetwork)
        guesser = NoteGuesser(network)
        optimizer = torch.optim.AdamW(
            guesser.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, max(n_steps, 2))
        for step in range(n_steps):
            loss = guesser(*_batch(known, settings, step))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(guesser.parameters(), GRADIENT_CLIP)
            optimizer.step()
            schedule.step()
            progress(step + 1, n_steps)
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _batch(pieces: Sequence[Piece], settings: NetworkSettings, step: int) -> tuple[Tensor, Tensor]:
    """Draw windows and which of their notes are hidden, at least one."""
    rng = np.random.default_rng([settings.seed, step, DRAWING])
    reader = make_reader(settings)
    windows = []
    for index in rng.integers(0, len(pieces), settings.batch_size):
        piece = change_piece(pieces[index], draw_change(settings.augmentation, rng), rng)
        windows.append(torch.from_numpy(reader.one(piece, rng)))
    batch = torch.stack(windows)
    there = (batch[..., PITCH] != PADDING).numpy()
    hidden = there & (np.random.default_rng([settings.seed, step, HIDING]).random(there.shape) < HIDDEN)
    hidden[0, 0] = True
    return batch, torch.from_numpy(hidden)
