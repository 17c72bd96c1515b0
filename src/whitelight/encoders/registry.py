"""Encoders by name; one is loaded only when it is asked for."""

from collections.abc import Callable

from whitelight.encoders.protocol import Encoder
from whitelight.errors import WhitelightError


class UnknownEncoderError(WhitelightError):
    """No encoder has this name."""


def _descriptors() -> Encoder:
    from whitelight.encoders.descriptors.encoder import DescriptorEncoder  # noqa: PLC0415  loads when asked for

    return DescriptorEncoder()


def _roll() -> Encoder:
    from whitelight.encoders.roll import RollEncoder  # noqa: PLC0415  loads when asked for

    return RollEncoder()


def _text() -> Encoder:
    from whitelight.encoders.text import TextEncoder  # noqa: PLC0415  loads when asked for

    return TextEncoder()


ENCODERS: dict[str, Callable[[], Encoder]] = {"descriptors": _descriptors, "roll": _roll, "hashed-ngrams": _text}


def make_encoder(name: str) -> Encoder:
    """Make the encoder called `name`.

    Raises
    ------
    UnknownEncoderError : there is none of that name; the message lists those there are.
    """
    if name not in ENCODERS:
        raise UnknownEncoderError(f"encoder '{name}' is not known; choose one of {', '.join(sorted(ENCODERS))}")
    return ENCODERS[name]()
