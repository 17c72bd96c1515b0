"""Keeping the memory of large temporary arrays instead of giving it back after every batch.

glibc maps large blocks from the system and returns them when they are freed, so that every new array is paid for again,
page by page (measured: 3,300 page faults and a third of the time of a batch of 50 songs). But it learns: having freed
one mapped block, it serves blocks up to that size from its heap, and keeps up to twice as much of it.
"""

from functools import cache

import numpy as np

LEARNED_BYTES = 30 << 20  # glibc learns from blocks up to 32 MiB


@cache
def keep_memory() -> None:
    """Let the allocator keep freed arrays, up to 60 MiB; once per process. Elsewhere than on glibc nothing happens."""
    np.empty(LEARNED_BYTES, np.uint8)  # never touched, so it costs no memory; freed at once
