import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.catalog.lrc import LyricSheet, parse_lrc, place_lines
from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.song import LyricLine
from whitelight.catalog.timecode import ENCODINGS, Stamp, TimeCode


def read(text: str) -> tuple[LyricSheet, tuple[LyricLine, ...], list[str]]:
    log = ProblemLog("x.lrc", text)
    sheet = parse_lrc(text, log)
    lines, _ = place_lines(sheet, as_milliseconds, log)
    return sheet, lines, [problem.code for problem in log.problems]


def as_milliseconds(stamp: Stamp) -> TimeCode:
    return TimeCode(stamp.raw, "ms", ENCODINGS["ms"].seconds(stamp), 1.0)


def times(text: str) -> list[tuple[float, float | None, str]]:
    return [(round(line.start_s, 3), line.end_s, line.text) for line in read(text)[1]]


def test_text_on_the_same_line_and_on_the_next_read_alike() -> None:
    expected = [(1.5, 3.0, "one"), (3.0, None, "two")]
    assert times("[00:01.500]one\n[00:03.000] two\n") == expected
    assert times("[ti: T]\r\n[00:01.500]\r\none\r\n\r\n[00:03.000]\r\ntwo") == expected


def test_several_stamps_repeat_a_line() -> None:
    assert times("[00:01.000][00:09.000]again\n[00:05.000]once") == [
        (1.0, 5.0, "again"),
        (5.0, 9.0, "once"),
        (9.0, None, "again"),
    ]


def test_tags_are_kept_and_the_offset_moves_lines_earlier() -> None:
    sheet, lines, codes = read("[ti:The Title]\n[AR: Someone]\n[offset:+500]\n[00:02.000]la")
    assert sheet.tags == {"ti": "The Title", "ar": "Someone", "offset": "+500"}
    assert lines[0].start_s == pytest.approx(1.5)
    assert codes == []


def test_a_wrong_offset_is_reported_and_ignored() -> None:
    _, lines, codes = read("[offset:soon]\n[00:02.000]la")
    assert (lines[0].start_s, codes) == (2.0, ["lrc-offset"])


def test_stray_spaces_keep_the_line_and_are_reported_with_their_line_number() -> None:
    log = ProblemLog("x.lrc")
    sheet = parse_lrc("[00:18.086 ]\nfirst\n[1:43.062]\nsecond", log)
    assert [line.text for line in sheet.lines] == ["first", "second"]
    assert [(problem.code, problem.line) for problem in log.problems] == [("lrc-stamp-malformed", 1)]
    assert "[00:18.086]" in log.problems[0].message


def test_a_stamp_that_cannot_be_read_keeps_its_line_between_its_neighbors() -> None:
    _, lines, codes = read("[00:10.000]a\n[0O:12.0x0]b\n[00:20.000]c")
    assert [(line.start_s, line.text) for line in lines] == [(10.0, "a"), (15.0, "b"), (20.0, "c")]
    assert codes == ["lrc-stamp-unreadable"]


def test_a_missing_bracket_is_forgiven() -> None:
    assert times("[00:10.000 a") == [(10.0, None, "a")]


def test_a_stamp_without_text_ends_the_line_before_it() -> None:
    assert times("[00:10.000]a\n[00:14.000]\n[00:20.000]b") == [(10.0, 14.0, "a"), (20.0, None, "b")]


def test_any_order_is_sorted_and_said() -> None:
    _, lines, codes = read("[00:20.000]b\n[00:10.000]a")
    assert [line.text for line in lines] == ["a", "b"]
    assert "lrc-order" in codes


def test_lines_of_one_time_share_their_end() -> None:
    _, lines, codes = read("[00:10.000]a\n[00:10.000]b\n[00:12.000]c")
    assert [line.end_s for line in lines] == [12.0, 12.0, None]
    assert codes == ["lrc-same-time"]


def test_text_without_a_stamp_joins_the_line_before_it() -> None:
    _, lines, codes = read("hello\n[00:10.000]a\nand more\n[00:12.000]b")
    assert [line.text for line in lines] == ["a and more", "b"]
    assert codes == ["lrc-text-without-stamp", "lrc-text-without-stamp"]


def test_word_stamps_are_not_sung() -> None:
    assert times("[00:10.000] <00:10.00> so <00:11.20> it goes") == [(10.0, None, "so it goes")]


def test_a_bracket_with_words_is_text() -> None:
    assert times("[00:10.000][Chorus] la") == [(10.0, None, "[Chorus] la")]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    read(text)


@given(
    st.lists(st.tuples(st.integers(0, 3_000_000), st.text("abc ,'", min_size=1, max_size=20)), min_size=1, max_size=12)
)
def test_what_is_written_is_read_in_order(rows: list[tuple[int, str]]) -> None:
    text = "\n".join(f"[{ms // 60000:02d}:{ms % 60000 / 1000:06.3f}]{words}" for ms, words in rows)
    sung = sorted((ms / 1000, words.strip()) for ms, words in rows if words.strip())
    lines = read(text)[1]
    assert sorted((round(line.start_s, 3), line.text) for line in lines) == sung
    assert all(line.end_s is None or line.end_s > line.start_s for line in lines)


def word_times(text: str) -> list[tuple[str, float, float | None, list[str]]]:
    return [
        (word.text, round(word.start_s, 3), word.end_s, [part.text for part in word.parts])
        for line in read(text)[1]
        for word in line.words
    ]


def test_word_stamps_give_words_their_times() -> None:
    text = (
        "[00:10.000]<00:10.000>la <00:11.000>lo\n[00:12.000] <00:12.000> one <00:12.500> two <00:13.000>\n[00:20.000]x"
    )
    assert times(text)[:2] == [(10.0, 12.0, "la lo"), (12.0, 20.0, "one two")]
    assert word_times(text) == [
        ("la", 10.0, 11.0, ["la"]),
        ("lo", 11.0, 12.0, ["lo"]),
        ("one", 12.0, 12.5, ["one"]),
        ("two", 12.5, 13.0, ["two"]),
    ]


def test_stamps_within_a_word_are_syllables() -> None:
    text = "[00:01.000]oh <00:01.500>hel<00:02.000>lo <00:03.000>you"
    assert [line.text for line in read(text)[1]] == ["oh hello you"]
    assert word_times(text) == [
        ("oh", 1.0, 1.5, ["oh"]),
        ("hello", 1.5, 3.0, ["hel", "lo"]),
        ("you", 3.0, None, ["you"]),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[00:01.000][00:09.000]<00:01.000>la <00:02.000>lo", []),  # which of the two do they time?
        ("[00:01.000]<00:02.000>la <00:01.500>lo", ["lrc-word-stamps"]),
        ("[00:01.000]<00:12.000>la\n[00:05.000]lo", ["lrc-word-stamps"]),
        ("[00:01.000]<9999999:12.000>la", []),
    ],
)
def test_word_times_that_cannot_be_known_are_left_out(text: str, codes: list[str]) -> None:
    assert word_times(text) == []
    assert read(text)[2] == codes
    assert all("<" not in line.text for line in read(text)[1])


def test_the_offset_moves_words_too_and_several_words_of_one_stamp_have_one_time() -> None:
    assert word_times("[offset:500]\n[00:02.000]<00:02.000>la li <00:03.000>lo <00:04.000>") == [
        ("la", 1.5, None, ["la"]),
        ("lo", 2.5, 3.5, ["lo"]),
    ]
