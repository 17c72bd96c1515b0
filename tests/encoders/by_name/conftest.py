"""Tiny models with random weights, written by transformers itself, as a user's folder would hold them."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.audio import Audio

WORDS = (
    "[PAD]",
    "[CLS]",
    "[SEP]",
    "[UNK]",
    "[MASK]",
    "the",
    "river",
    "runs",
    "slow",
    "and",
    "blue",
    "under",
    "a",
    "sky",
)


@pytest.fixture(scope="session")
def transformers() -> ModuleType:
    """The library, silent; tests skip where it is not installed."""
    library: ModuleType = pytest.importorskip("transformers", reason="these models need transformers (extra text)")
    pytest.importorskip("torch", reason="these models need torch (extra text)").set_num_threads(1)
    library.utils.logging.disable_progress_bar()
    library.utils.logging.set_verbosity_error()
    return library


@pytest.fixture(scope="session")
def vocabulary() -> tuple[str, ...]:
    return WORDS


@pytest.fixture(scope="session")
def save_tokenizer(transformers: ModuleType) -> Callable[[Path, int], None]:
    """Write a tokenizer of fourteen words."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    def save(folder: Path, max_tokens: int) -> None:
        words = Tokenizer(models.WordLevel({word: k for k, word in enumerate(WORDS)}, unk_token="[UNK]"))
        words.pre_tokenizer = pre_tokenizers.Whitespace()
        words.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
        )
        transformers.PreTrainedTokenizerFast(
            tokenizer_object=words,
            pad_token="[PAD]",
            unk_token="[UNK]",
            cls_token="[CLS]",
            sep_token="[SEP]",
            mask_token="[MASK]",
            model_max_length=max_tokens,
        ).save_pretrained(folder)

    return save


@pytest.fixture(scope="session")
def make_sound() -> Callable[..., Audio]:
    """Noise that swells and falls, of one seed and length."""

    def make(seed: int, duration_s: float, rate: int, n_channels: int = 1) -> Audio:
        rng = np.random.default_rng(seed)
        n = round(duration_s * rate)
        shape = 0.2 * np.sin(np.linspace(0.3, 3 + seed, n)) ** 2 + 0.01
        return Audio((rng.normal(size=(n, n_channels)) * shape[:, None]).clip(-1, 0.99).astype(np.float32), rate)

    return make
