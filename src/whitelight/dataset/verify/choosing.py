"""Which songs are looked at, and which of their rows are compared with the source."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whitelight.dataset.dataset import Dataset
from whitelight.errors import WhitelightError

DEFAULT_ROWS = 50  # drawn when nothing is said; a fault in 6 % of the rows is met with probability 0.95


class NothingChosenError(WhitelightError):
    """No song of the dataset is of the class or has the id that was asked for."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """How rows are compared with the source again.

    Attributes
    ----------
    n_rows : rows drawn over all shards; None for every row.
    seed : of the draw.
    catalog : folder of the source; None to take what the dataset notes.
    is_required : an absent source is a failure.
    jobs : processes, ≥ 1; the result does not depend on it.
    """

    n_rows: int | None = DEFAULT_ROWS
    seed: int = 0
    catalog: Path | None = None
    is_required: bool = True
    jobs: int = 1


def choose_songs(dataset: Dataset, class_name: str = "", song_id: str = "") -> list[str]:
    """Return the songs of a class, by any of its names, or of an id; all when neither is given.

    Raises
    ------
    UnknownClassError, NothingChosenError : no such class, no such song.
    """
    wanted = dataset.ontology.resolve_class(class_name).name if class_name else ""
    chosen = [
        name
        for name, record in dataset.manifest.songs.items()
        if (not song_id or name == song_id) and (not wanted or record.class_name == wanted)
    ]
    if not chosen and (class_name or song_id):
        what = " of ".join(filter(None, (f"song '{song_id}'" if song_id else "song", wanted)))
        raise NothingChosenError(
            f"{dataset.path} has no {what}; it has {len(dataset.song_ids)} songs, see manifest.json"
        )
    return chosen


def draw_rows(row_ids: Sequence[str], n_rows: int | None, seed: int) -> set[str]:
    """Draw rows, each as likely as any other, whatever song it is of; the same seed draws the same."""
    unique = sorted(set(row_ids))
    if n_rows is None or n_rows >= len(unique):
        return set(unique)
    rng = np.random.default_rng(seed)
    return {unique[index] for index in rng.choice(len(unique), n_rows, replace=False)}
