"""The whole flow on a small catalog: the user's own, and the made one through the command line."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from whitelight.cli.output import progress_bar
from whitelight.composition.stages import STAGE_NAMES
from whitelight.demo import write_demo_catalog
from whitelight.music import read_midi
from whitelight.pipeline import NoSongsError, run_pipeline

ALBUMS = ("02", "05")  # two albums are enough to tell apart
SONGS = 5


@pytest.fixture(scope="module")
def small_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few albums of the made catalog, as a user's own would be."""
    folder = tmp_path_factory.mktemp("catalog")
    write_demo_catalog(folder, audio=False)
    for song in folder.glob("??_??"):
        album, number = song.name.split("_")
        if album not in ALBUMS or int(number) > SONGS:
            shutil.rmtree(song)
    return folder


@pytest.mark.slow
def test_the_whole_flow_on_ones_own_songs(small_catalog: Path, tmp_path: Path) -> None:
    out, said = tmp_path / "run", []
    report = run_pipeline(out, catalog=small_catalog, seed=0, say=said.append, progress_bar=progress_bar)

    assert not (out / "catalog").exists()  # the user's songs stay where they are
    ours, majority = report.evaluation["class"], report.evaluation["baselines"]["majority"]
    assert report.evaluation["n_songs"] == len(ALBUMS) * SONGS
    assert ours["accuracy"] > majority["accuracy"]

    assert len(report.songs) == len(ALBUMS)
    for song in report.songs:
        assert [stage.stage for stage in song] == list(STAGE_NAMES)
        assert min(section.n_scored for stage in song for section in stage.sections) >= 50
        piece = read_midi(song[0].out / "song.mid")
        assert {"Drums", "Bass"} <= {part.name for part in piece.midi_tracks}
        assert piece.duration_s > 30
    assert len({song[0].out for song in report.songs}) == len(ALBUMS)

    page = (out / "report.html").read_text()
    assert not re.search(r'(?:src|href)="https?://', page)
    assert str(tmp_path) not in page
    assert any("scorer" in line for line in said)
    assert any("compose status" in line for line in report.lines())


@pytest.mark.slow
def test_a_second_run_changes_nothing_the_human_has(small_catalog: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "whitelight", "demo", "--catalog", str(small_catalog), "--out", str(out), "--json"]
    first = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    review = next(out.glob("songs/*/chords/review.yml"))
    marked = review.read_text().replace("status: undecided", "status: approved  # mine", 1)
    review.write_text(marked)
    second = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert review.read_text() == marked
    assert second["evaluation"] == first["evaluation"]
    assert [song["n_added"] for song in second["songs"]] == [0] * len(second["songs"])


def test_a_folder_without_songs_stops_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    with pytest.raises(NoSongsError, match=r"no song could be read; see what is wrong with: whitelight catalog check"):
        run_pipeline(tmp_path / "out", catalog=tmp_path / "songs", seed=0, say=print, progress_bar=progress_bar)
    assert not (tmp_path / "out").exists()
