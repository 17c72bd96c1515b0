"""Beginning a song: a proposal becomes `song.yml`, with its form and the songs whose material it keeps away from."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.form import SectionPlan, SongForm
from whitelight.composition.form_grammar import FormGrammar, draw_form, learn_form
from whitelight.composition.production import SONG_FILE, SongProposal, song_facts, understood_plainly, update_song
from whitelight.composition.song_sheet import SongSheet, form_facts, once_each, read_song_sheet
from whitelight.files import load_yaml


def new_song(
    proposal: SongProposal,
    out: Path,
    *,
    seed: int = 0,
    target: str | None = None,
    form: SongForm | None = None,
    grammar: FormGrammar | None = None,
    ontology: Any = None,
    neighbors: Sequence[str] = (),
    cut_up: bool = False,
) -> SongSheet:
    """Write `song.yml`; where it stands already, form and neighbors stay as they are, and so does what a human added.

    Parameters
    ----------
    form : sections and their order; drawn from `grammar` (the shipped one when None) when not given.
    neighbors : folder names of songs beside this one, see `songs_beside`.
    cut_up : whether it is cut from approved bars of those songs instead.

    Raises
    ------
    OtherSongError : the folder belongs to another song. UnwritableFolderError : it cannot be written.
    """
    facts = sheet_facts(
        proposal,
        seed=seed,
        target=target,
        form=form,
        grammar=grammar,
        ontology=ontology,
        neighbors=neighbors,
        cut_up=cut_up,
    )
    there = load_yaml(out / SONG_FILE) if (out / SONG_FILE).exists() else None
    if isinstance(there, dict):
        facts |= {name: there[name] for name in ("sections", "form", "neighbors") if name in there and form is None}
    update_song(out, facts)
    return read_song_sheet(out)


def sheet_facts(
    proposal: SongProposal,
    *,
    seed: int,
    target: str | None,
    form: SongForm | None,
    grammar: FormGrammar | None = None,
    ontology: Any = None,
    neighbors: Sequence[str] = (),
    cut_up: bool = False,
) -> dict[str, Any]:
    """What `song.yml` says of a proposal."""
    facts = song_facts(proposal, seed=seed, target=target, ontology=ontology)
    facts |= form_facts(form or _drawn_form(proposal, grammar or learn_form(()), seed))
    return facts | {"neighbors": list(neighbors), "cut_up": cut_up}


def plain_form(sections: Sequence[SectionPlan]) -> SongForm:
    """Sections one after the other, each once."""
    return SongForm(tuple(sections), once_each(sections))


def songs_beside(folder: Path) -> list[str]:
    """Names of the production folders beside this one."""
    beside = sorted(folder.absolute().parent.glob(f"*/{SONG_FILE}"))
    return [path.parent.name for path in beside if path.parent.name != folder.absolute().name]


def song_seed(seed: int, name: str, part: str) -> int:
    """Seed of one part: the user's seed, the song's id or title, what is composed (stable across processes)."""
    return int.from_bytes(sha256(f"{seed}\n{name}\n{part}".encode()).digest()[:16], "big")


def _drawn_form(proposal: SongProposal, grammar: FormGrammar, seed: int) -> SongForm:
    tempo_bpm, meter, _, _ = understood_plainly(proposal)
    rng = np.random.default_rng(song_seed(seed, proposal.iteration_id or proposal.title, "form"))
    return draw_form(grammar, rng, meter=meter, tempo_bpm=tempo_bpm)
