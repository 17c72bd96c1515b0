"""A real browser before a real server: songs composed here, a scorer trained here, Chromium driven by playwright."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from whitelight.composition.form import SectionPlan
from whitelight.composition.new_song import new_song, plain_form
from whitelight.composition.section_search import Effort

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FORM = plain_form((SectionPlan("verse", "verse", 4, 0.4), SectionPlan("chorus", "chorus", 4, 0.7)))
SMALL = Effort(n_candidates=8, n_generations=1, n_keep=6, n_written=8)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Song:
    """What `new_song` asks of a proposal."""

    title: str
    iteration_id: str
    class_name: str = "Q1"
    tempo_bpm: float = 120.0
    concept: str = "a light that counts"

    meter = musical_key = None
    mood: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@pytest.fixture(scope="session")
def studio_model(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scorer of a few seconds; it did not pass its gate, so the studio is opened with --force."""
    from whitelight.training import train_fusion

    dataset = tiny.write_tiny_dataset(tmp_path_factory.mktemp("tiny"), songs_per_class=2)
    return Path(train_fusion(dataset, tmp_path_factory.mktemp("model") / "model", settings=tiny.SETTINGS).out)


@pytest.fixture(scope="session")
def composed(studio_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one song of all six stages and one that is only begun."""
    from whitelight.composition.automatic import compose_song
    from whitelight.scoring import ChromaticScorer

    scorer = ChromaticScorer(studio_model)
    songs = tmp_path_factory.mktemp("studio") / "songs"
    for title in ("Kitchen Light", "Small Hours"):
        new_song(
            Song(title, title), songs / title.lower().replace(" ", "-"), seed=1, form=FORM, ontology=scorer.ontology
        )
    compose_song(songs / "kitchen-light", scorer=scorer, effort=SMALL, force=True, jobs=1)
    return songs


@pytest.fixture
def songs(composed: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(composed, tmp_path / "songs"))


@dataclass(frozen=True)
class Served:
    """A studio that runs: its address with the token, and its process."""

    address: str
    process: "subprocess.Popen[str]"


def _address(process: "subprocess.Popen[str]") -> str:
    """Read the JSON it prints when it answers requests."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("}"):
            return str(json.loads(said)["address"])
    raise AssertionError(process.communicate(timeout=5)[1])


@contextmanager
def serve(folder: Path, *options: object) -> Iterator[Served]:
    """`whitelight studio` as people start it."""
    command = [sys.executable, "-m", "whitelight", "studio", str(folder), "--no-open", "--json", *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield Served(_address(process), process)
    finally:
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
        assert "Traceback" not in complaints, complaints


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """Debian's Chromium, without a window; sound needs no gesture."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine; .ci/browser installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--autoplay-policy=no-user-gesture-required", "--no-sandbox"]
        )
        yield browser
        browser.close()


Open = Callable[..., "Page"]
Until = Callable[..., Any]


@pytest.fixture
def until() -> Until:
    """Wait until something is so, and return it: the disk or the page follow what was pressed a little later."""

    def wait(is_so: Callable[[], Any], what: str, seconds: float = 15.0) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := is_so():
                return found
            time.sleep(0.05)
        pytest.fail(f"not within {seconds} s: {what}")

    return wait


@pytest.fixture
def open_studio(chromium: "Browser", studio_model: Path) -> Iterator[Open]:
    """Open a page on a folder; whatever the page complains of, or asks of the world outside, fails the test."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        problems: list[str] = []

        def open_(folder: Path, *options: object, address: str | None = None, theme: str = "light") -> "Page":
            where = address or stack.enter_context(serve(folder, "--model", studio_model, "--force", *options)).address
            context = chromium.new_context(viewport={"width": 1280, "height": 860}, color_scheme=theme)  # type: ignore[arg-type]  # a literal
            stack.callback(context.close)
            context.set_default_timeout(15_000)
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            own = where.split("?")[0]
            page.on(
                "request",
                lambda request: (
                    problems.append(request.url) if not request.url.startswith((own, "data:", "blob:")) else None
                ),
            )
            page.goto(where)
            return page

        yield open_
        assert not problems, problems
