"""Composing, arranging and exporting in a browser; a page that was left is found again as it was."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from whitelight.files import load_yaml
from whitelight.music import read_midi

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
Open = Callable[..., "Page"]
Until = Callable[..., Any]


def open_tab(page: "Page", tab: str) -> None:
    page.get_by_role("link", name="Kitchen Light").first.click()
    page.get_by_test_id(f"stage-tab-{tab}").click()


def ids(song: Path, stage: str) -> list[str]:
    return [item["id"] for item in load_yaml(song / stage / "review.yml")["candidates"]]


def test_evolving_to_the_end_adds_children(songs: Path, open_studio: Open, until: Until) -> None:
    page, song = open_studio(songs), songs / "kitchen-light"
    open_tab(page, "bass")
    page.wait_for_selector("[data-id]")
    before = ids(song, "bass")
    page.keyboard.press("+")
    until(lambda: "wish: more" in (song / "bass" / "review.yml").read_text(), "wished for")
    page.keyboard.press("e")
    page.get_by_test_id("search-candidates").fill("6")
    page.get_by_test_id("search-generations").fill("1")
    page.get_by_test_id("evolve-start").click()
    page.wait_for_selector("[data-testid^=job-][data-state=done]", timeout=60_000)
    after = ids(song, "bass")
    assert after[: len(before)] == before
    assert len(after) > len(before)
    until(lambda: f"{len(after)} candidates" in page.get_by_test_id("candidate-count").inner_text(), "shown")


def test_cancelling_leaves_the_review_as_it_was(songs: Path, open_studio: Open, until: Until) -> None:
    page, song = open_studio(songs), songs / "kitchen-light"
    open_tab(page, "melody")
    page.wait_for_selector("[data-id]")
    before = (song / "melody" / "review.yml").read_bytes()
    page.get_by_test_id("regenerate").click()
    page.get_by_test_id("search-candidates").fill("200")
    page.get_by_test_id("search-generations").fill("20")
    page.get_by_test_id("regenerate-start").click()
    page.locator("[data-testid^=cancel-]").first.click()
    page.wait_for_selector("[data-testid^=job-][data-state=cancelled]", timeout=30_000)
    assert (song / "melody" / "review.yml").read_bytes() == before


def test_composing_an_open_stage(songs: Path, open_studio: Open) -> None:
    page, song = open_studio(songs), songs / "small-hours"
    page.get_by_role("link", name="Small Hours").first.click()
    page.get_by_test_id("compose").first.click()
    page.get_by_test_id("search-candidates").fill("6")
    page.get_by_test_id("search-generations").fill("0")
    page.get_by_test_id("compose-start").click()
    page.wait_for_selector("[data-id]", timeout=60_000)
    assert len(ids(song, "chords")) >= 6


def test_an_arrangement_is_reordered_exported_and_found_again(songs: Path, open_studio: Open, until: Until) -> None:
    page, song = open_studio(songs), songs / "kitchen-light"
    open_tab(page, "arrangement")
    block = page.get_by_test_id("block-0")
    block.wait_for()
    names = page.get_by_test_id("blocks").locator("[data-testid^=block-]").all_inner_texts()
    block.click()
    page.get_by_test_id("move-right").click()
    path = song / "arrangement.yml"
    until(lambda: path.exists() and page.get_by_test_id("save-state").get_attribute("data-state") == "saved", "saved")
    blocks = [item["name"] for item in load_yaml(path)["blocks"]]
    assert names[0].startswith(blocks[1])
    page.get_by_test_id("repeat").click()
    until(lambda: len(load_yaml(path)["blocks"]) == len(blocks) + 1, "repeated")
    page.get_by_test_id("undo").click()
    until(lambda: len(load_yaml(path)["blocks"]) == len(blocks), "taken back")

    page.get_by_test_id("export-midi").click()
    page.wait_for_selector("[data-testid=export-item-midi][data-state=done]", timeout=60_000)
    markers = [marker.text for marker in read_midi(song / "song.mid").markers]
    assert markers == blocks
    with page.expect_download() as waiting:
        page.get_by_test_id("download-midi").click()
    assert Path(waiting.value.path()).read_bytes() == (song / "song.mid").read_bytes()

    page.reload()
    page.get_by_test_id("block-0").wait_for()
    assert page.get_by_test_id("block-0").inner_text().startswith(blocks[0])


def test_the_whole_song_is_played_with_a_moving_cursor(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    open_tab(page, "arrangement")
    page.get_by_test_id("block-0").wait_for()
    until(lambda: page.get_by_test_id("song-play").is_enabled(), "the song can be played")
    page.get_by_test_id("song-play").click()
    until(lambda: page.evaluate("window.whitelightPlayer.meter().rms > 0.003"), "the song is heard")
    where = page.get_by_test_id("song-cursor").bounding_box()
    until(lambda: page.get_by_test_id("song-cursor").bounding_box() != where, "the cursor moves")
    peaks = []
    for _ in range(20):
        page.wait_for_timeout(50)
        peaks.append(page.evaluate("window.whitelightPlayer.meter().peak"))
    assert max(peaks) < 1.0


def test_stems_come_as_one_archive(songs: Path, open_studio: Open) -> None:
    page = open_studio(songs)
    open_tab(page, "arrangement")
    page.get_by_test_id("export-stems").click()
    page.wait_for_selector("[data-testid=export-item-stems][data-state=done]", timeout=60_000)
    with page.expect_download() as waiting:
        page.get_by_test_id("download-stems").click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert {"drums.mid", "bass.mid"} <= {Path(name).name for name in archive.namelist()}


def test_markup_in_titles_labels_and_notes_is_text(songs: Path, open_studio: Open) -> None:
    evil = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
    song = songs / "kitchen-light"
    sheet = (song / "song.yml").read_text()
    (song / "song.yml").write_text(re.sub(r"(?m)^title: .*$", f'title: "{evil}"', sheet))
    review = song / "chords" / "review.yml"
    text = review.read_text().replace("notes:", f'notes: "{evil}"', 1).replace("label:", f'label: "{evil}"', 1)
    review.write_text(text)
    page = open_studio(songs)
    page.get_by_text("<img src=x").first.click()
    page.get_by_test_id("stage-tab-chords").click()
    page.wait_for_selector("[data-id]")
    page.wait_for_timeout(500)
    assert "owned" not in page.title().replace(evil, "")
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1


def test_a_thousand_candidates_are_a_few_cards(songs: Path, open_studio: Open, until: Until) -> None:
    song = songs / "kitchen-light"
    review = song / "drums" / "review.yml"
    head, *entries = re.split(r"(?m)^  - id: ", review.read_text())
    many = [f"  - id: {entries[k % len(entries)].replace(chr(10), f'-{k}{chr(10)}', 1)}" for k in range(1000)]
    review.write_text(head + "".join(many))
    page = open_studio(songs)
    open_tab(page, "drums")
    until(lambda: "1000" in page.get_by_test_id("candidate-count").inner_text().replace(",", ""), "all are counted")
    assert page.locator("[data-id]").count() < 40
    seen = set()
    for _ in range(4):
        page.get_by_test_id("candidate-list").evaluate("one => one.scrollTo(0, one.scrollHeight)")
        page.wait_for_timeout(200)
        seen |= set(page.eval_on_selector_all("[data-id]", "found => found.map((one) => one.dataset.id)"))
    assert any(name.endswith("-999") for name in seen)
    assert page.locator("[data-id]").count() < 40
