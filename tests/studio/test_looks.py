"""Lists and drawings of the page, asked without a browser: filters, order, windows, texts, contrast. Needs node."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ESBUILD = ROOT / "web" / "node_modules" / "esbuild" / "bin" / "esbuild"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("node") is None or not ESBUILD.is_file(), reason="needs node and web/node_modules"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    bundle = tmp_path_factory.mktemp("looks") / "checks.cjs"
    source = Path(__file__).with_name("looks_checks.ts")
    command = [str(ESBUILD), str(source), "--bundle", "--platform=node", f"--outfile={bundle}", "--log-level=error"]
    subprocess.run(command, check=True, cwd=ROOT / "web")
    done = subprocess.run(["node", str(bundle)], check=True, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


def test_filters_keep_the_order_of_the_file(page):
    assert page["shown"] == ["pqrs", "pr", "r", "p", "pqrs", "p", "q"]  # blind: "kept" would tell, and filters nothing


def test_sorting_puts_the_strongest_first_and_the_unknown_last(page):
    assert page["order"] == ["pqrs", "rpsq", "srpq"]


def test_only_rows_near_the_viewport_exist(page):
    assert page["top"] == {"first": 0, "last": 8}
    assert page["end"] == {"first": 992, "last": 999}
    assert page["none"]["last"] < page["none"]["first"]
    assert page["middle"] == [3, 4, 2, 5]


def test_scrolling_moves_no_more_than_a_row_needs(page):
    assert page["scroll"] == [0, 504, 296, 400]


def test_keys_shade_the_right_rows(page):
    assert page["tonic"] == [9, 6, 10, 4, None]
    assert page["scale"] == [0, 2, 4, 5, 7, 9, 11]


def test_a_click_finds_the_tick_that_was_drawn(page):
    assert page["there_and_back"] == pytest.approx(1234)


def test_rolls_are_told_in_words(page):
    melody, drums = page["text"]
    assert melody == "2 bars of 4/4, 2 notes, D4 to A4, chords Em Am, sung: kitchen light"
    assert drums == "2 bars of 4/4, hat 1, perc 1, kick 2"
    assert page["sung"] == "kitchen light"


def test_every_drum_has_a_lane(page):
    assert page["lanes"] == ["kick", "snare", "hat", "toms", "ride", "crash", "perc"]
    assert page["hits"] == [["hat", 1], ["perc", 1], ["kick", 2]]


def test_every_color_can_be_seen_on_light_and_dark(page):
    assert page["least"] >= 3.9  # 4 but for rounding to whole parts
