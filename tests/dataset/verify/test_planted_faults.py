"""Every fault is planted in a finished dataset and signed for, so that only a look at the source can see it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whitelight.audio import decode_flac, encode_flac
from whitelight.dataset import verify_dataset
from whitelight.dataset.verify import Recheck, VerifyReport
from whitelight.music import Meter, MeterChange, Notes, Piece, TempoMap, read_midi, write_midi

Rows = list[dict[str, Any]]
Numbers = np.ndarray[Any, Any]


def checked(planted: Any, song_id: str = "") -> VerifyReport:
    return verify_dataset(planted.path, recheck=Recheck(None, catalog=planted.catalog), song_id=song_id)


def told_of(report: VerifyReport, row_id: str) -> str:
    return "\n".join(failure.message for failure in report.failures if failure.row_id == row_id)


def song_of(row_id: str) -> str:
    return row_id.partition("/")[0]


def named(rows: Rows, row_id: str) -> dict[str, Any]:
    return next(row for row in rows if row["row_id"] == row_id)


def sound_of(planted: Any, row_id: str) -> Numbers:
    media = pq.read_table(planted.path / f"media/{song_of(row_id)}.parquet").to_pylist()
    return decode_flac(named(media, row_id)["audio"]).samples


def replace_sound(planted: Any, row_id: str, change: Callable[[Numbers], Numbers]) -> None:
    def edit(rows: Rows) -> None:
        row = named(rows, row_id)
        audio = decode_flac(row["audio"])
        changed = np.ascontiguousarray(change(audio.samples), np.float32)
        row["audio"] = encode_flac(changed, audio.sample_rate, bits=audio.bits)

    planted.edit_media(song_of(row_id), edit)


def later(n_samples: int) -> Callable[[Numbers], Numbers]:
    return lambda sound: np.concatenate([sound[:n_samples], sound[:-n_samples]])


def replace_midi(planted: Any, row_id: str, change: Callable[[Piece], Piece]) -> None:
    def edit(rows: Rows) -> None:
        row = named(rows, row_id)
        row["midi"] = write_midi(change(read_midi(row["midi"])))

    planted.edit_media(song_of(row_id), edit)


def with_notes(change: Callable[[list[list[int]]], Any]) -> Callable[[Piece], Piece]:
    def edit(piece: Piece) -> Piece:
        track = max(piece.midi_tracks, key=lambda t: len(t.notes))
        rows = [list(row) for row in track.notes.to_rows()]
        change(rows)
        edited = track.with_notes(Notes.from_rows(rows))
        return piece.with_midi_tracks([edited if t is track else t for t in piece.midi_tracks])

    return edit


def test_what_is_sound_passes_and_every_kind_was_compared(planted):
    report = checked(planted)
    assert report.failures == ()
    assert report.fidelity.n_rows == len(report.fidelity.rows) == report.n_rows
    assert report.fidelity.why_unchecked() == {}
    assert all(counts["checked"] > 5 for counts in report.fidelity.by_kind().values())
    assert report.inventory.is_from_catalog
    assert report.inventory.n_found == report.n_rows


# --- sound


SHIFTS = {
    "02_01/0000/full": 221,
    "02_01/0002/full": 1,
    "02_01/0001/stem-02": 1,  # 24 bits
    "06_01/0000/stem-01": 221,  # resampled
    "06_01/0001/stem-01": 23,
    "06_01/0001/stem-02": 221,  # lossy
    "06_01/0001/stem-03": 221,  # floats
}


def test_shifted_sound(planted):
    for row_id, n_samples in SHIFTS.items():
        replace_sound(planted, row_id, later(n_samples))
    assert verify_dataset(planted.path).passed
    report = checked(planted)
    for row_id, n_samples in SHIFTS.items():
        assert f"{n_samples / 22.05:.2f} ms ({n_samples} samples) too late" in told_of(report, row_id)
    assert {failure.kind for failure in report.failures} == {"audio"}


def test_one_sample_of_a_lossless_row(planted):
    def click(sound: Numbers) -> Numbers:
        changed = sound.copy()
        changed[1000, 0] += 2**-15
        return changed

    replace_sound(planted, "02_01/0003/stem-01", click)
    assert "1 of" in told_of(checked(planted, "02_01"), "02_01/0003/stem-01")


def test_shorter_sound(planted):
    replace_sound(planted, "06_01/0000/stem-01", lambda sound: sound[:-100])
    planted.edit_rows("06_01", lambda rows: shorten(rows, "06_01/0000", 100))
    planted.edit_media(
        "06_01", lambda rows: named(rows, "06_01/0000/stem-01").update(n_samples=len(sound_of_row(rows)))
    )
    assert "samples in 2 channels, the recording's stretch" in told_of(checked(planted, "06_01"), "06_01/0000/stem-01")


def sound_of_row(rows: Rows) -> Numbers:
    return decode_flac(named(rows, "06_01/0000/stem-01")["audio"]).samples


def shorten(rows: Rows, segment_id: str, n: int) -> None:
    row = named(rows, f"{segment_id}/stem-01")
    row["n_samples"] -= n


def swap(rows: Rows, one: str, other: str, columns: tuple[str, ...]) -> None:
    a, b = named(rows, one), named(rows, other)
    for name in columns:
        a[name], b[name] = b[name], a[name]


LEVELS = ("rms_dbfs", "peak_dbfs", "loudness_lufs", "is_silent", "audio_bits", "sample_rate", "n_channels", "n_samples")


def test_swapped_stems(planted):
    one, other = "06_01/0000/stem-01", "06_01/0000/stem-02"
    planted.edit_media(
        "06_01", lambda rows: swap(rows, one, other, ("audio", "sample_rate", "n_channels", "n_samples"))
    )
    planted.edit_rows("06_01", lambda rows: swap(rows, one, other, LEVELS))
    assert verify_dataset(planted.path).passed
    report = checked(planted, "06_01")
    assert "not that of the recording" in told_of(report, one)
    assert "not that of the recording" in told_of(report, other)


def test_sound_of_another_segment(planted):
    one, other = "02_01/0001/full", "02_01/0003/full"
    planted.edit_media("02_01", lambda rows: swap(rows, one, other, ("audio", "n_samples")))
    planted.edit_rows("02_01", lambda rows: swap(rows, one, other, LEVELS))
    assert verify_dataset(planted.path).passed
    assert "differ from the recording" in told_of(checked(planted, "02_01"), one)


@pytest.mark.parametrize("row_id", ["02_01/0002/full", "06_01/0001/full"])
def test_wrong_levels_and_provenance(planted, row_id):
    def edit(rows: Rows) -> None:
        row = named(rows, row_id)
        row["is_silent"] = not row["is_silent"]
        row["loudness_lufs"] += 0.5
        row["rms_dbfs"] -= 0.1
        row["peak_dbfs"] += 0.1
        row["audio_file"] = f"{song_of(row_id)}/other.wav"

    planted.edit_rows(song_of(row_id), edit)
    assert verify_dataset(planted.path).passed
    told = told_of(checked(planted, song_of(row_id)), row_id)
    for name in ("is_silent is True", "loudness_lufs is", "rms_dbfs is", "peak_dbfs is", "audio_file is"):
        assert name in told


WHERE_FROM = {
    "02_01/0002/full": {"audio_sha256": "0" * 64, "midi_file": "02_01/bass.mid", "view_source": "voices"},
    "02_01/0002/stem-01": {"audio_is_lossless": False, "source_sha256": "0" * 64},
    "06_01/0000/full": {"audio_sha256": "0" * 64, "audio_is_lossless": True},
    "06_01/0000/stem-02": {"audio_source": "rendered"},
}


def test_where_a_row_says_it_is_from(planted):
    for row_id, values in WHERE_FROM.items():
        planted.edit_rows(song_of(row_id), partial(overwrite, row_id=row_id, values=values))
    assert verify_dataset(planted.path).passed
    report = checked(planted)
    for row_id, values in WHERE_FROM.items():
        for name in values:
            assert f"{name} is " in told_of(report, row_id)


def overwrite(rows: Rows, *, row_id: str, values: dict[str, Any]) -> None:
    named(rows, row_id).update(values)


def test_values_that_make_no_sense(planted):
    wrong = {
        "06_01/0000/stem-01": {"sample_rate": None, "n_samples": None},
        "06_01/0001/stem-03": {"audio_bits": None},
        "06_01/0002/full": {"smpte_fps": float("nan"), "start_smpte": "", "tempo_bpm": float("inf")},
        "06_01/0001/full": {"rms_dbfs": float("nan"), "sample_rate": -1},
    }
    for row_id, values in wrong.items():
        planted.edit_rows("06_01", partial(overwrite, row_id=row_id, values=values))
    report = checked(planted)
    for row_id in wrong:
        assert told_of(report, row_id), row_id


def test_words_and_syllables(planted):
    word = {"text": "grass", "start_s": 9.0, "end_s": None, "source": "lrc"}
    late = {"text": "river", "start_s": 19.0, "end_s": None, "source": "lrc"}
    planted.edit_rows("02_01", partial(overwrite, row_id="02_01/0001/full", values={"lyric_words": [word]}))
    planted.edit_rows("02_01", partial(overwrite, row_id="02_01/0001/lyrics", values={"lyric_syllables": [late]}))
    report = checked(planted, "02_01")
    assert "lyric_words have 'grass' at 9 s" in told_of(report, "02_01/0001/full")
    assert "lyric_syllables have 'river' at 19 s" in told_of(report, "02_01/0001/lyrics")


def test_a_sum_that_lacks_a_stem(planted):
    def edit(rows: Rows) -> None:
        named(rows, "06_01/0000/full")["audio_rows"].pop()

    planted.edit_rows("06_01", edit)
    assert "it sounds like stem-01, stem-02" in told_of(checked(planted, "06_01"), "06_01/0000/full")


# --- MIDI


def lose(rows: list[list[int]]) -> None:
    rows.pop(2)


def raise_pitch(rows: list[list[int]]) -> None:
    rows[2][2] += 1


def soften(rows: list[list[int]]) -> None:
    rows[2][3] -= 1


def delay(rows: list[list[int]]) -> None:
    rows[2][0] += 1


def shorten_note(rows: list[list[int]]) -> None:
    rows[2][1] -= 1


def invent(rows: list[list[int]]) -> None:
    rows.append([100, 50, 100, 100])


NOTE_FAULTS = {
    "02_01/0000/stem-02": (lose, "lost "),
    "02_01/0001/stem-02": (raise_pitch, " for "),
    "02_01/0002/stem-02": (soften, "velocity"),
    "02_01/0003/stem-01": (delay, "ticks"),
    "02_01/0003/chords": (shorten_note, "ticks"),
    "02_01/0004/drums": (invent, "which is not in the source"),
    "02_01/0004/full": (lose, "lost "),
    "05_01/0000/melody": (delay, "ticks"),
    "05_01/0001/melody": (lose, "lost "),
    "05_01/0001/chords": (raise_pitch, " for "),
    "05_01/0001/bass": (soften, "velocity"),
    "05_01/0002/full": (shorten_note, "ticks"),
    "05_01/0002/chords": (invent, "which is not in the source"),
}


def test_one_note(planted):
    def count(rows: Rows) -> None:
        for row in rows:
            change, _ = NOTE_FAULTS.get(row["row_id"], (None, ""))
            row["n_notes"] += (change is invent) - (change is lose)

    for row_id, (change, _) in NOTE_FAULTS.items():
        replace_midi(planted, row_id, with_notes(change))
    for song in ("02_01", "05_01"):
        planted.edit_rows(song, count)
    assert verify_dataset(planted.path).passed
    report = checked(planted)
    for row_id, (_, told) in NOTE_FAULTS.items():
        assert told in told_of(report, row_id), row_id
    assert {failure.row_id for failure in report.failures} == {*NOTE_FAULTS}


def faster(piece: Piece) -> Piece:
    tempi = (piece.tempo_map.us_per_beat[0] - 1, *piece.tempo_map.us_per_beat[1:])
    return replace(piece, tempo_map=TempoMap(480, piece.tempo_map.change_ticks, tempi))


def in_five(piece: Piece) -> Piece:
    return replace(piece, meters=(MeterChange(0, Meter(5, 4)), *piece.meters[1:]))


def upbeat(piece: Piece) -> Piece:
    return replace(piece, meters=(*piece.meters[:1], MeterChange(240, piece.meters[0].meter), *piece.meters[1:]))


def longer(piece: Piece) -> Piece:
    return replace(piece, end_tick=piece.end_tick + 1)


def test_time_of_a_slice(planted):
    faults = {
        "02_01/0001/stem-01": (faster, "its tempo is"),
        "02_01/0001/stem-02": (in_five, "its meter is 5/4"),
        "02_01/0001/stem-03": (upbeat, "its bar lines are"),
        "02_01/0001/stem-04": (longer, "ticks long"),
        "02_01/0001/full": (lambda piece: replace(piece, keys=()), "its key is"),
    }
    for row_id, (change, _) in faults.items():
        replace_midi(planted, row_id, change)
    assert verify_dataset(planted.path).passed
    report = checked(planted, "02_01")
    for row_id, (_, told) in faults.items():
        assert told in told_of(report, row_id)


def test_swapped_midi_of_stems(planted):
    one, other = "02_01/0001/stem-01", "02_01/0001/stem-04"
    planted.edit_media("02_01", lambda rows: swap(rows, one, other, ("midi",)))
    planted.edit_rows("02_01", lambda rows: swap(rows, one, other, ("n_notes",)))
    assert verify_dataset(planted.path).passed
    report = checked(planted, "02_01")
    assert "track 'Bass' lost" in told_of(report, one)
    assert "track 'Piano' lost" in told_of(report, other)


def test_midi_of_another_segment(planted):
    one, other = "05_01/0001/full", "05_01/0002/full"
    planted.edit_media("05_01", lambda rows: swap(rows, one, other, ("midi",)))
    planted.edit_rows("05_01", lambda rows: swap(rows, one, other, ("n_notes",)))
    assert verify_dataset(planted.path).passed
    assert told_of(checked(planted, "05_01"), one)


def test_midi_that_is_not_there(planted):
    row_id = "02_01/0001/stem-03"
    planted.edit_media("02_01", lambda rows: [row for row in rows if row["row_id"] != row_id])
    values = {"has_midi": False, "n_notes": 0, "content_type": "empty"}
    planted.edit_rows("02_01", lambda rows: named(rows, row_id).update(values))
    assert verify_dataset(planted.path).passed
    assert "notes are lost" in told_of(checked(planted, "02_01"), row_id)


# --- labels and words


LABELS = {
    "axis_temporal": (["future"], "axis_temporal is ['future'], the source says ['past']"),
    "musical_key": ("C major", "musical_key is 'C major', the source says 'A minor'"),
    "meter": ("3/4", "meter is '3/4'"),
    "tempo_bpm": (119.0, "tempo_bpm is 119"),
    "section": ("Bridge", "section is ('Bridge'"),
    "start_beat": (3.0, "start_beat is 3"),
    "start_bar": (3.0, "start_bar is 3"),
    "start_smpte": ("00:00:01:00.00", "start_smpte is"),
    "concept": ("a memory of a horse", "concept is"),
    "concept_types": (["identity"], "concept_types"),
    "mood": (["loud"], "mood is"),
    "title": ("Another", "title is"),
    "time_code_encoding": ("FFS@25", "time_code_encoding is"),
    "policy": ("lines:gap:split", "says it was cut by"),
}


def test_wrong_labels(planted):
    wrong = {column: value for column, (value, _) in LABELS.items()}
    planted.edit_rows("02_01", lambda rows: [row | wrong for row in rows])
    assert verify_dataset(planted.path).passed
    messages = "\n".join(failure.message for failure in checked(planted, "02_01").failures)
    for column, (_, told) in LABELS.items():
        assert told in messages, column


@pytest.mark.parametrize(("column", "value"), [("player", "Bob"), ("view", "melody"), ("stem_description", "Bassoon")])
def test_a_wrong_stem(planted, column, value):
    planted.edit_rows("02_01", lambda rows: named(rows, "02_01/0000/stem-01").update({column: value}))
    assert verify_dataset(planted.path).passed
    assert "its stem is" in told_of(checked(planted, "02_01"), "02_01/0000/stem-01")


def test_a_wrong_class(planted):
    planted.edit_rows("02_01", lambda rows: [row | {"class_name": "Blue"} for row in rows])
    assert verify_dataset(planted.path).passed
    report = checked(planted, "02_01")
    assert "class_name is 'Blue', the source says 'Red'" in told_of(report, "02_01/0000/full")


def sung(rows: Rows) -> Iterator[dict[str, Any]]:
    yield from (row for row in rows if row["segment_id"] == "02_01/0001" and row["has_lyric"])


def test_one_byte_of_a_text(planted):
    def edit(rows: Rows) -> None:
        for row in sung(rows):
            row["lyric_text"] = row["lyric_text"].replace("  ", " ")
            row["lyric_lines"][0]["text"] = row["lyric_text"]

    planted.edit_rows("02_01", edit)
    assert verify_dataset(planted.path).passed
    report = checked(planted, "02_01")
    assert "byte for byte" in told_of(report, "02_01/0001/lyrics")
    assert "the source has 'the river  keeps" in told_of(report, "02_01/0001/full")


def test_a_lyric_in_the_wrong_segment(planted):
    texts = [name for name in planted.rows("02_01")[0] if name.startswith("lyric_")]

    def edit(rows: Rows) -> None:
        for part in ("full", "lyrics"):
            swap(rows, f"02_01/0001/{part}", f"02_01/0002/{part}", tuple(texts))

    planted.edit_rows("02_01", edit)
    assert verify_dataset(planted.path).passed
    report = checked(planted, "02_01")
    for row_id in ("02_01/0001/full", "02_01/0002/full", "02_01/0001/lyrics", "02_01/0002/lyrics"):
        assert "the source has" in told_of(report, row_id)


def test_times_of_lines(planted):
    planted.edit_rows(
        "02_01", lambda rows: [row["lyric_lines"][0].update(start_s=8.1) for row in sung(rows)][:0] or None
    )
    assert "at 8.1 s, the source says otherwise" in told_of(checked(planted, "02_01"), "02_01/0001/full")


# --- rows


def test_a_row_that_is_gone(planted):
    row_id = "02_01/0002/bass"
    planted.edit_media("02_01", lambda rows: [row for row in rows if row["row_id"] != row_id])
    planted.edit_rows("02_01", lambda rows: [row for row in rows if row["row_id"] != row_id])
    assert "no row and is not listed as dropped" in told_of(verify_dataset(planted.path), row_id)
    report = checked(planted, "02_01")
    assert report.inventory.n_lost == 1
    assert "no row and is not listed as dropped" in told_of(report, row_id)


def test_a_row_that_is_gone_with_a_made_up_reason(planted):
    row_id = "02_01/0002/bass"
    test_a_row_that_is_gone(planted)
    add_dropped(planted, "02_01", "02_01/0002", "bass", "no notes in the segment")
    assert verify_dataset(planted.path).passed
    assert "its source has notes there" in told_of(checked(planted, "02_01"), row_id)


def test_a_part_that_is_gone_altogether(planted):
    planted.edit_media("02_01", lambda rows: [row for row in rows if not row["row_id"].endswith("/stem-03")])
    planted.edit_rows("02_01", lambda rows: [row for row in rows if not row["row_id"].endswith("/stem-03")])
    assert verify_dataset(planted.path).passed  # its own lists do not name the stem any more
    assert "was promised" in told_of(checked(planted, "02_01"), "02_01/0000/stem-03")
    add_dropped(planted, "02_01", "", "stem-03", "no media of the stem")
    assert "its source has notes there" in told_of(checked(planted, "02_01"), "02_01/0000/stem-03")


def add_dropped(planted: Any, song: str, segment: str, part: str, reason: str) -> None:
    table = pq.read_table(planted.path / "dropped.parquet")
    row = {"song_id": song, "segment_id": segment, "part": part, "reason": reason}
    pq.write_table(pa.Table.from_pylist([*table.to_pylist(), row], table.schema), planted.path / "dropped.parquet")
    manifest = json.loads((planted.path / "manifest.json").read_text())
    for counts in (manifest["dropped"], manifest["songs"][song]["dropped"]):
        counts[reason] = counts.get(reason, 0) + 1
    (planted.path / "manifest.json").write_text(json.dumps(manifest))


def test_a_segment_that_is_gone(planted):
    def without(rows: Rows) -> Rows:
        return [row for row in rows if "/0002/" not in row["row_id"]]

    planted.edit_media("02_01", without)
    planted.edit_rows("02_01", without)
    manifest = json.loads((planted.path / "manifest.json").read_text())
    manifest["songs"]["02_01"]["covered_s"] -= 3.5
    (planted.path / "manifest.json").write_text(json.dumps(manifest))
    assert any("segment 02_01/0002 is missing" in f.message for f in verify_dataset(planted.path).failures)
    assert any("segment 02_01/0002 is missing" in f.message for f in checked(planted, "02_01").failures)


def test_a_row_twice(planted):
    planted.edit_rows("02_01", lambda rows: [*rows, rows[3]])
    assert any("occurs more than once" in failure.message for failure in verify_dataset(planted.path).failures)


def test_a_segment_that_lies_elsewhere(planted):
    def edit(rows: Rows) -> None:
        for row in rows:
            if row["segment_id"] == "05_01/0001":
                row["start_s"] -= 0.5
                row["duration_s"] += 0.5

    planted.edit_rows("05_01", edit)
    assert verify_dataset(planted.path).passed
    assert any("the catalog gives" in failure.message for failure in checked(planted, "05_01").failures)


def test_one_fault_among_the_rows_that_are_drawn(planted):
    replace_midi(planted, "05_01/0001/full", with_notes(lose))
    planted.edit_rows(
        "05_01",
        lambda rows: named(rows, "05_01/0001/full").update(n_notes=named(rows, "05_01/0001/full")["n_notes"] - 1),
    )
    drawn = [
        verify_dataset(planted.path, recheck=Recheck(6, seed, planted.catalog), song_id="05_01") for seed in range(8)
    ]
    assert {report.passed for report in drawn} == {True, False}  # some draws meet the row, some do not
    assert {len(report.fidelity.rows) for report in drawn} == {6}
    again = verify_dataset(planted.path, recheck=Recheck(6, 3, planted.catalog), song_id="05_01")
    assert again.fidelity.rows == drawn[3].fidelity.rows


def test_every_shard_is_drawn_from(made):
    rows = verify_dataset(made / "dataset", recheck=Recheck(12, 1, made / "catalog")).fidelity.rows
    assert {row.song_id for row in rows} == {"02_01", "05_01", "06_01"}
