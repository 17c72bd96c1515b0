"""Recordings of the demo: where the notes are, equally long, summing to the mix, irregular as promised."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whitelight.audio import measure_levels, mix, probe_audio, read_audio
from whitelight.catalog import check_catalog
from whitelight.demo import catalog as catalog_module
from whitelight.demo.catalog import DemoCatalogReport, DemoSong, demo_songs, write_demo_catalog
from whitelight.demo.grammar import Grammars
from whitelight.demo.irregular import load_irregularities
from whitelight.demo.sound import KINDS, SAMPLE_RATE, SOUND_FAULTS
from whitelight.files import load_yaml
from whitelight.music import read_midi

SONGS = ("01_07", "04_02", "05_02", "07_05")  # an MP3 mix and every fault


def write_some(out: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> DemoCatalogReport:
    """Write the songs that matter here; the whole takes half a minute."""

    def some(grammars: Grammars, *, seed: int) -> Iterator[DemoSong]:
        return (song for song in demo_songs(grammars, seed=seed) if song.song_id in SONGS)

    monkeypatch.setattr(catalog_module, "demo_songs", some)
    return write_demo_catalog(out, **options)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> DemoCatalogReport:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return write_some(tmp_path_factory.mktemp("recorded"), monkeypatch)


def manifest_of(root: Path, song_id: str) -> dict[str, Any]:
    manifest: dict[str, Any] = load_yaml(root / song_id / f"{song_id}.yml")
    return manifest


def test_every_stem_and_the_mix_are_recorded_and_named(recorded: DemoCatalogReport) -> None:
    assert recorded.instrument.startswith("built-in synthesizer")
    n_files = 0
    for song_id in SONGS:
        manifest, folder = manifest_of(recorded.root, song_id), recorded.root / song_id
        names = [manifest["main_audio_file"], *(track["audio_file"] for track in manifest["audio_tracks"])]
        there = [folder / name for name in names if (folder / name).exists()]
        assert len(there) == len(names) - (song_id == "04_02")
        infos = [probe_audio(path) for path in there]
        assert {(info.sample_rate, info.n_channels) for info in infos} == {(SAMPLE_RATE, 1)}
        assert len({info.n_samples for info in infos}) == 1
        assert infos[0].format == ("MP3" if song_id.endswith("07") else "FLAC")
        n_files += len(there)
    assert recorded.n_recordings == n_files


def test_the_mix_is_the_sum_of_the_stems(recorded: DemoCatalogReport) -> None:
    folder = recorded.root / "05_02"
    tracks = manifest_of(recorded.root, "05_02")["audio_tracks"]
    together = mix([read_audio(folder / track["audio_file"]) for track in tracks])
    main = read_audio(folder / "05_02_main.flac")
    assert np.abs(main.samples - together.samples).max() <= 3 * 2**-16 or together.problems


def test_sound_begins_where_the_notes_do(recorded: DemoCatalogReport) -> None:
    for name in ("01_07_chords", "05_02_bass"):
        folder = recorded.root / name[:5]
        piece, audio = read_midi(folder / f"{name}.mid"), read_audio(folder / f"{name}.flac")
        assert audio.duration_s == pytest.approx(piece.duration_s, abs=1 / SAMPLE_RATE)
        first_s = piece.tempo_map.ticks_to_seconds(int(piece.all_notes().onset_tick[0]))
        heard_s = float(np.argmax(np.abs(audio.samples[:, 0]) > 1e-4)) / SAMPLE_RATE
        assert heard_s == pytest.approx(first_s, abs=0.02)


def test_the_check_finds_what_is_wrong_with_the_recordings(recorded: DemoCatalogReport) -> None:
    problems = check_catalog(recorded.root).problems
    heard = {(p.file, p.code) for p in problems if p.code.startswith(("audio", "media"))}
    assert heard == {
        ("04_02/04_02.yml", "media-missing"),
        ("05_02/05_02_chords.wav", "audio-unusual"),
        ("07_05/07_05_scratch.flac", "audio-silent"),
    }
    readme = (recorded.root / "README.md").read_text(encoding="utf-8")
    faults = load_irregularities(SOUND_FAULTS)
    assert all(f"- {fault.song}: {fault.what}" in readme for fault in faults)
    assert {fault.kind for fault in faults} == set(KINDS)
    assert "Recordings: a mono FLAC file per stem and a main mix" in readme
    assert "played by the built-in synthesizer, for want of a SoundFont" in readme


def test_stems_have_the_level_of_a_desk(recorded: DemoCatalogReport) -> None:
    for song_id in ("01_07", "05_02"):
        for track in manifest_of(recorded.root, song_id)["audio_tracks"]:
            stem = read_audio(recorded.root / song_id / track["audio_file"])
            levels = measure_levels(stem.samples, stem.sample_rate)
            assert levels.rms_dbfs == pytest.approx(-30, abs=0.1) or levels.peak_dbfs == pytest.approx(-4, abs=0.1)
            assert levels.rms_dbfs > -38


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A folder that is gone afterwards; pytest would keep half a gigabyte of each of three runs."""
    yield tmp_path / "scratch"
    shutil.rmtree(tmp_path / "scratch")


@pytest.mark.slow
def test_the_whole_demo_is_the_same_with_one_process_and_two(scratch: Path) -> None:
    one, two = (write_demo_catalog(scratch / str(jobs), jobs=jobs) for jobs in (1, 2))
    assert replace(one, root=two.root) == two
    names = sorted(path.relative_to(one.root) for path in one.root.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(two.root) for path in two.root.rglob("*") if path.is_file())
    assert all((one.root / name).read_bytes() == (two.root / name).read_bytes() for name in names)
    assert sum((one.root / name).stat().st_size for name in names) < 300e6
    silent = [p.file for p in check_catalog(one.root).problems if p.code == "audio-silent"]
    assert silent == ["07_05/07_05_scratch.flac"]


def test_without_audio_there_is_none(demo: DemoCatalogReport) -> None:
    assert (demo.n_recordings, demo.instrument) == (0, "")
    assert not {path.suffix for path in demo.root.rglob("*")} & {".flac", ".mp3", ".wav"}
    assert "audio_file" not in manifest_of(demo.root, "05_02")["audio_tracks"][0]
