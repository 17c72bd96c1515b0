"""Pictures of every view of the studio, in both themes, for docs/studio.md.

    python benchmarks/studio_pictures.py SONGS --model MODEL --out docs/images

SONGS is a folder of finished songs, such as that of ``whitelight demo``; it is copied first. Needs Chromium and playwright.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZE = {"width": 1280, "height": 860}


def address_of(process: "subprocess.Popen[str]") -> str:
    """Read where the studio was opened."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("}"):
            return str(json.loads(said)["address"])
    raise SystemExit("the studio did not start")


def stage(page: "Page", name: str) -> None:
    page.get_by_test_id(f"stage-tab-{name}").click()
    page.wait_for_selector("[data-id]")
    page.wait_for_timeout(1500)


def walk(page: "Page", picture: str) -> None:
    """Go through every view and take its picture."""

    def shot(view: str) -> None:
        page.screenshot(path=picture.format(view=view))

    page.wait_for_selector("[data-testid^=song-card]")
    page.wait_for_timeout(500)
    shot("songs")
    page.locator("[data-testid^=song-card] a").first.click()
    for name in ("chords", "drums", "bass", "melody", "harmony", "lyrics"):
        stage(page, name)
        shot(name)
    stage(page, "chords")
    page.keyboard.press("w")
    page.wait_for_timeout(4000)
    shot("why")
    page.keyboard.press("w")
    for key in ("x", "j", "x", "Shift+X"):
        page.keyboard.press(key)
    page.wait_for_timeout(2000)
    shot("compare")
    for _ in range(2):
        page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_timeout(600)
    page.keyboard.press("p")
    page.wait_for_timeout(1000)
    shot("promote")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_timeout(400)
    shot("keys")
    page.keyboard.press("Escape")
    page.get_by_test_id("stage-tab-arrangement").click()
    page.wait_for_timeout(4000)
    shot("arrangement")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("songs", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    options.out.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            songs = shutil.copytree(options.songs, Path(folder) / theme)
            command = [sys.executable, "-m", "whitelight", "studio", str(songs), "--no-open", "--json"]
            process = subprocess.Popen([*command, "--model", str(options.model)], stdout=subprocess.PIPE, text=True)
            try:
                page = browser.new_context(viewport=SIZE, color_scheme=theme).new_page()
                page.goto(address_of(process))
                walk(page, str(options.out / f"studio-{{view}}-{theme}.png"))
            finally:
                process.terminate()
                process.wait(20)
                time.sleep(0.2)
        browser.close()


if __name__ == "__main__":
    main()
