import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from whitelight.catalog import Terms, read_base_table
from whitelight.dataset import BuildError, Dataset, NotADatasetError, build_dataset, derive_views
from whitelight.dataset.shards import UnsafeSongIdError
from whitelight.music import piano_roll, read_midi, slice_seconds


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_rows_of_a_song_with_stems(make_catalog, tmp_path):
    out = tmp_path / "out"
    report = build_dataset(make_catalog(), out)
    dataset = Dataset.open(out, check_hashes=True)
    rows = dataset.rows(kind=None, song_ids=["01_01"]).to_pylist()
    by_id = {row["row_id"]: row for row in rows}
    assert len(by_id) == len(rows)
    line = by_id["01_01/0002/full"]
    assert (line["policy"], line["start_s"], line["end_s"], line["section"]) == ("lines:line", 20.0, 24.0, "Verse 1")
    assert (line["lyric_text"], line["has_lyric"], line["has_midi"], line["class_name"]) == (
        "line 0",
        True,
        True,
        "Red",
    )
    assert (line["start_bar"], line["end_bar"], line["tempo_bpm"], line["meter"]) == (10.0, 12.0, 120.0, "4/4")
    assert [line[f"axis_{a}"] for a in ("temporal", "spatial", "ontological")] == [["past"], ["thing"], ["known"]]
    assert (line["view_source"], line["content_type"]) == ("stem", "midi_only")
    parts = {row_id.split("/")[2] for row_id in by_id if "/0002/" in row_id}
    assert parts == {"full", "chords", "bass", "drums", "melody", "lyrics", "stem-01", "stem-02", "stem-03", "stem-04"}
    bass = by_id["01_01/0002/stem-02"]
    assert (bass["kind"], bass["view"], bass["stem_id"], bass["midi_file"]) == (
        "stem",
        "bass",
        "01_01/02",
        "01_01/01_01_02.mid",
    )
    assert not bass["has_lyric"]
    lyrics = by_id["01_01/0002/lyrics"]
    assert (lyrics["has_midi"], lyrics["has_lyric"], lyrics["lyric_text"]) == (False, True, "line 0")
    assert report.manifest.n_rows == len(dataset.rows(kind=None))


def test_what_makes_no_row_is_named(make_catalog, tmp_path):
    report = build_dataset(make_catalog(n_piano=0), tmp_path / "out")
    dropped = pq.read_table(tmp_path / "out/dropped.parquet").to_pylist()
    told = {(d["segment_id"], d["part"], d["reason"]) for d in dropped if d["song_id"] == "01_01"}
    assert ("", "stem-05", "no media of the stem") in told
    assert ("01_01/0000", "melody", "no notes in the segment") in told  # the voice enters at 20 s
    assert ("01_01/0000", "lyrics", "no lyrics in the segment") in told
    assert ("", "bass", "no MIDI in the song") in {
        (d["segment_id"], d["part"], d["reason"]) for d in dropped if d["song_id"] == "00_01"
    }
    assert report.to_dict()["dropped"] == {
        reason: sum(d["reason"] == reason for d in dropped) for reason in {d["reason"] for d in dropped}
    }


def test_a_song_of_text_has_full_and_lyrics_rows(make_catalog, tmp_path):
    build_dataset(make_catalog(), tmp_path / "out")
    rows = Dataset.open(tmp_path / "out").rows(song_ids=["00_01"]).to_pylist()
    assert {row["view"] for row in rows} == {"full", "lyrics"}
    assert not any(row["has_midi"] or row["view_source"] for row in rows)
    assert sum(row["view"] == "lyrics" for row in rows) == 2


def test_views_are_what_scoring_derives_from_the_stored_whole(make_catalog, tmp_path):
    build_dataset(make_catalog(), tmp_path / "out", policy="bars:4")
    media = dict(Dataset.open(tmp_path / "out").media())
    checked = 0
    for row_id, midi in media.items():
        if row_id.startswith("02_") and row_id.endswith("/full"):
            for view, piece in derive_views(read_midi(midi)).items():
                stored = read_midi(media[row_id.replace("/full", f"/{view}")])
                assert stored.all_notes() == piece.all_notes()
                checked += 1
    assert checked > 8


def test_the_roll_of_a_row_is_the_slice_of_the_song(make_catalog, tmp_path):
    catalog = make_catalog()
    build_dataset(catalog, tmp_path / "out")
    dataset = Dataset.open(tmp_path / "out")
    media = dict(dataset.media())
    source = read_midi(catalog.root / "02_00/02_00.mid")
    for row in dataset.rows(views=["full"], song_ids=["02_00"]).to_pylist():
        expected = piano_roll(slice_seconds(source, row["start_s"], row["end_s"]))
        assert np.array_equal(piano_roll(read_midi(media[row["row_id"]])), expected)


@pytest.mark.parametrize("policy", ["lines", "sections", "bars:2", "whole"])
def test_every_policy_says_so_in_its_rows(make_catalog, tmp_path, policy):
    report = build_dataset(make_catalog(), tmp_path / "out", policy=policy)
    assert report.manifest.policy == policy
    rules = set(Dataset.open(tmp_path / "out").rows(["policy"])["policy"].to_pylist())
    assert all(rule.startswith(policy) for rule in rules)


