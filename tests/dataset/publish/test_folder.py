"""What lies in a published folder, when it may be written, and that nothing half-done is ever seen."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whitelight.dataset import Dataset
from whitelight.dataset.publish import (
    LeakError,
    OccupiedError,
    PublishError,
    PublishSettings,
    UnlicensedError,
    publish_dataset,
    read_record,
)
from whitelight.dataset.publish import plan as plan_module
from whitelight.dataset.publish import staging as staging_module
from whitelight.dataset.publish.record import file_record
from whitelight.errors import WhitelightError

Settings = Callable[..., PublishSettings]
Contents = Callable[[Path], dict[str, bytes]]


def table(folder: Path, config: str) -> pa.Table:
    return pa.concat_tables([pq.read_table(f) for f in sorted(folder.glob(f"{config}/*.parquet"))])


@pytest.fixture(scope="module")
def published(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("folder") / "published"
    from whitelight.dataset.publish import Version

    publish_dataset(built, str(out), PublishSettings(Version.parse("1.0.0"), include_media=True, preview_per_class=2))
    return out


def test_the_files_are_those_of_the_record(published: Path) -> None:
    record = read_record(published)
    assert record is not None
    found = {p.relative_to(published).as_posix() for p in published.rglob("*") if p.is_file()}
    assert found == {*record.files, "publication.json"}
    assert found == {
        "README.md",
        "publication.json",
        *(f"{c}/{s}-00000-of-00001.parquet" for c in ("base_manifest", "training_segments", "training_full") for s in ("train", "validation", "test")),
        "preview/train-00000-of-00001.parquet",
    }  # fmt: skip
    assert all(file_record(published / name, f.rows) == f for name, f in record.files.items())
    assert list(published.parent.iterdir()) == [published]
    assert record.songs["02_01"] == "Song 02_01"
    assert record.terms.license == "CC-BY-NC-SA-4.0"


def test_every_row_is_there_once_in_its_split(published: Path, dataset: Dataset) -> None:
    for split, songs in {"train": ["02_01", "05_01", "05_02"], "validation": ["02_02"], "test": ["05_03"]}.items():
        found = pq.read_table(published / f"training_segments/{split}-00000-of-00001.parquet")
        expected = dataset.rows(kind=None, song_ids=songs)
        assert found.replace_schema_metadata(None).cast(expected.schema).equals(expected)
        base = pq.read_table(published / f"base_manifest/{split}-00000-of-00001.parquet")
        assert set(base["song_id"].to_pylist()) == set(songs)
        assert base.num_rows == 3 * len(songs)


def test_media_are_those_of_the_dataset(published: Path, dataset: Dataset) -> None:
    from whitelight.audio import decode_flac

    rows = {row["row_id"]: row for row in table(published, "training_full").to_pylist()}
    assert rows.keys() == set(dataset.rows(["row_id"], kind=None)["row_id"].to_pylist())
    assert {k: row["midi"] for k, row in rows.items() if row["midi"] is not None} == dict(dataset.media())
    stored = {k: flac for song in dataset.song_ids for k, flac in dataset.song_audio(song)}
    assert {k: row["audio"]["bytes"] for k, row in rows.items() if row["audio"] and k in stored} == stored
    sounds = dict(dataset.audio())
    assert {k for k, row in rows.items() if row["audio"]} == sounds.keys() > stored.keys()
    for row_id, sound in sounds.items():
        published_sound = decode_flac(rows[row_id]["audio"]["bytes"])
        assert published_sound.sample_rate == sound.sample_rate
        assert abs(published_sound.samples - sound.samples).max() <= 2**-24
        assert rows[row_id]["audio"]["path"] == f"{row_id}.flac"
        assert rows[row_id]["has_audio"]


def test_metadata_and_sound_lie_apart(published: Path) -> None:
    metadata = pq.read_metadata(published / "training_full/train-00000-of-00001.parquet")
    names = [metadata.row_group(0).column(i).path_in_schema for i in range(metadata.num_columns)]
    sound = metadata.row_group(0).column(names.index("audio.bytes"))
    assert sound.compression == "UNCOMPRESSED"  # FLAC is
    assert not sound.is_stats_set
    assert metadata.row_group(0).column(names.index("concept")).compression == "ZSTD"
    assert all(metadata.row_group(g).num_rows <= 100 for g in range(metadata.num_row_groups))


def test_the_preview_shows_every_class_and_many_songs(published: Path) -> None:
    rows = table(published, "preview").to_pylist()
    assert sorted(row["class_name"] for row in rows) == ["Green", "Green", "Red", "Red"]
    assert len({row["song_id"] for row in rows}) == 4
    assert {row["view"] for row in rows} == {"full"}
    assert all(row["audio"] for row in rows)


def test_again_is_the_same_to_the_byte_and_writes_nothing(
    published: Path, built: Path, tmp_path: Path, settings: Settings, contents: Contents
) -> None:
    same = settings(include_media=True, preview_per_class=2)
    report = publish_dataset(built, str(tmp_path / "other"), same)
    assert report.state == "written"
    assert contents(tmp_path / "other") == contents(published)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "other").rglob("*")}
    assert publish_dataset(built, str(tmp_path / "other"), same).state == "unchanged"
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "other").rglob("*")} == before


def test_shards_hold_whole_songs_and_their_number_changes_nothing(
    published: Path, built: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_module, "SHARD_BYTES", 1)
    publish_dataset(built, str(tmp_path / "small"), settings(include_media=True))
    names = sorted(p.name for p in (tmp_path / "small/training_full").iterdir())
    assert names[1:4] == [f"train-0000{i}-of-00003.parquet" for i in range(3)]
    assert table(tmp_path / "small", "training_full").equals(table(published, "training_full"))


def test_an_interrupted_run_is_taken_up(
    built: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, contents: Contents
) -> None:
    publish_dataset(built, str(tmp_path / "whole"), settings(include_media=True))
    written: list[str] = []
    real = staging_module.write_shard

    def stumbling(file: Path, *args: Any, **kwargs: Any) -> None:
        if len(written) == 4:
            file.with_name(".torn.tmp").write_bytes(b"PAR1")
            raise OSError(28, "No space left on device")
        real(file, *args, **kwargs)
        written.append(file.name)

    monkeypatch.setattr(staging_module, "write_shard", stumbling)
    with pytest.raises(OSError, match="No space"):
        publish_dataset(built, str(tmp_path / "out"), settings(include_media=True))
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(staging_module, "write_shard", lambda file, *a, **k: (written.append(file.name), real(file, *a, **k))[0])  # fmt: skip
    publish_dataset(built, str(tmp_path / "out"), settings(include_media=True))
    assert len(written) == 10  # each shard once
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


KILLED = """
import os, signal, sys
from pathlib import Path
import whitelight.dataset.publish.folder as folder, whitelight.dataset.publish.staging as staging
from whitelight.dataset.publish import PublishSettings, Version, publish_dataset
point, data, out = sys.argv[1:]
calls = 0
def die(*args, **kwargs): os.kill(os.getpid(), signal.SIGKILL)
real_write, real_replace = staging.write_shard, Path.replace
def write(*args, **kwargs):
    global calls
    calls += 1
    die() if calls == 3 else real_write(*args, **kwargs)
