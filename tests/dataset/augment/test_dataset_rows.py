"""Rows of a dataset that was really built: every column that speaks of time or pitch moves with the media."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from whitelight.audio import Audio, encode_flac
from whitelight.catalog import read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.dataset.augment import Changes, Excerpt, Shift, Stretch
from whitelight.dataset.augment.rows import SECONDS, SMPTE, TIMED_TEXTS
from whitelight.dataset.columns import SEGMENT_COLUMNS
from whitelight.dataset.columns import TIMED_TEXTS as TIMED_TEXTS_TYPE
from whitelight.music import Piece, write_midi

pytest.importorskip("python_stretch", reason="needs the extra audio")

MANIFEST = """
manifest_id: s01
bpm: 120
tempo: 4/4
key: A major
title: Made
structure:
  - {section_name: Verse, start_time: "[00:00.000]", end_time: "[00:04.000]"}
lrc_file: s01.lrc
audio_tracks:
  - {id: 1, description: lead vocal, audio_file: lead.flac, midi_file: lead.mid}
"""


def test_every_column_of_time_is_known() -> None:
    of_time = {column.name for column in SEGMENT_COLUMNS if column.name.endswith("_s")}
    assert of_time == {*SECONDS, "duration_s"}
    assert {column.name for column in SEGMENT_COLUMNS if column.type == TIMED_TEXTS_TYPE} == set(TIMED_TEXTS)
    assert {column.name for column in SEGMENT_COLUMNS if column.name.endswith("_smpte")} == set(SMPTE)


def test_a_built_row(tmp_path: Path, piece: Piece, played: Callable[..., Audio]) -> None:
    song = tmp_path / "catalog" / "s01"
    song.mkdir(parents=True)
    lead = piece.with_midi_tracks(piece.midi_tracks[:1])
    audio = played(lead)
    (song / "s01.yml").write_text(MANIFEST)
    (song / "s01.lrc").write_text("[00:00.500]la la\n[00:02.500]lo\n")
    (song / "lead.mid").write_bytes(write_midi(lead))
    (song / "lead.flac").write_bytes(encode_flac(audio.samples, audio.sample_rate, bits=16))
    build_dataset(read_catalog(tmp_path / "catalog"), tmp_path / "dataset")
    dataset = Dataset.open(tmp_path / "dataset")
    midi, sounds = dataset.song_media("s01"), dict(dataset.audio())
    rows = [row for row in dataset.song_rows("s01").to_pylist() if row["row_id"] in midi and row["row_id"] in sounds]
    assert len(rows) > 2
    for row in rows:
        excerpt = Excerpt.of_media(row, midi=midi[row["row_id"]], audio=sounds[row["row_id"]])
        done = Changes((Stretch(Fraction(5, 4)), Shift(3))).apply(excerpt)
        assert done.audio is not None
        assert done.piece is not None
        assert done.row.keys() == row.keys()
        assert done.row["duration_s"] == pytest.approx(row["duration_s"] * 0.8)
        assert done.audio.duration_s == pytest.approx(done.row["duration_s"], abs=1e-3)
        assert done.piece.duration_s == pytest.approx(done.row["duration_s"], abs=2e-3)
        assert done.row["n_samples"] == done.audio.n_samples
        assert done.row["musical_key"] == "C major"
        assert done.row["tempo_bpm"] == pytest.approx(150.0)
        assert [x["start_s"] for x in done.row["lyric_lines"]] == pytest.approx(
            [x["start_s"] * 0.8 for x in row["lyric_lines"]]
        )
        assert done.row["start_smpte"] != row["start_smpte"] or row["start_s"] == 0
        same = {name for name in row if done.row[name] == row[name]}
        assert {
            "start_beat",
            "end_beat",
            "start_bar",
            "lyric_text",
            "concept_types",
            "class_name",
            "audio_rows",
        } <= same
