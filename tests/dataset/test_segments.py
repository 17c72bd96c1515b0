from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.catalog.song import LyricLine, Section
from whitelight.catalog.timecode import TimeCode
from whitelight.dataset.bars import BarLines, bar_lines
from whitelight.dataset.segments import MAX_S, OVERLAP_S, Policy, PolicyError, covered_s, cut_song
from whitelight.dataset.sung_lines import LINE_S, MIN_S, sung_lines


def rules(segments):
    return [(s.start_s, s.end_s, s.rule) for s in segments]


SECONDS = st.floats(-20, 400, allow_nan=False)
POLICIES = st.sampled_from(["lines", "sections", "bars:1", "bars:4", "bars:64", "whole"])


@st.composite
def songs(draw, make_song):
    def stamp(seconds):
        return TimeCode("raw", "ms", seconds, 1.0)

    edges = draw(st.lists(st.tuples(SECONDS, SECONDS), max_size=8))
    sections = tuple(Section(f"S{i}", "verse", stamp(a), stamp(b), a, b) for i, (a, b) in enumerate(edges))
    starts = draw(st.lists(SECONDS, max_size=30))
    lines = tuple(LyricLine(s, None, f"l{i}", "raw") for i, s in enumerate(starts))
    duration = draw(st.one_of(st.floats(0.01, 400), st.just(0.0)))
    return make_song(
        sections=sections, lyric_lines=lines, duration_s=duration, tempo_bpm=draw(st.sampled_from([None, 60.0, 173.3]))
    )


@settings(deadline=None, max_examples=250)
@given(data=st.data(), policy=POLICIES)
def test_whatever_the_song_says_the_segments_cover_it_and_nothing_else(tools, data, policy):
    song = data.draw(songs(tools.song))
    end_s = song.duration_s
    segments = cut_song(song, Policy.parse(policy), end_s, bar_lines(song, None, end_s) if end_s else None)
    if round(end_s, 6) <= 0:
        assert segments == ()
        return
    assert [s.index for s in segments] == list(range(len(segments)))
    assert all(0 <= s.start_s < s.end_s <= end_s + 5e-7 for s in segments)
    assert covered_s((s.start_s, s.end_s) for s in segments) == pytest.approx(end_s, abs=2e-6)
    assert all(s.rule.startswith(policy) for s in segments)
    if policy == "whole":
        assert len(segments) == 1
        return
    assert all(s.duration_s <= MAX_S + 1e-5 for s in segments)
    if not policy.startswith("bars"):
        assert all(s.duration_s >= MIN_S - 1e-5 for s in segments) or len(segments) == 1
    starts = [s.start_s for s in segments]
    assert starts == sorted(starts)
    for a, b in pairwise(segments):
        overlap = OVERLAP_S if a.rule.endswith(":split") and b.rule == a.rule and b.start_s < a.end_s else 0.0
        assert a.end_s - b.start_s == pytest.approx(overlap, abs=1e-5)


def test_lines_and_what_lies_between_them(tools):
    song = tools.song(
        sections=(tools.section("Intro", 0, 10), tools.section("Verse 1", 10, 26), tools.section("Solo", 26, 40)),
        lyric_lines=tools.lines(12.0, 16.0, 20.0),
        duration_s=44.0,
    )
    segments = cut_song(song, Policy.parse("lines"), 44.0)
    assert rules(segments) == [
        (0.0, 10.0, "lines:gap"),
        (10.0, 12.0, "lines:gap"),
        (12.0, 16.0, "lines:line"),
        (16.0, 20.0, "lines:line"),
        (20.0, 26.0, "lines:line"),  # sung to the end of its section, not through the solo
        (26.0, 40.0, "lines:gap"),
        (40.0, 44.0, "lines:gap"),
    ]
    assert [s.lyric_text for s in segments] == ["", "", "line 0", "line 1", "line 2", "", ""]
    assert [s.section for s in segments] == ["Intro", "Verse 1", "Verse 1", "Verse 1", "Verse 1", "Solo", ""]


def test_short_stretches_are_joined_and_keep_their_words(tools):
    song = tools.song(lyric_lines=tools.lines(0.5, 1.5, 4.0, 9.0), duration_s=10.0)
    segments = cut_song(song, Policy.parse("lines"), 10.0)
    assert rules(segments) == [(0.0, 4.0, "lines:line"), (4.0, 10.0, "lines:line")]
    assert [s.lyric_text for s in segments] == ["line 0\nline 1", "line 2\nline 3"]


def test_lines_of_one_stamp_are_one_and_lines_past_the_end_are_none(tools):
    song = tools.song(lyric_lines=tools.lines(5.0, 5.0, 70.0), duration_s=20.0)
    assert [(line.start_s, line.text) for line in sung_lines(song, 20.0)] == [(5.0, "line 0\nline 1")]


