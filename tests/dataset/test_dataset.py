import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whitelight.dataset import DamagedDatasetError, Dataset, NotADatasetError, SchemaError, build_dataset


@pytest.fixture
def dataset(make_catalog, tmp_path):
    build_dataset(make_catalog(), tmp_path / "out", policy="bars:4")
    return Dataset.open(tmp_path / "out")


def test_rows_by_column_view_and_kind(dataset):
    everything = dataset.rows(kind=None)
    assert everything.schema.names == dataset.schema.names
    views = dataset.rows(["row_id", "view"], views=["bass", "melody"])
    assert views.column_names == ["row_id", "view"]
    assert set(views["view"].to_pylist()) == {"bass", "melody"}
    assert not any("stem-" in row_id for row_id in views["row_id"].to_pylist())
    stems = dataset.rows(["row_id"], views=["bass"], kind="stem")["row_id"].to_pylist()
    assert stems
    assert all("stem-" in row_id for row_id in stems)
    assert len(dataset.rows(kind="view")) + len(dataset.rows(kind="stem")) == len(everything)
    with pytest.raises(ValueError, match="no view or column"):
        dataset.rows(views=["tenor"])
    with pytest.raises(ValueError, match="no view or column"):
        dataset.rows(["colour"])


def test_rows_are_in_order(dataset):
    segments = dataset.rows(["segment_id"])["segment_id"].to_pylist()
    assert segments == sorted(segments)


def test_media_are_those_of_the_rows(dataset):
    with_midi = [r["row_id"] for r in dataset.rows(["row_id", "has_midi"], kind=None).to_pylist() if r["has_midi"]]
    assert [row_id for row_id, _ in dataset.media()] == with_midi
    chosen = with_midi[3:6]
    assert [row_id for row_id, _ in dataset.media(reversed(chosen))] == chosen
    assert list(dataset.media([])) == []
    assert dataset.song_media("00_01") == {}
    with pytest.raises(NotADatasetError, match="no song '99'"):
        dataset.song_media("99")


def test_another_schema_version_is_refused(dataset):
    manifest = json.loads((dataset.path / "manifest.json").read_text())
    (dataset.path / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 99}))
    with pytest.raises(NotADatasetError, match="schema 99, expected 2; build the dataset again"):
        Dataset.open(dataset.path)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema_version": 2}', ""])
def test_a_damaged_manifest_is_refused(dataset, text):
    (dataset.path / "manifest.json").write_text(text)
    with pytest.raises(NotADatasetError, match="damaged"):
        Dataset.open(dataset.path)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(NotADatasetError, match="no dataset"):
        Dataset.open(tmp_path)


def test_an_ontology_that_was_edited_is_refused(dataset):
    text = (dataset.path / "manifest.json").read_text()
    (dataset.path / "manifest.json").write_text(text.replace("Light Reading", "Heavy Reading"))
    with pytest.raises(NotADatasetError, match="does not match its hash"):
        Dataset.open(dataset.path)


def test_damaged_and_missing_shards_are_found(dataset):
    file = dataset.path / "segments/01_01.parquet"
    content = file.read_bytes()
    file.write_bytes(content[:-40])
    with pytest.raises(DamagedDatasetError, match="hash the manifest states"):
        Dataset.open(dataset.path, check_hashes=True)
    with pytest.raises(DamagedDatasetError, match="cannot be read"):
        Dataset.open(dataset.path).rows()
    file.unlink()
    with pytest.raises(DamagedDatasetError, match="No such file"):
        Dataset.open(dataset.path, check_hashes=True)


def test_a_shard_of_another_schema_is_refused(dataset):
    file = dataset.path / "segments/01_01.parquet"
    table = pq.read_table(file)
    pq.write_table(table.drop_columns(["meter"]), file)
    with pytest.raises(SchemaError, match="columns differ from schema 2 in meter"):
        dataset.rows()
    wrong = table.set_column(table.schema.get_field_index("start_s"), "start_s", table["start_s"].cast(pa.float32()))
    pq.write_table(wrong, file)
    with pytest.raises(SchemaError, match="start_s"):
        dataset.rows()
