import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.catalog.timecode import ENCODINGS
from whitelight.dataset.positions import SmpteClock, beat_position
from whitelight.music import TempoMap


@pytest.mark.parametrize(
    ("encoding", "seconds", "text", "fps"),
    [
        ("FFS@25", 62.05, "00:01:02:01.20", 25.0),
        ("ms", 3600.02, "01:00:00:00.40", 25.0),
        ("", 0.0, "00:00:00:00.00", 25.0),
        ("0FF@24", 10.5, "00:00:10:12.00", 24.0),
        ("0FF@30", 10.5, "00:00:10:15.00", 30.0),
        ("FFS@29.97", 1.001, "00:00:01:00.00", 29.97),
        ("0FF@23.976", 60.06, "00:01:00:00.00", 23.976),
        ("0FF@29.97df", 60.06, "00:01:00;02.00", 29.97),  # 1800 frames: numbers 0 and 1 of the minute are skipped
        ("0FF@29.97df", 600.0 - 0.0006, "00:10:00;00.00", 29.97),  # and in step with the clock after ten minutes
        ("0FF@25", 0.9999999, "00:00:01:00.00", 25.0),
    ],
)
def test_time_code_of_a_song(encoding, seconds, text, fps):
    clock = SmpteClock.of(encoding)
    assert (clock.text(seconds), clock.frames_per_second) == (text, fps)


@given(st.sampled_from(sorted(ENCODINGS)), st.floats(0, 86_000))
def test_a_time_code_reads_back_within_half_a_subframe(encoding, seconds):
    clock = SmpteClock.of(encoding)
    assert abs(clock.seconds(clock.text(seconds)) - seconds) <= 0.5005 / 80 / clock.encoding.frame_rate * 1.001 + 1e-9


def test_beats_of_midi_follow_its_tempo(tools):
    piece = tools.piece([60], 16)
    assert beat_position(tools.song(tempo_bpm=90.0), piece, 3.0) == 6.0
    changing = TempoMap(480, (0, 960), (500_000, 1_000_000))
    slow = type(piece)(480, changing, midi_tracks=piece.midi_tracks)
    assert [beat_position(tools.song(), slow, s) for s in (1.0, 1.5, 2.0)] == [2.0, 2.5, 3.0]
    assert beat_position(tools.song(), slow, 1.5001) == pytest.approx(2.5001, abs=1e-6)


def test_beats_without_midi_are_the_manifests_or_unknown(tools):
    assert beat_position(tools.song(tempo_bpm=90.0), None, 2.0) == 3.0
    assert beat_position(tools.song(tempo_bpm=None), None, 2.0) is None
