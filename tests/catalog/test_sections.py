from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.sections import Lengths, Row, arrange_sections, decide_duration
from whitelight.catalog.song import Section
from whitelight.catalog.timecode import TimeCode


def code(seconds: float) -> TimeCode:
    return TimeCode(f"<{seconds}>", "ms", seconds, 1.0)


def rows(*spans: tuple[float | None, float | None]) -> list[Row]:
    return [
        Row(i, f"s{i}", "other", None if a is None else code(a), None if b is None else code(b))
        for i, (a, b) in enumerate(spans)
    ]


def arrange(spans: list[Row], duration_s: float, beat_s: float | None = None) -> tuple[tuple[Section, ...], list[str]]:
    log = ProblemLog("x.yml")
    return arrange_sections(spans, duration_s, beat_s, log), [problem.code for problem in log.problems]


def spans_of(sections: tuple[Section, ...]) -> list[tuple[float, float]]:
    return [(round(section.start_s, 4), round(section.end_s, 4)) for section in sections]


def duration(spans: list[Row], **lengths: float | TimeCode | None) -> tuple[float, list[str]]:
    log = ProblemLog("x.yml")
    return decide_duration(spans, Lengths(**lengths), log), [problem.code for problem in log.problems]


def test_an_end_and_a_start_one_unit_apart_are_one_boundary_in_their_middle() -> None:
    sections, codes = arrange(rows((0, 9.96), (10.0, 20.0)), 20.0)
    assert spans_of(sections) == [(0.0, 9.98), (9.98, 20.0)]
    assert sections[0].end.seconds == 9.96
    assert codes == []


def test_a_backwards_section_ends_where_the_next_one_starts() -> None:
    sections, codes = arrange(rows((0, 10), (10, 4), (20, 30)), 30.0)
    assert spans_of(sections) == [(0, 10), (10, 20), (20, 30)]
    assert codes == ["section-backwards"]


def test_two_sections_of_one_start_share_the_stretch_on_a_beat() -> None:
    sections, codes = arrange(rows((0, 10), (10.001, 10.0), (10.001, 20.3)), 20.3, beat_s=0.5)
    assert spans_of(sections)[1:] == [(10.0005, 15.0), (15.0, 20.3)]
    assert codes == ["section-backwards"]


def test_a_last_section_without_room_keeps_its_name_and_no_length() -> None:
    sections, codes = arrange(rows((0, 20), (20.005, 20.0)), 20.0)
    assert len(sections) == 2
    assert sections[1].start_s == sections[1].end_s == 20.0
    assert codes == ["section-backwards"]


def test_overlaps_order_and_ends_are_repaired_and_said() -> None:
    sections, codes = arrange(rows((10, 25), (0, 10), (20, 40)), 30.0)
    assert spans_of(sections) == [(0, 10), (10, 20), (20, 30)]
    assert codes == ["section-order", "section-overlap", "section-past-end"]


def test_unreadable_times_come_from_the_neighbors() -> None:
    sections, codes = arrange(rows((0, None), (10, 20), (None, None)), 30.0)
    assert spans_of(sections) == [(0, 10), (10, 20), (20, 30)]
    assert codes == ["section-time"] * 3
    assert sections[2].end.encoding == "repaired"


def test_a_gap_is_kept_and_mentioned() -> None:
    sections, codes = arrange(rows((0, 10), (15, 20)), 20.0)
    assert spans_of(sections) == [(0, 10), (15, 20)]
    assert codes == ["section-gap"]


def test_sections_shorter_than_a_seam_stay_in_order() -> None:
    sections, _ = arrange(rows((0, 0.03), (0, 0.03), (0, 1), (0.03, 1)), 1.0)
    assert [section.start_s for section in sections] == sorted(section.start_s for section in sections)


times = st.floats(-5, 300, allow_nan=False)


@given(st.lists(st.tuples(st.none() | times.map(abs), st.none() | times.map(abs)), max_size=9), st.floats(0.5, 320))
def test_whatever_a_file_says_sections_follow_each_other_inside_the_song(
    spans: list[tuple[float | None, float | None]], duration_s: float
) -> None:
    sections, _ = arrange(rows(*spans), duration_s, 0.5)
    assert len(sections) == len(spans)
    for section in sections:
        assert 0 <= section.start_s <= section.end_s <= duration_s + 1e-9
    for one, other in pairwise(sections):
        assert one.start_s <= other.start_s
        assert one.end_s <= other.start_s + 0.0425


def test_the_running_time_holds_when_it_agrees() -> None:
    assert duration(rows((0, 60)), running_time=code(60.5)) == (60.5, [])


def test_audio_is_the_truth() -> None:
    assert duration(rows((0, 60)), running_time=code(61), audio_s=75.0) == (75.0, ["running-time-wrong"])


def test_a_running_time_before_the_sections_loses() -> None:
    assert duration(rows((0, 91.3)), running_time=code(61.3)) == (91.3, ["running-time-wrong"])


def test_a_last_end_that_lost_its_minute_gets_the_earliest_one_that_fits() -> None:
    found, codes = duration(rows((0, 120), (120, 3.35)), running_time=code(3.35))
    assert found == pytest.approx(123.35)
    assert codes == ["running-time-wrong"]


def test_a_running_time_after_the_sections_holds_and_is_mentioned() -> None:
    assert duration(rows((0, 200)), running_time=code(260)) == (260, ["sections-end-early"])


def test_without_a_running_time_the_contents_say() -> None:
    assert duration(rows((0, 60))) == (60, ["running-time-missing"])
    assert duration([], midi_s=12.5) == (12.5, ["running-time-missing"])
    assert duration([]) == (0.0, ["running-time-missing"])
