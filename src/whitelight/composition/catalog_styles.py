"""What a catalog teaches the composer: how its songs are built, and how each stage sounds in the songs of some classes."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from whitelight.composition.form_grammar import FormGrammar, learn_form
from whitelight.composition.stages import STAGE_NAMES, find_stage
from whitelight.dataset import Dataset


def learn_styles(
    dataset: Path, class_names: Collection[str], stages: Collection[str] = STAGE_NAMES
) -> Mapping[str, Any]:
    """Listen to the songs of some classes; stage → style, for the stages that learn.

    Parameters
    ----------
    dataset : folder of a built dataset. class_names : those of a target; every song is heard when there are none.
    """
    learners = {name: find_stage(name).learn for name in STAGE_NAMES if name in stages}
    return {name: learn(dataset, class_names) for name, learn in learners.items() if learn is not None}


def learn_grammar(dataset: Path) -> FormGrammar:
    """Count the roles of the sections of all songs of a dataset."""
    rows = Dataset.open(dataset).rows(["song_id", "role", "section", "start_s"], views=["full", "lyrics"]).to_pydict()
    places = sorted(zip(rows["song_id"], rows["start_s"], rows["section"], rows["role"], strict=True), key=_place)
    songs: dict[str, list[tuple[str, str]]] = {}
    for song_id, _, section, role in places:
        heard = songs.setdefault(song_id, [])
        if role and (not heard or heard[-1] != (section, role)):
            heard.append((section, role))
    return learn_form([[role for _, role in song] for song in songs.values()])


def _place(row: tuple[str, float, str | None, str | None]) -> tuple[str, float, str]:
    return row[0], row[1], row[2] or ""
