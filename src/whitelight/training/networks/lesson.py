"""What a network learns from and is judged on: songs with notes, checked for leaks, some of them held out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import Dataset
from whitelight.files import sha256_of
from whitelight.ontology import Ontology
from whitelight.training.leakage import LeakageReport, linked_groups
from whitelight.training.networks.material import Material, check_material, read_material
from whitelight.training.networks.settings import NetworkSettings
from whitelight.training.rows import TooLittleMaterialError
from whitelight.training.splits import grouped_split, split_by_column


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a network learns from, and what it is judged on.

    Attributes
    ----------
    train : every view. validation : one row per segment. n_shared : pairs of songs that share material.
    """

    ontology: Ontology
    train: Material
    validation: Material
    data_hash: str
    n_shared: int


def read_lesson(dataset: Path, settings: NetworkSettings, *, split_column: str | None, allow_leakage: bool) -> Lesson:
    """Read what `train_network` is told to train on.

    Raises
    ------
    LeakageError, TooLittleMaterialError, SplitError : with what to do.
    """
    source = Dataset.open(dataset)
    everything = read_material(source)
    trained = _trained(everything, split_column)
    leakage = check_material(source, everything, trained)
    if not allow_leakage:
        leakage.refuse()
    material = everything.take(trained)
    _check(material, source.ontology)
    held = _validation_rows(material, leakage, settings)
    validation = material.take(held)
    return Lesson(
        source.ontology,
        material.take(~held),
        validation.take(validation.leads),
        data_hash(material),
        len(leakage.shared),
    )


def data_hash(material: Material) -> str:
    """Return a hash of everything a network can learn from the material."""
    columns: list[bytes] = [material.rows.data_hash().encode()]
    for piece in material.pieces:
        tempo, notes = piece.tempo_map, piece.all_notes()
        meters = [(change.tick, str(change.meter)) for change in piece.meters]
        columns.append(repr((piece.ticks_per_beat, tempo.change_ticks, tempo.us_per_beat, meters)).encode())
        columns += [np.ascontiguousarray(c).tobytes() for c in (notes.onset_tick, notes.duration_ticks)]
        columns += [np.ascontiguousarray(c).tobytes() for c in (notes.pitch, notes.velocity)]
    return sha256_of(columns)


def _trained(material: Material, split_column: str | None) -> NDArray[np.bool_]:
    if split_column is None:
        return np.ones(len(material.rows), dtype=np.bool_)
    if split_column != "split":
        raise TooLittleMaterialError(
            f"the dataset has no split column '{split_column}'; expected 'split', which import-midi fills; "
            "pass --split-column split or none"
        )
    groups = [str(g) for g in material.rows.group_id]
    return split_by_column([str(s) for s in material.rows.split], groups, column=split_column).train


def _check(material: Material, ontology: Ontology) -> None:
    """Refuse songs of which none can be held out."""
    rows, names = material.rows, ontology.class_names
    songs = {names[k]: len(set(rows.group_id[rows.label == k])) for k in np.unique(rows.label)}
    if len(songs) < 2 or max(songs.values()) < 2:
        found = ", ".join(f"{count} of {name}" for name, count in songs.items())
        raise TooLittleMaterialError(
            f"songs with notes: {found}; expected at least two classes, one of them with two songs, so that one can be "
            "held out; add songs"
        )


def _validation_rows(material: Material, leakage: LeakageReport, settings: NetworkSettings) -> NDArray[np.bool_]:
    """Return which rows are held out; songs that share material are on one side."""
    groups = linked_groups([str(g) for g in material.rows.group_id], leakage.shared)
    labels = [int(k) for k in material.rows.label]
    rng = np.random.default_rng(settings.seed)
    held = grouped_split(groups, labels, held_out=settings.validation_share, rng=rng)
    if not held.any() or held.all():
        raise TooLittleMaterialError(
            f"{len(set(groups))} groups of songs without common material and no class has two; expected one class "
            "with two at least, so that a song can be held out; add songs, or remove copies of songs"
        )
    return held
