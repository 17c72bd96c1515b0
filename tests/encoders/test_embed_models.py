"""The embed pass with a model of transformers: one vector for the row and for the candidate, in several processes too."""

import json

import numpy as np
import pytest

from whitelight.catalog import import_midi, read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.encoders import embed, encode_all, make_encoder, read_features
from whitelight.music import write_midi

transformers = pytest.importorskip("transformers", reason="these models need transformers (extra text)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny DeBERTa, whose tokenizer knows letters."""
    import torch
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models") / "tiny-deberta"
    letters = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", *"abcdefghijklmnopqrstuvwxyz "]
    config = transformers.DebertaV2Config(
        vocab_size=len(letters),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=32,
        type_vocab_size=0,
    )
    transformers.DebertaV2Model(config).save_pretrained(path)
    tokenizer = Tokenizer(models.WordLevel({letter: k for k, letter in enumerate(letters)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.save(str(path / "tokenizer.json"))
    settings = {"tokenizer_class": "TokenizersBackend", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    (path / "tokenizer_config.json").write_text(json.dumps(settings))
    return path


@pytest.fixture(scope="module")
def dataset(tmp_path_factory, make_piece, make_random_rows) -> Dataset:
    root = tmp_path_factory.mktemp("dataset")
    rng = np.random.default_rng(0)
    (root / "midi").mkdir()
    labels = ["clip,class"]
    for k in range(3):
        (root / "midi" / f"clip{k}.mid").write_bytes(write_midi(make_piece(make_random_rows(rng, 20))))
        labels.append(f"clip{k},{'high' if k % 2 else 'low'}")
    (root / "labels.csv").write_text("\n".join(labels) + "\n")
    import_midi(
        root / "midi", root / "labels.csv", id_column="clip", class_column="class", ontology="auto", out=root / "songs"
    )
    for k in range(2):  # the last has no concept
        manifest = next((root / "songs").rglob(f"clip{k}.yml"))
        manifest.write_text(manifest.read_text() + f"\nconcept: {'the slow river ' * (3 * k + 1)}\n")
    build_dataset(read_catalog(root / "songs"), root / "dataset", policy="whole")
    return Dataset.open(root / "dataset")


def test_rows_and_candidates_have_one_vector(dataset, folder):
    encoder = make_encoder(f"deberta:{folder}")
    report = embed(dataset, encoder, column="concept")
    assert report.folder.name == f"deberta-{encoder.fingerprint()[:12]}-concept"
    rows = dataset.rows(["row_id", "concept"], kind=None).to_pylist()
    stored = read_features(dataset, encoder, [row["row_id"] for row in rows], column="concept")
    served = encode_all(encoder, [row["concept"] for row in rows])
    assert stored.has.tolist() == served.has.tolist() == [bool(row["concept"]) for row in rows]
    assert {bool(row["concept"]) for row in rows} == {True, False}
    assert np.abs(stored.vectors - served.vectors).max() < 1e-6
    assert len(np.unique(stored.vectors[stored.has].round(4), axis=0)) == 2
    assert embed(dataset, make_encoder(f"deberta:{folder}"), column="concept").encoded == 0


@pytest.mark.slow
def test_several_processes_give_the_same(dataset, folder):
    encoder = make_encoder(f"deberta:{folder}")
    ids = dataset.rows(["row_id"], kind=None)["row_id"].to_pylist()
    one = embed(dataset, encoder, column="concept").folder
    expected = read_features(dataset, encoder, ids, column="concept")
    for file in one.iterdir():
        file.unlink()
    assert embed(dataset, make_encoder(f"deberta:{folder}", n_threads=1), column="concept", jobs=2).encoded == 3
    assert np.abs(read_features(dataset, encoder, ids, column="concept").vectors - expected.vectors).max() < 1e-6
