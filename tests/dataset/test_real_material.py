"""The numbers the project promises, on real material; skipped where it is absent."""

import csv
import shutil

from whitelight.catalog import import_midi, read_catalog
from whitelight.dataset import Dataset, build_dataset, derive_views, verify_dataset
from whitelight.dataset.segments import covered_s
from whitelight.music import read_midi


def test_the_earthly_frames_by_lines(shared_data, tmp_path):
    build_dataset(read_catalog(shared_data / "earthlyframes"), tmp_path / "out")
    report = verify_dataset(tmp_path / "out")
    assert report.passed
    assert (report.n_songs, report.without_segments, report.little_covered) == (61, (), {})
    dataset = Dataset.open(tmp_path / "out")
    rows = dataset.rows(["song_id", "start_s", "end_s", "has_midi"]).to_pylist()
    assert not any(row["has_midi"] for row in rows)
    for song_id, record in dataset.manifest.songs.items():
        spans = sorted({(r["start_s"], r["end_s"]) for r in rows if r["song_id"] == song_id})
        assert all(0 <= start < end <= record.duration_s for start, end in spans)
        assert covered_s(spans) >= 0.95 * record.duration_s
    assert dataset.manifest.songs["01_06"].n_segments > 10


def test_clips_of_emopia_keep_every_note(shared_data, tmp_path):
    with (shared_data / "emopia/labels.csv").open() as stream:
        labels = list(csv.DictReader(stream))[:12]
    (tmp_path / "midi").mkdir()
    for label in labels:
        shutil.copy(shared_data / f"emopia/midi/{label['clip']}.mid", tmp_path / "midi")
    with (tmp_path / "labels.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, labels[0].keys())
        writer.writeheader()
        writer.writerows(labels)
    import_midi(
        tmp_path / "midi",
        tmp_path / "labels.csv",
        id_column="clip",
        class_column="quadrant",
        song_column="song",
        split_column="split",
        ontology="emopia",
        out=tmp_path / "catalog",
    )
    report = build_dataset(read_catalog(tmp_path / "catalog"), tmp_path / "out", policy="whole")
    assert report.problems == ()
    dataset = Dataset.open(tmp_path / "out")
    rows = {row["row_id"]: row for row in dataset.rows(kind=None).to_pylist()}
    assert len(rows) == 4 * len(labels)  # full, chords, bass, melody
    media = dict(dataset.media())
    for label in labels:
        row_id = f"{label['clip']}/0000/full"
        row = rows[row_id]
        assert (row["class_name"], row["group_id"], row["split"]) == (label["quadrant"], label["song"], label["split"])
        assert row["axis_arousal"] == [label["arousal"]]
        source = read_midi(tmp_path / "midi" / f"{label['clip']}.mid")
        stored = read_midi(media[row_id])
        assert stored.n_notes == source.n_notes
        assert abs(stored.duration_s - source.duration_s) < 0.002  # manifests state milliseconds
        for view, piece in derive_views(stored).items():
            assert read_midi(media[f"{label['clip']}/0000/{view}"]).all_notes() == piece.all_notes()
    assert verify_dataset(tmp_path / "out").passed
