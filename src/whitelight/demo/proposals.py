"""One song proposal per album, in the format that the composer reads: what the next song of each class could be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.demo.catalog import dump_yaml
from whitelight.demo.grammar import Album, load_grammars
from whitelight.demo.words import Words, load_words
from whitelight.files import write_atomic
from whitelight.music import Key, Meter
from whitelight.ontology import OntologyClass, load_ontology


@dataclass(frozen=True, slots=True)
class DemoProposal:
    """A written proposal: its file and the class it asks for."""

    path: Path
    class_name: str
    title: str


def write_demo_proposals(out: Path, *, seed: int = 0) -> tuple[DemoProposal, ...]:
    """Write one proposal YAML per album into the folder `out`.

    Parameters
    ----------
    out : the folder of the proposals; files of the same names are replaced.
    seed : same seed, same bytes.
    """
    grammars, words = load_grammars(), load_words()
    ontology = load_ontology(grammars.ontology)
    written = []
    for index, album in enumerate(grammars.albums):
        chosen = ontology.resolve_class(album.letter)
        rng = np.random.default_rng([seed, index, len(album.tonics)])
        proposal = _proposal(album, chosen, words[album.letter], rng)
        path = out / f"{proposal['iteration_id']}.yml"
        write_atomic(path, dump_yaml(proposal))
        written.append(DemoProposal(path, chosen.name, proposal["title"]))
    return tuple(written)


def _proposal(album: Album, chosen: OntologyClass, words: Words, rng: np.random.Generator) -> dict[str, Any]:
    """Ask for a song in the album's commonest meter and scale, in the middle of its tempo range."""
    meter = Meter.parse(max(album.meters, key=lambda name: album.meters[name]))
    harmony = max(album.harmony, key=lambda one: one.songs)
    key = Key.parse(f"{rng.choice(album.tonics)} {harmony.scale}")
    title = words.proposal.title
    return {
        "iteration_id": f"{_slug(title)}_v1",
        "title": title,
        "bpm": round(sum(album.tempo_bpm) / 2),
        "tempo": {"numerator": meter.numerator, "denominator": meter.denominator},
        "key": str(key),
        "rainbow_color": {
            "color_name": chosen.name,
            "mnemonic_character_value": chosen.letter,
            "file_prefix": chosen.prefix,
            "hex_value": chosen.hex,
        },
        "mood": list(words.mood),
        "genres": list(words.genres),
        "concept": words.proposal.premise,
    }


def _slug(title: str) -> str:
    return "_".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())
