"""Slices of real songs: of their MIDI note for note, of recordings of it sample for sample."""

import io
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import Renderer, find_soundfont
from whitelight.catalog.song import Catalog, LyricLine
from whitelight.dataset import AudioSettings, Dataset, build_dataset
from whitelight.music import Piece, read_midi
from whitelight.ontology import load_ontology

POP_SONGS = ("001", "004", "007")


@lru_cache(maxsize=4)
def song_of(shared_data: Path, name: str) -> Piece:
    return read_midi(shared_data / "pop909" / name / f"{name}.mid")


def built(song: Any, root: Path, out: Path, policy: str, audio: AudioSettings | None = None) -> Dataset:
    catalog = Catalog(root, load_ontology("rainbow"), (song,), (), ())
    build_dataset(catalog, out, policy=policy, audio=audio or AudioSettings(is_cut=False))
    return Dataset.open(out)


def sounding(piece: Piece, start_s: float, end_s: float) -> list[list[tuple[int, int, int, int]]]:
    """Every note of every track that sounds between two times, clipped, counted from the start: by arithmetic alone."""
    all_s = piece.tempo_map.ticks_to_seconds(np.arange(piece.end_tick + 2))
    first, last = (int(np.argmin(np.abs(all_s - edge))) for edge in (start_s, end_s))
    found = []
    for track in piece.midi_tracks:
        columns = (track.notes.onset_tick, track.notes.end_tick, track.notes.pitch, track.notes.velocity)
        notes = zip(*(column.tolist() for column in columns), strict=True)
        clipped = [(max(on, first) - first, min(off, last) - first, p, v) for on, off, p, v in notes]
        found.append(sorted(n for n in clipped if n[1] > n[0] and n[1] > 0 and n[0] < last - first))
    return found


def notes_of(piece: Piece) -> list[list[tuple[int, int, int, int]]]:
    columns = ("onset_tick", "end_tick", "pitch", "velocity")
    return [
        sorted(zip(*(getattr(track.notes, c).tolist() for c in columns), strict=True)) for track in piece.midi_tracks
    ]


@settings(max_examples=10, deadline=None)
@given(
    name=st.sampled_from(POP_SONGS),
    edges_s=st.lists(st.floats(0.5, 200.0), min_size=2, max_size=9, unique=True),
    policy=st.sampled_from(["lines", "bars:3"]),
)
def test_midi_of_a_real_song_note_for_note(shared_data, tools, tmp_path_factory, *, name, edges_s, policy):
    source = song_of(shared_data, name)
    root = shared_data / "pop909" / name
    lines = tuple(LyricLine(edge, None, "la", "raw") for edge in sorted(edges_s))
    song = tools.song(name, main_midi_file=f"{name}.mid", duration_s=source.duration_s, lyric_lines=lines)
    dataset = built(song, root, tmp_path_factory.mktemp("out") / "out", policy)
    media = dataset.song_media(name)
    rows = dataset.rows(["row_id", "start_s", "end_s", "n_notes"], views=["full"]).to_pylist()
    assert len(rows) > 2
    for row in rows:
        expected = sounding(source, row["start_s"], row["end_s"])
        assert sum(map(len, expected)) == row["n_notes"]
        if row["row_id"] in media:
            piece = read_midi(media[row["row_id"]])
            assert [notes for notes in notes_of(piece) if notes] == [notes for notes in expected if notes]
            assert piece.duration_s == pytest.approx(row["end_s"] - row["start_s"], abs=2e-3)


@pytest.fixture(scope="module")
def recording(shared_data: Path) -> np.ndarray:
    """A minute of a real song, played, as integers of 24 bits, (n_samples, 2)."""
    if not (shared_data / "pop909/001").is_dir():
        pytest.skip("song 001 of POP909 is not there")
    audio = Renderer(None).render(song_of(shared_data, "001"), 22_050, n_samples=60 * 22_050)
    rng = np.random.default_rng(1)
    return np.round(audio.samples * (2**23 - 64)).astype(np.int32) + rng.integers(0, 2, audio.samples.shape, np.int32)


@settings(max_examples=8, deadline=None)
@given(
    bits=st.sampled_from([16, 24]),
    suffix=st.sampled_from(["wav", "flac"]),
    edges_s=st.lists(st.floats(0.5, 59.0), max_size=6, unique=True),
)
def test_recordings_of_a_real_song_sample_for_sample(recording, tools, tmp_path_factory, *, bits, suffix, edges_s):
    root = tmp_path_factory.mktemp("catalog")
    values = recording >> (24 - bits)
    soundfile.write(root / f"a.{suffix}", values << (32 - bits), 22_050, subtype=f"PCM_{bits}")
    lines = tuple(LyricLine(edge, None, "la", "raw") for edge in [0.0, *sorted(edges_s)])
    song = tools.song("a", main_audio_file=f"a.{suffix}", duration_s=60.0, lyric_lines=lines)
    dataset = built(song, root, root / "out", "lines", AudioSettings(sample_rate=None))
    rows = {row["row_id"]: row for row in dataset.rows(views=["full"]).to_pylist()}
    assert all(row["audio_is_lossless"] for row in rows.values())
    heard = np.zeros(len(values), bool)
    for row_id, flac in dataset.song_audio("a"):
        found, rate = soundfile.read(io.BytesIO(flac), dtype="int32", always_2d=True)
        start = round(rows[row_id]["start_s"] * rate)
        assert np.array_equal(found >> (32 - bits), values[start : start + len(found)])
        heard[start : start + len(found)] = True
    assert heard.all()


def test_a_row_of_a_real_song_sounds_like_its_midi(recording, shared_data, tools, tmp_path):
    """Paired audio of the same stretch: played again, the MIDI of a row is the audio of the row."""
    song = tools.song("001", main_midi_file="001.mid", duration_s=60.0)
    song = replace(song, lyric_lines=tools.lines(5.0, 9.0))
    asked = AudioSettings(sample_rate=22_050, mono=True, render=True)
    dataset = built(song, shared_data / "pop909/001", tmp_path / "out", "lines", asked)
    row = next(r for r in dataset.rows(views=["full"]).to_pylist() if r["start_s"] == 5.0)
    (_, sound), *_ = dataset.audio([row["row_id"]])
    midi = dataset.song_media("001")[row["row_id"]]
    again = Renderer(find_soundfont()).render(read_midi(midi), 22_050, mono=True, n_samples=sound.n_samples)
    late = slice(22_050, None)  # what rang over the start has died away
    a, b = sound.samples[late, 0], again.samples[late, 0]
    assert np.corrcoef(a, b)[0, 1] > 0.8
