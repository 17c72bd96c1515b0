"""Lyrics in a browser: typed by line and by syllable, measured meanwhile, saved, taken back."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
Open = Callable[..., "Page"]


def until(page: "Page", happened: Callable[[], bool]) -> None:
    """Wait in steps: the page's policy forbids what `wait_for_function` does."""
    for _ in range(100):
        if happened():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within 10 s")


def open_words(page: "Page") -> None:
    page.get_by_role("link", name="Kitchen Light").first.click()
    page.get_by_test_id("stage-tab-lyrics").click()
    page.wait_for_selector("[data-id]")
    page.keyboard.press("j")
    page.get_by_test_id("words-text").wait_for()


def test_words_are_typed_measured_saved_and_taken_back(songs: Path, open_studio: Open) -> None:
    page = open_studio(songs)
    open_words(page)
    folder = next(songs.glob("*/lyrics/candidates"))
    before = {path.name for path in folder.iterdir()}
    fit, text = page.get_by_test_id("words-fit"), page.get_by_test_id("words-text")
    shown = fit.inner_text()
    text.fill("oh " * 30)
    until(page, lambda: page.locator(".words-verdict", has_text="too many").count() == 1)
    assert fit.inner_text() != shown
    text.fill("kitchen lamp\nunderstood oh no")
    slot = page.locator(".words-slot input").first
    until(page, lambda: slot.input_value() == "Kit-")
    slot.fill("Chick-")
    until(page, lambda: text.input_value().splitlines()[0] == "Chickchen lamp")
    page.get_by_test_id("words-save").click()
    until(page, lambda: page.get_by_test_id("words-save").is_disabled())
    until(page, lambda: len(list(folder.iterdir())) == len(before) + 2)
    new = {path.name for path in folder.iterdir()} - before
    assert {Path(name).suffix for name in new} == {".mid", ".txt"}
    assert (folder / next(name for name in new if name.endswith(".txt"))).read_text().startswith("Chickchen lamp")
    page.get_by_role("button", name="Undo: new words").click()
    until(page, lambda: {path.name for path in folder.iterdir()} == before)
