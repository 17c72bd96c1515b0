"""`check_catalog`, on broken media and on the real catalog."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from whitelight.catalog import CheckReport, check_catalog

WriteSong = Callable[..., Path]


@pytest.fixture(scope="module")
def real(shared_data: Path) -> CheckReport:
    return check_catalog(shared_data / "earthlyframes")


def found(report: CheckReport, code: str) -> set[str]:
    return {Path(problem.file).name for problem in report.problems if problem.code == code}


def test_the_report_is_plain_data_with_relative_paths(root: Path, write_song: WriteSong) -> None:
    write_song(lrc="[00:16.000]la")
    value = json.loads(json.dumps(check_catalog(root).to_dict(), allow_nan=False))
    assert [value[name] for name in ("songs", "stems", "sections", "lyric_lines")] == [1, 1, 2, 1]
    assert {"file", "line", "code", "message", "action"} <= set(value["problems"][0])
    assert {"file", "encoding", "confidence"} <= set(value["time_codes"][0])
    assert [code["file"] for code in value["time_codes"]] == ["02_01/02_01.yml", "02_01/02_01.lrc"]
    assert str(root) not in json.dumps(value)


@pytest.mark.parametrize(
    "content", [b"", b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk\x00\x00\x00\x50\x00", b"not midi"]
)
def test_midi_that_cannot_be_read_is_an_error(root: Path, write_song: WriteSong, content: bytes) -> None:
    path = write_song(audio_tracks=[{"id": 1, "description": "Bass", "midi_file": "a.mid"}])
    (path.parent / "a.mid").write_bytes(content)
    report = check_catalog(root)
    assert report.exit_code == 1
    assert found(report, "midi-unreadable") == {"a.mid"}


def test_exit_code_is_0_when_everything_was_handled(root: Path, write_song: WriteSong) -> None:
    write_song(TRT="[00:03.000]")
    report = check_catalog(root)
    assert report.exit_code == 0
    assert found(report, "running-time-wrong") == {"02_01.yml"}


def test_real_catalog_is_complete(real: CheckReport) -> None:
    value = real.to_dict()
    assert [value[name] for name in ("songs", "stems", "sections", "lyric_lines")] == [61, 892, 465, 706]
    assert real.exit_code == 0


def test_real_irregularities_are_reported(real: CheckReport) -> None:
    assert found(real, "section-backwards") == {"01_07.yml", "03_01.yml", "03_04.yml"}
    assert found(real, "running-time-wrong") == {"01_07.yml", "05_05.yml"}
    assert found(real, "time-offset") == {"01_06.lrc"}
    assert found(real, "meter-unusual") == {"01_03.yml"}
    assert found(real, "lrc-stamp-malformed") == {"03_07.lrc"}
    assert sum(problem.code == "lrc-stamp-malformed" for problem in real.problems) == 2
    assert sum(problem.code == "stem-without-audio" for problem in real.problems) == 12
    assert {"01_05.yml", "01_07.yml"} <= found(real, "time-code-doubtful")
    lines = [
        p.line for p in real.problems if p.code in {"section-backwards", "running-time-wrong", "stem-without-audio"}
    ]
    assert min(lines) > 0


def test_real_boundaries_lie_on_the_beat(real: CheckReport) -> None:
    by_form = {distance.form: distance for distance in real.beat_distances}
    assert by_form["FFS"].median_ms <= 5
    assert by_form["0FF"].median_ms <= 25
    assert by_form["FFS"].as_milliseconds_ms >= 90
    assert by_form["FFS"].n_files >= 35
    assert by_form["0FF"].n_files >= 15


def test_real_times_are_inside_their_songs(real: CheckReport) -> None:
    for song in real.catalog.songs:
        assert song.duration_s > 30, song.song_id
        for section in song.sections:
            assert 0 <= section.start_s <= section.end_s <= song.duration_s + 1e-6
        for line in song.lyric_lines:
            assert 0 <= line.start_s < song.duration_s
            assert line.end_s is None or line.start_s < line.end_s <= song.duration_s
        empty = [section.name for section in song.sections if section.end_s - section.start_s < 0.5]
        assert not empty or song.song_id == "03_04"


@pytest.mark.parametrize(
    ("file", "encoding"),
    [
        ("01_01/01_01.yml", "FFS@25"),
        ("01_04/01_04.lrc", "ms"),
        ("01_06/01_06.lrc", "ms"),
        ("02_01/02_01.yml", "FFS@29.97"),
        ("03_07/03_07.yml", "FFS@29.97df"),
        ("03_10/03_10.lrc", "0FF@29.97df"),
        ("04_06/04_06.yml", "0FF@25"),
        ("06_10/06_10.yml", "FFS@25"),
        ("06_10/06_10.lrc", "0FF@25"),
    ],
)
def test_real_encodings(real: CheckReport, file: str, encoding: str) -> None:
    codes = {code.file: code for code in real.catalog.time_codes}
    assert codes[file].encoding == encoding
    assert codes[file].confidence >= 0.7
