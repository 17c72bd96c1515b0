"""A dataset folder as rows: views with a known class, their descriptors and texts; and the material leakage is sought in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.encoders import DescriptorEncoder, TextEncoder, embed, load_features
from whitelight.music import read_midi
from whitelight.progress import Progress, silent
from whitelight.training.leakage import Material, pitch_prints
from whitelight.training.rows import NO_TEXT, Rows, TextTable, TooLittleMaterialError

COLUMNS = ("row_id", "segment_id", "song_id", "group_id", "split", "view", "class_name")
CONTENT = ("has_midi", "has_lyric", "lyric_text", "concept")


@dataclass(frozen=True, slots=True)
class Reading:
    """A dataset as training sees it: its rows, and the words each source song is made of."""

    rows: Rows
    texts: Mapping[str, Mapping[str, frozenset[str]]]


def read_dataset(dataset: Dataset, *, progress: Progress = silent) -> Reading:
    """Read every view of every song with a class.

    Descriptors are computed once and kept in the dataset; stems are left out, their notes are in the views.

    Raises
    ------
    TooLittleMaterialError : no row has a class.
    """
    table = dataset.rows(columns=[*COLUMNS, *CONTENT])
    columns = {name: np.array(table.column(name).to_pylist(), dtype=object) for name in (*COLUMNS, *CONTENT)}
    chosen = columns["class_name"] != ""
    if not chosen.any():
        raise TooLittleMaterialError(
            f"the dataset has {len(chosen)} rows and none of a song with a class; expected songs of at least two "
            "classes; give the songs their class in the catalog"
        )
    columns = {name: values[chosen] for name, values in columns.items()}
    has_midi = columns["has_midi"].astype(bool)
    classes = {name: index for index, name in enumerate(dataset.ontology.class_names)}
    rows = Rows(
        row_id=columns["row_id"],
        segment_id=columns["segment_id"],
        song_id=columns["song_id"],
        group_id=columns["group_id"],
        split=columns["split"],
        view=np.array([VIEWS.index(view) for view in columns["view"]], dtype=np.int64),
        label=np.array([classes[name] for name in columns["class_name"]], dtype=np.int64),
        has_midi=has_midi,
        descriptors=_descriptors(dataset, columns["row_id"], has_midi, progress),
        lyric=_texts(np.where(columns["has_lyric"].astype(bool), columns["lyric_text"], "")),
        concept=_texts(columns["concept"]),
    )
    return Reading(rows, _texts_of_songs(columns))


def read_materials(dataset: Dataset, reading: Reading) -> list[Material]:
    """Collect what each source song consists of: its texts, and fingerprints of the full view of its MIDI."""
    rows = reading.rows
    full = rows.has_midi & (rows.view == VIEWS.index("full"))
    prints: dict[str, list[NDArray[np.uint64]]] = defaultdict(list)
    group_of = dict(zip(rows.row_id[full], rows.group_id[full], strict=True))
    for row_id, content in dataset.media(list(group_of)):
        piece = read_midi(content)
        pitched = [t.notes for t in piece.midi_tracks if not t.is_drum and len(t.notes)]
        if pitched:
            onset_tick, pitch = (np.concatenate([getattr(n, f) for n in pitched]) for f in ("onset_tick", "pitch"))
            prints[group_of[row_id]].append(pitch_prints(onset_tick, pitch, piece.ticks_per_beat))
    return [
        Material(group, texts, np.unique(np.concatenate([*prints[group], np.zeros(0, dtype=np.uint64)])))
        for group, texts in sorted(reading.texts.items())
    ]


def _texts_of_songs(columns: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, frozenset[str]]]:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"concept": set(), "lyrics": set()})
    for group, concept, lyric in zip(columns["group_id"], columns["concept"], columns["lyric_text"], strict=True):
        found[group]["concept"].add(concept)
        found[group]["lyrics"].add(lyric)
    return {group: {kind: frozenset(values) for kind, values in texts.items()} for group, texts in found.items()}


def _descriptors(
    dataset: Dataset, row_ids: NDArray[Any], has_midi: NDArray[np.bool_], progress: Progress
) -> NDArray[np.float32]:
    encoder = DescriptorEncoder()
    embed(dataset, encoder, progress=progress)
    found = np.zeros((len(row_ids), encoder.dim), dtype=np.float32)
    if has_midi.any():
        found[has_midi] = load_features(dataset, encoder, list(row_ids[has_midi]))
    return found


def _texts(texts: Sequence[str] | NDArray[Any]) -> TextTable:
    """Embed every different text once."""
    stripped = [str(text).strip() for text in texts]
    unique = sorted(set(stripped) - {""})
    place = {text: index for index, text in enumerate(unique)} | {"": NO_TEXT}
    encoder = TextEncoder()
    embeddings = encoder.encode(unique) if unique else np.zeros((0, encoder.dim), dtype=np.float32)
    index = np.array([place[text] for text in stripped], dtype=np.int64)
    return TextTable(np.asarray(embeddings, dtype=np.float32), index)
