"""The card says what was built: its numbers are those of the rows, its terms those of the catalog."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whitelight.dataset import Dataset
from whitelight.dataset.publish import PublishSettings, Version, publish_dataset
from whitelight.files import load_yaml


@pytest.fixture(scope="module")
def card(built: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("card") / "out"
    publish_dataset(built, str(out), PublishSettings(Version.parse("2.1.0"), include_media=True))
    return (out / "README.md").read_text()


@pytest.fixture(scope="module")
def head(card: str) -> dict[str, Any]:
    found: dict[str, Any] = load_yaml(Path("README.md"), text=card.split("---\n")[1])
    return found


def rows_of(card: str, first: str) -> dict[str, list[str]]:
    """The rows of the table whose header begins with `first`, by their first cell."""
    block = card[card.index(f"| {first} |") :].split("\n\n", maxsplit=1)[0].splitlines()
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block]
    return {row[0]: row[1:] for row in cells[2:]} | {"": cells[0][1:]}


def test_the_head_is_what_the_hub_reads(head: dict[str, Any], dataset: Dataset) -> None:
    assert head["license"] == "cc-by-nc-sa-4.0"
    assert head["tags"] == ["music", "whitelight", "audio", "midi", "text"]
    assert head["size_categories"] == ["n<1K"]
    configs = {config["config_name"]: config for config in head["configs"]}
    assert list(configs) == ["base_manifest", "training_segments", "training_full", "preview"]
    assert [name for name, config in configs.items() if config.get("default")] == ["training_segments"]
    assert [f["split"] for f in configs["training_full"]["data_files"]] == ["train", "validation", "test"]
    info = {info["config_name"]: info for info in head["dataset_info"]}
    assert sum(split["num_examples"] for split in info["training_full"]["splits"]) == dataset.manifest.n_rows
    assert {f["name"] for f in info["training_full"]["features"]} - {f["name"] for f in info["training_segments"]["features"]} == {"audio", "midi"}  # fmt: skip


def test_coverage_is_counted(card: str, dataset: Dataset) -> None:
    found = rows_of(card, "class")
    rows = dataset.rows(kind=None).to_pylist()
    names = found.pop("")
    assert list(found) == ["Red", "Green", "all"]
    for name, cells in found.items():
        its = [row for row in rows if name in (row["class_name"], "all")]
        segments = {row["segment_id"]: row["duration_s"] for row in its}
        hours = {"hours": sum(segments.values()) / 3600}
        counts = {"songs": len({row["song_id"] for row in its}), "segments": len(segments), "rows": len(its)}
        for word, column in (("audio", "has_audio"), ("MIDI", "has_midi"), ("text", "has_lyric")):
            having = {row["segment_id"] for row in its if row[column]}
            hours[f"{word} h"] = sum(segments[segment] for segment in having) / 3600
            counts[f"{word} rows"] = sum(row[column] for row in its)
        expected = {k: f"{v:,}" for k, v in counts.items()} | {k: f"{v:.2f}" for k, v in hours.items()}
        assert dict(zip(names, cells, strict=True)) == expected


def test_every_column_says_what_it_means(card: str, dataset: Dataset) -> None:
    tables = card[card.index("## Columns") : card.index("## Provenance")]
    documented = re.findall(r"^\| `(\w+)` \| `[^|]+`(?:, may be null)? \| \S[^\n]* \|$", tables, re.MULTILINE)
    assert set(documented) >= {*dataset.schema.names, "audio", "midi", "main_audio_file"}
    assert "| `tempo_bpm` | `double`, may be null |" in tables
    assert "None |" not in tables


def test_terms_are_those_of_the_catalog_and_shown_as_text(card: str) -> None:
    assert "License: [CC-BY-NC-SA-4.0](https://spdx.org/licenses/CC-BY-NC-SA-4.0.html). Name the source. **No commercial use.**" in card  # fmt: skip
    assert "Attribution: The &lt;Band&gt; \\| us" in card
    assert "Source: https://example.org/songs" in card


def test_splits_are_explained(
    card: str, data: Path, tmp_path: Path, make_dataset: Callable[..., Path], settings: Any
) -> None:
    assert "`train` 3, `validation` 1, `test` 1 songs" in card
    assert "No source song (`group_id`) is in two splits." in card
    crossing = make_dataset(songs={"02_01": ("Red", "g_1", "train"), "02_02": ("Red", "g_1", "test")})
    report = publish_dataset(crossing, str(tmp_path / "out"), settings())
    assert report.to_dict()["groups_in_several_splits"] == ["g_1"]
    assert "**1 source songs are in more than one split** (g\\_1)" in (tmp_path / "out/README.md").read_text()


def test_provenance_is_that_of_the_build(card: str, dataset: Dataset) -> None:
    assert dataset.manifest.ontology_hash in card
    assert "| version | 2.1.0 |" in card
    assert "| sound | resampled to 44,100 Hz, channels as recorded |" in card
    assert f"| schema of the segments | {dataset.manifest.schema_version} |" in card
