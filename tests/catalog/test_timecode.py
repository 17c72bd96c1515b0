import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.catalog.timecode import ENCODINGS, TimeCodeError, encoding_named, format_stamp, parse_stamp

names = st.sampled_from(sorted(ENCODINGS))


def read(text: str, name: str) -> float:
    stamp = parse_stamp(text)
    assert stamp is not None
    return ENCODINGS[name].seconds(stamp)


@given(names, st.integers(0, 2_000_000))
def test_a_time_on_the_grid_of_an_encoding_survives_writing_and_reading(name: str, count: int) -> None:
    seconds = count * ENCODINGS[name].unit_s()
    assert read(format_stamp(seconds, ENCODINGS[name]), name) == pytest.approx(seconds, abs=1e-7)


@given(names, st.floats(0, 5000))
def test_a_code_stands_for_the_stretch_that_holds_the_time(name: str, seconds: float) -> None:
    start = read(format_stamp(seconds, ENCODINGS[name]), name)
    assert start - 1e-6 <= seconds + 1e-5 * ENCODINGS[name].unit_s()
    assert seconds < start + ENCODINGS[name].unit_s() + 1e-6


@given(names, st.floats(0, 5000))
def test_what_is_written_is_allowed(name: str, seconds: float) -> None:
    stamp = parse_stamp(format_stamp(seconds, ENCODINGS[name]))
    assert stamp is not None
    assert stamp.is_clean
    assert ENCODINGS[name].allows(stamp)


@pytest.mark.parametrize(
    ("text", "name", "seconds"),
    [
        ("[00:14.027]", "ms", 14.027),
        ("[00:14.027]", "FFS@25", 14 + (2 + 7 / 8) / 25),
        ("[00:14.012]", "0FF@25", 14 + 12 / 25),
        ("[00:14.12]", "0FF@25", 14 + 12 / 25),
        ("[00:14.12]", "ms", 14.12),
        ("[00:14.248]", "FFS@25", 15.0),  # one unit past the last: how a start after …247 is written
        ("[00:14.999]", "FFS@25", 15.0),
        ("[00:14.999]", "ms", 14.999),
        ("[00:22.142]", "FFS@29.97", (22 * 30 + 14 + 2 / 8) * 1001 / 30000),
        ("[01:00.002]", "0FF@29.97df", 1800 * 1001 / 30000),  # frames 0 and 1 of minute 1 do not exist
        ("[10:00.000]", "0FF@29.97df", 17982 * 1001 / 30000),  # they do in minute 10
        ("[00:00.297]", "FFS@30", (29 + 7 / 8) / 30),
    ],
)
def test_known_codes(text: str, name: str, seconds: float) -> None:
    assert read(text, name) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "minutes", "seconds", "digits", "is_clean"),
    [
        ("[02:08.221]", 2, 8, "221", True),
        ("[2:08.221]", 2, 8, "221", True),
        ("[00:18.086 ]", 0, 18, "086", False),
        ("[ 00 : 18 . 086]", 0, 18, "086", False),
        ("00:18,086", 0, 18, "086", False),
        ("[01:02:03.04]", 62, 3, "04", False),
        ("[60:43.251]", 60, 43, "251", True),
        ("[00:75.000]", 0, 75, "000", False),
        ("[03:20]", 3, 20, "", False),
        ("[00:18:086]", 0, 18, "086", False),
    ],
)
def test_stamps_as_people_write_them(text: str, minutes: int, seconds: int, digits: str, is_clean: bool) -> None:
    stamp = parse_stamp(text)
    assert stamp is not None
    assert (stamp.minutes, stamp.seconds, stamp.digits, stamp.is_clean) == (minutes, seconds, digits, is_clean)
    assert stamp.raw == text


@pytest.mark.parametrize("text", ["", "chorus", "[00:1x.000]", "12", None, True, float("nan"), -1, [1]])
def test_what_is_no_time_is_none(text: object) -> None:
    assert parse_stamp(text) is None


def test_a_plain_number_is_seconds() -> None:
    assert parse_stamp(185.25) is not None
    assert read("[03:05.250000]", "ms") == pytest.approx(185.25)
    stamp = parse_stamp(185.25)
    assert stamp is not None
    assert ENCODINGS["ms"].seconds(stamp) == pytest.approx(185.25)


def test_digits_out_of_range_are_refused() -> None:
    stray, edge = parse_stamp("[00:01.473]"), parse_stamp("[00:01.025]")
    assert stray is not None
    assert edge is not None
    assert not ENCODINGS["FFS@29.97"].allows(stray)
    assert not ENCODINGS["0FF@25"].allows(stray)
    assert ENCODINGS["0FF@25"].allows(edge)
    assert ENCODINGS["ms"].allows(stray)


def test_an_unknown_encoding_lists_what_there_is() -> None:
    with pytest.raises(TimeCodeError, match="expected one of ms, 0FF@25"):
        encoding_named("frames")
