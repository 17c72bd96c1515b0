"""Judging in a browser: keys, marks, undo, blind mode, notes, promotion, and an editor beside it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from whitelight.composition.decisions import read_decisions
from whitelight.files import load_yaml

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
Open = Callable[..., "Page"]
Until = Callable[..., Any]


def review(songs: Path, stage: str = "chords") -> Path:
    return songs / "kitchen-light" / stage / "review.yml"


def entry(songs: Path, name: str, stage: str = "chords") -> dict[str, Any]:
    found = load_yaml(review(songs, stage))["candidates"]
    return next(dict(item) for item in found if item["id"] == name)


def go(page: "Page", stage: str, title: str = "Kitchen Light") -> list[str]:
    """Open a stage of a song through its card; return the ids in view."""
    page.get_by_role("link", name=title).first.click()
    page.get_by_test_id(f"stage-tab-{stage}").click()
    page.locator(f"main[aria-label$=', {stage}'] [data-id]").nth(1).wait_for()  # not those of the stage it came from
    return page.eval_on_selector_all("[data-id]", "found => found.map((one) => one.dataset.id)")


def select(page: "Page", name: str) -> None:
    page.locator(f"[data-id='{name}'] h3").click()


def test_a_decision_is_one_key_and_can_be_taken_back(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    first, *_ = go(page, "chords")
    select(page, first)
    before = review(songs).read_bytes()
    page.keyboard.press("a")
    assert until(lambda: entry(songs, first)["status"] == "approved", "approved")
    assert entry(songs, first)["label"]  # a free one, so that promotion will not refuse it
    page.keyboard.press("4")
    until(lambda: entry(songs, first)["rating"] == 4, "four stars")
    page.keyboard.press("z")
    until(lambda: entry(songs, first)["rating"] is None, "stars taken back")
    page.keyboard.press("z")
    until(lambda: review(songs).read_bytes() == before, "the file as it was")
    page.keyboard.press("Shift+Z")
    until(lambda: entry(songs, first)["status"] == "approved", "approved again")


def test_notes_labels_and_wishes_reach_the_file(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    first, *_ = go(page, "bass")
    select(page, first)
    page.keyboard.press("n")
    page.keyboard.type('too busy: "half" of it <b>would</b> do # really')
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    until(lambda: entry(songs, first, "bass").get("wish") == "more", "wished for")
    until(lambda: entry(songs, first, "bass")["notes"], "noted")
    assert entry(songs, first, "bass")["notes"] == 'too busy: "half" of it <b>would</b> do # really'
    page.reload()
    page.wait_for_selector(f"[data-id='{first}']")
    select(page, first)
    assert page.locator(f"textarea[data-testid='notes-{first}']").input_value().endswith("# really")
    assert page.locator("b", has_text="would").count() == 0  # text, not markup


def test_blind_mode_hides_scores_and_says_so_in_the_record(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    ids = go(page, "melody")
    assert page.locator("[data-id]").first.get_by_text("match").count()
    page.keyboard.press("b")
    page.wait_for_selector(".hidden-scores")
    shown = page.eval_on_selector_all("[data-id]", "found => found.map((one) => one.dataset.id)")
    blind = shown[0]
    assert set(shown) <= set(ids) | set(load_ids(songs, "melody"))
    assert not page.locator(f"[data-id='{blind}']").get_by_text("match").count()
    select(page, blind)
    page.keyboard.press("5")
    until(lambda: entry(songs, blind, "melody").get("blind") is True, "marked blind")
    page.wait_for_selector(f"[data-id='{blind}'] :text('match')")  # judged: revealed
    records = until(lambda: [r for r in read_decisions(songs / "kitchen-light") if r["id"] == blind], "on record")
    assert records[-1]["blind"] is True


def load_ids(songs: Path, stage: str) -> list[str]:
    return [item["id"] for item in load_yaml(review(songs, stage))["candidates"]]


def test_an_editor_beside_the_page_loses_nothing(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    first, second, *_ = go(page, "chords")
    path = review(songs)
    text = path.read_text()
    head, rest = text.split(f"- id: {second}\n", 1)
    path.write_text(f"# mine\n{head}- id: {second}\n" + rest.replace("rating:", "rating: 2  # hm", 1))
    select(page, first)
    page.keyboard.press("r")
    until(lambda: entry(songs, first)["status"] == "rejected", "rejected")
    assert path.read_text().startswith("# mine\n")
    assert "rating: 2  # hm" in path.read_text()
    page.wait_for_selector(f"[data-id='{second}'] [data-testid='star-{second}-2'][aria-checked='true'], "
                           f"[data-id='{second}'] [data-testid='star-{second}-2'][aria-pressed='true']")  # fmt: skip


def test_a_mark_on_something_changed_meanwhile_asks_first(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    first, *_ = go(page, "chords")
    select(page, first)
    page.route(re.compile(r"/stages/chords$"), lambda route: route.abort())  # the page cannot look again
    path = review(songs)
    head, rest = path.read_text().split(f"- id: {first}\n", 1)
    path.write_text(f"{head}- id: {first}\n" + rest.replace("rating:", "rating: 1", 1))
    page.keyboard.press("5")
    dialog = page.get_by_test_id("conflict")
    dialog.wait_for()
    assert entry(songs, first)["rating"] == 1
    page.get_by_test_id("use-mine").click()
    until(lambda: entry(songs, first)["rating"] == 5, "mine after being asked")


def test_promotion_shows_what_it_copies_and_can_be_undone(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    first, *_ = go(page, "harmony")
    select(page, first)
    page.keyboard.press("l")
    page.keyboard.type("z")
    page.keyboard.press("Enter")
    until(lambda: entry(songs, first, "harmony")["label"] == "z", "labelled")
    select(page, first)
    page.keyboard.press("a")
    until(lambda: entry(songs, first, "harmony")["status"] == "approved", "approved")
    page.keyboard.press("p")
    page.get_by_test_id("promote-dialog").get_by_text("_z.mid").first.wait_for()
    page.get_by_test_id("promote-confirm").click()
    section = entry(songs, first, "harmony")["section"]
    file = songs / "kitchen-light" / "harmony" / "approved" / f"{section}_z.mid"
    until(file.exists, "promoted")
    page.get_by_test_id("promote-done").click()
    page.get_by_test_id("undo").click()
    until(lambda: not file.exists(), "promotion undone")


def test_the_cheat_sheet_lists_the_keys(songs: Path, open_studio: Open) -> None:
    page = open_studio(songs)
    go(page, "chords")
    page.keyboard.press("?")
    sheet = page.get_by_test_id("cheat-sheet")
    sheet.wait_for()
    assert sheet.get_by_text("Blind mode").count()
    page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")


def test_read_only_shows_everything_and_writes_nothing(songs: Path, open_studio: Open) -> None:
    before = {path: path.read_bytes() for path in songs.rglob("*") if path.is_file()}
    page = open_studio(songs, "--read-only")
    first, *_ = go(page, "chords")
    assert page.get_by_test_id(f"approve-{first}").is_disabled()
    select(page, first)
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert {path: path.read_bytes() for path in songs.rglob("*") if path.is_file()} == before


def test_two_pages_at_once_lose_nothing(songs: Path, open_studio: Open, until: Until) -> None:
    one = open_studio(songs)
    address = one.evaluate("location.href").split("#")[0]
    two = one.context.new_page()
    two.goto(address)
    ids = go(one, "drums")
    go(two, "drums")
    for page, name, key in ((one, ids[0], "a"), (two, ids[1], "r"), (one, ids[1], "3"), (two, ids[0], "2")):
        select(page, name)
        page.keyboard.press(key)
    until(lambda: entry(songs, ids[0], "drums")["rating"] == 2 and entry(songs, ids[1], "drums")["rating"] == 3, "all")
    assert entry(songs, ids[0], "drums")["status"] == "approved"
    assert entry(songs, ids[1], "drums")["status"] == "rejected"
