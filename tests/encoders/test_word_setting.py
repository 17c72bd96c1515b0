"""Words on a melody: what a singer would call a good setting measures as one."""

import numpy as np
import pytest

from whitelight.encoders.word_setting import SETTING, measure_setting
from whitelight.music import Notes

TICKS = 480
TEXT = "the river and the stone\nthe morning and the bone"  # weak and strong in turn


def melody(n: int, *, strong_on_beat: bool) -> Notes:
    """Syllables in turn short before the beat and long on it, or the other way about."""
    start = TICKS // 2 if strong_on_beat else 0
    rows = []
    for k in range(n):
        is_on_beat = (start + k * TICKS // 2) % TICKS == 0
        rows.append((start + k * TICKS // 2, TICKS // 2 if is_on_beat else TICKS // 4, 60 + 2 * is_on_beat, 80))
    return Notes.from_rows(rows)


def test_a_good_setting_and_a_bad_one() -> None:
    good = measure_setting(TEXT, melody(12, strong_on_beat=True), TICKS)
    bad = measure_setting(TEXT, melody(12, strong_on_beat=False), TICKS)
    assert good is not None
    assert bad is not None
    assert tuple(good) == SETTING
    assert good["notes per syllable"] == 0
    assert good["strong syllables on beats"] > 0.5 > -0.5 > bad["strong syllables on beats"]
    assert good["strong syllables on longer notes"] > 0 > bad["strong syllables on longer notes"]
    assert good["strong syllables on higher notes"] > 0 > bad["strong syllables on higher notes"]


def test_melismas_chords_and_nothing() -> None:
    twice = measure_setting(TEXT, melody(24, strong_on_beat=True), TICKS)
    assert twice is not None
    assert twice["notes per syllable"] == pytest.approx(np.log(2))
    chord = Notes.from_rows([(0, 480, 60, 80), (0, 480, 67, 80)])
    alone = measure_setting("stone", chord, TICKS)
    assert alone is not None
    assert alone["notes per syllable"] == 0
    assert measure_setting("", chord, TICKS) is None
    assert measure_setting("stone", Notes.from_rows([]), TICKS) is None
