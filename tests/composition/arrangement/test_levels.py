"""Levels: stated once at the start of a track, and as the documentation says."""

import re
from pathlib import Path

from whitelight.composition.arrangement.levels import LEVELS, leveled, volume_of
from whitelight.music import Controls, MidiTrack


def test_volume_counts_by_its_square() -> None:
    assert [volume_of(gain_db) for gain_db in (0.0, -12.04, 24.0, -200.0)] == [100, 50, 127, 0]


def test_what_a_part_said_of_its_level_is_taken_out_and_its_pedal_stays() -> None:
    controls = Controls.from_rows([(0, 7, 20), (0, 10, 0), (0, 64, 127), (96, 7, 90)])
    rows = leveled(MidiTrack("Chords", controls=controls), -6.0, 1.0).controls
    found = list(zip(rows.tick.tolist(), rows.number.tolist(), rows.value.tolist(), strict=True))
    assert found == [(0, 7, volume_of(-6.0)), (0, 10, 127), (0, 64, 127)]


def test_the_documentation_states_them(repository: Path) -> None:
    text = (repository / "docs" / "exports.md").read_text().split("<!-- levels -->")[1].split("<!-- end -->")[0]
    stated = re.findall(r"\| (\w+) \| ([−\d.]+) \| ([−\d.]+) \|", text)
    found = {stage: (float(level.replace("−", "-")), float(pan.replace("−", "-"))) for stage, level, pan in stated}
    assert found == {stage: (level.gain_db, level.pan) for stage, level in LEVELS.items()}
