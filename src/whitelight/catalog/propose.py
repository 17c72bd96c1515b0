"""A song proposal per class from what the catalog's own songs have in common: where to begin without a written one."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from statistics import median
from typing import TypeVar

from whitelight.catalog.proposal import DEFAULT_METER, DEFAULT_TEMPO_BPM, Proposal
from whitelight.catalog.song import Catalog, Song

N_WORDS = 6  # moods and genres carried over
Value = TypeVar("Value", bound=Hashable)


def propose_songs(catalog: Catalog) -> tuple[Proposal, ...]:
    """Return one proposal for every class that has songs, in the order of the ontology.

    Tempo is the median of the class, meter and key its commonest (ties go to the first song), moods and genres its
    most frequent ones.
    """
    songs_of = {c.name: [song for song in catalog.songs if song.class_name == c.name] for c in catalog.ontology.classes}
    return tuple(_propose(name, songs) for name, songs in songs_of.items() if songs)


def _propose(class_name: str, songs: list[Song]) -> Proposal:
    tempi = [song.tempo_bpm for song in songs if song.tempo_bpm is not None]
    meters = _commonest((song.meter for song in songs if song.meter is not None), 1)
    keys = _commonest((song.musical_key for song in songs if song.musical_key is not None), 1)
    slug = re.sub(r"\W+", "_", class_name.casefold()).strip("_")
    return Proposal(
        title=f"Next {class_name}",
        tempo_bpm=round(median(tempi)) if tempi else DEFAULT_TEMPO_BPM,
        meter=meters[0] if meters else DEFAULT_METER,
        musical_key=keys[0] if keys else None,
        class_name=class_name,
        concept="",
        mood=_commonest((word.casefold() for song in songs for word in song.mood), N_WORDS),
        genres=_commonest((word.casefold() for song in songs for word in song.genres), N_WORDS),
        iteration_id=f"next_{slug}_v1",
        problems=(),
    )


def _commonest(values: Iterable[Value], n: int) -> tuple[Value, ...]:
    return tuple(value for value, _ in Counter(values).most_common(n))
