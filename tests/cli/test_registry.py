"""`whitelight registry`, and MODEL by name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whitelight.cli.models import find_model

Run = Callable[..., Any]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_model_by_name(here: Path, tiny_model: Path, tiny_dataset: Path, midi_bytes: bytes, whitelight: Run) -> None:
    added = whitelight("registry", "add", tiny_model, "--name", "tiny", "--notes", "first", "--json").value
    assert (added["name"], added["version"], added["notes"]) == ("tiny", 1, "first")
    refused = whitelight("registry", "promote", "tiny@1", "production").error
    assert refused.startswith("tiny@1: ")
    assert refused.endswith("or pass --force")
    moved = whitelight("registry", "promote", "tiny@1", "production", "--force", "--by", "ana", "--json").value
    assert (moved["old"], moved["new"], moved["forced"], moved["who"]) == (0, 1, True, "ana")
    assert whitelight("registry", "log").out.rstrip().endswith("promote tiny@production to 1 by ana (forced)")
    listed = whitelight("registry", "list", "--json").value["models"]
    assert [(m["name"], m["aliases"]) for m in listed] == [("tiny", {"production": 1})]
    assert whitelight("registry", "list", "tiny").out.splitlines()[1].split()[0] == "tiny@1"
    assert "has only ever meant version 1" in whitelight("registry", "rollback", "tiny@production").error
    (here / "a.mid").write_bytes(midi_bytes)
    by_name = whitelight("score", "tiny@production", "a.mid", "--target", "Q1", "--json").value
    assert by_name == whitelight("score", tiny_model, "a.mid", "--target", "Q1", "--json").value
    assert whitelight("evaluate", "tiny@1", tiny_dataset, "--json").code == 0
    (here / "p.yml").write_text("title: A\nbpm: 100\ntempo: 4/4\nkey: C major\nrainbow_color: Q1\n")
    chords = ("compose", "chords", "p.yml", "--model", "tiny@production", "--out", "song", "--candidates", 2, "--force")
    composed = whitelight(*chords)
    assert composed.code == 0, composed.err
    assert "does not know its dataset" not in composed.err
    assert "expected one of production, 1" in whitelight("score", "tiny@prod", "a.mid", "--target", "Q1").error


def test_a_folder_that_is_there_is_meant_first(here: Path) -> None:
    (here / "registry").mkdir()
    (here / "odd@name").mkdir()
    assert find_model(Path("odd@name")) == Path("odd@name")
    assert find_model(Path("model")) == Path("model")
    assert find_model(Path("nowhere/tiny@1")) == Path("nowhere/tiny@1")


def test_refusals_are_one_line(here: Path, whitelight: Run) -> None:
    assert whitelight("registry", "list").out == "no models\n"
    assert "expected name@version" in whitelight("registry", "promote", "tiny", "production").error
    assert "'tiny@production' does not exist" in whitelight("registry", "rollback", "tiny@production").error
    assert "no readable bundle.json" in whitelight("registry", "add", "nowhere", "--name", "tiny").error
