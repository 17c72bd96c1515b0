"""Hashed text vectors: unit length, the same everywhere, close for close texts."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.encoders.text import TextEncoder, words_of

ENCODER = TextEncoder()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_vectors_are_finite_and_of_length_one_or_zero(text):
    vector = ENCODER.encode([text])[0]
    assert vector.dtype == np.float32
    length = float(np.linalg.norm(vector))
    assert length == pytest.approx(1, abs=1e-5) if words_of(text) else length == 0


def test_near_texts_are_nearer_than_far_ones():
    a, b, c = ENCODER.encode(["the river breathing slowly", "slow breath of rivers", "machines count money"])
    assert a @ b > 0.25
    assert a @ c < 0.15


def test_spelling_that_looks_alike_is_alike():
    found = ENCODER.encode(["don\u2019t STOP caf\u00e9", "Don't stop cafe\u0301", "\uff44on't st\uff4fp café"])
    assert np.allclose(found, found[0])


def test_same_in_another_process():
    code = "from whitelight.encoders.text import TextEncoder; print(TextEncoder().encode(['blue hours'])[0].tobytes().hex())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert found == ENCODER.encode(["blue hours"])[0].tobytes().hex()


def test_dimension_and_batch():
    assert TextEncoder(384).encode(["a b", ""]).shape == (2, 384)
    assert TextEncoder(384).fingerprint() != ENCODER.fingerprint()
    texts = ["one line", "another line", ""]
    alone = np.concatenate([ENCODER.encode([text]) for text in texts])
    assert np.array_equal(ENCODER.encode(texts), alone)
    assert ENCODER.encode([]).shape == (0, 512)


def test_spread_on_real_lyrics(shared_data):
    import re

    lines = set()
    for file in sorted(shared_data.glob("earthlyframes/*/*.lrc")):
        lines |= {re.sub(r"\[.*?\]", "", line).strip() for line in file.read_text("utf-8-sig").splitlines()}
    vectors = ENCODER.encode(sorted(lines - {""}))
    cosines = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    assert cosines.mean() < 0.06
    assert np.quantile(cosines, 0.99) < 0.5
