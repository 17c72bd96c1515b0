"""Threads on disk, as irregular as real ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[..., Path]


def proposal_text(iteration_id: Any, **fields: Any) -> str:
    content = {
        "iteration_id": iteration_id,
        "title": f"Song {iteration_id}",
        "bpm": 100,
        "tempo": {"numerator": 4, "denominator": 4},
        "key": "C major",
        "rainbow_color": "R",
        "concept": "a plain thought",
    } | fields
    return "".join(f"{json.dumps(name)}: {json.dumps(value)}\n" for name, value in content.items() if value is not ...)


@pytest.fixture(scope="session")
def make_proposal() -> Callable[..., str]:
    return proposal_text


@pytest.fixture
def thread(tmp_path: Path) -> Path:
    """Three iterations, two of one name, with a list of them, a choice and other artefacts."""
    folder = tmp_path / "source" / "The Lighthouse Thread"
    (folder / "yml").mkdir(parents=True)
    first = {"title": "The Keeper's Count", "key": "Bb minor", "bpm": 84, "tempo": "7/8"}
    steps = {"lamp_v1": first, "tide_v1": {"title": "Tide Table"}, "lamp_v2": {"title": "The Keeper's Second Count"}}
    for name, fields in steps.items():
        (folder / "yml" / f"{name}.yml").write_text(proposal_text(name, **fields))
    listed = [{"iteration_id": name, "bpm": 100, "key": "C major", "title": name} for name in steps]
    (folder / "yml" / "all_song_proposals.yml").write_text(json.dumps({"iterations": [*listed, listed[0]]}))
    choice = proposal_text(..., title="Tide Table", iteration_count=3, thread_id="t-1")
    (folder / "manifest.yml").write_text(choice)
    (folder / "yml" / "evp.yml").write_text("transcript: hush\n")
    (folder / "yml" / "Evaluation of lamp.yml").write_text("scores: {clarity: 3}\n")
    (folder / "yml" / "broken.yml").write_text("a: [1\n")
    (folder / "yml" / "copy of evp.yaml").write_text("transcript: hush\n")
    (folder / "yml" / "news.yml").write_text(
        "chain_artifact_type: newspaper_article\nheadline: 'Light: out?'\nthread_id: t-1\n"
    )
    (folder / "take 1 ../:*?.WAV".replace("/", "_")).write_bytes(b"RIFF")
    (folder / ".DS_Store").write_bytes(b"x")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="session")
def snapshot() -> Callable[[Path], dict[str, bytes]]:
    return contents
