"""The human's file under any treatment: re-runs, evolutions and promotions never lose or change what is written there."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whitelight.composition import ReviewError, compose_stage, new_song, promote
from whitelight.composition.evolution import NothingLikedError, evolve, regenerate
from whitelight.composition.form import SectionPlan
from whitelight.composition.new_song import plain_form
from whitelight.composition.review import read_review
from whitelight.composition.section_search import Effort
from whitelight.files import load_yaml

FORM = plain_form((SectionPlan("verse", "verse", 4, 0.4),))
TINY = Effort(n_candidates=3, n_generations=0, n_keep=2)
OTHER_VALUES = ("yes", "3", "[a, b]", "{x: 1}", '"quoted: text"')
STATUSES = ("approved", "APPROVED", "Approved  # love it", "'rejected'", "Reject", "maybe", "ok", "undecided", "?")


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory, make_proposal: Any) -> Path:
    from .conftest import RegisterScorer

    folder = tmp_path_factory.mktemp("composed") / "song"
    new_song(make_proposal(), folder, form=FORM)
    compose_stage(folder, "chords", scorer=RegisterScorer(), effort=TINY)
    return folder


def edit(text: str, draw: random.Random) -> str:
    """One thing a person might do to the file."""
    head, *entries = text.split("  - id: ")
    kind = draw.choice(["comment", "status", "label", "rating", "notes", "key", "reorder", "top", "blank", "flow"])
    place = draw.randrange(len(entries))
    lines = entries[place].split("\n")
    if kind == "comment":
        lines.insert(draw.randrange(1, 3), "    # " + draw.choice(["listen again", "äöü ♥", "key: not a key"]))
    elif kind == "blank":
        lines.insert(1, "")
    elif kind == "key":
        value = draw.choice(OTHER_VALUES)
        lines.insert(1, f"    mine{draw.randrange(99)}: {value}")
    elif kind == "reorder":
        draw.shuffle(entries)
        return head + "".join("  - id: " + (entry if entry.endswith("\n") else entry + "\n") for entry in entries)
    elif kind == "top":
        return "# at the very top\n" + text
    elif kind == "flow":
        return text.replace("candidates:\n", f"listened_on_{draw.randrange(999)}: [monday, train]\ncandidates:\n", 1)
    else:
        value = {"status": draw.choice(STATUSES), "label": draw.choice(["a", "B-side", "null", "'two words'"])}.get(
            kind, draw.choice(["5", "4.5", "soft and slow", "''"])
        )
        at = next((i for i, line in enumerate(lines) if line.strip().startswith(f"{kind}:")), None)
        if at is not None:
            lines[at] = f"    {kind}: {value}"
    entries[place] = "\n".join(lines)
    return head + "".join("  - id: " + entry for entry in entries)


def act(song: Path, scorer: Any, action: str) -> None:
    try:
        if action == "again":
            compose_stage(song, "chords", scorer=scorer, effort=TINY)
        elif action == "regenerate":
            regenerate(song, "chords", scorer=scorer, effort=TINY)
        elif action == "evolve":
            evolve(song, "chords", scorer=scorer, effort=TINY)
        else:
            promote(song)
    except (NothingLikedError, ReviewError):  # nothing to breed from, or two of a label: refused before a write
        return


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10**6),
    actions=st.lists(st.sampled_from(["again", "regenerate", "evolve", "promote"]), min_size=2, max_size=4),
)
def test_nothing_is_lost_or_changed(
    composed: Path, tmp_path_factory: pytest.TempPathFactory, scorer: Any, seed: int, actions: list[str]
) -> None:
    song = tmp_path_factory.mktemp("edited") / "song"
    shutil.copytree(composed, song)
    path, draw = song / "chords" / "review.yml", random.Random(seed)
    for action in actions:
        for _ in range(draw.randrange(1, 4)):
            path.write_text(edit(path.read_text(), draw))
        before, known = path.read_text(), read_review(path)
        values = {entry["id"]: entry for entry in load_yaml(path)["candidates"]}
        others = {key: value for key, value in load_yaml(path).items() if key != "candidates"}
        act(song, scorer, action)
        after = path.read_text()
        rest = iter(after.split("\n"))
        assert all(line in rest for line in before.rstrip("\n").split("\n")), "a line was lost, changed or moved"
        found = load_yaml(path)
        assert [e["id"] for e in found["candidates"]][: len(values)] == [e.candidate_id for e in known.entries]
        assert {e["id"]: e for e in found["candidates"] if e["id"] in values} == values
        assert {key: value for key, value in found.items() if key != "candidates"} == others
        assert len({e["id"] for e in found["candidates"]}) == len(found["candidates"])
        if action == "promote":
            assert after == before
