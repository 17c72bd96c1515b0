"""Small made-up material: rows whose descriptors carry the class, with noise per song."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.dataset import VIEWS
from whitelight.ontology import Ontology, load_ontology
from whitelight.training import train_fusion
from whitelight.training.rows import ABSENT, EmbeddingTable, Rows

DIM, TEXT_DIM = 20, 16


@pytest.fixture(scope="session")
def tiny_dataset(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four classes of five songs of two clips; the last song of each class is in split 'val'."""
    found: Path = tiny.write_tiny_dataset(tmp_path_factory.mktemp("tiny"))
    return found


@pytest.fixture(scope="session")
def tiny_model(tiny: ModuleType, tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle trained on split 'train' of the tiny dataset."""
    out = tmp_path_factory.mktemp("model") / "model"
    train_fusion(tiny_dataset, out, split_column="split", settings=tiny.SETTINGS)
    return out


@pytest.fixture(scope="session")
def quadrants() -> Ontology:
    return load_ontology("emopia")


@pytest.fixture(scope="session")
def rainbow() -> Ontology:
    return load_ontology("rainbow")


@pytest.fixture(scope="session")
def make_rows() -> Callable[..., Rows]:
    """Rows of `songs_per_class` songs of each class in `classes`, two segments each, seen in three views."""

    def make(
        classes: tuple[int, ...] = (0, 1, 2, 3),
        songs_per_class: int = 6,
        *,
        noise: float = 1.0,
        with_text: bool = False,
        seed: int = 0,
    ) -> Rows:
        rng = np.random.default_rng(seed)
        centers = rng.normal(size=(12, DIM))
        concepts = rng.normal(size=(12, TEXT_DIM))
        entries = [
            (f"{k}-{s}", k, segment, view, f"{k}-{s}/{segment:04d}")
            for k in classes
            for s in range(songs_per_class)
            for segment in range(2)
            for view in ("full", "chords", "bass")
        ]
        songs, labels, _, views, segments = (list(column) for column in zip(*entries, strict=True))
        song_noise = {song: rng.normal(size=DIM) * noise for song in dict.fromkeys(songs)}
        view_shift = {view: rng.normal(size=DIM) * 3 for view in VIEWS}
        descriptors = np.array(
            [
                centers[k] + song_noise[song] + view_shift[view] + rng.normal(size=DIM) * noise
                for song, k, view in zip(songs, labels, views, strict=True)
            ]
        )
        n = len(entries)
        unique = sorted(set(songs))
        embeddings = np.array([concepts[int(song.split("-")[0])] + rng.normal(size=TEXT_DIM) for song in unique])
        index = np.array([unique.index(song) for song in songs]) if with_text else np.full(n, ABSENT)
        texts = EmbeddingTable(embeddings.astype(np.float32), index)
        as_text = lambda values: np.array(values, dtype=object)  # noqa: E731  six uses below
        return Rows(
            row_id=as_text([f"{segment}/{view}" for segment, view in zip(segments, views, strict=True)]),
            segment_id=as_text(segments),
            song_id=as_text(songs),
            group_id=as_text(songs),
            split=as_text(["train"] * n),
            view=np.array([VIEWS.index(view) for view in views]),
            label=np.array(labels),
            has_midi=np.ones(n, dtype=bool),
            descriptors=descriptors.astype(np.float32),
            audio=EmbeddingTable.nothing(n),
            lyric=EmbeddingTable(texts.embeddings, np.full(n, ABSENT)),
            concept=texts,
        )

    return make
