"""The numbers the project promises on real songs, at the command line; skipped where the material is absent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whitelight.catalog import NotAProposalError, read_proposal, read_proposals
from whitelight.dataset import Dataset

Run = Callable[..., Any]


@pytest.fixture
def songs(shared_data: Path) -> Path:
    return shared_data / "earthlyframes"


def test_check(songs: Path, whitelight: Run) -> None:
    found = whitelight("catalog", "check", songs, "--json")
    assert found.code == 0
    value = found.value
    counts = {name: value[name] for name in ("songs", "stems", "sections", "lyric_lines")}
    assert counts == {"songs": 61, "stems": 892, "sections": 465, "lyric_lines": 706}

    files: dict[str, list[str]] = {}
    for problem in value["problems"]:
        assert set(problem) >= {"file", "line", "code", "message", "action"}
        assert problem["severity"] != "error"
        assert problem["action"]
        files.setdefault(problem["code"], []).append(Path(problem["file"]).name)
    assert set(files["section-backwards"]) == {"01_07.yml", "03_01.yml", "03_04.yml"}
    assert files["running-time-wrong"] == ["01_07.yml", "05_05.yml"]
    assert files["time-offset"] == ["01_06.lrc"]
    assert files["meter-unusual"] == ["01_03.yml"]
    assert files["lrc-stamp-malformed"] == ["03_07.lrc", "03_07.lrc"]
    assert 12 <= len(files["stem-without-audio"]) < 16

    offsets = {code["file"]: code["offset_s"] for code in value["time_codes"]}
    assert offsets.pop("01_06/01_06.lrc") == 3600.0
    assert not any(offsets.values())
    beat = value["beat_distance_ms"]
    assert beat["FFS"]["median"] <= 5
    assert beat["0FF"]["median"] <= 25
    assert beat["FFS"]["as_milliseconds"] > 90
    assert str(songs) not in found.out


def test_table(songs: Path, tmp_path: Path, whitelight: Run) -> None:
    found = whitelight("catalog", "table", songs, "--out", tmp_path / "base_manifest.parquet", "--json")
    assert found.code == 0
    assert found.value == {"songs": 61, "rows": 892, "out": "base_manifest.parquet"}


def test_build_and_verify(songs: Path, tmp_path: Path, whitelight: Run) -> None:
    out = tmp_path / "dataset"
    built = whitelight("dataset", "build", songs, "--out", out, "--policy", "lines", "--json")
    assert built.code == 0
    assert (built.value["songs"], built.value["built"]) == (61, 61)
    assert built.value["songs_without_segments"] == []

    dataset = Dataset.open(out)
    spans: dict[str, set[tuple[float, float]]] = {}
    for row in dataset.rows(["song_id", "start_s", "end_s", "duration_s"], kind=None).to_pylist():
        assert row["duration_s"] > 0
        spans.setdefault(row["song_id"], set()).add((row["start_s"], row["end_s"]))
    for song_id, record in dataset.manifest.songs.items():
        assert all(0 <= start < end <= record.duration_s for start, end in spans[song_id]), song_id
        assert covered_s(spans[song_id]) >= 0.95 * record.duration_s, song_id
    assert len(spans["01_06"]) > 10

    verified = whitelight("dataset", "verify", out, "--json")
    assert verified.code == 0
    assert verified.value["passed"] is True
    assert verified.value["songs_little_covered"] == {}


def covered_s(spans: set[tuple[float, float]]) -> float:
    """Seconds in at least one span, counted independently of the code under test."""
    total, reached = 0.0, 0.0
    for start, end in sorted(spans):
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def test_every_file_of_a_thread_is_a_proposal_or_named_for_what_it_is(shared_data: Path) -> None:
    folder = shared_data / "proposals"
    report = read_proposals(folder)
    files = sorted(folder.rglob("*.yml"))
    assert report.unreadable == {}
    read = {path.name for path in files} - {Path(name).name for name in report.others}
    assert len(read) >= 18
    assert read == {proposal.file for proposal in report.proposals}
    assert {Path(name).name for name in report.others} >= {
        "evp.yml",
        "newspaper_article.yml",
        "symbolic_object.yml",
    }
    for path in files:
        if path.name in read:
            assert read_proposal(path).title
        else:
            with pytest.raises(NotAProposalError, match="not a song proposal"):
                read_proposal(path)
    differing = [p for p in report.problems if p.code == "mode-differs"]
    assert differing
    assert all("used the ontology's" in p.action for p in differing)


@pytest.mark.slow
def test_every_file_of_a_thread_through_compose(
    shared_data: Path, tiny_model: Path, tmp_path: Path, whitelight: Run
) -> None:
    """A scorer of another ontology: the class is left open and said so, nothing crashes."""
    report = read_proposals(shared_data / "proposals")
    proposals = {proposal.file for proposal in report.proposals}
    for path in sorted((shared_data / "proposals").rglob("*.yml")):
        out = tmp_path / path.stem
        found = whitelight("compose", "chords", path, "--model", tiny_model, "--out", out, "--candidates", 2, "--json")
        if path.name in proposals:
            assert found.code == 0, (path.name, found.err)
            assert len(list(out.glob("chords/candidates/*.mid"))) == found.value["n_candidates"] > 0
        else:
            assert found.code == 1
            assert "not a song proposal" in found.error
            assert not out.exists()
