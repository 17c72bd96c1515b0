"""How long work tells how far it is: one callable type, shared by all rooms.

A room calls ``progress(done, total)`` after each finished item; what is drawn is the caller's business.
"""

from collections.abc import Callable

Progress = Callable[[int, int], None]


def silent(_done: int, _total: int) -> None:
    """Tell nobody; the default of every long function."""
