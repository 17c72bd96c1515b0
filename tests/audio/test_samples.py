"""Cutting without gaps, mixing without surprises."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import Audio, AudioError, mix, slice_samples


@settings(max_examples=100, deadline=None)
@given(
    edges=st.lists(st.floats(0, 1), min_size=1, max_size=20).map(sorted), rate=st.sampled_from([1, 8000, 22050, 44100])
)
def test_neighbors_meet_exactly(edges: list[float], rate: int) -> None:
    audio = Audio(np.arange(rate, dtype=np.float32) / rate, rate)
    cuts = [0.0, *edges, 1.0]
    parts = [slice_samples(audio, start, end) for start, end in pairwise(cuts)]
    assert np.array_equal(np.concatenate(parts), audio.samples)


def test_a_slice_is_a_view_of_rounded_edges() -> None:
    audio = Audio(np.arange(100, dtype=np.float32) / 100, 10)
    part = slice_samples(audio, 1.26, 2.04)
    assert part[:, 0].tolist() == audio.samples[13:20, 0].tolist()
    assert part.base is not None
    assert audio.slice_s(1.26, 2.04).duration_s == 0.7
    assert len(slice_samples(audio, 9.5, 99.0)) == 5  # what lies past the end is not there
    assert len(slice_samples(audio, 20.0, 21.0)) == 0


@pytest.mark.parametrize(("start", "end"), [(2.0, 1.0), (-1.0, 1.0), (0.0, float("nan")), (0.0, float("inf"))])
def test_backward_slices_are_refused(start: float, end: float) -> None:
    with pytest.raises(AudioError, match="expected 0 ≤ start ≤ end"):
        slice_samples(Audio(np.zeros(10), 10), start, end)


def test_audio_checks_its_shape_and_cannot_be_written_to() -> None:
    audio = Audio(np.zeros((4, 2)), 8000, 16)
    assert (audio.n_samples, audio.n_channels, audio.duration_s) == (4, 2, 0.0005)
    assert audio.samples.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        audio.samples[0] = 1
    with pytest.raises(AudioError, match=r"shape \(2, 9\): expected \(n_samples, n_channels\) of 1 to 8"):
        Audio(np.zeros((2, 9)), 8000)
    with pytest.raises(AudioError, match="0 Hz"):
        Audio(np.zeros(2), 0)


def test_mono_is_the_mean_of_the_channels() -> None:
    assert Audio(np.array([[0.5, 0.25], [-1, 1]]), 8000).mono().samples.tolist() == [[0.375], [0.0]]


def test_mix_adds_and_pads(make: Any) -> None:
    long, short = make.music(1.0, 2), make.music(0.5, 1, seed=1)
    mixed = mix([Audio(long, 44100, 16), Audio(short, 44100, 24)])
    assert mixed.problems == ()
    assert mixed.bits == 24
    assert np.allclose(mixed.samples[: len(short)], long[: len(short)] + short)
    assert np.array_equal(mixed.samples[len(short) :], long[len(short) :])


def test_mix_that_clips_is_turned_down_and_said() -> None:
    loud = Audio(np.array([0.8, -0.2]), 8000)
    mixed = mix([loud, loud])
    assert np.allclose(mixed.samples[:, 0], [1.0, -0.25])
    assert mixed.samples.max() < 1
    assert mixed.problems == ("the sum of 2 recordings was turned down by 4.1 dB: it clipped",)


def test_mix_of_one_is_itself_and_of_none_or_unlike_ones_refused() -> None:
    one = Audio(np.zeros(5), 8000)
    assert mix([one]) is one
    for parts in ([], [one, Audio(np.zeros(5), 44100)], [Audio(np.zeros((5, 2)), 8000), Audio(np.zeros((5, 3)), 8000)]):
        with pytest.raises(AudioError, match="expected some, of one sample rate"):
            mix(parts)
