"""All exports at once: every file of the contract, nothing rewritten that did not change."""

from pathlib import Path
from types import ModuleType

import pytest

from whitelight.composition.arrangement import write_song
from whitelight.composition.exports import KINDS, UnknownExportError, export_song
from whitelight.composition.production import UnwritableFolderError


def test_every_file_of_the_contract(production: Path) -> None:
    report = export_song(production, [kind for kind in KINDS if kind != "wav"])
    for name in ("song.mid", "song.musicxml", "song.dawproject", "lyrics.lrc", "stems/drums.mid", "arrangement.yml"):
        assert (production / name).is_file(), name
    assert report.problems == ()
    assert set(report.written) == set(report.files)
    assert export_song(production, ["midi", "stems", "musicxml", "dawproject", "lrc"]).written == ()


def test_a_song_without_words_says_so(small_song: ModuleType, tmp_path: Path) -> None:
    folder = small_song.make_small_song(tmp_path, stages=("chords", "bass"))
    report = export_song(folder, ["lrc"])
    assert report.files == ()
    assert "no lyrics are sung" in report.problems[0]
    assert next(iter(report.lines())) == "0 files, 0 written"


def test_the_preview_says_what_played(small_song: ModuleType, tmp_path: Path) -> None:
    form = [{"name": "verse", "section": "verse", "variant": 0, "energy": 0.4, "bars": 4}]
    folder = small_song.make_small_song(tmp_path, form=form)
    report = export_song(folder, ["wav"])
    assert report.preview is not None
    assert report.preview.instrument in str(report.preview)
    assert report.to_dict()["files"] == ["preview.wav"]


def test_without_a_kind_everything_is_made(small_song: ModuleType, tmp_path: Path) -> None:
    form = [{"name": "verse", "section": "verse", "variant": 0, "energy": 0.4, "bars": 4}]
    report = export_song(small_song.make_small_song(tmp_path, form=form))
    assert {path.suffix for path in report.files} == {".mid", ".musicxml", ".dawproject", ".lrc", ".wav"}


def test_a_full_disk_is_said_and_nothing_is_lost(production: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_song(production, ["midi"])
    before = (production / "song.mid").read_bytes()
    path = production / "arrangement.yml"
    path.write_text(path.read_text().replace("\nending: ring", "\nending: none"))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UnwritableFolderError, match="No space left on device; make room"):
        export_song(production, ["midi"])
    with pytest.raises(UnwritableFolderError, match="make room"):
        write_song(production)
    assert (production / "song.mid").read_bytes() == before
    assert not [file for file in production.iterdir() if file.suffix == ".tmp"]


def test_an_unknown_kind_is_refused(production: Path) -> None:
    with pytest.raises(UnknownExportError, match="export 'mp3': expected some of midi"):
        export_song(production, ["mp3"])
