"""Recordings through `build_dataset`: what is stored is the source, nothing is stored twice, what is bad is said."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import AudioError, decode_flac
from whitelight.catalog.song import Catalog, Song, Stem
from whitelight.dataset import AudioSettings, Dataset, build_dataset
from whitelight.dataset.media_file import read_midi_column
from whitelight.ontology import load_ontology

RATE = 8_000
KEPT = AudioSettings(sample_rate=None)


def noise(seconds: float, channels: int = 1, *, seed: int = 0, rate: int = RATE, bits: int = 16) -> np.ndarray:
    """Integers of `bits` bits, full scale included."""
    rng = np.random.default_rng(seed)
    limit = 1 << (bits - 1)
    values = rng.integers(-limit // 4, limit // 4, (round(seconds * rate), channels)).astype(np.int32)
    values[3:5] = [[-limit], [limit - 1]]
    return values


def write(file: Path, values: np.ndarray, *, bits: int = 16, rate: int = RATE, **options: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, values.astype(np.int32) << (32 - bits), rate, subtype=f"PCM_{bits}", **options)


def recorded(tools: Any, root: Path, song_id: str = "01_01", *, views: tuple[str, ...], **changes: Any) -> Song:
    """A song of 12 s with one recorded stem per view, all different, and its recordings."""
    stems = []
    for number, view in enumerate(views, 1):
        file = f"{song_id}/{number:02d}.wav"
        write(root / file, noise(12.0, seed=number))
        stems.append(Stem(f"{song_id}/{number:02d}", view.title(), view, file, None, has_audio=True))
    return tools.song(song_id, **({"stems": tuple(stems), "duration_s": 12.0, "sections": sections(tools)} | changes))


def sections(tools: Any) -> tuple[Any, ...]:
    return (tools.section("Verse", 0.0, 5.0), tools.section("Chorus", 5.0, 12.0))


def built(root: Path, out: Path, *songs: Song, audio: AudioSettings = KEPT, **options: Any) -> tuple[Any, Dataset]:
    catalog = Catalog(root, load_ontology("rainbow"), songs, (), ())
    report = build_dataset(catalog, out, policy=options.pop("policy", "sections"), audio=audio, **options)
    return report, Dataset.open(out, check_hashes=True)


def by_id(dataset: Dataset) -> dict[str, dict[str, Any]]:
    return {row["row_id"]: row for row in dataset.rows(kind=None).to_pylist()}


def stored_integers(flac: bytes, bits: int = 16) -> np.ndarray:
    values, _ = soundfile.read(io.BytesIO(flac), dtype="int32", always_2d=True)
    return values >> (32 - bits)


def test_stems_are_stored_once_and_views_name_what_to_add(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "chords", "chords", "other"))
    _, dataset = built(tmp_path, tmp_path / "out", song)
    rows = by_id(dataset)
    stored = dict(dataset.song_audio("01_01"))
    assert set(stored) == {f"01_01/{s:04d}/stem-{n:02d}" for s in (0, 1) for n in (1, 2, 3, 4)}
    full, chords, drums = (rows[f"01_01/0000/{view}"] for view in ("full", "chords", "drums"))
    assert sorted(full["audio_rows"]) == [f"01_01/0000/stem-{n:02d}" for n in (1, 2, 3, 4)]
    assert chords["audio_rows"] == ["01_01/0000/stem-02", "01_01/0000/stem-03"]
    assert (drums["audio_rows"], drums["audio_file"]) == (["01_01/0000/stem-01"], "01_01/01.wav")
    assert (full["content_type"], full["audio_source"], full["audio_file"]) == ("audio_only", "file", "")
    assert "01_01/0000/bass" not in rows
    parts = [noise(12.0, seed=n)[: 5 * RATE] for n in (2, 3)]
    (_, sound), *_ = dataset.audio([chords["row_id"]])
    expected = sum(parts) / 2**15
    expected /= max(np.abs(expected).max(), 1.0)  # the sum clips, so it is turned down
    assert np.abs(sound.samples - expected).max() < 1e-6
    assert chords["peak_dbfs"] == pytest.approx(0.0, abs=1e-3)
    rms = 20 * np.log10(np.sqrt(np.mean(expected**2)))
    assert chords["rms_dbfs"] == pytest.approx(rms, abs=2e-3)


def test_a_main_mix_is_the_sound_of_the_whole(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "bass"), main_audio_file="01_01/mix.flac")
    write(tmp_path / "01_01/mix.flac", noise(12.0, 2, seed=9, bits=24), bits=24)
    _, dataset = built(tmp_path, tmp_path / "out", song)
    full = by_id(dataset)["01_01/0001/full"]
    assert full["audio_rows"] == ["01_01/0001/full"]
    assert (full["n_channels"], full["audio_bits"], full["sample_rate"], full["n_samples"]) == (2, 24, RATE, 7 * RATE)
    assert full["audio_is_lossless"]
    stored = dict(dataset.song_audio("01_01", ["01_01/0001/full"]))
    assert np.array_equal(stored_integers(stored["01_01/0001/full"], 24), noise(12.0, 2, seed=9, bits=24)[5 * RATE :])


def test_a_file_named_twice_is_stored_once(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "bass"), main_audio_file="01_01/01.wav")
    song = replace(song, stems=(song.stems[0], replace(song.stems[1], audio_file="01_01/01.wav")))
    _, dataset = built(tmp_path, tmp_path / "out", song)
    rows = by_id(dataset)
    assert [row_id for row_id, _ in dataset.song_audio("01_01")] == ["01_01/0000/full", "01_01/0001/full"]
    assert {row["audio_rows"][0] for row in rows.values()} == {"01_01/0000/full", "01_01/0001/full"}


@settings(max_examples=12, deadline=None)
@given(
    bits=st.sampled_from([16, 24]),
    format_=st.sampled_from(["wav", "flac"]),
    channels=st.integers(1, 3),
    cuts=st.lists(st.integers(100, 3900), max_size=5, unique=True),
)
def test_lossless_slices_are_the_source_sample_for_sample(tools, tmp_path_factory, *, bits, format_, channels, cuts):
    root = tmp_path_factory.mktemp("catalog")
    values = noise(4.0, channels, bits=bits, seed=bits + channels)
    write(root / f"a.{format_}", values, bits=bits)
    edges = [0.0, *sorted(ms / 1000 for ms in cuts), 4.0]
    lines = tuple(replace(tools.lines(0.0)[0], start_s=edge) for edge in edges[:-1])
    song = tools.song(main_audio_file=f"a.{format_}", duration_s=4.0, lyric_lines=lines)
    _, dataset = built(root, root / "out", song, policy="lines")
    rows = by_id(dataset)
    pieces = dict(dataset.song_audio("01_01"))
    assert pieces
    for row_id, flac in pieces.items():
        start = round(rows[row_id]["start_s"] * RATE)
        found = stored_integers(flac, bits)
        assert len(found) == rows[row_id]["n_samples"]
        assert np.array_equal(found, values[start : start + len(found)])
    assert sum(row["n_samples"] for row_id, row in rows.items() if row_id in pieces) == len(values)


def test_other_rates_and_mono_on_request(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("bass",))
    seconds = np.arange(12 * 48_000) / 48_000
    tone = np.stack([0.5 * np.sin(2 * np.pi * 440 * seconds), 0.1 * np.sin(2 * np.pi * 440 * seconds)], axis=1)
    soundfile.write(tmp_path / "01_01/01.wav", tone, 48_000, subtype="PCM_16")
    _, dataset = built(tmp_path, tmp_path / "out", song, audio=AudioSettings(mono=True))
    row = by_id(dataset)["01_01/0000/full"]
    assert (row["sample_rate"], row["n_channels"], row["n_samples"]) == (44_100, 1, 5 * 44_100)
    assert not row["audio_is_lossless"]
    (_, sound), *_ = dataset.audio(["01_01/0000/full"])
    expected = 0.3 * np.sin(2 * np.pi * 440 * np.arange(5 * 44_100) / 44_100)
    assert np.abs(sound.samples[:, 0] - expected)[100:-100].max() < 1e-3
    assert dataset.manifest.audio.model_dump() == {
        "sample_rate": 44_100,
        "mono": True,
        "is_cut": True,
        "instrument": "",
    }


def test_recordings_can_be_left_out(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("bass",))
    report, dataset = built(tmp_path, tmp_path / "out", song, audio=AudioSettings(is_cut=False))
    assert {row["content_type"] for row in by_id(dataset).values()} == {"empty"}
    assert report.manifest.dropped["recordings are left out"] == 1
    assert not dataset.manifest.songs["01_01"].media
    assert list(dataset.audio()) == []


def test_a_stem_that_ends_early_gives_shorter_rows_and_then_none(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "bass"))
    write(tmp_path / "01_01/02.wav", noise(3.0, seed=2))
    report, dataset = built(tmp_path, tmp_path / "out", song)
    rows = by_id(dataset)
    assert rows["01_01/0000/stem-02"]["n_samples"] == 3 * RATE
    assert rows["01_01/0000/full"]["n_samples"] == 5 * RATE
    assert "01_01/0001/stem-02" not in rows
    assert rows["01_01/0001/full"]["audio_rows"] == ["01_01/0001/stem-01"]
    dropped = pq.read_table(tmp_path / "out/dropped.parquet").to_pylist()
    told = {(d["segment_id"], d["part"]): d["reason"] for d in dropped}
    assert told["01_01/0001", "stem-02"] == told["01_01/0001", "bass"] == "the recording ends before the segment"
    assert report.problems == ()


def test_the_song_ends_with_its_last_recording(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "bass"), duration_s=20.0)
    _, dataset = built(tmp_path, tmp_path / "out", song)
    assert dataset.manifest.songs["01_01"].duration_s == 12.0
    unknown = replace(song, duration_s=0.0)
    _, dataset = built(tmp_path, tmp_path / "other", unknown)
    assert dataset.manifest.songs["01_01"].duration_s == 12.0


def test_silence_is_flagged_and_a_silent_view_makes_no_row(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "bass"))
    quiet = noise(12.0, seed=2)
    quiet[5 * RATE :] = 0
    write(tmp_path / "01_01/02.wav", quiet)
    report, dataset = built(tmp_path, tmp_path / "out", song)
    rows = by_id(dataset)
    assert [rows[f"01_01/000{i}/stem-02"]["is_silent"] for i in (0, 1)] == [False, True]
    assert rows["01_01/0001/stem-02"]["rms_dbfs"] == -150.0
    assert rows["01_01/0001/stem-02"]["loudness_lufs"] is None
    assert "01_01/0001/bass" not in rows
    assert report.manifest.dropped["silent in the segment"] == 1
    assert not rows["01_01/0001/full"]["is_silent"]
    assert decode_flac(dict(dataset.song_audio("01_01"))["01_01/0001/stem-02"]).n_samples == 7 * RATE


def test_audio_and_midi_of_a_stem_lie_in_one_row(tools, tmp_path):
    song = tools.with_stems(tmp_path, "01_01")
    write(tmp_path / "01_01/b.wav", noise(60.0, seed=1))
    bass = replace(song.stems[1], audio_file="01_01/b.wav", has_audio=True)
    song = replace(song, stems=(song.stems[0], bass, *song.stems[2:]))
    _, dataset = built(tmp_path, tmp_path / "out", song, policy="bars:8")
    rows = by_id(dataset)
    kinds = {row_id.split("/")[2]: row["content_type"] for row_id, row in rows.items() if "/0000/" in row_id}
    assert kinds["stem-02"] == kinds["bass"] == kinds["full"] == "audio_midi"
    assert kinds["stem-01"] == "midi_only"
    last = max(row_id for row_id in rows if row_id.endswith("/stem-02"))
    assert rows[last]["content_type"] == "audio_only"  # the bass rests there
    assert [row_id for row_id, _ in dataset.media()] == [i for i, row in rows.items() if row["has_midi"]]
    media = pq.read_table(tmp_path / "out/media/01_01.parquet").to_pylist()
    assert len({m["row_id"] for m in media}) == len(media)
    assert {m["content_type"] for m in media} == {"audio_midi", "midi_only", "audio_only"}


def test_midi_is_read_without_touching_audio(tools, tmp_path):
    song = tools.with_stems(tmp_path, "01_01")
    write(tmp_path / "01_01/b.wav", noise(60.0, 2, seed=1))
    song = replace(song, main_audio_file="01_01/b.wav")
    _, dataset = built(tmp_path, tmp_path / "out", song)
    file = tmp_path / "out/media/01_01.parquet"
    n_read = 0

    class Counting(io.FileIO):
        """A file that counts the bytes read from it."""

        def read(self, n: int = -1) -> bytes:
            nonlocal n_read
            content = super().read(n)
            n_read += len(content)
            return content

    with Counting(file, "rb") as stream, pq.ParquetFile(pa.PythonFile(stream, mode="r")) as parquet:
        found = dict(read_midi_column(parquet))
    assert found == dataset.song_media("01_01")
    assert file.stat().st_size > 1_000_000
    assert n_read < sum(map(len, found.values())) + 150_000


def test_stems_of_different_rates_are_kept_apart_and_that_is_said(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "bass"))
    write(tmp_path / "01_01/02.wav", noise(12.0, rate=16_000), rate=16_000)
    report, dataset = built(tmp_path, tmp_path / "out", song)
    rows = by_id(dataset)
    assert [p.code for p in report.problems if p.code != "audio-unusual"] == ["audio-misfit"]
    assert not rows["01_01/0000/full"]["has_audio"]
    assert rows["01_01/0000/stem-02"]["sample_rate"] == 16_000
    report, dataset = built(tmp_path, tmp_path / "other", song, audio=AudioSettings(sample_rate=8_000))
    assert len(by_id(dataset)["01_01/0000/full"]["audio_rows"]) == 2


BAD = {
    "zero bytes": ("audio-damaged", 0),
    "cut off": ("audio-flawed", 1),
    "text": ("audio-damaged", 0),
    "one sample": ("audio-damaged", 0),
    "not a number": ("audio-flawed", 1),
    "header lies": ("audio-flawed", 1),
    "wrong extension": ("audio-unusual", 1),
    "eight channels": ("audio-unusual", 1),
    "192 kHz": ("audio-unusual", 1),
    "vanishes": ("audio-unreadable", 0),
    "a folder": ("audio-damaged", 0),
}


def spoil(file: Path, how: str) -> None:
    if how == "zero bytes":
        file.write_bytes(b"")
    elif how == "cut off":
        write(file.with_suffix(".flac"), noise(12.0, seed=2))
        content = file.with_suffix(".flac").read_bytes()
        file.write_bytes(content[: len(content) // 2])
    elif how == "text":
        file.write_text("this is no recording at all, " * 20)
    elif how == "one sample":
        write(file, noise(12.0)[:1])
    elif how == "not a number":
        values = np.full((12 * RATE, 1), 0.1, np.float32)
        values[100:200] = np.nan
        soundfile.write(file, values, RATE, subtype="FLOAT")
    elif how == "header lies":
        content = bytearray(file.read_bytes())
        place = content.index(b"data") + 4
        content[place : place + 4] = (2 * 60 * RATE).to_bytes(4, "little")
        file.write_bytes(bytes(content))
    elif how == "wrong extension":
        write(file, noise(12.0), format="FLAC")
    elif how == "eight channels":
        write(file, noise(12.0, 8))
    elif how == "192 kHz":
        write(file, noise(12.0, rate=192_000), rate=192_000)
    elif how == "vanishes":
        file.unlink()
    elif how == "a folder":
        file.unlink()
        file.mkdir()


@pytest.mark.parametrize("how", BAD)
def test_a_bad_recording_is_a_problem_of_its_stem_and_the_rest_is_built(tools, tmp_path, how):
    song = recorded(tools, tmp_path, views=("drums", "bass", "melody"))
    spoil(tmp_path / "01_01/02.wav", how)
    report, dataset = built(tmp_path, tmp_path / "out", song, audio=AudioSettings(sample_rate=RATE))
    code, is_used = BAD[how]
    told = [(p.file, p.code) for p in report.problems]
    assert ("01_01/02.wav", code) in told, report.problems
    assert {file for file, _ in told} == {"01_01/02.wav"}
    assert not any(str(tmp_path) in line for line in report.lines() if "wrote" not in line)
    assert report.exit_code == (not is_used)
    rows = by_id(dataset)
    assert ("01_01/0000/stem-02" in rows) == bool(is_used)
    assert rows["01_01/0001/full"]["n_samples"] == 7 * RATE
    assert {"01_01/0000/stem-01", "01_01/0001/stem-03"} <= set(rows)
    if not is_used:
        assert report.manifest.dropped["the recording of the stem cannot be used"] == 1


def test_without_a_usable_main_mix_the_stems_are_the_whole(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "bass"), main_audio_file="01_01/mix.wav")
    (tmp_path / "01_01/mix.wav").write_bytes(b"RIFF")
    report, dataset = built(tmp_path, tmp_path / "out", song)
    assert [(p.file, p.code) for p in report.problems] == [("01_01/mix.wav", "audio-damaged")]
    assert len(by_id(dataset)["01_01/0000/full"]["audio_rows"]) == 2


def test_a_recording_that_comes_back_is_built_without_any_other_change(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums", "bass"))
    content = (tmp_path / "01_01/02.wav").read_bytes()
    (tmp_path / "01_01/02.wav").unlink()
    report, _ = built(tmp_path, tmp_path / "out", song)
    assert report.exit_code == 1
    (tmp_path / "01_01/02.wav").write_bytes(content)
    report, dataset = built(tmp_path, tmp_path / "out", song)
    assert (report.n_built, report.problems) == (1, ())
    assert by_id(dataset)["01_01/0000/stem-02"]["has_audio"]
    assert built(tmp_path, tmp_path / "out", song)[0].n_unchanged == 1


def test_an_edit_inside_a_large_recording_is_noticed(tools, tmp_path):
    """Of large files the catalog hashes samples, which a small edit can miss."""
    song = recorded(tools, tmp_path, views=("drums",))
    values = noise(300.0, 2, seed=1)
    write(tmp_path / "01_01/01.wav", values)
    assert (tmp_path / "01_01/01.wav").stat().st_size > 8 * 1024 * 1024
    built(tmp_path, tmp_path / "out", song)
    assert built(tmp_path, tmp_path / "out", song)[0].n_built == 0
    values[70_000:70_100] = 0
    write(tmp_path / "01_01/01.wav", values)
    report, dataset = built(tmp_path, tmp_path / "out", song)
    assert report.n_built == 1
    stored = stored_integers(dict(dataset.song_audio("01_01"))["01_01/0001/stem-01"])
    assert not stored[70_000 - 5 * RATE : 70_100 - 5 * RATE].any()


def test_other_settings_mean_building_again(tools, tmp_path):
    song = recorded(tools, tmp_path, views=("drums",))
    built(tmp_path, tmp_path / "out", song)
    assert built(tmp_path, tmp_path / "out", song, audio=AudioSettings(sample_rate=4_000))[0].n_built == 1
    assert built(tmp_path, tmp_path / "out", song, audio=AudioSettings(sample_rate=4_000))[0].n_built == 0


def test_midi_without_recordings_is_played_on_request(tools, tmp_path, monkeypatch):
    monkeypatch.setattr("whitelight.audio.soundfont.FOLDERS", ())
    songs = [tools.with_stems(tmp_path, "01_01"), tools.piano(tmp_path, "02_01", np.random.default_rng(1))]
    text = tools.song("00_01", lyric_lines=tools.lines(5, 10))
    asked = AudioSettings(sample_rate=RATE, mono=True, render=True)
    report, dataset = built(
        tmp_path, tmp_path / "out", text, *songs, recorded(tools, tmp_path, "03_01", views=("bass",)), audio=asked
    )
    rows = by_id(dataset)
    assert "built-in" in report.manifest.audio.instrument
    assert {row["audio_source"] for row in rows.values() if row["song_id"] == "03_01"} == {"file"}
    assert not any(row["has_audio"] for row in rows.values() if row["song_id"] == "00_01")
    full, bass, piano = rows["01_01/0001/full"], rows["01_01/0001/stem-02"], rows["02_01/0000/full"]
    assert (full["audio_source"], full["content_type"], full["audio_is_lossless"]) == ("rendered", "audio_midi", False)
    assert sorted(full["audio_rows"]) == [f"01_01/0001/stem-{n:02d}" for n in (1, 2, 3, 4)]
    assert (bass["n_samples"], bass["sample_rate"], bass["n_channels"]) == (25 * RATE, RATE, 1)
    assert piano["audio_rows"] == ["02_01/0000/full"]
    assert not piano["is_silent"]
    assert rows["02_01/0000/bass"]["content_type"] == "midi_only"
    again, _ = built(
        tmp_path, tmp_path / "out", text, *songs, recorded(tools, tmp_path, "03_01", views=("bass",)), audio=asked
    )
    assert again.n_built == 0
    without, _ = built(tmp_path, tmp_path / "out", *songs, audio=replace(asked, render=False))
    assert without.n_built == 2


def test_a_soundfont_that_is_not_there_is_refused_before_anything_is_built(tools, tmp_path):
    with pytest.raises(AudioError, match="is not there"):
        built(tmp_path, tmp_path / "out", audio=AudioSettings(render=True, soundfont=tmp_path / "missing.sf2"))
    assert not (tmp_path / "out").exists()


def test_processes_do_not_change_the_audio(tools, tmp_path):
    songs = [recorded(tools, tmp_path, f"01_{n:02d}", views=("drums", "bass")) for n in (1, 2, 3)]
    built(tmp_path, tmp_path / "one", *songs)
    built(tmp_path, tmp_path / "two", *songs, jobs=2)
    files = [f.relative_to(tmp_path / "one") for f in (tmp_path / "one").rglob("*.parquet")]
    assert len(files) > 6
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files)
