"""Encoders by name keep the protocol."""

import numpy as np
import pytest

from whitelight.audio import Audio
from whitelight.encoders import ENCODERS, Encoder, UnknownEncoderError, make_encoder
from whitelight.encoders.options import EncoderOptionError
from whitelight.encoders.protocol import fingerprint_of

OFFLINE = {"descriptors", "roll", "hashed-ngrams", "prosody", "audio-statistics"}
OTHERS = {"minilm", "deberta", "clap", "clap-text", "wav2vec2"}


def test_all_encoders_are_found_by_the_names_of_their_files():
    assert set(ENCODERS) == OFFLINE | OTHERS


@pytest.mark.parametrize("name", sorted(OFFLINE))
def test_every_encoder_keeps_the_protocol(name, make_piece):
    encoder = make_encoder(name)
    assert isinstance(encoder, Encoder)
    assert encoder.name == name
    sound = Audio(np.sin(np.arange(8000, dtype=np.float32) / 20) / 2, 8000)
    given = {"text": "a text", "audio": sound, "midi": make_piece([(0, 480, 60, 64)])}[encoder.modality]
    found = encoder.encode([given])
    assert found.dtype == "float32"
    assert found.reshape(1, -1).shape == (1, encoder.dim)
    assert encoder.fingerprint() == make_encoder(name).fingerprint()
    with pytest.raises(EncoderOptionError, match=f"'{name}:x' names a model"):
        make_encoder(f"{name}:x")


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_an_encoder_with_a_model_says_what_it_is_before_the_model_is_looked_for(name):
    encoder = make_encoder(name)
    assert (encoder.name, encoder.version) == (name, "1")
    assert encoder.modality in {"text", "audio"}


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownEncoderError, match="'clop' is not known; choose one of audio-statistics, clap, clap-te"):
        make_encoder("clop:laion/larger_clap_music")


def test_any_change_of_the_definition_changes_the_fingerprint():
    base = ("n", "1", 3, {"p": 1}, ("a", "b", "c"))
    changes = [("m", *base[1:]), ("n", "2", *base[2:]), (*base[:2], 4, *base[3:]), (*base[:3], {"p": 2}, base[4])]
    changes.append((*base[:4], ("a", "c", "b")))
    assert len({fingerprint_of(*definition) for definition in [base, *changes]}) == 6
