"""Encoders by name keep the protocol."""

import subprocess
import sys

import numpy as np
import pytest

from whitelight.audio import Audio
from whitelight.encoders import ENCODERS, Encoder, UnknownEncoderError, make_encoder, separation, sound
from whitelight.encoders.by_name import clap, deberta, wav2vec2
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


CODE = """
import sys
import subprocess
import sys

import numpy as np
import whitelight.encoders
from whitelight.audio import Audio
from whitelight.encoders import ENCODERS, make_encoder
made = {name: make_encoder(name) for name in ENCODERS}
made["audio-statistics"].encode([Audio(np.sin(np.arange(8000, dtype=np.float32) / 20) / 2, 8000)])
made["hashed-ngrams"].encode(["a text"])
heavy = {"torch", "transformers", "librosa", "scipy", "onnx", "onnxruntime", "tokenizers", "sklearn", "huggingface_hub"}
print(sorted(heavy & set(sys.modules)))
"""


def test_making_every_encoder_and_running_the_offline_ones_loads_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_page_of_encoders_says_what_the_code_does(repository):
    page = (repository / "docs" / "encoders.md").read_text()
    table = page.partition("<!-- encoders -->")[2].partition("<!-- end -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    assert {row[0].strip("`") for row in rows} == set(ENCODERS)
    reads = {"MIDI": "midi", "text": "text", "audio": "audio"}
    for name, kind, numbers, needs, _ in ([row[0].strip("`"), *row[1:]] for row in rows):
        encoder = make_encoder(name)
        assert encoder.modality == reads[kind], name
        assert (needs == "–") == (name in OFFLINE), name
        if name in OFFLINE:
            assert f"{encoder.dim:,}" == numbers, name
    for default in (clap.DEFAULT, deberta.DEFAULT, wav2vec2.DEFAULT):
        assert f"`{default}`" in page
    for fact in (
        f"windows of exactly {clap.WINDOW_S:.0f} s",
        f"at most {wav2vec2.PART_S:.0f} s, whose frames",
        f"under {1000 * sound.MIN_DURATION_S:.0f} ms, or RMS under −{-sound.SILENCE_DBFS:.0f} dBFS",
        f"share of {separation.N_SHUFFLES} shuffles",
        f"is above\n{separation.SIGNIFICANT}. Below",
    ):
        assert fact in page, fact
