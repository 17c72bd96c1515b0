"""`whitelight ideas` as people use it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def make_thread(folder: Path, n_proposals: int = 9) -> Path:
    folder.mkdir()
    for place in range(n_proposals):
        value = {"iteration_id": f"i_v{place}", "title": f"Song {place}", "bpm": 90 + place, "key": "A# minor"}
        (folder / f"i_v{place}.yml").write_text(json.dumps(value | {"tempo": "4/4", "rainbow_color": "R"}))
    return folder


def test_from_thread_to_constraints(whitelight: Run, tmp_path: Path) -> None:
    thread = make_thread(tmp_path / "thread")
    dry = whitelight("ideas", "shrinkwrap", thread, "--out", tmp_path / "ideas", "--dry-run", "--json")
    assert dry.code == 0
    assert dry.value["threads"][0]["written"] == 9
    assert not (tmp_path / "ideas").exists()
    wrapped = whitelight("ideas", "shrinkwrap", thread, "--out", tmp_path / "ideas")
    assert wrapped.code == 0
    assert "thread: 9 files, 9 iterations, 9 written" in wrapped.out
    assert "next: whitelight ideas feedback" in wrapped.err
    told = whitelight("ideas", "feedback", tmp_path / "ideas", "--out", tmp_path / "ideas", "--json")
    assert told.code == 0
    assert told.value["avoid_keys"][0]["key"] == "Bb minor"
    assert (tmp_path / "ideas/prompt.md").is_file()
    again = whitelight("ideas", "feedback", tmp_path / "ideas", "--out", tmp_path / "ideas")
    assert again.code == 0
    assert "keys: 0.00 bits" in again.out


def test_mistakes_are_one_clear_line(whitelight: Run, tmp_path: Path) -> None:
    assert "no such folder" in whitelight("ideas", "shrinkwrap", tmp_path / "no", "--out", tmp_path / "o").error
    thread = make_thread(tmp_path / "thread", 1)
    assert "lie in each other" in whitelight("ideas", "shrinkwrap", thread, "--out", thread / "o").error
    (tmp_path / "constraints.yml").write_text("avoid_keys: [C]\n")
    assert "changed by hand" in whitelight("ideas", "feedback", thread, "--out", tmp_path).error
    (thread / "link").symlink_to(thread / "i_v0.yml")
    assert whitelight("ideas", "shrinkwrap", thread, "--out", tmp_path / "o").code == 1
