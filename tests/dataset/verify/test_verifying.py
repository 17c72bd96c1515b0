import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whitelight.catalog.reader import NoCatalogError
from whitelight.dataset import NotADatasetError, build_dataset, verify_dataset
from whitelight.dataset.verify import Recheck
from whitelight.dataset.verify.choosing import NothingChosenError


@pytest.fixture
def out(make_catalog, tmp_path):
    build_dataset(make_catalog(), tmp_path / "out", policy="bars:4")
    return tmp_path / "out"


def sign_again(out, song_id):
    """Make the manifest agree with a shard that was edited, so that only its content can be at fault."""
    from hashlib import sha256

    manifest = json.loads((out / "manifest.json").read_text())
    for file, key in ((f"segments/{song_id}.parquet", "sha256"), (f"media/{song_id}.parquet", "media_sha256")):
        if (out / file).exists():
            manifest["songs"][song_id][key] = sha256((out / file).read_bytes()).hexdigest()
    (out / "manifest.json").write_text(json.dumps(manifest))


def edit(out, file, column, change):
    table = pq.read_table(out / file)
    index = table.schema.get_field_index(column)
    values = pa.array(change(table[column].to_pylist()), table.schema.field(index).type)
    pq.write_table(table.set_column(index, table.schema.field(index), values), out / file)


def test_a_sound_dataset_passes_and_is_counted(out):
    report = verify_dataset(out)
    assert report.passed
    assert report.failures == ()
    assert report.coverage["Blue"].n_songs == 2
    assert report.coverage["Blue"].seconds_midi == pytest.approx(60.0)
    assert report.coverage["Red"].seconds_text > 0
    assert report.little_covered == {}
    told = report.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["passed"]
    assert told["midi_slices_read"] == report.n_slices > 10
    assert "passed: 4 songs" in list(report.lines())[-1]


def test_files_that_are_missing_changed_or_strange(out):
    (out / "media/01_01.parquet").unlink()
    with (out / "segments/02_00.parquet").open("ab") as stream:
        stream.write(b"x")
    (out / "segments/zz.parquet").write_bytes(b"")
    messages = [f"{f.song_id} {f.message}" for f in verify_dataset(out).failures]
    assert any("zz.parquet belongs to no song" in m for m in messages)
    assert any(m.startswith("01_01 media/01_01.parquet cannot be read") for m in messages)
    assert any(m.startswith("02_00 segments/02_00.parquet is not the file") for m in messages)


@pytest.mark.parametrize(
    ("column", "change", "message"),
    [
        ("end_s", lambda v: [*v[:-1], 999.0], "the song at 30.0 s"),
        ("end_s", lambda v: [0.0, *v[1:]], "runs from 0.0 to 0.0 s"),
        ("group_id", lambda v: ["other", *v[1:]], "group, split or class"),
        ("segment_id", lambda v: ["x"] * len(v), "segments differ"),
        ("n_notes", lambda v: [v[0] + 1, *v[1:]], "its row says"),
        ("has_midi", lambda v: [False, *v[1:]], "rows have MIDI"),
        ("row_id", lambda v: [v[1], *v[1:]], "occurs more than once"),
    ],
)
def test_rows_that_are_wrong(out, column, change, message):
    edit(out, "segments/02_00.parquet", column, change)
    sign_again(out, "02_00")
    report = verify_dataset(out)
    assert not report.passed
    assert any(message in f.message for f in report.failures), report.failures
    assert next(iter(report.lines())).startswith("FAILED")


def test_slices_that_cannot_be_read(out):
    edit(out, "media/02_00.parquet", "midi", lambda v: [v[0][:30], *v[1:]])
    sign_again(out, "02_00")
    assert any("cannot be read" in f.message for f in verify_dataset(out).failures)


def test_the_list_of_what_was_dropped_is_checked(out):
    table = pq.read_table(out / "dropped.parquet")
    pq.write_table(table.slice(1), out / "dropped.parquet")
    assert any("does not have the counts" in f.message for f in verify_dataset(out).failures)
    (out / "dropped.parquet").unlink()
    assert any("cannot be read" in f.message for f in verify_dataset(out).failures)


def test_songs_without_segments_are_told_and_no_failure(make_catalog, tools, tmp_path):
    build_dataset(make_catalog([tools.song(duration_s=0.0)]), tmp_path / "silent")
    report = verify_dataset(tmp_path / "silent")
    assert report.passed
    assert report.without_segments == ("01_01",)


def test_there_must_be_a_dataset(tmp_path):
    with pytest.raises(NotADatasetError, match="no dataset"):
        verify_dataset(tmp_path)


# --- with a source


def test_the_catalog_is_found_beside_the_dataset(made):
    report = verify_dataset(made / "dataset", recheck=Recheck(5))
    assert report.passed
    assert report.fidelity.state == "checked"
    told = report.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["fidelity"]["rows_checked"] == 5
    assert told["inventory"]["is_from_catalog"]


def test_a_source_that_is_gone(planted):
    told = verify_dataset(planted.path, recheck=Recheck(5, is_required=False))
    assert told.passed
    assert told.fidelity.state == "not checked"
    assert any("fidelity not checked: its catalog is not where" in line for line in told.lines())
    required = verify_dataset(planted.path, recheck=Recheck(5))
    (failure,) = required.failures
    assert failure.message.startswith("its rows were to be compared with their source: its catalog is not where")
    with pytest.raises(NoCatalogError):
        verify_dataset(planted.path, recheck=Recheck(5, catalog=planted.path / "nowhere"))


def test_a_source_that_changed(made, planted, tmp_path):
    shutil.copytree(made / "catalog", tmp_path / "catalog")
    lyrics = tmp_path / "catalog/02_01/02_01.lrc"
    lyrics.write_text(lyrics.read_text().replace("river", "River"))
    shutil.rmtree(tmp_path / "catalog/05_01")
    shutil.copytree(made / "catalog/06_01", tmp_path / "catalog/06_02")
    (tmp_path / "catalog/06_02/06_01.yml").rename(tmp_path / "catalog/06_02/06_02.yml")
    report = verify_dataset(planted.path, recheck=Recheck(None))  # found: it lies beside the copy
    messages = {failure.song_id: failure.message for failure in report.failures}
    assert "changed since the build" in messages["02_01"]
    assert "not in the catalog any more" in messages["05_01"]
    (twin,) = set(messages) - {"02_01", "05_01"}
    assert "in the catalog and not in the dataset" in messages[twin]
    assert {row.song_id for row in report.fidelity.rows} == {"06_01"}


def test_only_some_songs(made):
    report = verify_dataset(made / "dataset", class_name="r")
    assert list(report.coverage) == ["Red"]
    assert report.n_songs == 1
    assert verify_dataset(made / "dataset", song_id="05_01").n_rows == 12
    with pytest.raises(NothingChosenError, match="has no song '1'"):
        verify_dataset(made / "dataset", song_id="1")


@pytest.mark.slow
def test_several_processes_find_the_same(made):
    """The same rows, the same verdict."""
    one, two = (verify_dataset(made / "dataset", recheck=Recheck(30, jobs=jobs)) for jobs in (1, 2))
    assert one.fidelity.rows == two.fidelity.rows
    assert one.coverage == two.coverage
