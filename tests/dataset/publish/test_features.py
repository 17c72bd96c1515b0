import json

import pyarrow as pa
import pytest

from whitelight.dataset import Dataset
from whitelight.dataset.publish.embeddings import embedding_schema
from whitelight.dataset.publish.features import AUDIO_TYPE, leaf_paths, to_json, to_yaml, with_features
from whitelight.dataset.publish.sounds import MEDIA_FIELDS


@pytest.fixture
def schemas(dataset: Dataset) -> list[pa.Schema]:
    from whitelight.catalog import BASE_TABLE_SCHEMA

    full = dataset.schema
    for field in MEDIA_FIELDS:
        full = full.append(field)
    return [BASE_TABLE_SCHEMA, dataset.schema, full, embedding_schema(4)]


def test_features_are_those_datasets_makes(schemas: list[pa.Schema]) -> None:
    datasets = pytest.importorskip("datasets")
    for schema in schemas:
        ours = datasets.Features.from_dict(to_json(schema))
        assert ours == datasets.Features._from_yaml_list(to_yaml(schema))
        assert ours._to_yaml_list() == to_yaml(schema)
        plain = {field.name: field.type for field in ours.arrow_schema}
        assert plain.keys() == set(schema.names)
        inferred = datasets.Features.from_arrow_schema(pa.schema([f for f in schema if f.type != AUDIO_TYPE]))
        assert {name: ours[name] for name in inferred} == dict(inferred)
    assert datasets.Features.from_dict(to_json(schemas[2]))["audio"] == datasets.Audio(decode=False)


def test_features_travel_in_the_file(schemas: list[pa.Schema]) -> None:
    metadata = with_features(schemas[2]).metadata[b"huggingface"]
    assert json.loads(metadata) == {"info": {"features": to_json(schemas[2])}}


def test_leaf_paths_are_those_of_parquet(schemas: list[pa.Schema]) -> None:
    import pyarrow.parquet as pq

    for schema in schemas:
        sink = pa.BufferOutputStream()
        pq.write_table(schema.empty_table(), sink)
        found = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
        assert list(leaf_paths(schema)) == [found.column(i).path for i in range(len(found))]


def test_a_type_without_a_feature_is_told() -> None:
    with pytest.raises(NotImplementedError, match="no feature for uint8"):
        to_json(pa.schema([("a", pa.uint8())]))
