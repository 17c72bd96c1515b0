"""The chord grammar of a class: the shipped rules, leaning to what the catalog's own songs of that class do."""

from pathlib import Path

from whitelight.composition.learning import learn_transitions
from whitelight.composition.transitions import ChordRules, blend, shipped_rules
from whitelight.dataset import Dataset
from whitelight.music import read_midi


def rules_of_class(dataset: Path, class_name: str | None) -> ChordRules:
    """Return the shipped rules blended with the chord changes of the songs of `class_name`.

    Parameters
    ----------
    dataset : folder of a built dataset; its full view is listened to, songs without MIDI add nothing.
    class_name : None listens to every song.
    """
    source = Dataset.open(dataset)
    song_ids = [s for s, record in source.manifest.songs.items() if class_name in (None, record.class_name)]
    row_ids = source.rows(["row_id"], views=["full"], song_ids=song_ids)["row_id"].to_pylist()
    pieces = (read_midi(midi) for _, midi in source.media(row_ids))
    return blend(shipped_rules(), learn_transitions(pieces).counts)
