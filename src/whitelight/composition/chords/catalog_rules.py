"""How the catalog's own songs of a class write and play chords, for the generator to lean to."""

from collections.abc import Collection, Iterator
from pathlib import Path

from whitelight.composition.chords.learning import learn_transitions
from whitelight.composition.chords.manner_learning import learn_manner
from whitelight.composition.chords.setting import ChordStyle
from whitelight.composition.chords.transitions import blend, shipped_rules
from whitelight.dataset import Dataset
from whitelight.music import Piece, read_midi


def style_of_classes(dataset: Path, class_names: Collection[str]) -> ChordStyle:
    """Listen to the songs of some classes: the shipped rules blended with their chord changes, and how they are played.

    Parameters
    ----------
    dataset : folder of a built dataset; songs without MIDI add nothing. Changes are heard in the full view, where the
        bass is, the manner in the chord view, which is what will be written.
    class_names : those of a target; every song is heard when there are none, or no song of them.
    """
    source = Dataset.open(dataset)
    song_ids = [s for s, record in source.manifest.songs.items() if record.class_name in class_names]
    rows = source.rows(["row_id", "view"], views=["full", "chords"], song_ids=song_ids or None).to_pydict()
    heard: dict[str, list[str]] = {"full": [], "chords": []}
    for row_id, view in zip(rows["row_id"], rows["view"], strict=True):
        heard[view].append(row_id)
    rules = blend(shipped_rules(), learn_transitions(_pieces(source, heard["full"])).counts)
    return ChordStyle(rules, learn_manner(_pieces(source, heard["chords"])))


def _pieces(source: Dataset, row_ids: list[str]) -> Iterator[Piece]:
    return (read_midi(midi) for _, midi in source.media(row_ids))
