"""Encoders by name keep the protocol."""

import pytest

from whitelight.encoders import ENCODERS, Encoder, UnknownEncoderError, make_encoder
from whitelight.encoders.protocol import fingerprint_of


@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_every_encoder_keeps_the_protocol(name, make_piece):
    encoder = make_encoder(name)
    assert isinstance(encoder, Encoder)
    assert encoder.name == name
    batch = ["a text"] if encoder.modality == "text" else [make_piece([(0, 480, 60, 64)])]
    found = encoder.encode(batch)
    assert found.dtype == "float32"
    assert found.reshape(1, -1).shape == (1, encoder.dim)
    assert encoder.fingerprint() == make_encoder(name).fingerprint()


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(
        UnknownEncoderError, match="'clap' is not known; choose one of descriptors, hashed-ngrams, roll"
    ):
        make_encoder("clap")


def test_any_change_of_the_definition_changes_the_fingerprint():
    base = ("n", "1", 3, {"p": 1}, ("a", "b", "c"))
    changes = [("m", *base[1:]), ("n", "2", *base[2:]), (*base[:2], 4, *base[3:]), (*base[:3], {"p": 2}, base[4])]
    changes.append((*base[:4], ("a", "c", "b")))
    assert len({fingerprint_of(*definition) for definition in [base, *changes]}) == 6
