"""How every descriptor lies in the catalog, per view and class: what one value is compared with.

Kept as quantiles, songs counting equally. A bundle that was trained with them holds them in `distributions.npz`; for
others they are measured on the features of the dataset, where that is still there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.bundle import DISTRIBUTIONS, BundleError, read_bundle
from whitelight.scoring.heads import Array

LEVELS: Array = np.linspace(0.0, 1.0, 21)
SHOWN = (1, 5, 10, 15, 19)  # of the levels: 5, 25, 50, 75 and 95 %
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantiles of every descriptor in one part of the catalog.

    Attributes
    ----------
    quantiles : (n_levels, dim), at `LEVELS`.
    """

    quantiles: Floats

    @property
    def median(self) -> Floats:
        """The middle of every descriptor, (dim,)."""
        return np.asarray(self.quantiles[len(LEVELS) // 2])

    def shown(self, column: int) -> tuple[float, ...]:
        """The 5, 25, 50, 75 and 95 % quantiles of one descriptor."""
        return tuple(float(self.quantiles[place, column]) for place in SHOWN)

    def share_below(self, column: int, value: float) -> float:
        """Share of this part of the catalog that lies below a value, 0 to 1; what is equal counts half."""
        grid = self.quantiles[:, column]
        left, right = (int(np.searchsorted(grid, value, side=side)) for side in ("left", "right"))
        if left < right:
            return float((LEVELS[left] + LEVELS[right - 1]) / 2)
        if left in {0, len(grid)}:
            return float(left == len(grid))
        step = float((value - grid[left - 1]) / (grid[left] - grid[left - 1]))
        return float(LEVELS[left - 1] + step * (LEVELS[left] - LEVELS[left - 1]))


@dataclass(frozen=True, slots=True)
class Distributions:
    """Quantiles per view and class.

    Attributes
    ----------
    views, classes : what the first two axes stand for. quantiles : (n_views, n_classes, n_levels, dim).
    n_songs : (n_views, n_classes); 0 where the catalog has nothing.
    """

    views: tuple[str, ...]
    classes: tuple[str, ...]
    quantiles: Floats
    n_songs: NDArray[np.int64]

    def spread(self, view: str, weights: Array | None = None) -> Spread | None:
        """Return the quantiles of a mixture of classes in one view; None where the catalog has nothing of it.

        Parameters
        ----------
        weights : (n_classes,), how much each song of a class counts; None: all songs count.
        """
        place = self.views.index(view)
        share = self.n_songs[place] * (np.ones(len(self.classes)) if weights is None else weights)
        chosen = np.flatnonzero(share > 0)
        if not len(chosen):
            return None
        if len(chosen) == 1:
            return Spread(self.quantiles[place, chosen[0]])
        values = self.quantiles[place, chosen].reshape(-1, self.quantiles.shape[-1])
        return Spread(weighted_quantiles(values, np.repeat(share[chosen], len(LEVELS))))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return plain arrays for an .npz file."""
        return {
            "views": np.array(self.views),
            "classes": np.array(self.classes),
            "quantiles": self.quantiles,
            "n_songs": self.n_songs,
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Distributions":
        """Return what `arrays` made plain."""
        views, classes = (tuple(map(str, arrays[key])) for key in ("views", "classes"))
        return cls(views, classes, arrays["quantiles"], arrays["n_songs"])

    @classmethod
    def of_rows(
        cls,
        descriptors: Floats,
        view: NDArray[np.int64],
        label: NDArray[np.int64],
        songs: Sequence[str],
        *,
        views: Sequence[str],
        classes: Sequence[str],
    ) -> "Distributions":
        """Measure rows of a catalog.

        Parameters
        ----------
        descriptors : (n, dim). view, label : (n,), indices into `views` and `classes`. songs : the song of each row.
        """
        names = np.asarray(songs, dtype=str)
        shape = (len(views), len(classes))
        quantiles = np.zeros((*shape, len(LEVELS), descriptors.shape[1]), np.float32)
        n_songs = np.zeros(shape, np.int64)
        for cell in np.unique(view * len(classes) + label):
            place = divmod(int(cell), len(classes))
            chosen = (view == place[0]) & (label == place[1])
            _, song, counts = np.unique(names[chosen], return_inverse=True, return_counts=True)
            quantiles[place] = weighted_quantiles(descriptors[chosen], 1.0 / counts[song])
            n_songs[place] = len(counts)
        return cls(tuple(views), tuple(classes), quantiles, n_songs)


def weighted_quantiles(values: Floats, weights: Array) -> Floats:
    """Return the quantiles of every column at `LEVELS`, (n_levels, dim): of each the first value that reaches it."""
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    reached = np.cumsum(weights[order], axis=0)
    reached /= reached[-1]
    places = np.stack([(reached < level - 1e-9).sum(axis=0) for level in LEVELS])
    return np.take_along_axis(ordered, np.minimum(places, len(values) - 1), axis=0)


def distributions_of(bundle: Path, *datasets: Path) -> Distributions:
    """Return how the catalog of a bundle is spread: as the bundle says, else as measured on the first dataset.

    Raises
    ------
    WhitelightError : the bundle does not say, and no dataset can be read.
    """
    if (bundle / DISTRIBUTIONS).is_file():
        return Distributions.of_arrays(read_bundle(bundle).arrays(DISTRIBUTIONS))
    if not datasets:
        raise BundleError(
            f"{bundle}: no {DISTRIBUTIONS}, it is of an older version, and no dataset to measure; train again"
        )
    return measure_dataset(datasets[0])


def measure_dataset(folder: Path) -> Distributions:
    """Measure the rows of a dataset whose descriptors were computed before.

    Raises
    ------
    WhitelightError : the dataset or its features cannot be read.
    """
    from whitelight.dataset import VIEWS, Dataset  # noqa: PLC0415  a scorer in use needs no dataset
    from whitelight.encoders import DescriptorEncoder, load_features  # noqa: PLC0415  as above

    dataset = Dataset.open(folder)
    table = dataset.rows(columns=["row_id", "group_id", "view", "class_name", "has_midi"])
    column = {name: np.array(table.column(name).to_pylist(), dtype=object) for name in table.column_names}
    chosen = (column["class_name"] != "") & column["has_midi"].astype(bool)
    classes = dataset.ontology.class_names
    return Distributions.of_rows(
        load_features(dataset, DescriptorEncoder(), list(column["row_id"][chosen])),
        np.array([VIEWS.index(view) for view in column["view"][chosen]], np.int64),
        np.array([classes.index(name) for name in column["class_name"][chosen]], np.int64),
        list(column["group_id"][chosen]),
        views=VIEWS,
        classes=classes,
    )
