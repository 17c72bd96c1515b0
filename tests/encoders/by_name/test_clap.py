"""CLAP: 48 kHz, ten seconds at a time, both sides of the model in one space."""

import numpy as np
import pytest
import soxr

from whitelight.audio import Audio
from whitelight.encoders import make_encoder
from whitelight.encoders.by_name import clap

RATE = 48_000
DIM = 8


def write(folder, transformers, *, is_fused):
    import torch

    torch.manual_seed(1)
    config = transformers.ClapConfig(
        text_config={
            "vocab_size": 16,
            "hidden_size": 8,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 8,
            "max_position_embeddings": 18,
            "projection_dim": DIM,
            "pad_token_id": 0,
        },
        audio_config={
            "num_mel_bins": 64,
            "spec_size": 256,
            "hidden_size": 8,
            "patch_embeds_hidden_size": 4,
            "depths": [1, 1],
            "num_attention_heads": [1, 1],
            "num_classes": 2,
            "projection_dim": DIM,
            "enable_fusion": is_fused,
        },
        projection_dim=DIM,
    )
    transformers.ClapModel(config).save_pretrained(folder)
    truncation = "fusion" if is_fused else "rand_trunc"
    transformers.ClapFeatureExtractor(truncation=truncation, padding="repeatpad").save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory, transformers, save_tokenizer):
    path = write(tmp_path_factory.mktemp("models") / "tiny-clap", transformers, is_fused=False)
    save_tokenizer(path, 18)
    return path


@pytest.fixture(scope="module")
def by_hand(folder, transformers):
    """Run the audio side on one recording of at most ten seconds at 48 kHz."""
    import torch

    model = transformers.ClapModel.from_pretrained(folder).eval()
    front = transformers.ClapFeatureExtractor.from_pretrained(folder)

    def run(samples):
        features = front(samples, sampling_rate=RATE, return_tensors="pt")
        with torch.inference_mode():
            return model.get_audio_features(**features).pooler_output[0].numpy()

    return run


def unit(vector):
    return vector / np.linalg.norm(vector)


def test_a_short_recording_is_one_window(folder, by_hand, make_sound):
    encoder = make_encoder(f"clap:{folder}")
    sounds = [make_sound(0, 3.0, RATE), make_sound(1, 10.0, RATE)]
    found = encoder.encode(sounds)
    assert encoder.dim == DIM
    assert found.dtype == np.float32
    for vector, sound in zip(found, sounds, strict=True):
        assert np.abs(vector - unit(by_hand(sound.samples[:, 0]))).max() < 1e-5
    assert np.abs(found[0] - found[1]).max() > 1e-3


def test_a_long_recording_is_heard_whole_and_always_the_same(folder, by_hand, make_sound):
    encoder = make_encoder(f"clap:{folder}")
    sound = make_sound(2, 24.0, RATE)
    samples = sound.samples[:, 0]
    windows = [unit(by_hand(samples[start * RATE : (start + 10) * RATE])) for start in (0, 7, 14)]
    found = encoder.encode([sound])
    assert np.abs(found[0] - unit(np.sum(windows, axis=0))).max() < 1e-5
    assert np.array_equal(encoder.encode([sound]), found)


def test_neighbors_in_the_batch_do_not_matter(folder, make_sound, monkeypatch):
    encoder = make_encoder(f"clap:{folder}")
    sounds = [make_sound(k, duration_s, RATE) for k, duration_s in enumerate((0.2, 11.0, 4.0))]
    together = encoder.encode(sounds)
    assert np.abs(together - np.concatenate([encoder.encode([sound]) for sound in sounds])).max() < 1e-5
    monkeypatch.setattr(clap, "BATCH_WINDOWS", 2)
    assert np.abs(encoder.encode(sounds) - together).max() < 1e-5


def test_other_rates_are_resampled_and_channels_mixed(folder, by_hand, make_sound):
    encoder = make_encoder(f"clap:{folder}")
    slow = make_sound(3, 2.0, 22_050, n_channels=2)
    mixed = slow.samples.mean(axis=1)
    expected = unit(by_hand(soxr.resample(mixed, 22_050, RATE)))
    assert np.abs(encoder.encode([slow])[0] - expected).max() < 1e-5
    wrong = unit(by_hand(mixed))
    assert np.abs(wrong - expected).max() > 1e-3


def test_silence_has_no_vector(folder, make_sound):
    found = make_encoder(f"clap:{folder}").encode(
        [Audio(np.zeros((RATE, 1), np.float32), RATE), make_sound(0, 1.0, RATE)]
    )
    assert np.linalg.norm(found, axis=1).tolist() == pytest.approx([0, 1])


def test_a_fused_model_hears_with_its_own_filters_and_the_same_each_time(tmp_path, transformers, make_sound):
    """Its front end has other mel filters, and marks a random recording of the batch as a long one."""
    import torch

    folder = write(tmp_path / "fused", transformers, is_fused=True)
    encoder = make_encoder(f"clap:{folder}")
    sounds = [make_sound(k, 1.0 + k, RATE) for k in range(3)]
    model = transformers.ClapModel.from_pretrained(folder).eval()
    front = transformers.ClapFeatureExtractor.from_pretrained(folder)
    spectra = front([sound.samples[:, 0] for sound in sounds], sampling_rate=RATE, return_tensors="pt")[
        "input_features"
    ]
    assert spectra.shape[1] == 4
    with torch.inference_mode():
        short = torch.zeros((3, 1), dtype=torch.bool)
        expected = model.get_audio_features(input_features=spectra, is_longer=short).pooler_output.numpy()
        long = model.get_audio_features(input_features=spectra, is_longer=~short).pooler_output.numpy()
    assert np.abs(unit(expected[0]) - unit(long[0])).max() > 1e-4
    found = encoder.encode(sounds)
    assert np.abs(found - np.stack([unit(vector) for vector in expected])).max() < 1e-5
    assert np.abs(found - np.concatenate([encoder.encode([sound]) for sound in sounds])).max() < 1e-5


def test_texts_lie_in_the_same_space(folder, transformers):
    import torch

    encoder = make_encoder(f"clap-text:{folder}")
    assert encoder.dim == make_encoder(f"clap:{folder}").dim
    assert encoder.fingerprint() != make_encoder(f"clap:{folder}").fingerprint()
    model = transformers.ClapModel.from_pretrained(folder).eval()

    def run(ids):
        with torch.inference_mode():
            return unit(model.get_text_features(input_ids=torch.tensor([ids])).pooler_output[0].numpy())

    long = "the river runs slow and blue under a sky " * 2
    found = encoder.encode(["the river", long, " ", "a blue sky"])
    assert np.abs(found[0] - run([1, 5, 6, 2])).max() < 1e-5
    words = [5, 6, 7, 8, 9, 10, 11, 12, 13] * 2
    windows = 16 * run([1, *words[:14], 2]) + 6 * run([1, *words[14:], 2])
    assert np.abs(found[1] - unit(windows)).max() < 1e-5
    assert not found[2].any()
    assert (
        np.abs(found - np.concatenate([encoder.encode([t]) for t in ("the river", long, "", "a blue sky")])).max()
        < 1e-5
    )
