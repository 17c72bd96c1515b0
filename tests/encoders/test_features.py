"""The embed pass: same vectors as serving, resumable, complete files only, honest masks."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from whitelight.catalog import import_midi, read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.encoders import (
    DescriptorEncoder,
    MissingFeaturesError,
    TextEncoder,
    embed,
    load_features,
    read_features,
)
from whitelight.encoders.features import SONGS_AT_ONCE as _SONGS_AT_ONCE
from whitelight.encoders.features import feature_folder
from whitelight.encoders.shards import FeatureFileError, FeatureShard, is_current, read_shard, write_shard
from whitelight.music import read_midi, write_midi

ENCODER = DescriptorEncoder()
SONGS_AT_ONCE = _SONGS_AT_ONCE["midi"]
N_SONGS = SONGS_AT_ONCE + 3  # two groups

SCRIPT = """
import os, signal, sys
from pathlib import Path
import whitelight.encoders.features as features
from whitelight.dataset import Dataset
from whitelight.encoders import DescriptorEncoder
whole, written = features.write_shard, []
def write(file, *args, **kwargs):
    if len(written) == int(sys.argv[2]):
        file.with_name(f".{file.name}.99.tmp").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    whole(file, *args, **kwargs)
    written.append(file)
features.write_shard = write
features.embed(Dataset.open(Path(sys.argv[1])), DescriptorEncoder())
"""


@pytest.fixture
def dataset(tmp_path, make_piece, make_random_rows) -> Dataset:
    rng = np.random.default_rng(0)
    midi = tmp_path / "midi"
    midi.mkdir()
    labels = ["clip,class"]
    for k in range(N_SONGS):
        (midi / f"clip{k:02d}.mid").write_bytes(write_midi(make_piece(make_random_rows(rng, 60 + k))))
        labels.append(f"clip{k:02d},{'high' if k % 2 else 'low'}")
    (tmp_path / "labels.csv").write_text("\n".join(labels) + "\n")
    catalog = tmp_path / "catalog"
    import_midi(midi, tmp_path / "labels.csv", id_column="clip", class_column="class", ontology="auto", out=catalog)
    build_dataset(read_catalog(catalog), tmp_path / "dataset", policy="whole")
    return Dataset.open(tmp_path / "dataset")


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def row_ids(dataset: Dataset, *, has_midi: bool = True) -> list[str]:
    table = dataset.rows(["row_id", "has_midi"], kind=None).to_pylist()
    return [row["row_id"] for row in table if row["has_midi"] or not has_midi]


def test_vectors_are_those_of_serving_in_the_order_asked(dataset):
    report = embed(dataset, ENCODER)
    assert (report.encoded, report.skipped) == (N_SONGS, 0)
    wanted = row_ids(dataset)[::-7]
    media = dict(dataset.media(wanted))
    expected = ENCODER.encode([read_midi(media[row_id]) for row_id in wanted])
    found = load_features(dataset, ENCODER, wanted)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-5)
    assert np.array_equal(load_features(dataset, ENCODER, [wanted[0], wanted[0]]), found[[0, 0]])


def test_a_second_pass_encodes_nothing_and_a_changed_song_only_itself(dataset):
    folder = embed(dataset, ENCODER).folder
    before = contents(folder)
    assert embed(dataset, ENCODER).encoded == 0
    (folder / "clip03.parquet").write_bytes(b"torn")
    (folder / ".clip04.parquet.7.tmp").write_bytes(b"left behind")
    (folder / "gone.parquet").write_bytes(b"left the dataset")
    assert embed(dataset, ENCODER).encoded == 1
    assert contents(folder) == before


def test_jobs_do_not_change_the_result(dataset):
    folder = embed(dataset, ENCODER).folder
    one = contents(folder)
    for file in folder.iterdir():
        file.unlink()
    assert embed(dataset, ENCODER, jobs=2).encoded == N_SONGS
    assert contents(folder) == one


@pytest.mark.parametrize("killed_after", [0, 2, SONGS_AT_ONCE + 1])
def test_a_killed_pass_goes_on_and_ends_the_same(dataset, killed_after):
    folder = embed(dataset, ENCODER).folder
    undisturbed = contents(folder)
    for file in folder.iterdir():
        file.unlink()
    process = subprocess.run([sys.executable, "-c", SCRIPT, str(dataset.path), str(killed_after)], check=False)
    assert process.returncode == -signal.SIGKILL
    assert embed(dataset, ENCODER).encoded == N_SONGS - killed_after
    assert contents(folder) == undisturbed


def test_missing_texts_are_a_flag_and_not_a_silent_zero(dataset):
    encoder = TextEncoder()
    embed(dataset, encoder, column="lyric_text")
    ids = row_ids(dataset, has_midi=False)
    features = read_features(dataset, encoder, ids, column="lyric_text")
    assert not features.has.any()
    assert not features.vectors.any()
    with pytest.raises(MissingFeaturesError, match="nothing to encode"):
        load_features(dataset, encoder, ids, column="lyric_text")


def test_wrong_questions_are_refused(dataset):
    embed(dataset, ENCODER)
    with pytest.raises(MissingFeaturesError, match="no song 'nobody'"):
        load_features(dataset, ENCODER, ["nobody/0000/full"])
    with pytest.raises(MissingFeaturesError, match="not in the dataset"):
        load_features(dataset, ENCODER, ["clip00/0099/full"])
    with pytest.raises(FeatureFileError, match="with column 'concept', expected none"):
        embed(dataset, ENCODER, column="concept")
    with pytest.raises(FeatureFileError, match="with column None, expected one of"):
        embed(dataset, TextEncoder())
    with pytest.raises(FeatureFileError, match="run embed again"):
        read_features(dataset, TextEncoder(), row_ids(dataset)[:1], column="concept")


def test_another_version_has_another_folder(dataset):
    class Next(DescriptorEncoder):
        version = "next"

    assert feature_folder(dataset, Next()) != feature_folder(dataset, ENCODER)


def test_a_shard_refuses_what_does_not_fit(tmp_path):
    file = tmp_path / "song.parquet"
    shard = FeatureShard(("a", "b"), np.array([True, False]), np.array([[1, 2, 3], [0, 0, 0]], np.float32))
    write_shard(file, shard, source="s", fingerprint="f")
    found = read_shard(file, 3, source="s", fingerprint="f")
    assert found.row_ids == shard.row_ids
    assert np.array_equal(found.vectors, shard.vectors)
    assert found.has.tolist() == [True, False]
    assert is_current(file, source="s", fingerprint="f")
    assert not is_current(file, source="t", fingerprint="f")
    for dim, source, fingerprint, message in (
        (4, "s", "f", "float32 vectors of 4"),
        (3, "t", "f", "older dataset"),
        (3, "s", "g", "another encoder"),
    ):
        with pytest.raises(FeatureFileError, match=message):
            read_shard(file, dim, source=source, fingerprint=fingerprint)
    half = FeatureShard(("a",), np.array([True]), np.zeros((1, 3), np.float16))
    with pytest.raises(FeatureFileError, match="float16, expected finite float32"):
        write_shard(file, half, source="s", fingerprint="f")
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(FeatureFileError, match="cannot be read"):
        read_shard(tmp_path / "none.parquet", 3, source="s", fingerprint="f")


def test_a_file_of_half_floats_is_refused(tmp_path):
    import pyarrow.parquet as pq

    file = tmp_path / "song.parquet"
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(3, np.float16)), 3)
    pq.write_table(pa.table({"row_id": ["a"], "has": [True], "vector": vectors}), file)
    with pytest.raises(FeatureFileError, match="float32 vectors of 3"):
        read_shard(file, 3, source="", fingerprint="")
