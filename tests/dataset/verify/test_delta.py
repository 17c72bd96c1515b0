import json
import shutil

import pyarrow.parquet as pq
import pytest

from whitelight.dataset import NotADatasetError, verify_dataset
from whitelight.dataset.verify.delta import compare_builds


def test_the_same_build_twice(made, planted):
    delta = compare_builds(planted.path, made / "dataset")
    assert delta.is_empty
    assert delta.coverage_before == verify_dataset(made / "dataset").coverage


def test_rows_and_columns_that_changed(made, planted):
    def edit(rows):
        rows[0]["mood"] = ["loud"]
        rows[1]["mood"] = ["loud"]
        rows[1]["title"] = "Another"
        rows[2]["tool_version"] = "99"  # says who wrote the row, not what it holds
        return rows[:-1]

    planted.edit_rows("02_01", edit)
    planted.edit_media("02_01", lambda rows: rows[0].update(audio=rows[1]["audio"]))
    rows = pq.read_table(made / "dataset/segments/02_01.parquet")["row_id"].to_pylist()
    media = pq.read_table(made / "dataset/media/02_01.parquet")["row_id"].to_pylist()
    delta = compare_builds(planted.path, made / "dataset")
    assert delta.songs_changed == ("02_01",)
    assert delta.rows_removed == (rows[-1],)
    assert set(delta.rows_changed) == {*rows[:2], media[0]}
    assert delta.changed_columns == {"mood": 2, "title": 1, "media": 1}
    assert (delta.songs_added, delta.rows_added, delta.columns_added) == ((), (), ())
    backwards = compare_builds(made / "dataset", planted.path)
    assert backwards.rows_added == delta.rows_removed
    assert backwards.to_dict()["rows_changed"] == list(backwards.rows_changed)


def test_songs_that_came_and_went(made, planted):
    manifest = json.loads((planted.path / "manifest.json").read_text())
    gone = manifest["songs"].pop("05_01")
    (planted.path / "manifest.json").write_text(json.dumps(manifest))
    delta = compare_builds(planted.path, made / "dataset")
    assert delta.songs_removed == ("05_01",)
    assert len(delta.rows_removed) == gone["n_rows"]
    assert compare_builds(made / "dataset", planted.path).songs_added == ("05_01",)
    assert compare_builds(planted.path, made / "dataset", song_ids={"02_01"}).is_empty


def test_a_build_of_another_schema(made, planted):
    for song in ("02_01", "05_01", "06_01"):
        file = planted.path / f"segments/{song}.parquet"
        pq.write_table(pq.read_table(file).drop_columns(["is_silent"]), file)
        planted._sign(song)
    manifest = json.loads((planted.path / "manifest.json").read_text())
    (planted.path / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 1}))
    delta = compare_builds(made / "dataset", planted.path)
    assert delta.columns_added == ("is_silent",)
    assert delta.rows_changed == ()
    assert not delta.is_empty
    report = verify_dataset(made / "dataset", against=planted.path)
    assert report.passed
    assert "against dataset: 1 columns new, 0 gone" in list(report.lines())


def test_there_must_be_an_older_build(made, tmp_path):
    with pytest.raises(NotADatasetError, match="no finished dataset"):
        verify_dataset(made / "dataset", against=tmp_path)
    shutil.copy(made / "dataset/dropped.parquet", tmp_path / "manifest.json")
    with pytest.raises(NotADatasetError, match=r"manifest\.json cannot be read"):
        compare_builds(made / "dataset", tmp_path)
