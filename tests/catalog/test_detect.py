"""Detection on made-up songs of every encoding; the real catalog is in test_check.py."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.catalog.beatgrid import beats_per_line, fit_grid
from whitelight.catalog.detect import Detection, base_prior, decode, detect_encoding, related_prior
from whitelight.catalog.timecode import ENCODINGS, Encoding, Stamp, format_stamp, parse_stamp
from whitelight.music import Meter

FOUR = Meter(4, 4)


def stamps_of(times: np.ndarray, encoding: Encoding) -> list[Stamp]:
    found = [parse_stamp(format_stamp(float(time), encoding)) for time in times]
    assert None not in found
    return [stamp for stamp in found if stamp is not None]


def detect_song(
    rng: np.random.Generator, name: str, n_sections: int, tempo_error: float = 0.0
) -> tuple[Detection, bool]:
    """Return the answer for a song, and whether every boundary is read within one unit and 3 ms of the truth."""
    encoding = ENCODINGS[name]
    tempo = int(rng.integers(60, 200))
    beats = np.cumsum(rng.integers(2, 12, n_sections) * 4)
    times = beats * 60.0 / (tempo + tempo_error)
    off = rng.random(n_sections) < 0.2
    times = np.where(off, times + rng.uniform(-0.3, 0.3, n_sections), times)
    ends = stamps_of(times, encoding)
    starts = stamps_of(times[:-1] + encoding.unit_s(), encoding)
    unique = list({stamp.raw: stamp for stamp in (*starts, *ends)}.values())
    answer = detect_encoding(unique, boundaries=ends, tempo_bpm=tempo, meter=FOUR)
    errors = [abs(answer.encoding.seconds(stamp) - time) for stamp, time in zip(ends, times, strict=True)]
    return answer, max(errors) <= encoding.unit_s() + 0.003


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["FFS@25", "0FF@25", "ms"]), st.integers(0, 10_000), st.integers(6, 14))
def test_common_encodings_are_found(name: str, seed: int, n_sections: int) -> None:
    answer, is_right = detect_song(np.random.default_rng(seed), name, n_sections)
    assert is_right or answer.confidence < 0.95


@pytest.mark.parametrize("name", ["FFS@25", "FFS@29.97", "FFS@29.97df", "FFS@30"])
def test_rates_that_share_their_digits_are_told_apart_by_the_beat(name: str) -> None:
    rng = np.random.default_rng(7)
    assert sum(detect_song(rng, name, 11)[1] for _ in range(12)) >= 11


def test_a_tempo_that_the_manifest_rounds_is_found() -> None:
    answer, is_right = detect_song(np.random.default_rng(3), "0FF@25", 10, tempo_error=-0.44)
    assert is_right
    assert answer.fit is not None
    assert answer.fit.is_convincing


def test_confidence_means_something() -> None:
    """Of answers given with confidence ≥ 0.95 at least 97 % are right, and those below are right less often."""
    rng = np.random.default_rng(1)
    answers = [
        detect_song(
            rng, name, int(rng.integers(2, 13)), tempo_error=float(rng.choice([0.0, 0.0, rng.uniform(-0.5, 0.5)]))
        )
        for name in ("FFS@25", "0FF@25", "FFS@29.97df", "FFS@30", "0FF@30", "ms")
        for _ in range(12)
    ]
    sure = [is_right for answer, is_right in answers if answer.confidence >= 0.95]
    unsure = [is_right for answer, is_right in answers if answer.confidence < 0.8]
    assert len(sure) > 30
    assert np.mean(sure) >= 0.97
    assert unsure
    assert np.mean(unsure) < np.mean(sure)


def test_a_boundary_list_that_ignores_the_beat_is_not_trusted() -> None:
    rng = np.random.default_rng(5)
    ends = stamps_of(np.sort(rng.uniform(5, 200, 9)), ENCODINGS["FFS@25"])
    assert detect_encoding(ends, boundaries=ends, tempo_bpm=100.0, meter=FOUR).confidence < 0.7


def test_one_code_is_not_enough_to_be_sure() -> None:
    (stamp,) = stamps_of(np.array([172.75]), ENCODINGS["FFS@25"])
    assert detect_encoding([stamp]).confidence < 0.7


def test_codes_that_every_encoding_reads_alike_are_no_doubt() -> None:
    ends = [stamp for text in ("[00:32.000]", "[01:20.000]", "[01:52.000]") if (stamp := parse_stamp(text))]
    answer = detect_encoding(ends, boundaries=ends, tempo_bpm=120.0, meter=FOUR)
    assert [answer.encoding.seconds(stamp) for stamp in ends] == pytest.approx([32.0, 80.0, 112.0], abs=0.003)


def test_lyrics_lean_on_their_manifest() -> None:
    stamps = stamps_of(np.arange(10.3, 60.0, 3.17), ENCODINGS["FFS@29.97df"])
    alone = detect_encoding(stamps)
    beside = detect_encoding(stamps, prior=related_prior({"FFS@29.97df": 1.0}))
    assert beside.encoding.name == "FFS@29.97df"
    assert beside.confidence > alone.confidence


def test_priors_sum_to_one() -> None:
    assert sum(base_prior().values()) == pytest.approx(1.0)
    assert sum(related_prior(base_prior()).values()) == pytest.approx(1.0, abs=0.3)


def test_stray_digits_are_read_as_milliseconds_with_little_confidence() -> None:
    detection = Detection(ENCODINGS["FFS@25"], 0.99, {"FFS@25": 1.0})
    stamp, end = parse_stamp("[01:09.933]"), parse_stamp("[01:03.999]")
    assert stamp is not None
    assert end is not None
    code = decode(stamp, detection)
    assert (code.encoding, code.seconds) == ("ms", pytest.approx(69.933))
    assert code.confidence <= 0.3
    assert decode(end, detection).seconds == pytest.approx(64.0)


def test_grid_lines_follow_meters_whose_bars_are_no_whole_quarters() -> None:
    assert [float(beats_per_line(meter)) for meter in (None, FOUR, Meter(6, 8), Meter(5, 8), Meter(18, 32))] == [
        1.0,
        1.0,
        1.0,
        0.5,
        0.25,
    ]


def test_a_grid_that_starts_off_zero_is_found() -> None:
    times = 0.17 + np.cumsum([16, 16, 8, 24, 16, 32]) * 0.5
    fit = fit_grid(times, 0.005, 120.0, FOUR)
    assert fit.n_hits == 6
    assert fit.grid.offset_s == pytest.approx(0.17, abs=0.01)
