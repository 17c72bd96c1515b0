"""Songs the scorer has never heard: one more song of every album, kept out of the catalog.

They show `whitelight score` on what it is for, music that had no part in training. Eight songs prove nothing; the
figures of `whitelight evaluate` do.
"""

from dataclasses import dataclass
from pathlib import Path

from whitelight.demo.catalog import demo_songs
from whitelight.demo.grammar import load_grammars
from whitelight.demo.play import play_song
from whitelight.files import write_atomic
from whitelight.music import write_midi
from whitelight.ontology import load_ontology

OTHER_SEED = 1_000_003  # far from the seeds people type, so that no song is one of the catalog's


@dataclass(frozen=True, slots=True)
class UnheardSong:
    """A whole song as one MIDI file, and the class whose grammar made it."""

    path: Path
    class_name: str


def write_unheard_songs(out: Path, *, seed: int = 0) -> tuple[UnheardSong, ...]:
    """Write one new song per album into the folder `out`, deterministic by `seed`."""
    grammars = load_grammars()
    ontology = load_ontology(grammars.ontology)
    class_of = {c.prefix: c.name for c in ontology.classes}
    written: dict[str, UnheardSong] = {}
    for song in demo_songs(grammars, seed=seed + OTHER_SEED):
        prefix = song.song_id.split("_")[0]
        if prefix in written:
            continue
        path = out / f"{prefix}_unheard.mid"
        write_atomic(path, write_midi(play_song(song.plan, song.rng)))
        written[prefix] = UnheardSong(path, class_of[prefix])
    return tuple(written.values())
