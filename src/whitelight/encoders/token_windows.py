"""Texts as windows of tokens, so that a long text is read whole instead of being cut without a word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.batching import batches_by_length, padded
from whitelight.encoders.pretrained import Loaded

BATCH_TOKENS = 2048  # padding included


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Windows of one run: number of each one's text, tokens and mask as tensors [windows, tokens]."""

    text: NDArray[np.int64]
    ids: Any
    mask: Any


def token_batches(loaded: Loaded, texts: Sequence[str], max_tokens: int) -> Iterator[TokenBatch]:
    """Cut texts into windows of at most `max_tokens`, special tokens included, and batch them by length."""
    tokenizer = loaded.front
    encoded = tokenizer(
        list(texts), truncation=True, max_length=max_tokens, return_overflowing_tokens=True, stride=0, padding=False
    )
    windows: list[list[int]] = encoded["input_ids"]
    text = np.asarray(encoded["overflow_to_sample_mapping"], np.int64)
    for places in batches_by_length([len(window) for window in windows], BATCH_TOKENS):
        ids, mask = padded([windows[k] for k in places], fill=int(tokenizer.pad_token_id or 0))
        yield TokenBatch(text[places], loaded.torch.as_tensor(ids), loaded.torch.as_tensor(mask))
