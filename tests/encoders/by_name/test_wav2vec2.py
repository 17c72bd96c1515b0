"""Wav2Vec2: 16 kHz, the mean over valid frames, for models that take a mask and for those that hear padding."""

from itertools import pairwise

import numpy as np
import pytest
import soxr

from whitelight.audio import Audio
from whitelight.encoders import make_encoder
from whitelight.encoders.by_name import wav2vec2
from whitelight.encoders.options import UnusableModelError

RATE = 16_000
DIM = 12


def write(folder, transformers, norm):
    import torch

    torch.manual_seed(2)
    config = transformers.Wav2Vec2Config(
        hidden_size=DIM,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=[8] * 7,
        feat_extract_norm=norm,
        do_stable_layer_norm=norm == "layer",
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
    )
    transformers.Wav2Vec2Model(config).save_pretrained(folder)
    front = transformers.Wav2Vec2FeatureExtractor(return_attention_mask=norm == "layer", do_normalize=True)
    front.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["group", "layer"])
def folder(request, tmp_path_factory, transformers):
    return write(tmp_path_factory.mktemp("models") / f"tiny-{request.param}", transformers, request.param)


@pytest.fixture(scope="module")
def by_hand(folder, transformers):
    """Run the model on one recording alone and return its frames, [frames, dim]."""
    import torch

    model = transformers.Wav2Vec2Model.from_pretrained(folder).eval()

    def run(samples):
        scaled = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
        with torch.inference_mode():
            return model(torch.tensor(scaled[None])).last_hidden_state[0].numpy()

    return run


def test_a_vector_is_the_mean_over_frames(folder, by_hand, make_sound):
    encoder = make_encoder(f"wav2vec2:{folder}")
    sound = make_sound(0, 1.3, RATE)
    found = encoder.encode([sound])
    assert found.dtype == np.float32
    assert found.shape == (1, DIM) == (1, encoder.dim)
    assert np.abs(found[0] - by_hand(sound.samples[:, 0]).mean(axis=0)).max() < 1e-5


def test_padding_does_not_change_a_result(folder, make_sound):
    encoder = make_encoder(f"wav2vec2:{folder}")
    sounds = [make_sound(k, duration_s, RATE) for k, duration_s in enumerate((0.3, 2.0, 0.9, 2.0, 1.1))]
    alone = np.concatenate([encoder.encode([sound]) for sound in sounds])
    assert np.abs(encoder.encode(sounds) - alone).max() < 2e-5
    assert np.abs(encoder.encode(sounds[::-1])[::-1] - alone).max() < 2e-5
    assert np.abs(alone[1] - alone[3]).max() > 1e-3


def test_a_long_recording_is_read_whole_in_parts(folder, by_hand, make_sound, monkeypatch):
    monkeypatch.setattr(wav2vec2, "PART_S", 1.0)
    encoder = make_encoder(f"wav2vec2:{folder}")
    sound = make_sound(5, 2.5, RATE)
    samples = sound.samples[:, 0]
    edges = [0, 13_333, 26_667, 40_000]
    frames = [by_hand(samples[a:b]) for a, b in pairwise(edges)]
    found = encoder.encode([sound, make_sound(6, 0.4, RATE)])
    assert np.abs(found[0] - np.concatenate(frames).mean(axis=0)).max() < 2e-5


def test_other_rates_are_resampled_and_channels_mixed(folder, by_hand, make_sound):
    encoder = make_encoder(f"wav2vec2:{folder}")
    sound = make_sound(7, 1.0, 44_100, n_channels=2)
    mixed = sound.samples.mean(axis=1)
    expected = by_hand(soxr.resample(mixed, 44_100, RATE)).mean(axis=0)
    assert np.abs(encoder.encode([sound])[0] - expected).max() < 1e-4
    assert np.abs(by_hand(mixed).mean(axis=0) - expected).max() > 1e-3


def test_silence_has_no_vector(folder, make_sound):
    found = make_encoder(f"wav2vec2:{folder}").encode(
        [Audio(np.zeros((RATE, 1), np.float32), RATE), make_sound(0, 0.5, RATE)]
    )
    assert (np.abs(found).max(axis=1) > 0).tolist() == [False, True]


def test_a_model_for_another_rate_is_refused(folder, tmp_path, make_sound):
    import json
    import shutil

    shutil.copytree(folder, tmp_path / "telephone")
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (tmp_path / "telephone" / "preprocessor_config.json").write_text(json.dumps(settings | {"sampling_rate": 8000}))
    with pytest.raises(UnusableModelError, match="the model in telephone hears 8000 Hz, expected 16000"):
        make_encoder(f"wav2vec2:{tmp_path / 'telephone'}").encode([make_sound(0, 0.5, RATE)])
