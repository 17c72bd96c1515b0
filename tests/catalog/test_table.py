import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whitelight.catalog import BASE_TABLE_SCHEMA, read_base_table, read_catalog, write_base_table
from whitelight.catalog.table import BASE_TABLE_DOCS, TableError

WriteSong = Callable[..., Path]


def test_one_row_per_stem_with_the_written_schema(root: Path, write_song: WriteSong, tmp_path: Path) -> None:
    write_song("02_01", mood=["dark"])
    write_song("02_02", audio_tracks=[{"id": i, "description": "x"} for i in (2, 1)], tempo=..., key="Bb")
    out = tmp_path / "base.parquet"
    assert write_base_table(read_catalog(root), out) == 3
    table = read_base_table(out)
    assert table.schema.equals(BASE_TABLE_SCHEMA)
    assert table["stem_id"].to_pylist() == ["02_01/01", "02_02/02", "02_02/01"]
    assert table["mood"].to_pylist() == [["dark"], [], []]
    assert table["meter"].to_pylist() == ["4/4", None, None]
    assert table["audio_file"].to_pylist() == ["02_01/bass.wav", None, None]
    first = out.read_bytes()
    write_base_table(read_catalog(root), out)
    assert out.read_bytes() == first


def test_an_empty_catalog_still_has_the_schema(root: Path, tmp_path: Path) -> None:
    assert write_base_table(read_catalog(root), tmp_path / "t.parquet") == 0
    assert read_base_table(tmp_path / "t.parquet").num_rows == 0


def test_another_version_is_refused(tmp_path: Path) -> None:
    other = BASE_TABLE_SCHEMA.with_metadata({"whitelight.table": "base_manifest", "whitelight.version": "0"})
    pq.write_table(pa.Table.from_pylist([], schema=other), tmp_path / "old.parquet")
    with pytest.raises(TableError, match="version 0, expected base_manifest version 1"):
        read_base_table(tmp_path / "old.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "any.parquet")
    with pytest.raises(TableError, match="found table 'None'"):
        read_base_table(tmp_path / "any.parquet")
    (tmp_path / "no.parquet").write_bytes(b"x")
    with pytest.raises(TableError, match="not a readable parquet file"):
        read_base_table(tmp_path / "no.parquet")


def test_real_catalog(shared_data: Path, tmp_path: Path) -> None:
    assert write_base_table(read_catalog(shared_data / "earthlyframes"), tmp_path / "t.parquet") == 892


def test_every_column_says_what_it_means_and_the_page_repeats_it(repository: Path) -> None:
    assert list(BASE_TABLE_DOCS) == BASE_TABLE_SCHEMA.names
    page = (repository / "docs/formats.md").read_text()
    table = page[page.index("<!-- columns of base table -->") :].split("<!-- end -->")[0]
    for name, meaning in BASE_TABLE_DOCS.items():
        assert re.search(rf"^\| `{name}` \| [^|]* \| {re.escape(meaning)} \|$", table, re.MULTILINE), name
