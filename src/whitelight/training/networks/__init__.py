"""Networks that read the notes themselves: a compact one over piano rolls, a transformer over REMI tokens.

`settings` needs neither torch nor Lightning; the other modules do. Start at `fitting.train_network`.
"""

from whitelight.training.networks.settings import NetworkSettings

__all__ = ["NetworkSettings"]
