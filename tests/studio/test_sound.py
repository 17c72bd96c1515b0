"""The sound of the page, measured without a browser: loops, tempo, levels, limits. Needs node and web/node_modules."""

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
def heard(tmp_path_factory):
    bundle = tmp_path_factory.mktemp("sound") / "checks.cjs"
    source = Path(__file__).with_name("sound_checks.ts")
    command = [str(ESBUILD), str(source), "--bundle", "--platform=node", f"--outfile={bundle}", "--log-level=error"]
    subprocess.run(command, check=True, cwd=ROOT / "web")
    done = subprocess.run(["node", str(bundle)], check=True, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)


def test_a_loop_repeats_sample_for_sample_without_a_seam(heard):
    assert heard["loop_error"] < 1e-3  # a sample late would be 0.1 and more
    assert heard["seam_step"] < 1.5 * heard["held_step"]
    assert heard["voice_edge"] < 0.1  # a held note's own loop


def test_nothing_leaves_above_the_ceiling(heard):
    assert heard["limited_peak"] <= 0.97001
    assert 0.5 < heard["mix_peak"] <= 0.97001


def test_matched_choices_have_one_loudness(heard):
    quiet, loud = heard["before"]
    assert loud - quiet > 6
    assert abs(heard["after"][0] - heard["after"][1]) < 0.3


def test_tempo_maps_and_tempo_changes_are_kept(heard):
    assert heard["seconds"] == pytest.approx([1.0, 3.0])
    assert heard["ticks"] == pytest.approx(2400)
    assert heard["slow_first"] > 0.1
    assert heard["slow_second"] > 0.05
    assert heard["slow_gap"] < 0.2 * heard["slow_second"]


def test_a_mute_is_silent_within_30_ms(heard):
    assert heard["muted_before"] > 0.01
    assert heard["muted_after"] == 0


def test_a_closed_hat_stops_the_open_one(heard):
    assert heard["choked"] < 0.3 * heard["open"]


def test_the_same_notes_give_the_same_samples(heard):
    assert heard["same"] == heard["same_sound"] == 0


def test_every_program_and_every_drum_sounds(heard):
    assert heard["families"]
    assert heard["drums"]
    assert heard["dry"] > 0.05
    assert (heard["ended"], heard["missed"]) == (False, 0)
