"""Splits of a publication: those the catalog came with, under the names `datasets` uses, else one `train`.

A split belongs to songs, so a row is in the split of its song. Songs of one group (clips of one source song) should be
in one split; where the catalog's own splits part them, that is told, on the card too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from whitelight.dataset.manifest import Manifest
from whitelight.dataset.publish.errors import PublishError

TRAIN, VALIDATION, TEST = "train", "validation", "test"
_NAMES = {
    TRAIN: ("train", "training", ""),
    VALIDATION: ("validation", "valid", "val", "dev"),
    TEST: ("test", "testing", "eval", "evaluation"),
}
_USUAL = {name: usual for usual, names in _NAMES.items() for name in names}
_ORDER = (TRAIN, VALIDATION, TEST)
_ALLOWED = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")  # what `datasets` reads in a file name


@dataclass(frozen=True, slots=True)
class Splits:
    """Songs by split, both in order.

    Attributes
    ----------
    songs : split → song ids.
    is_given : whether the catalog came with splits.
    crossing : groups with songs in more than one split.
    """

    songs: dict[str, tuple[str, ...]]
    is_given: bool
    crossing: tuple[str, ...]


def splits_of(manifest: Manifest) -> Splits:
    """Return the splits of a dataset.

    Raises
    ------
    PublishError : a split whose name cannot stand in a file name.
    """
    names = {song_id: split_name(record.split) for song_id, record in manifest.songs.items()}
    found = set(names.values())
    ordered = [name for name in _ORDER if name in found] + sorted(found - set(_ORDER))
    groups: dict[str, set[str]] = {}
    for song_id, record in manifest.songs.items():
        groups.setdefault(record.group_id, set()).add(names[song_id])
    return Splits(
        songs={split: tuple(song_id for song_id, name in names.items() if name == split) for split in ordered},
        is_given=any(record.split for record in manifest.songs.values()),
        crossing=tuple(sorted(group for group, its in groups.items() if len(its) > 1)),
    )


def split_name(given: str) -> str:
    """Return the usual name of a split; songs without one are in `train`."""
    usual = _USUAL.get(given.strip().lower())
    if usual is None and not _ALLOWED.fullmatch(given):
        raise PublishError(f"split '{given}': letters, digits, _ and . are allowed; rename it in the manifests")
    return usual if usual is not None else given


def in_order(songs: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """Return those of `songs` that are `wanted`, in the order of `songs`."""
    chosen = set(wanted)
    return tuple(song for song in songs if song in chosen)