def test_without_lyrics_sections_and_what_they_leave_out(tools):
    song = tools.song(sections=(tools.section("Verse", 5, 20), tools.section("Chorus", 18, 30)), duration_s=36.0)
    assert rules(cut_song(song, Policy.parse("lines"), 36.0)) == [
        (0.0, 5.0, "lines:gap"),
        (5.0, 18.0, "lines:section"),
        (18.0, 30.0, "lines:section"),
        (30.0, 36.0, "lines:gap"),
    ]


def test_long_stretches_are_split_evenly_with_an_overlap(tools):
    segments = cut_song(tools.song(duration_s=86.0), Policy.parse("sections"), 86.0)
    assert rules(segments) == [
        (0.0, 30.0, "sections:song:split"),
        (28.0, 58.0, "sections:song:split"),
        (56.0, 86.0, "sections:song:split"),
    ]
    whole = cut_song(tools.song(duration_s=86.0), Policy.parse("whole"), 86.0)
    assert rules(whole) == [(0.0, 86.0, "whole")]


def test_bars_by_the_manifest_and_by_midi(tools):
    song = tools.song(duration_s=17.0)
    by_manifest = cut_song(song, Policy.parse("bars:4"), 17.0, bar_lines(song, None, 17.0))
    assert rules(by_manifest) == [(0.0, 8.0, "bars:4"), (8.0, 17.0, "bars:4")]  # a rest of 1 s joins the last
    piece = tools.piece([60], 34, tempo_bpm=60)
    assert rules(cut_song(song, Policy.parse("bars:2"), 17.0, bar_lines(song, piece, 17.0))) == [
        (0.0, 8.0, "bars:2"),
        (8.0, 17.0, "bars:2"),
    ]
    unknown = tools.song(duration_s=17.0, tempo_bpm=None, sections=(tools.section("All", 0, 17),))
    assert bar_lines(unknown, None, 17.0) is None
    assert rules(cut_song(unknown, Policy.parse("bars:4"), 17.0)) == [(0.0, 17.0, "bars:4:section")]


def test_bars_of_odd_meters_and_bar_positions(tools):
    from whitelight.music import Meter

    song = tools.song(tempo_bpm=150.0, meter=Meter(18, 32), duration_s=9.0)
    lines = bar_lines(song, None, 9.0)
    assert lines is not None
    assert np.diff(lines.start_s) == pytest.approx(0.9)  # 2.25 quarters of 0.4 s
    assert lines.position(0.9 * 2.5) == pytest.approx(2.5)
    absurd = tools.song(meter=Meter(1, 9999), duration_s=600.0)
    assert bar_lines(absurd, None, 600.0) is None
    assert BarLines(np.array([0.0, 2.0])).position(1.0) == 0.5


@pytest.mark.parametrize("text", ["bars", "bars:0", "bars:-1", "line", "", "bars:4.5"])
def test_an_unknown_policy_says_what_there_is(text):
    with pytest.raises(PolicyError, match="expected lines, sections, bars:N"):
        Policy.parse(text)


def test_every_real_song_is_covered(shared_data):
    from whitelight.catalog import read_catalog

    catalog = read_catalog(shared_data / "earthlyframes")
    assert len(catalog.songs) == 61
    for song in catalog.songs:
        segments = cut_song(song, Policy.parse("lines"), song.duration_s)
        assert segments, song.song_id
        assert all(0 <= s.start_s < s.end_s <= song.duration_s + 1e-6 for s in segments), song.song_id
        assert covered_s((s.start_s, s.end_s) for s in segments) >= 0.95 * song.duration_s, song.song_id
        sung = [line for line in song.lyric_lines if 0 <= line.start_s < song.duration_s and line.text.strip()]
        texts = "\n".join(s.lyric_text for s in segments)
        assert all(line.text in texts for line in sung), song.song_id


def test_a_line_before_a_solo_does_not_last_through_it(tools):
    song = tools.song(
        sections=(tools.section("Chorus", 0, 12), tools.section("Solo", 12, 60)),
        lyric_lines=tools.lines(0.0, 8.0, 58.0),
        duration_s=60.0,
    )
    assert [(line.start_s, line.end_s) for line in sung_lines(song, 60.0)] == [(0, 8), (8, 12), (58, 60)]
    without_sections = tools.song(lyric_lines=tools.lines(0.0, 8.0, 58.0), duration_s=60.0)
    assert [line.end_s for line in sung_lines(without_sections, 60.0)] == [8.0, 8.0 + LINE_S, 60.0]
