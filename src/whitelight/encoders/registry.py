"""Encoders by name: each is a module of `whitelight.encoders.by_name`, loaded only when it is asked for.

The name of the file is that of the encoder, `-` written `_`; it offers ``make(options: Options) -> Encoder``. So a new
encoder is one file and its test.
"""

from importlib import import_module
from pkgutil import iter_modules

from whitelight.encoders import by_name
from whitelight.encoders.options import Options
from whitelight.encoders.protocol import Encoder
from whitelight.errors import WhitelightError

ENCODERS = tuple(sorted(module.name.replace("_", "-") for module in iter_modules(by_name.__path__)))


class UnknownEncoderError(WhitelightError):
    """No encoder has this name."""


def make_encoder(name: str, *, allow_download: bool = False, n_threads: int | None = None) -> Encoder:
    """Make the encoder called `name`; its model is loaded when it encodes.

    Parameters
    ----------
    name : as ``minilm``, or with a model, a folder or a name on the hub: ``clap:laion/larger_clap_music``.
    allow_download : fetch a model that is not on this machine; without it nothing ever asks the network.
    n_threads : processor threads of this process; None takes what the libraries take by themselves.

    Raises
    ------
    UnknownEncoderError : there is none of that name; the message lists those there are.
    EncoderOptionError, MissingModelError : the model cannot be used, or is not there.
    """
    kind, _, parameter = name.partition(":")
    if kind not in ENCODERS:
        raise UnknownEncoderError(f"encoder '{kind}' is not known; choose one of {', '.join(ENCODERS)}")
    module = import_module(f"{by_name.__name__}.{kind.replace('-', '_')}")
    encoder: Encoder = module.make(Options(kind, parameter or None, allow_download, n_threads))
    return encoder
