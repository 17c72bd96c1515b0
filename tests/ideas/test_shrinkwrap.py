"""Shrink-wrapping keeps everything, names it once, and never touches a source."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.files import load_yaml
from whitelight.ideas import NotAManifestError, NoThreadError, ShrinkwrapError, shrinkwrap
from whitelight.ideas.naming import clean_name, clean_suffix, file_name
from whitelight.ideas.yaml_text import to_yaml

Snapshot = Callable[[Path], dict[str, bytes]]


def files_of(out: Path, folder: str = "the-lighthouse-thread") -> dict[str, dict[str, object]]:
    return {entry["source"]: entry for entry in load_yaml(out / folder / "manifest.yml")["files"]}


def test_a_thread_gets_clean_names_in_reading_order(thread: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = shrinkwrap(thread, out)
    names = sorted(path.name for path in (out / "the-lighthouse-thread").iterdir())
    assert names == [
        "001-choice-tide-table.yml",
        "002-iterations-all-song-proposals.yml",
        "003-proposal-the-keepers-count.yml",
        "004-proposal-tide-table.yml",
        "005-proposal-the-keepers-second-count.yml",
        "006-audio-take-1.wav",
        "007-evaluation-evaluation-of-lamp.yml",
        "008-newspaper-article-light-out.yml",
        "009-transcript-copy-of-evp.yml",
        "010-unreadable-broken.yml",
        "manifest.yml",
    ]
    assert report.is_complete
    assert any("the same as" in notice for notice in report.threads[0].notices)


def test_the_manifest_says_what_every_file_is(thread: Path, tmp_path: Path) -> None:
    shrinkwrap(thread, tmp_path / "out")
    files = files_of(tmp_path / "out")
    (lamp,) = files["yml/lamp_v1.yml"]["proposals"]  # type: ignore[misc]  plain data
    assert lamp == {
        "iteration_id": "lamp_v1",
        "title": "The Keeper's Count",
        "class": "Red",
        "key": "Bb minor",
        "tempo_bpm": 84.0,
        "meter": "7/8",
        "iteration": 1,
        "children": ["tide_v1", "lamp_v2"],
    }
    (second,) = files["yml/lamp_v2.yml"]["proposals"]  # type: ignore[misc]  plain data
    assert (second["parent"], second["parent_by"], second["iteration"]) == ("lamp_v1", "version", 3)
    (tide,) = files["yml/tide_v1.yml"]["proposals"]  # type: ignore[misc]  plain data
    assert tide["final"] is True
    assert files["yml/copy of evp.yaml"]["also"] == ["yml/evp.yml"]
    assert "line 2" in str(files["yml/broken.yml"]["problems"])
    manifest = load_yaml(tmp_path / "out/the-lighthouse-thread/manifest.yml")
    assert (manifest["thread_id"], manifest["iterations"], manifest["final"]["by"]) == ("t-1", 3, "choice")
    index = load_yaml(tmp_path / "out/index.yml")
    assert [one["final"]["title"] for one in index["threads"]] == ["Tide Table"]
    assert "| [004-proposal-tide-table.yml]" in (tmp_path / "out/index.md").read_text()


def test_a_second_run_changes_nothing_and_sources_are_never_touched(
    thread: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    before = snapshot(thread)
    shrinkwrap(thread, tmp_path / "out")
    first = snapshot(tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.yml")}
    report = shrinkwrap(thread, tmp_path / "out")
    assert report.threads[0].n_written == 0
    assert snapshot(tmp_path / "out") == first
    assert times == {path: path.stat().st_mtime_ns for path in times}
    assert snapshot(thread) == before


def test_new_changed_and_deleted_sources(
    thread: Path, tmp_path: Path, snapshot: Snapshot, make_proposal: Callable[..., str]
) -> None:
    out = tmp_path / "out"
    shrinkwrap(thread, out)
    before = snapshot(out)
    (thread / "a_new_one.yml").write_text(make_proposal("aaa_v1", title="A New One"))
    (thread / "yml/tide_v1.yml").write_text(make_proposal("tide_v1", title="Tide Table, Revised"))
    (thread / "yml/news.yml").unlink()
    shrinkwrap(thread, out)
    after = snapshot(out)
    kept = {name: data for name, data in before.items() if "manifest" not in name and "index" not in name}
    assert kept.items() <= after.items()
    new = set(after) - set(before)
    assert new == {
        "the-lighthouse-thread/011-proposal-a-new-one.yml",
        "the-lighthouse-thread/004-proposal-tide-table.r2.yml",
    }
    entries = load_yaml(out / "the-lighthouse-thread/manifest.yml")["files"]
    states = {entry["file"]: entry["state"] for entry in entries if entry["state"] != "current"}
    assert states == {"004-proposal-tide-table.yml": "superseded", "008-newspaper-article-light-out.yml": "missing"}
    (thread / "yml/tide_v1.yml").write_bytes(before["the-lighthouse-thread/004-proposal-tide-table.yml"])
    shrinkwrap(thread, out)  # the old text again is the first version again
    assert set(snapshot(out)) == set(after)
    assert files_of(out)["yml/tide_v1.yml"]["state"] == "superseded"


def test_a_run_cut_short_is_finished_by_the_next(
    thread: Path, tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrinkwrap(thread, tmp_path / "whole")
    module = sys.modules[shrinkwrap.__module__]
    copy, done = module.copy_atomic, []

    def stop_after_four(*arguments: object) -> None:
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(arguments)
        copy(*arguments)

    monkeypatch.setattr(module, "copy_atomic", stop_after_four)
    with pytest.raises(KeyboardInterrupt):
        shrinkwrap(thread, tmp_path / "out")
    monkeypatch.undo()
    shrinkwrap(thread, tmp_path / "out")
    assert snapshot(tmp_path / "out") == snapshot(tmp_path / "whole")


@pytest.mark.slow
def test_a_killed_run_is_finished_by_the_next(thread: Path, tmp_path: Path, snapshot: Snapshot) -> None:
    for number in range(60):
        (thread / f"notes {number}.txt").write_bytes(b"x" * (1000 * number + 1))
    shrinkwrap(thread, tmp_path / "whole")
    for attempt in range(6):
        out = tmp_path / f"out{attempt}"
        code = "import sys; from pathlib import Path; from whitelight.ideas import shrinkwrap; "
        code += "shrinkwrap(Path(sys.argv[1]), Path(sys.argv[2]))"
        process = subprocess.Popen([sys.executable, "-c", code, str(thread), str(out)])
        while process.poll() is None and len(list(out.rglob("*"))) < 2 + 12 * attempt:
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        shrinkwrap(thread, out)
        assert snapshot(out) == snapshot(tmp_path / "whole")


def test_an_edited_copy_and_a_foreign_file_are_left_alone(thread: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "the-lighthouse-thread"
    folder.mkdir(parents=True)
    (folder / "004-proposal-tide-table.yml").write_text("mine")
    shrinkwrap(thread, tmp_path / "out")
    assert (folder / "004-proposal-tide-table.yml").read_text() == "mine"
    assert (folder / "004-proposal-tide-table_2.yml").is_file()
    (folder / "001-choice-tide-table.yml").write_text("edited")
    (folder / "006-audio-take-1.wav").unlink()
    report = shrinkwrap(thread, tmp_path / "out")
    assert (folder / "001-choice-tide-table.yml").read_text() == "edited"
    assert (folder / "006-audio-take-1.wav").read_bytes() == b"RIFF"
    assert "001-choice-tide-table.yml: edited by hand, left as it is" in report.threads[0].notices


def test_links_and_bytes_that_are_no_text(thread: Path, tmp_path: Path) -> None:
    (thread / "link.yml").symlink_to("/etc/hostname")
    (thread / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"latin")
    os.mkfifo(thread / "pipe.yml")
    bomb = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    (thread / "bomb.yml").write_text(f"a0: &a0 [x]\n{bomb}")
    report = shrinkwrap(thread, tmp_path / "out")
    assert not report.is_complete
    assert "pipe.yml: not kept: no regular file" in report.threads[0].notices
    assert files_of(tmp_path / "out")["bomb.yml"]["kind"] == "unreadable"
    assert "link.yml: not kept: a link; put the file itself there" in report.threads[0].notices
    assert "caf\\xe9.txt" in files_of(tmp_path / "out")


def test_threads_of_one_name_stay_apart(tmp_path: Path, make_proposal: Callable[..., str]) -> None:
    for side, title in (("a", "One"), ("b", "Two")):
        folder = tmp_path / side / "thread"
        folder.mkdir(parents=True)
        (folder / f"{title}.yml").write_text(make_proposal(title, title=title))
        shrinkwrap(folder, tmp_path / "out")
    assert (tmp_path / "out/thread/001-proposal-one.yml").is_file()
    assert (tmp_path / "out/thread-2/001-proposal-two.yml").is_file()
    shrinkwrap(tmp_path / "b" / "thread", tmp_path / "out")
    assert not (tmp_path / "out/thread-3").exists()


def test_a_folder_of_threads_is_wrapped_thread_by_thread(thread: Path, tmp_path: Path) -> None:
    other = thread.parent / "other"
    other.mkdir()
    (other / "story.txt").write_text("once")
    report = shrinkwrap(thread.parent, tmp_path / "out")
    assert [one.plan.folder.name for one in report.threads] == ["the-lighthouse-thread", "other"]


def test_a_dry_run_writes_nothing(thread: Path, tmp_path: Path) -> None:
    report = shrinkwrap(thread, tmp_path / "out", dry_run=True)
    assert report.threads[0].n_written == 10
    assert not (tmp_path / "out").exists()


def test_refusals(thread: Path, tmp_path: Path) -> None:
    with pytest.raises(ShrinkwrapError, match="lie in each other"):
        shrinkwrap(thread, thread / "out")
    with pytest.raises(NoThreadError, match="no such folder"):
        shrinkwrap(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoThreadError, match="no file to keep"):
        shrinkwrap(tmp_path / "empty", tmp_path / "out")
    (tmp_path / "out/the-lighthouse-thread").mkdir(parents=True)
    (tmp_path / "out/the-lighthouse-thread/manifest.yml").write_text("mine: 1\n")
    with pytest.raises(NotAManifestError, match="expected 'shrinkwrap: 1'"):
        shrinkwrap(thread, tmp_path / "out")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("write", "delete", "rename", "run")),
        st.sampled_from(("a.yml", "b.yml", "c.txt")),
        st.sampled_from(("a.yml", "sub/b.YML", "C.txt")),
        st.sampled_from(("transcript: x", "title: y", "[1", "plain", "bpm: 90\nkey: C\ntitle: z")),
    ),
    max_size=12,
)


@settings(max_examples=15)
@given(steps=STEPS)
def test_whatever_happens_to_a_thread_nothing_kept_is_lost(
    steps: list[tuple[str, str, str, str]], tmp_path_factory: pytest.TempPathFactory, snapshot: Snapshot
) -> None:
    root = tmp_path_factory.mktemp("thread")
    thread, out, kept = root / "thread", root / "out", dict[str, bytes]()
    (thread / "sub").mkdir(parents=True)
    (thread / "first.txt").write_text("first")
    for what, name, other, text in [*steps, ("run", "", "", ""), ("run", "", "", "")]:
        if what == "write":
            (thread / name).write_text(text)
        elif what == "delete":
            (thread / name).unlink(missing_ok=True)
        elif what == "rename" and (thread / name).exists():
            (thread / name).replace(thread / other)
        elif what == "run":
            sources = snapshot(thread)
            shrinkwrap(thread, out)
            assert snapshot(thread) == sources
            files = {name: data for name, data in snapshot(out / "thread").items() if name != "manifest.yml"}
            assert kept.items() <= files.items()
            assert set(files.values()) >= set(sources.values())
            assert len(set(files.values())) == len(files)  # every content once
            kept = files
    entries = load_yaml(out / "thread/manifest.yml")["files"]
    assert {entry["file"] for entry in entries} == set(kept)
    named = {
        source
        for entry in entries
        if entry["state"] == "current"
        for source in (entry["source"], *entry.get("also", ()))
    }
    assert named >= set(snapshot(thread))


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=20))
def test_any_name_is_safe(kind: str, title: str, ending: str) -> None:
    name = file_name(7, kind, title, clean_suffix(f"x{ending}"))
    assert name.startswith("007-")
    assert len(name.encode()) < 400
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert clean_name(clean_name(title)) == clean_name(title)


@given(st.dictionaries(st.text(), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, min_size=1, max_size=3),
    max_leaves=8,
), max_size=4))  # fmt: skip
def test_yaml_text_is_read_back(value: dict[str, object]) -> None:
    text = to_yaml(value, header="a\nb")
    assert (load_yaml(Path("x.yml"), text) or {}) == value


def test_a_real_thread(shared_data: Path, tmp_path: Path, snapshot: Snapshot) -> None:
    report = shrinkwrap(shared_data / "proposals" / "the-breathing-machine", tmp_path / "out")
    (thread,) = report.threads
    assert len(thread.manifest.entries) == 28
    assert thread.manifest.summary["iterations"] == 17
    assert thread.manifest.summary["final"]["by"] == "choice"
    kinds = {entry.kind for entry in thread.manifest.entries}
    assert kinds >= {"proposal", "choice", "iterations", "transcript", "book", "newspaper article", "symbolic object"}
    first = snapshot(tmp_path / "out")
    shrinkwrap(shared_data / "proposals", tmp_path / "out")
    assert snapshot(tmp_path / "out") == first
