"""A build of a folder: only what changed, and nothing at all when nothing did."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from whitelight.dataset import AudioSettings, BuildError, PolicyError, update_dataset
from whitelight.dataset.settings import AudioSettingsError

MADE = 84


def write_song(root: Path, song_id: str, *, title: str = "A Song") -> Path:
    folder = root / song_id
    folder.mkdir(parents=True, exist_ok=True)
    section = {"section_name": "Verse", "start_time": "[00:00.000]", "end_time": "[00:20.000]"}
    fields = {"title": title, "bpm": 120, "rainbow_color": "R", "TRT": "[00:20.000]", "structure": [section]}
    (folder / f"{song_id}.yml").write_text(json.dumps(fields | {"time_code": "ms"}))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.fixture
def root(tmp_path):
    for n in range(5):
        write_song(tmp_path / "catalog", f"02_{n + 1:02d}")
    return tmp_path / "catalog"


def never(catalog):
    raise AssertionError("the catalog was read again")


def test_one_edit_in_a_catalog_of_84_rebuilds_one_song(tmp_path):
    root, out = tmp_path / "catalog", tmp_path / "out"
    for n in range(MADE):
        write_song(root, f"{n // 12 + 1:02d}_{n % 12 + 1:02d}")
    assert update_dataset(root, out).n_built == MADE
    times = {f.name: f.stat().st_mtime_ns for f in (out / "segments").iterdir()}
    write_song(root, "03_07", title="Another Name")
    report = update_dataset(root, out)
    assert (report.n_built, report.n_unchanged, report.n_removed) == (1, MADE - 1, 0)
    changed = [f.name for f in (out / "segments").iterdir() if f.stat().st_mtime_ns != times[f.name]]
    assert changed == ["03_07.parquet"]
    fresh = update_dataset(root, tmp_path / "fresh")
    assert fresh.n_built == MADE
    assert contents(out) == contents(tmp_path / "fresh")


def test_when_nothing_changed_the_catalog_is_not_read(root, tmp_path):
    (root / "02_01/02_01.lrc").write_text("no time stamps here")
    first = update_dataset(root, tmp_path / "out")
    before = contents(tmp_path / "out")
    again = update_dataset(root, tmp_path / "out", when_read=never)
    assert (again.n_built, again.n_unchanged, again.n_removed) == (0, 5, 0)
    assert again.exit_code == first.exit_code == 1
    assert [p.code for p in again.left_out] == [p.code for p in first.left_out] == ["lrc-without-stamps"]
    assert again.to_dict() | {"seconds": 0, "built": 0, "unchanged": 0} == first.to_dict() | {
        "seconds": 0,
        "built": 0,
        "unchanged": 0,
    }
    assert contents(tmp_path / "out") == before


@pytest.mark.parametrize(
    "change",
    [
        lambda root, _: write_song(root, "02_03", title="Other"),
        lambda root, _: write_song(root, "02_09"),
        lambda root, _: shutil.rmtree(root / "02_02"),
        lambda root, _: (root / "02_02/02_02.lrc").write_text("[00:01.000]la"),
        lambda root, _: (root / "catalog.yml").write_text("ontology: emopia"),
        lambda _, out: (out / "segments/02_02.parquet").write_bytes(b"PAR1"),
        lambda _, out: (out / "manifest.json").unlink(),
        lambda _, out: (out / ".build.json").write_text("{}"),
    ],
)
def test_whatever_changed_the_catalog_is_read(root, tmp_path, change):
    out = tmp_path / "out"
    update_dataset(root, out)
    change(root, out)
    heard = []
    update_dataset(root, out, when_read=heard.append)
    assert len(heard) == 1
    update_dataset(root, out, when_read=never)


def test_other_settings_and_links_are_noticed(root, tmp_path):
    (root / "02_01/media").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    (root / "loop").symlink_to(root)
    update_dataset(root, tmp_path / "out")
    update_dataset(root, tmp_path / "out", when_read=never)
    heard = []
    update_dataset(root, tmp_path / "out", audio=AudioSettings(mono=True), when_read=heard.append)
    update_dataset(root, tmp_path / "out", policy="whole", when_read=heard.append)
    (tmp_path / "elsewhere/a.mid").write_bytes(b"MThd")
    update_dataset(root, tmp_path / "out", policy="whole", when_read=heard.append)
    assert len(heard) == 3


def test_what_is_mistyped_is_refused_also_when_nothing_changed(root, tmp_path):
    update_dataset(root, tmp_path / "out")
    with pytest.raises(BuildError, match="engine 'spark'"):
        update_dataset(root, tmp_path / "out", engine="spark")
    with pytest.raises(PolicyError, match="policy 'bars'"):
        update_dataset(root, tmp_path / "out", policy="bars")
    with pytest.raises(AudioSettingsError, match="sample rate of 44 Hz: expected 1,000 to 384,000 Hz"):
        AudioSettings(sample_rate=44)


def test_a_dataset_inside_its_catalog_is_no_change_of_it(root):
    update_dataset(root, root / "dataset")
    update_dataset(root, root / "dataset", when_read=never)


def test_a_file_that_could_not_be_opened_is_tried_again(root, tmp_path, monkeypatch):
    from whitelight.dataset import recordings

    manifest = json.loads((root / "02_01/02_01.yml").read_text())
    (root / "02_01/02_01.yml").write_text(json.dumps(manifest | {"main_audio_file": "a.wav"}))
    soundfile.write(root / "02_01/a.wav", np.full(8000 * 20, 0.1), 8000)
    real = recordings.read_audio

    def gone(path, **options):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(recordings, "read_audio", gone)
    report = update_dataset(root, tmp_path / "out")
    assert [p.code for p in report.problems] == ["audio-unreadable"]
    monkeypatch.setattr(recordings, "read_audio", real)
    assert update_dataset(root, tmp_path / "out").problems == ()
    update_dataset(root, tmp_path / "out", when_read=never)
