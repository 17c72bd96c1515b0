"""Hearing in several processes says the same as in one, and says so when one of them is gone."""

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from whitelight.encoders import DescriptorEncoder
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi
from whitelight.scoring import listening
from whitelight.scoring.listening import WORTH_SHARING, Listener, ListenerError, hear, shares


def song(seed: int, n_notes: int = 1500) -> bytes:
    rng = np.random.default_rng(seed)
    onset, pitch = np.sort(rng.integers(0, 60_000, n_notes)), rng.integers(30, 90, n_notes)
    rows = zip(onset.tolist(), [200] * n_notes, pitch.tolist(), rng.integers(1, 128, n_notes).tolist(), strict=True)
    return write_midi(Piece(480, TempoMap.constant(97), midi_tracks=(MidiTrack(notes=Notes.from_rows(rows)),)))


@pytest.fixture(scope="module")
def songs() -> list[bytes]:
    files = [song(seed) for seed in range(24)]
    assert sum(map(len, files)) > WORTH_SHARING
    return [*files[:3], b"no music", *files[3:], b"", song(99, 0)]


@pytest.fixture
def two() -> Iterator[Listener]:
    listener = Listener(jobs=2)
    listener.wait()
    yield listener
    listener.close()


def test_two_processes_hear_what_one_hears_to_the_last_bit(two: Listener, songs: list[bytes]) -> None:
    alone, shared = hear(songs, DescriptorEncoder()), two.hear(songs)
    assert (shared.descriptors == alone.descriptors).all()
    assert shared.read.tolist() == alone.read.tolist()
    assert shared.problems == alone.problems
    assert [i for i, problem in enumerate(alone.problems) if problem] == [3, 25, 26]
    assert alone.problems[26] == listening.SILENT


def test_shares_are_alike_and_little_is_not_shared() -> None:
    sources = [bytes(WORTH_SHARING // 8)] * 16
    assert shares(sources, 2) == [slice(0, 8), slice(8, 16)]
    assert shares(sources[:4], 2) == [slice(0, 4)]
    assert shares([bytes(WORTH_SHARING), b"a", b"b"], 3)[0] == slice(0, 1)
    assert shares([], 2) == [slice(0, 0)]
    for n in (1, 2, 3, 5):
        stretches = shares(sources[:11], n)
        assert [i for stretch in stretches for i in range(*stretch.indices(11))] == list(range(11))


def test_a_process_that_was_ended_is_named_and_the_next_batch_is_heard_without_it(
    two: Listener, songs: list[bytes]
) -> None:
    os.kill(two.process_ids[0], signal.SIGKILL)
    with pytest.raises(ListenerError, match=r"was ended from outside .*score it again"):
        two.hear(songs)
    assert len(two.hear(songs).read) == 25


def test_what_a_batch_that_failed_had_asked_is_not_taken_for_an_answer(
    two: Listener, songs: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(listening, "hear", interrupted)
        with pytest.raises(KeyboardInterrupt):
            two.hear(songs)
    turned = songs[::-1]
    assert (two.hear(turned).descriptors == hear(turned, DescriptorEncoder()).descriptors).all()


def test_less_than_this_process_cannot_hear() -> None:
    with pytest.raises(ListenerError, match="jobs is 0; expected 1"):
        Listener(jobs=0)
