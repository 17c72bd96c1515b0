"""How long the studio takes: from the command to the page, the list of songs, and a stage until it can be painted.

    python benchmarks/studio.py SONG [--candidates 50 1000] [--songs 1 10 100]

SONG is a production folder; it is copied, its candidates are multiplied. Cold is a new process that has read nothing.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

FIRST_ROLLS = 12
REPEATS = 3


@dataclass
class Open:
    """A running studio."""

    base: str
    opener: OpenerDirector
    page_s: float
    process: "subprocess.Popen[str]"

    def get(self, path: str) -> tuple[float, Any]:
        """Ask for a document; return how long it took, and the document."""
        start = time.perf_counter()
        with self.opener.open(self.base + path) as answer:
            data = answer.read()
        return time.perf_counter() - start, json.loads(data)


@contextmanager
def studio(folder: Path) -> Iterator[Open]:
    start = time.perf_counter()
    command = [sys.executable, "-m", "whitelight", "studio", str(folder), "--no-open", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    text = ""
    while not text.rstrip().endswith("}"):
        text += process.stdout.readline()
    address = json.loads(text)["address"]
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    with opener.open(address) as answer:
        answer.read()
    try:
        yield Open(address.split("?")[0], opener, time.perf_counter() - start, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        process.stdout.close()


def multiplied(song: Path, target: Path, stage: str, n: int) -> None:
    """Copy a song, its stage grown to `n` candidates, every one a file of its own."""
    shutil.copytree(song, target)
    review = target / stage / "review.yml"
    head, *entries = review.read_text().split("\n  - id: ")
    grown = []
    for number in range(n):
        name, rest = entries[number % len(entries)].split("\n", 1)
        new = name if number < len(entries) else f"{name}-{number:04x}"
        grown.append(f"{new}\n{rest}".replace(f"candidates/{name}.mid", f"candidates/{new}.mid").rstrip("\n"))
        source = target / stage / "candidates" / f"{name}.mid"
        if new != name and source.exists():
            shutil.copy(source, source.with_name(f"{new}.mid"))
    review.write_text("\n  - id: ".join([head, *grown]) + "\n")


def least(values: list[float]) -> float:
    return min(values)


def stage_row(song: Path, stage: str, n: int) -> tuple[str, ...]:
    """Page, stage document and first rolls of a stage of `n` candidates, in a process that has read nothing."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "songs"
        root.mkdir()
        multiplied(song, root / "song", stage, n)
        cold, warm, rolls, pages, size = [], [], [], [], 0
        for _ in range(REPEATS):
            with studio(root) as opened:
                pages.append(opened.page_s)
                _, library = opened.get("api/songs")  # the page asks for the list first
                path = f"api/songs/{library['songs'][0]['id']}/stages/{stage}"
                first_s, document = opened.get(path)
                cold.append(first_s)
                ids = "&".join(f"id={one['id']}" for one in document["candidates"][:FIRST_ROLLS])
                rolls.append(opened.get(f"{path}/rolls?{ids}")[0])
                warm.append(opened.get(path)[0])
                size = len(json.dumps(document))
                assert len(document["candidates"]) == n
        return (
            f"{stage}, {n:,} candidates",
            f"{least(pages):.2f}",
            f"{least(cold):.3f}",
            f"{least(rolls):.3f}",
            f"{least(warm):.3f}",
            f"{size / 1e6:.2f}",
        )


def songs_row(song: Path, n: int) -> tuple[str, ...]:
    """The list of `n` songs, first and again."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "songs"
        for number in range(n):
            shutil.copytree(song, root / f"song_{number:03d}", ignore=shutil.ignore_patterns("*.wav", "candidates"))
        pages, cold, warm = [], [], []
        for _ in range(REPEATS):
            with studio(root) as opened:
                pages.append(opened.page_s)
                first_s, library = opened.get("api/songs")
                assert len(library["songs"]) == n
                cold.append(first_s)
                warm.append(opened.get("api/songs")[0])
        return f"{n} songs", f"{least(pages):.2f}", f"{least(cold):.2f}", f"{least(warm):.3f}"


def show(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        print(
            "  ".join(
                cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("song", type=Path)
    parser.add_argument("--stage", default="melody")
    parser.add_argument("--candidates", type=int, nargs="*", default=[50, 1000])
    parser.add_argument("--songs", type=int, nargs="*", default=[1, 10, 100])
    asked = parser.parse_args()
    rows = [songs_row(asked.song, n) for n in asked.songs]
    show(("", "command to page s", "list first s", "list again s"), rows)
    print()
    rows = [stage_row(asked.song, asked.stage, n) for n in asked.candidates]
    show(("", "command to page s", "stage first s", f"{FIRST_ROLLS} rolls s", "stage again s", "MB"), rows)


if __name__ == "__main__":
    main()
