import re

import pyarrow as pa
import pytest

from whitelight.dataset import SCHEMA_VERSION, SchemaError
from whitelight.dataset.columns import DROPPED_COLUMNS, MEDIA_COLUMNS, SEGMENT_COLUMNS
from whitelight.dataset.manifest import AudioRecord, Manifest, SongRecord
from whitelight.dataset.schema import check_schema, media_schema, segment_schema


def words(kind, *, is_nullable=False):
    """Name a type as the page does."""
    text = str(kind)
    if pa.types.is_list(kind):
        text = f"list of {words(kind.value_type)}"
    elif pa.types.is_struct(kind):
        fields = [kind.field(i) for i in range(kind.num_fields)]
        text = "{" + "; ".join(f"{f.name} {words(f.type, is_nullable=f.nullable)}" for f in fields) + "}"
    return text + (", may be null" if is_nullable else "")


def documented(columns, axes=False):
    rows = [f"| `{c.name}` | {words(c.type, is_nullable=c.is_nullable)} | {c.doc} |" for c in columns]
    if axes:
        rows.append("| `axis_<name>` | list of string | modes of the class on the axis, one column per axis |")
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("name", "columns"),
    [("segments", SEGMENT_COLUMNS), ("media", MEDIA_COLUMNS), ("dropped", DROPPED_COLUMNS)],
)
def test_the_documented_columns_are_those_of_the_code(repository, name, columns):
    text = (repository / "docs/formats.md").read_text()
    match = re.search(rf"<!-- columns of {name} -->\n\|[^\n]*\|\n\|[-|]+\n(.*?)<!-- end -->", text, re.DOTALL)
    assert match
    assert match[1].strip() == documented(columns, axes=name == "segments")


def test_the_documented_manifest_is_that_of_the_code(repository):
    text = (repository / "docs/formats.md").read_text()
    table = text[text.index("### manifest.json") :].split("\n## ")[0]
    for model in (Manifest, SongRecord, AudioRecord):
        for name, field in model.model_fields.items():
            assert f"`{field.serialization_alias or name}`" in table
    assert f"| `schema_version` | {SCHEMA_VERSION};" in table


def test_axes_are_columns():
    schema = segment_schema(["arousal", "valence"])
    assert schema.names[-2:] == ["axis_arousal", "axis_valence"]
    assert schema.field("tempo_bpm").nullable
    assert not schema.field("start_s").nullable
    check_schema(schema, segment_schema(["arousal", "valence"]), "here")


def test_what_differs_is_named():
    with pytest.raises(SchemaError, match="here: columns differ from schema 2 in axis_b"):
        check_schema(segment_schema(["a"]), segment_schema(["a", "b"]), "here")
    other = pa.schema([f if f.name != "midi" else pa.field("midi", pa.string()) for f in media_schema()])
    with pytest.raises(SchemaError, match="midi: string"):
        check_schema(other, media_schema(), "there")
