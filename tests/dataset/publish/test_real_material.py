"""A real set of clips with a license that forbids commerce, and its own splits, goes the whole way."""

import csv
import shutil
from pathlib import Path

import pytest

from whitelight.catalog import import_midi, read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.dataset.publish import PublishSettings, Version, publish_dataset

ATTRIBUTION = "EMOPIA 1.0, H.-T. Hung et al."


def test_emopia_keeps_its_license_and_its_splits(shared_data: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    source = shared_data / "emopia"
    with (source / "labels.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    chosen = [row for split in ("train", "val") for row in [r for r in rows if r["split"] == split][:8]]
    (tmp_path / "midi").mkdir()
    for row in chosen:
        shutil.copy(source / "midi" / f"{row['clip']}.mid", tmp_path / "midi")
    with (tmp_path / "labels.csv").open("w") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(chosen)
    import_midi(
        tmp_path / "midi", tmp_path / "labels.csv", id_column="clip", class_column="quadrant", song_column="song",
        split_column="split", ontology="emopia", out=tmp_path / "songs",
    )  # fmt: skip
    with (tmp_path / "songs/catalog.yml").open("a") as stream:
        stream.write(f"license: CC-BY-NC-SA-4.0\nattribution: {ATTRIBUTION}\n")
    build_dataset(read_catalog(tmp_path / "songs"), tmp_path / "data", policy="whole")
    settings = PublishSettings(Version.parse("1.0.0"), include_media=True)
    publish_dataset(tmp_path / "data", str(tmp_path / "out"), settings)
    card = (tmp_path / "out/README.md").read_text()
    assert "**No commercial use.**" in card
    assert ATTRIBUTION in card
    assert card.startswith("---\nlicense: cc-by-nc-sa-4.0\n")
    loaded = datasets.load_dataset(str(tmp_path / "out"), "training_full", cache_dir=tmp_path / "cache")
    assert {split: len(set(rows["song_id"])) for split, rows in loaded.items()} == {"train": 8, "validation": 8}
    midi = dict(Dataset.open(tmp_path / "data").media())
    assert {row["row_id"]: row["midi"] for split in loaded.values() for row in split if row["midi"]} == midi
