"""Listening in a browser: the sound's own clock, level and peak say whether something is heard."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
Open = Callable[..., "Page"]
Until = Callable[..., Any]
METER = "window.whitelightPlayer.meter()"
STATE = "window.whitelightPlayer.state.value"


def stage(page: "Page", name: str, until: Until) -> None:
    page.get_by_role("link", name="Kitchen Light").first.click()
    page.get_by_test_id(f"stage-tab-{name}").click()
    page.wait_for_selector("[data-id]")
    until(lambda: page.evaluate(f"window.whitelightPlayer && {STATE}.ready"), "ready to sound")


def levels(page: "Page", n: int = 20) -> list[dict[str, float]]:
    found = []
    for _ in range(n):
        page.wait_for_timeout(60)
        found.append(page.evaluate(METER))
    return found


def test_a_candidate_sounds_in_context_and_never_clips(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    stage(page, "melody", until)
    page.keyboard.press(" ")
    until(lambda: page.evaluate(f"{METER}.rms > 0.003"), "something is heard")
    heard = levels(page)
    assert heard[-1]["clock_s"] > heard[0]["clock_s"] + 0.5
    assert max(one["peak"] for one in heard) < 1.0
    scene = page.evaluate(f"{STATE}.scene.common.map((part) => part.stage)")
    assert {"chords", "drums", "bass"} <= set(scene)
    position = page.evaluate("window.whitelightPlayer.position()")
    page.wait_for_timeout(200)
    assert page.evaluate("window.whitelightPlayer.position()") != position
    page.keyboard.press(" ")
    until(lambda: page.evaluate(f"{METER}.rms < 0.0005"), "silence")


def test_muting_every_stage_is_silence(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    stage(page, "bass", until)
    page.keyboard.press(" ")
    until(lambda: page.evaluate(f"{METER}.rms > 0.003"), "something is heard")
    for button in page.locator("[data-testid^=mute-]").all():
        button.click()
    until(lambda: page.evaluate(f"{METER}.rms < 0.0005"), "silence")


def test_next_candidate_goes_on_with_the_beat(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    stage(page, "chords", until)
    page.keyboard.press(" ")
    until(lambda: page.evaluate(f"{METER}.rms > 0.003"), "something is heard")
    before = page.evaluate("[window.whitelightPlayer.position(), window.whitelightPlayer.state.value.scene.id]")
    page.keyboard.press("j")
    until(lambda: page.evaluate(f"{STATE}.scene.id") != before[1], "another scene")
    after = page.evaluate("[window.whitelightPlayer.position(), window.whitelightPlayer.state.value.scene.end_tick]")
    assert (after[0] - before[0]) % after[1] < after[1] / 2  # it did not begin anew
    assert page.evaluate(f"{STATE}.playing")


def test_two_candidates_are_compared_without_losing_the_beat(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    stage(page, "drums", until)
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("Shift+X")
    page.get_by_test_id("compare-view").wait_for()
    page.get_by_test_id("compare-play").click()
    until(lambda: page.evaluate(f"{METER}.rms > 0.003"), "something is heard")
    page.keyboard.press("2")
    until(lambda: page.evaluate(f"{STATE}.choice === 1"), "B is heard")
    assert page.evaluate(f"{STATE}.playing")
    until(lambda: page.evaluate(f"{METER}.rms > 0.003"), "something is heard")


def test_tempo_and_seeking(songs: Path, open_studio: Open, until: Until) -> None:
    page = open_studio(songs)
    stage(page, "chords", until)
    page.keyboard.press(" ")
    until(lambda: page.evaluate(f"{METER}.rms > 0.003"), "something is heard")
    page.get_by_test_id("tempo").fill("150")
    assert page.evaluate(f"{STATE}.tempo_scale") == pytest.approx(1.5)
    until(lambda: page.evaluate(f"{METER}.rms > 0.003"), "something is heard")