def test_processes_do_not_change_the_result(make_catalog, tmp_path):
    catalog = make_catalog(n_piano=4)
    build_dataset(catalog, tmp_path / "one")
    build_dataset(catalog, tmp_path / "two", jobs=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_only_what_changed_is_built_again(make_catalog, tools, tmp_path):
    out = tmp_path / "out"
    catalog = make_catalog(n_piano=3)
    first = build_dataset(catalog, out)
    assert (first.n_built, first.n_unchanged) == (5, 0)
    before = contents(out)
    times = {f: f.stat().st_mtime_ns for f in (out / "segments").iterdir()}

    again = build_dataset(catalog, out)
    assert (again.n_built, again.n_unchanged, again.n_removed) == (0, 5, 0)
    assert contents(out) == before
    assert {f: f.stat().st_mtime_ns for f in (out / "segments").iterdir()} == times

    changed = replace(catalog.songs[2], content_hash="other")
    edited = replace(catalog, songs=(catalog.songs[0], changed, *catalog.songs[3:]))
    third = build_dataset(edited, out)
    assert (third.n_built, third.n_unchanged, third.n_removed) == (1, 3, 1)
    assert not (out / "segments/01_01.parquet").exists()
    assert not (out / "media/01_01.parquet").exists()
    build_dataset(edited, tmp_path / "fresh")
    assert contents(out) == contents(tmp_path / "fresh")


def test_another_policy_or_a_lost_file_means_building_again(make_catalog, tmp_path):
    out = tmp_path / "out"
    catalog = make_catalog()
    build_dataset(catalog, out)
    assert build_dataset(catalog, out, policy="sections").n_built == len(catalog.songs)
    (out / "media/02_00.parquet").unlink()
    (out / "segments/02_01.parquet").write_bytes(b"PAR1 cut off")
    (out / "segments/.02_01.parquet.77.tmp").write_bytes(b"left behind")
    (out / ".manifest.json.abc.tmp").write_bytes(b"left behind")
    assert build_dataset(catalog, out, policy="sections").n_built == 2
    build_dataset(catalog, tmp_path / "fresh", policy="sections")
    assert contents(out) == contents(tmp_path / "fresh")


def test_a_damaged_source_is_told_and_the_rest_is_built(make_catalog, tmp_path):
    catalog = make_catalog()
    (catalog.root / "02_00/02_00.mid").write_bytes(b"MThd")
    report = build_dataset(catalog, tmp_path / "out")
    assert [(p.song_id, p.code) for p in report.problems] == [("02_00", "midi-damaged")]
    assert any("02_00/02_00.mid" in line for line in report.lines())
    rows = Dataset.open(tmp_path / "out").rows(song_ids=["02_00"]).to_pylist()
    assert [row["view"] for row in rows] == ["full"]
    assert not rows[0]["has_midi"]


def test_a_song_without_length_has_no_segments_and_says_why(make_catalog, tools, tmp_path):
    report = build_dataset(make_catalog([tools.song(duration_s=0.0)]), tmp_path / "out")
    assert report.to_dict()["songs_without_segments"] == ["01_01"]
    assert "the song has no length: no duration, no MIDI, no audio" in report.manifest.dropped
    assert len(Dataset.open(tmp_path / "out").rows()) == 0


def test_no_path_of_this_machine_is_written(make_catalog, tmp_path):
    build_dataset(make_catalog(), tmp_path / "out")
    for content in contents(tmp_path / "out").values():
        assert str(tmp_path).encode() not in content


def test_progress_counts_songs(make_catalog, tmp_path):
    catalog = make_catalog()
    told = []
    build_dataset(catalog, tmp_path / "out", progress=lambda done, total: told.append((done, total)))
    assert told == [(n, 4) for n in range(5)]
    told.clear()
    build_dataset(catalog, tmp_path / "out", progress=lambda done, total: told.append((done, total)))
    assert told == [(4, 4)]


def test_what_cannot_be_built_is_refused(make_catalog, tools, tmp_path):
    with pytest.raises(BuildError, match="occurs more than once"):
        build_dataset(make_catalog([tools.song("a"), tools.song("A")]), tmp_path / "out")
    with pytest.raises(UnsafeSongIdError, match="cannot be a file name"):
        build_dataset(make_catalog([tools.song("../a")]), tmp_path / "out")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.txt").write_text("precious")
    with pytest.raises(BuildError, match="holds other things"):
        build_dataset(make_catalog(), tmp_path / "home")
    assert contents(tmp_path / "home") == {"thesis.txt": b"precious"}


def test_the_manifest_holds_what_the_contract_says(make_catalog, tmp_path):
    catalog = make_catalog()
    build_dataset(catalog, tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["ontology_hash"] == catalog.ontology.hash
    assert manifest["policy"] == "lines"
    song = manifest["songs"]["02_00"]
    assert {"content_hash", "group_id", "split", "class", "n_rows", "shard", "sha256"} <= song.keys()
    assert song["class"] == "Blue"
    assert (tmp_path / "out" / song["shard"]).is_file()


def test_a_dataset_carries_the_base_table_and_the_terms_of_its_catalog(make_catalog, tmp_path):
    catalog = replace(make_catalog(), terms=Terms("CC-BY-4.0", "somebody"))
    build_dataset(catalog, tmp_path / "data")
    manifest = Dataset.open(tmp_path / "data").manifest
    base = tmp_path / "data" / "base_manifest.parquet"
    assert manifest.terms == Terms("CC-BY-4.0", "somebody")
    assert manifest.base_sha256 == sha256(base.read_bytes()).hexdigest()
    assert read_base_table(base).num_rows == sum(len(song.stems) for song in catalog.songs)


def test_an_unfinished_dataset_is_not_opened(make_catalog, tmp_path):
    build_dataset(make_catalog(), tmp_path / "out")
    (tmp_path / "out/manifest.json").unlink()
    with pytest.raises(NotADatasetError, match="unfinished dataset"):
        Dataset.open(tmp_path / "out")
