"""A dataset folder as rows: views with a known class, their descriptors and texts; and the material leakage is sought in."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.encoders import (
    DescriptorEncoder,
    Encoder,
    embed,
    encode_all,
    load_features,
    make_encoder,
    read_features,
)
from whitelight.music import read_midi
from whitelight.progress import Progress, silent
from whitelight.scoring.result import concept_text
from whitelight.training.leakage import NO_PRINTS, Material, chroma_prints, pitch_prints
from whitelight.training.rows import ABSENT, EmbeddingTable, Rows, TooLittleMaterialError
from whitelight.training.settings import NO_ENCODER, EncoderNames, SettingsError

COLUMNS = ("row_id", "segment_id", "song_id", "group_id", "split", "view", "class_name")
CONTENT = ("has_midi", "has_audio", "has_lyric", "lyric_text", "concept", "sounds_like")
DEFAULT_NAMES = EncoderNames()


@dataclass(frozen=True, slots=True)
class Reading:
    """A dataset as training sees it: its rows, and the words each source song is made of."""

    rows: Rows
    texts: Mapping[str, Mapping[str, frozenset[str]]]


def read_dataset(dataset: Dataset, names: EncoderNames = DEFAULT_NAMES, *, progress: Progress = silent) -> Reading:
    """Read every view of every song with a class.

    What encoders make is computed once and kept in the dataset; stems are left out, their notes are in the views.

    Parameters
    ----------
    names : the encoders of sound and texts.

    Raises
    ------
    TooLittleMaterialError : no row has a class.
    SettingsError : an encoder is named for a modality it does not read.
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
        audio=_sounds(dataset, columns, names.audio, progress),
        lyric=_texts(dataset, columns, "lyric_text", names.lyric, columns["has_lyric"].astype(bool)),
        concept=_concepts(dataset, columns, names),
    )
    return Reading(rows, _texts_of_songs(columns))


def read_materials(dataset: Dataset, reading: Reading) -> list[Material]:
    """Collect what each source song consists of: its texts, and fingerprints of the full view of its MIDI."""
    rows = reading.rows
    full = rows.has_midi & (rows.view == VIEWS.index("full"))
    prints: dict[str, list[NDArray[np.uint64]]] = defaultdict(lambda: [NO_PRINTS])
    chroma: dict[str, list[NDArray[np.uint64]]] = defaultdict(lambda: [NO_PRINTS])
    group_of = dict(zip(rows.row_id[full], rows.group_id[full], strict=True))
    for row_id, content in dataset.media(list(group_of)):
        piece = read_midi(content)
        pitched = [t.notes for t in piece.midi_tracks if not t.is_drum and len(t.notes)]
        if pitched:
            onset_tick, pitch = (np.concatenate([getattr(n, f) for n in pitched]) for f in ("onset_tick", "pitch"))
            prints[group_of[row_id]].append(pitch_prints(onset_tick, pitch, piece.ticks_per_beat))
            chroma[group_of[row_id]].append(chroma_prints(onset_tick, pitch, piece.ticks_per_beat))
    return [
        Material(group, texts, *(np.unique(np.concatenate(found[group])) for found in (prints, chroma)))
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


def _sounds(dataset: Dataset, columns: Mapping[str, NDArray[Any]], name: str, progress: Progress) -> EmbeddingTable:
    """Embed what every row with audio sounds like; a row in which nothing is heard has none."""
    has_audio, row_ids = columns["has_audio"].astype(bool), columns["row_id"]
    if name == NO_ENCODER or not has_audio.any():
        return EmbeddingTable.nothing(len(row_ids))
    encoder = _encoder(name, "audio")
    embed(dataset, encoder, progress=progress)
    found = read_features(dataset, encoder, list(row_ids[has_audio]))
    index = np.full(len(row_ids), ABSENT)
    index[np.flatnonzero(has_audio)[found.has]] = np.arange(found.has.sum())
    return EmbeddingTable(found.vectors[found.has], index)


def _concepts(dataset: Dataset, columns: Mapping[str, NDArray[Any]], names: EncoderNames) -> EmbeddingTable:
    """Embed what songs are about; with the names of artists only when asked for, and then not from the dataset's own."""
    if not names.sounds_like or names.concept == NO_ENCODER:
        everyone = np.ones(len(columns["concept"]), dtype=np.bool_)
        return _texts(dataset, columns, "concept", names.concept, everyone)
    pairs = zip(columns["concept"], columns["sounds_like"], strict=True)
    unique, place = np.unique([concept_text(text, artists or ()) for text, artists in pairs], return_inverse=True)
    found = encode_all(_encoder(names.concept, "text"), unique.tolist())
    index = np.where(found.has, np.cumsum(found.has) - 1, ABSENT)
    return EmbeddingTable(found.vectors[found.has], index[place].astype(np.int64))


def _texts(
    dataset: Dataset, columns: Mapping[str, NDArray[Any]], column: str, name: str, chosen: NDArray[np.bool_]
) -> EmbeddingTable:
    """Embed every different text of the chosen rows once."""
    texts = np.array([str(text).strip() if use else "" for text, use in zip(columns[column], chosen, strict=True)])
    unique, first, place = np.unique(texts, return_index=True, return_inverse=True)
    is_text = unique != ""
    if name == NO_ENCODER or not is_text.any():
        return EmbeddingTable.nothing(len(texts))
    encoder = _encoder(name, "text")
    embed(dataset, encoder, column=column)
    embeddings = load_features(dataset, encoder, list(columns["row_id"][first[is_text]]), column=column)
    index = np.where(is_text[place], place - int(not is_text.all()), ABSENT)  # the empty text sorts first
    return EmbeddingTable(embeddings, index.astype(np.int64))


def _encoder(name: str, modality: str) -> Encoder:
    encoder = make_encoder(name)
    if encoder.modality != modality:
        raise SettingsError(f"encoder '{name}' reads {encoder.modality}; expected one that reads {modality}")
    return encoder
