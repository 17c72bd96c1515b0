"""A dataset as networks read it: the pitched notes of every view, and which views belong to one segment.

No descriptors and no embeddings are computed: what is read is MIDI, labels and what leakage is sought in. Drums are
left out, as in rolls; a row of drums alone is not there.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.music import MidiTrack, Piece, read_midi
from whitelight.progress import Progress, silent
from whitelight.training.leakage import LeakageReport, check_leakage
from whitelight.training.reading import Reading, read_materials
from whitelight.training.rows import EmbeddingTable, Rows, TooLittleMaterialError

FULL = VIEWS.index("full")
TEXT = ("row_id", "segment_id", "song_id", "group_id", "split")
COLUMNS = (*TEXT, "view", "class_name", "has_midi", "concept", "lyric_text")


@dataclass(frozen=True, slots=True)
class Material:
    """Rows with notes.

    Attributes
    ----------
    rows : n rows; they have no descriptors. pieces : n, the pitched notes of each in one MIDI track.
    texts : source song → kind → its texts, of the whole dataset.
    """

    rows: Rows
    pieces: tuple[Piece, ...]
    texts: dict[str, dict[str, frozenset[str]]]

    def take(self, chosen: NDArray[Any]) -> "Material":
        """Return some rows: a boolean mask or indices."""
        index = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        return Material(self.rows.take(index), tuple(self.pieces[i] for i in index), self.texts)

    @property
    def leads(self) -> NDArray[np.int64]:
        """The row of every segment that shows most of it: its full view, else its first, (n_segments,)."""
        order = np.lexsort((np.arange(len(self.rows)), self.rows.view != FULL, self.rows.segment_id.astype(str)))
        names = self.rows.segment_id[order].astype(str)
        return np.sort(order[np.flatnonzero(np.append(True, names[1:] != names[:-1]))])

    def views_of(self, leads: Sequence[int] | NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Yield, for each of the leading rows, the other rows of its segment."""
        members = defaultdict(list)
        for index, segment in enumerate(self.rows.segment_id):
            members[str(segment)].append(index)
        for lead in leads:
            same = members[str(self.rows.segment_id[lead])]
            yield np.array([index for index in same if index != lead], dtype=np.int64)


def read_material(dataset: Dataset, *, progress: Progress = silent) -> Material:
    """Read every view with pitched MIDI of songs with a class.

    Raises
    ------
    TooLittleMaterialError : no song has a class, or no row has notes.
    """
    table = dataset.rows(columns=list(COLUMNS))
    columns = {name: np.array(table.column(name).to_pylist(), dtype=object) for name in COLUMNS}
    labeled = columns["class_name"] != ""
    if not labeled.any():
        raise TooLittleMaterialError(
            f"the dataset has {len(labeled)} rows and none of a song with a class; expected songs of at least two "
            "classes; give the songs their class in the catalog"
        )
    known = {name: values[labeled] for name, values in columns.items()}
    wanted = list(known["row_id"][known["has_midi"].astype(np.bool_)])
    pieces = {}
    for count, (row_id, content) in enumerate(dataset.media(wanted), start=1):
        piece = pitched(read_midi(content))
        if piece.n_notes:
            pieces[row_id] = piece
        progress(count, len(wanted))
    if not pieces:
        raise TooLittleMaterialError(
            f"none of {int(labeled.sum())} rows with a class has MIDI with pitched notes; a network reads notes, and "
            "leaves drums out; add MIDI to the catalog and build again, or train fusion, which reads sound and lyrics"
        )
    heard = np.array([row_id in pieces for row_id in known["row_id"]], dtype=np.bool_)
    rows = _rows({name: values[heard] for name, values in known.items()}, dataset.ontology.class_names)
    return Material(rows, tuple(pieces[row_id] for row_id in rows.row_id), _texts(known))


def pitched(piece: Piece) -> Piece:
    """Return the piece with the notes of all pitched MIDI tracks in one, nothing else."""
    track = MidiTrack(notes=piece.all_notes(drums="exclude"))
    return replace(piece, midi_tracks=(track,), keys=(), markers=())


def check_material(dataset: Dataset, material: Material, trained: NDArray[np.bool_]) -> LeakageReport:
    """Compare all songs of the material; `trained` says which rows are learned from, (n,)."""
    reading = Reading(material.rows, material.texts)
    sides = zip((str(g) for g in material.rows.group_id), map(bool, trained), strict=True)
    return check_leakage(read_materials(dataset, reading), sides)


def _rows(columns: dict[str, NDArray[Any]], class_names: Sequence[str]) -> Rows:
    n_rows = len(columns["row_id"])
    nothing = EmbeddingTable.nothing(n_rows)
    place = {name: index for index, name in enumerate(class_names)}
    return Rows(
        **{name: columns[name] for name in TEXT},
        view=np.array([VIEWS.index(view) for view in columns["view"]], dtype=np.int64),
        label=np.array([place[name] for name in columns["class_name"]], dtype=np.int64),
        has_midi=np.ones(n_rows, dtype=np.bool_),
        descriptors=np.zeros((n_rows, 0), dtype=np.float32),
        audio=nothing,
        lyric=nothing,
        concept=nothing,
    )


def _texts(columns: dict[str, NDArray[Any]]) -> dict[str, dict[str, frozenset[str]]]:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"concept": set(), "lyrics": set()})
    for group, concept, lyric in zip(columns["group_id"], columns["concept"], columns["lyric_text"], strict=True):
        found[str(group)]["concept"].add(concept)
        found[str(group)]["lyrics"].add(lyric)
    return {group: {kind: frozenset(values) for kind, values in texts.items()} for group, texts in found.items()}
