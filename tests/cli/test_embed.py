"""`whitelight embed`: what it writes, what it says, and that it says when an encoder is worth nothing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whitelight.catalog import read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.encoders import make_encoder, read_features

Run = Callable[..., Any]
MakeSong = Callable[..., Path]
WORDS = {
    "R": ("ember", "rust", "iron", "kiln", "brick"),
    "B": ("tide", "glacier", "harbor", "rain", "vapor"),
}
COMMON = ("the", "and", "under", "over", "a", "slow", "light", "again")


def write_songs(root: Path, make_song: MakeSong, *, tells: bool) -> None:
    """Twelve songs of two classes, whose concepts tell their class or not."""
    rng = np.random.default_rng(4)
    for k in range(12):
        letter = "RB"[k % 2]
        own = WORDS[letter] if tells else [word for words in WORDS.values() for word in words]
        words = [*rng.choice(own, 12), *rng.choice(COMMON, 12)]
        concept = " ".join(rng.permutation(words).tolist())
        lrc = "[00:04.000]la la\n[00:09.000]lo\n" if k == 0 else None
        make_song(root, f"02_{k:02d}", rainbow_color=letter, concept=concept, lrc=lrc)


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory, make_song: MakeSong) -> dict[bool, Path]:
    root = tmp_path_factory.mktemp("embed")
    for tells in (True, False):
        write_songs(root / f"catalog-{tells}", make_song, tells=tells)
        build_dataset(read_catalog(root / f"catalog-{tells}"), root / f"dataset-{tells}", policy="sections")
    return {tells: root / f"dataset-{tells}" for tells in (True, False)}


@pytest.fixture
def keys(repository: Path) -> Callable[[str], dict[str, list[str]]]:
    page = (repository / "docs" / "formats.md").read_text()

    def find(name: str) -> dict[str, list[str]]:
        table = re.search(rf"<!-- json of {name} -->\n.*?<!-- end -->", page, re.DOTALL)
        assert table
        rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", table[0], re.MULTILINE)
        return {key: re.findall(r"`(\w+)`", cell) for key, cell in rows}

    return find


def test_vectors_are_written_once_and_their_json_is_documented(datasets, whitelight, keys):
    command = ("embed", datasets[True], "--encoder", "descriptors", "--encoder", "hashed-ngrams", "--check", "--json")
    first = whitelight(*command)
    assert first.code == 0
    assert list(first.value) == list(keys("embed"))
    midi, concept, lyric = first.value["encoders"]
    assert list(midi) == keys("embed")["encoders"]
    assert [(r["encoder"], r["column"], r["modality"]) for r in first.value["encoders"]] == [
        ("descriptors", None, "midi"),
        ("hashed-ngrams", "concept", "text"),
        ("hashed-ngrams", "lyric_text", "text"),
    ]
    assert (concept["encoded"], concept["unchanged"], concept["n_missing"]) == (12, 0, 0)
    assert lyric["n_rows"] > lyric["n_missing"] > 0.8 * lyric["n_rows"]
    assert set(concept["check"]) == set(keys("a check"))
    assert list(concept["check"]["separation"]) == keys("a check")["separation"]
    again = whitelight(*command).value["encoders"]
    assert [(r["encoded"], r["unchanged"]) for r in again] == [(0, 12)] * 3
    assert [r["check"] for r in again] == [r["check"] for r in first.value["encoders"]]
    dataset = Dataset.open(datasets[True])
    assert (dataset.path / concept["folder"]).is_dir()
    ids = dataset.rows(["row_id"])["row_id"].to_pylist()
    encoder = make_encoder("hashed-ngrams")
    assert encoder.fingerprint() == concept["fingerprint"]
    assert read_features(dataset, encoder, ids, column="concept").has.all()


def test_an_encoder_that_tells_classes_apart_is_not_warned_about(datasets, whitelight):
    done = whitelight("embed", datasets[True], "--encoder", "hashed-ngrams", "--column", "concept", "--check")
    assert done.code == 0
    assert done.err == ""
    lines = done.out.splitlines()
    assert lines[0].startswith("hashed-ngrams concept: ")
    assert re.search(
        r"(0 songs encoded, 12|12 songs encoded, 0) unchanged, (\d+) of \2 rows have a vector of 512", lines[0]
    )
    assert lines[1].split() == [
        "songs",
        "classes",
        "cosine",
        "eff.",
        "dim",
        "silhouette",
        "p",
        "nearest",
        "chance",
        "p",
    ]
    assert lines[2].split()[:4] == ["hashed-ngrams", "concept", "12", "2"]
    assert float(lines[2].split()[8]) > 0.9


def test_one_that_does_not_is(datasets, whitelight):
    command = ("embed", datasets[False], "--encoder", "hashed-ngrams", "--column", "concept", "--check")
    done = whitelight(*command)
    assert done.code == 0
    assert done.err.startswith("warning: hashed-ngrams concept: this encoder does not separate the classes: songs of")
    check = whitelight(*command, "--json").value["encoders"][0]["check"]
    assert check["separation"]["silhouette_p"] > 0.025
    assert check["warning"] in done.err


def test_nothing_to_encode_is_said(datasets, whitelight):
    done = whitelight("embed", datasets[True], "--encoder", "audio-statistics", "--check")
    assert done.code == 0
    assert "0 of " in done.out
    assert "–" in done.out
    assert "no row has a vector" in done.err


def test_mistakes_are_one_clear_line(datasets, whitelight, monkeypatch):
    unknown = whitelight("embed", datasets[True], "--encoder", "mp3")
    assert (unknown.code, unknown.error[:24]) == (1, "encoder 'mp3' is not kno")
    column = whitelight("embed", datasets[True], "--encoder", "descriptors", "--column", "concept")
    assert column.error == "--column concept is for encoders of text, descriptors is none; leave it out"
    model = whitelight("embed", datasets[True], "--encoder", "clap:/nowhere/at all")
    assert "is neither a folder nor a name on the hub" in model.error
    assert whitelight("embed", datasets[True]).code == 2
    assert whitelight("embed", datasets[True], "--encoder", "minilm", "--column", "title").code == 2
    assert "is no dataset" in whitelight("embed", datasets[True].parent, "--encoder", "descriptors").error