if point == "shard": staging.write_shard = write
if point == "finish": folder.finish = die
if point == "swap": Path.replace = lambda self, to: die() if self.name.endswith(".publish") else real_replace(self, to)
publish_dataset(Path(data), out, PublishSettings(Version.parse("1.1.0")))
"""


@pytest.mark.slow
@pytest.mark.parametrize("point", ["shard", "finish", "swap"])
def test_a_killed_run_leaves_the_old_publication_and_is_taken_up(
    point: str, built: Path, tmp_path: Path, settings: Settings, contents: Contents
) -> None:
    out = tmp_path / "out"
    publish_dataset(built, str(out), settings())
    before = contents(out)
    done = subprocess.run([sys.executable, "-c", KILLED, point, str(built), str(out)], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    if point != "swap":
        assert contents(out) == before
    assert publish_dataset(built, str(out), settings("1.1.0")).state == "written"
    record = read_record(out)
    assert record is not None
    assert (record.version, list(record.versions)) == ("1.1.0", ["1.0.0", "1.1.0"])
    assert list(tmp_path.iterdir()) == [out]


def test_a_new_version_replaces_the_old_one_whole(built: Path, tmp_path: Path, settings: Settings) -> None:
    publish_dataset(built, str(tmp_path / "out"), settings(include_media=True))
    publish_dataset(built, str(tmp_path / "out"), settings("1.1.0-rc.1", preview_per_class=0))
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["README.md", "base_manifest", "publication.json", "training_segments"]  # fmt: skip
    with pytest.raises(OccupiedError, match=r"holds version 1\.1\.0-rc\.1, later than 1\.0\.0"):
        publish_dataset(built, str(tmp_path / "out"), settings(include_media=True))
    with pytest.raises(OccupiedError, match=r"holds version 1\.1\.0-rc\.1 with other content; give a new version, such as 1\.1\.1"):  # fmt: skip
        publish_dataset(built, str(tmp_path / "out"), settings("1.1.0-rc.1"))


def test_a_damaged_publication_is_written_again(
    built: Path, tmp_path: Path, settings: Settings, contents: Contents
) -> None:
    out = tmp_path / "out"
    publish_dataset(built, str(out), settings())
    before = contents(out)
    (out / "README.md").write_text("mine")
    (out / "preview/train-00000-of-00001.parquet").unlink()
    assert publish_dataset(built, str(out), settings()).state == "written"
    assert contents(out) == before


def test_other_things_are_never_written_over(
    built: Path, tmp_path: Path, settings: Settings, contents: Contents
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").write_text("years")
    (tmp_path / "file").write_text("x")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/publication.json").write_text("{")
    before = contents(tmp_path)
    for name, message in (
        ("full", r"holds other things \(thesis\.txt\)"),
        ("file", "is a file"),
        ("broken", "is damaged"),
    ):
        with pytest.raises(OccupiedError, match=message):
            publish_dataset(built, str(tmp_path / name), settings())
    for inside in (built, built / "published"):
        with pytest.raises(OccupiedError, match="inside the dataset"):
            publish_dataset(built, str(inside), settings())
    assert contents(tmp_path) == before
    publish_dataset(built, str(tmp_path / "ours"), settings())
    (tmp_path / "ours/.git").mkdir()
    (tmp_path / "ours/.git/HEAD").write_text("x")
    with pytest.raises(OccupiedError, match=r"other things \(\.git/HEAD\)"):
        publish_dataset(built, str(tmp_path / "ours"), settings("1.0.1"))


def test_another_dataset_is_not_written_over(
    built: Path, make_dataset: Callable[..., Path], tmp_path: Path, settings: Settings
) -> None:
    publish_dataset(built, str(tmp_path / "out"), settings())
    record = json.loads((tmp_path / "out/publication.json").read_text())
    record["songs"] = {song_id: f"Another {title}" for song_id, title in record["songs"].items()}
    (tmp_path / "out/publication.json").write_text(json.dumps(record))
    with pytest.raises(OccupiedError, match="holds another dataset"):
        publish_dataset(built, str(tmp_path / "out"), settings("2.0.0"))


def test_a_dataset_that_grew_is_the_same_dataset(
    built: Path, make_dataset: Callable[..., Path], tmp_path: Path, settings: Settings
) -> None:
    songs = {"02_01": ("Red", "02_01", ""), "02_07": ("Red", "02_07", "")}
    smaller = make_dataset(songs=songs)
    publish_dataset(smaller, str(tmp_path / "out"), settings())
    assert not (tmp_path / "out/training_segments/test-00000-of-00001.parquet").exists()
    assert publish_dataset(built, str(tmp_path / "out"), settings("1.1.0")).state == "written"


def test_nothing_goes_out_without_a_license(
    make_dataset: Callable[..., Path], tmp_path: Path, settings: Settings
) -> None:
    data = make_dataset(terms="")
    with pytest.raises(UnlicensedError, match="--include-media: the dataset states no license"):
        publish_dataset(data, str(tmp_path / "out"), settings(include_media=True))
    with pytest.raises(UnlicensedError, match="--public: the dataset states no license"):
        publish_dataset(data, "hub:me/songs", settings(is_public=True))
    publish_dataset(data, str(tmp_path / "out"), settings())
    assert "audio" not in table(tmp_path / "out", "preview").column_names
    assert "No license is stated" in (tmp_path / "out/README.md").read_text()
    other = make_dataset(terms="license: other\nusage: ask me first\n")
    publish_dataset(other, str(tmp_path / "asked"), settings())
    assert "audio" not in table(tmp_path / "asked", "preview").column_names  # words are for people to judge
    publish_dataset(other, str(tmp_path / "asked"), settings("1.0.1", include_media=True))
    assert "license: other\nlicense_name: other\n" in (tmp_path / "asked/README.md").read_text()
    assert "Usage: ask me first" in (tmp_path / "asked/README.md").read_text()


def test_a_damaged_dataset_is_not_published(data: Path, tmp_path: Path, settings: Settings) -> None:
    for name in ("segments/02_01.parquet", "media/02_01.parquet", "base_manifest.parquet"):
        file = data / name
        content = file.read_bytes()
        file.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
        with pytest.raises(WhitelightError, match="build the dataset again"):
            publish_dataset(data, str(tmp_path / "out"), settings())
        file.write_bytes(content)
    (data / "manifest.json").unlink()
    with pytest.raises(WhitelightError, match="unfinished dataset"):
        publish_dataset(data, str(tmp_path / "out"), settings())
    assert not (tmp_path / "out").exists()


def test_what_is_private_stays(data: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(data.parent / "data", tmp_path / "spoiled")
    real = Dataset.song_rows

    def spoiled(self: Dataset, song_id: str, columns: Any = None) -> pa.Table:
        rows = real(self, song_id, columns)
        if "concept" not in rows.column_names:
            return rows
        place = rows.column_names.index("concept")
        return rows.set_column(
            place, rows.schema.field("concept"), pa.array(["see /home/me/notes.txt"] * rows.num_rows)
        )

    monkeypatch.setattr(Dataset, "song_rows", spoiled)
    for is_dry_run in (True, False):
        with pytest.raises(
            LeakError, match=r"training_segments, song '02_01', column 'concept' holds an absolute path"
        ):
            publish_dataset(tmp_path / "spoiled", str(tmp_path / "out"), settings(), is_dry_run=is_dry_run)
    assert not (tmp_path / "out").exists()


def test_a_secret_inside_a_midi_file_stays(
    data: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Dataset.song_media
    text = b"made in C:\\Users\\me"
    event = b"\x00\xff\x01" + bytes([len(text)]) + text

    def spoiled(self: Dataset, song_id: str) -> dict[str, bytes]:
        return {
            k: midi.replace(b"\x00\xff\x2f\x00", event + b"\x00\xff\x2f\x00") for k, midi in real(self, song_id).items()
        }

    monkeypatch.setattr(Dataset, "song_media", spoiled)
    with pytest.raises(LeakError, match=r"MIDI of 02_01/0000/[a-z0-9-]+ holds an absolute path"):
        publish_dataset(data, str(tmp_path / "out"), settings(include_media=True))
    assert not (tmp_path / "out").exists()


def test_embeddings_come_with_their_fingerprint(data: Path, tmp_path: Path, settings: Settings) -> None:
    from whitelight.encoders.features import embed, read_features
    from whitelight.encoders.registry import make_encoder

    with pytest.raises(PublishError, match="has no embeddings"):
        publish_dataset(data, str(tmp_path / "out"), settings(include_embeddings=True))
    dataset, encoder = Dataset.open(data), make_encoder("hashed-ngrams")
    embed(dataset, encoder, column="lyric_text")
    publish_dataset(data, str(tmp_path / "out"), settings(include_embeddings=True))
    found = table(tmp_path / "out", "embeddings_hashed_ngrams_lyric_text")
    expected = read_features(dataset, encoder, found["row_id"].to_pylist(), column="lyric_text")
    assert found["vector"].to_pylist() == expected.vectors.tolist()
    assert found["has"].to_pylist() == expected.has.tolist()
    assert found.num_rows == dataset.manifest.n_rows
    assert encoder.fingerprint() in (tmp_path / "out/README.md").read_text()
    record = read_record(tmp_path / "out")
    assert record is not None
    assert [(e.name, e.column, e.fingerprint) for e in record.encoders] == [("hashed-ngrams", "lyric_text", encoder.fingerprint())]  # fmt: skip
    shard = next((data / "features").rglob("02_01.parquet"))
    old = pq.read_table(shard)
    pq.write_table(old.replace_schema_metadata({**old.schema.metadata, b"whitelight.source": b"x"}), shard)
    with pytest.raises(PublishError, match=r"02_01\.parquet was made from an older dataset"):
        publish_dataset(data, str(tmp_path / "out"), settings("1.1.0", include_embeddings=True))
    shard.unlink()
    with pytest.raises(PublishError, match="is missing or damaged"):
        publish_dataset(data, str(tmp_path / "out"), settings("1.1.0", include_embeddings=True))


def test_a_dry_run_writes_nothing_and_says_what_it_would(built: Path, tmp_path: Path, settings: Settings) -> None:
    report = publish_dataset(built, str(tmp_path / "out"), settings(), is_dry_run=True)
    assert list(tmp_path.iterdir()) == []
    assert report.to_dict()["configs"]["training_segments"]["train"]["rows"] == 3 * 24
    assert any("nothing was written" in line for line in report.lines())
    hub = publish_dataset(built, "hub:me/songs", settings(), is_dry_run=True)  # asks nobody
    assert hub.state == "planned"


def test_options_of_the_hub_need_the_hub(built: Path, tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(PublishError, match="--public belongs to the hub"):
        publish_dataset(built, str(tmp_path / "out"), settings(is_public=True))
    for name in ("hub:", "hub:songs", "hub:me/", "hub:me/a b", "hub:../x", "hub:me/a--b", ""):
        with pytest.raises(PublishError, match=r"expected hub:OWNER/NAME|--to is empty"):
            publish_dataset(built, name, settings())
