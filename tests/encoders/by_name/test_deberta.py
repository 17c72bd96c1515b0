"""DeBERTa: the mean over all tokens, whatever the batch, however long the text."""

import numpy as np
import pytest

from whitelight.encoders import make_encoder
from whitelight.encoders.options import MissingExtraError, UnusableModelError

MAX_TOKENS = 16
TEXTS = ["the river runs slow", "a", "blue sky under the river and a blue sky", "", "what runs", "slow " * 14]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, transformers, save_tokenizer):
    import torch

    torch.manual_seed(0)
    config = transformers.DebertaV2Config(
        vocab_size=16,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=MAX_TOKENS,
        relative_attention=True,
        pos_att_type=["p2c", "c2p"],
        position_buckets=8,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        position_biased_input=False,
        type_vocab_size=0,
    )
    path = tmp_path_factory.mktemp("models") / "tiny-deberta"
    transformers.DebertaV2Model(config).save_pretrained(path)
    save_tokenizer(path, MAX_TOKENS)
    return path


@pytest.fixture(scope="module")
def by_hand(folder, transformers):
    """Run the model on one window of token numbers and return its last layer, [tokens, dim]."""
    import torch

    model = transformers.AutoModel.from_pretrained(folder).eval()

    def run(ids):
        with torch.inference_mode():
            return model(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()

    return run


def test_a_vector_is_the_mean_over_tokens_without_padding(folder, by_hand):
    encoder = make_encoder(f"deberta:{folder}")
    found = encoder.encode(TEXTS)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), 12) == (len(TEXTS), encoder.dim)
    assert np.abs(found[0] - by_hand([1, 5, 6, 7, 8, 2]).mean(axis=0)).max() < 1e-5
    assert np.abs(found[4] - by_hand([1, 3, 7, 2]).mean(axis=0)).max() < 1e-5
    assert not found[3].any()


def test_padding_does_not_change_a_result(folder):
    encoder = make_encoder(f"deberta:{folder}")
    together = encoder.encode(TEXTS)
    assert np.abs(together - np.concatenate([encoder.encode([text]) for text in TEXTS])).max() < 1e-5
    assert np.abs(together[::-1] - encoder.encode(TEXTS[::-1])).max() < 1e-5


def test_a_long_text_is_read_whole_in_windows(folder, by_hand, vocabulary):
    words = np.random.default_rng(0).integers(5, 14, 33)
    text = " ".join(vocabulary[k] for k in words)
    windows = [by_hand([1, *words[k : k + MAX_TOKENS - 2].tolist(), 2]) for k in range(0, 33, MAX_TOKENS - 2)]
    encoder = make_encoder(f"deberta:{folder}")
    found = encoder.encode([text, "the river"])
    assert [len(window) for window in windows] == [16, 16, 7]
    assert np.abs(found[0] - np.concatenate(windows).mean(axis=0)).max() < 1e-5
    assert np.abs(found[1] - encoder.encode(["the river"])[0]).max() < 1e-5
    assert np.abs(found[0] - encoder.encode([text + " slow"])[0]).max() > 1e-3  # the end counts


def test_a_vocabulary_that_is_not_there_is_refused_and_not_made_up(folder, tmp_path, monkeypatch):
    """The library makes a tokenizer of seven words when it finds no files; every text would be the same."""
    import shutil

    from whitelight.encoders import pretrained

    shutil.copytree(folder, tmp_path / "bare", ignore=shutil.ignore_patterns("token*"))
    with pytest.raises(
        UnusableModelError, match=r"the tokenizer in bare knows 7 words, the model 16; copy tokenizer.json"
    ):
        make_encoder(f"deberta:{tmp_path / 'bare'}").encode(["the river"])
    (tmp_path / "bare" / "spm.model").write_bytes(b"pieces")
    monkeypatch.setattr(pretrained, "find_spec", lambda _: None)
    with pytest.raises(
        MissingExtraError, match="needs the package 'sentencepiece'; pip install sentencepiece, or give"
    ):
        make_encoder(f"deberta:{tmp_path / 'bare'}").encode(["the river"])


class Payload:
    """What would run if a file of weights were unpickled freely."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return (open, (str(self.file), "w"))


def test_old_weights_are_read_and_code_in_them_is_not_run(folder, tmp_path, transformers):
    import shutil

    import torch

    model = transformers.AutoModel.from_pretrained(folder)
    for name, content in (("old", model.state_dict()), ("bad", {"x": Payload(tmp_path / "ran")})):
        shutil.copytree(folder, tmp_path / name, ignore=shutil.ignore_patterns("*.safetensors"))
        torch.save(content, tmp_path / name / "pytorch_model.bin")
    old = make_encoder(f"deberta:{tmp_path / 'old'}")
    assert np.abs(old.encode(TEXTS) - make_encoder(f"deberta:{folder}").encode(TEXTS)).max() < 1e-6
    with pytest.raises(UnusableModelError, match="'deberta': bad cannot be loaded"):
        make_encoder(f"deberta:{tmp_path / 'bad'}").encode(["a"])
    assert not (tmp_path / "ran").exists()
