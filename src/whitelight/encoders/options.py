"""What an encoder is made with besides its name, and why one cannot be made."""

from dataclasses import dataclass
from pathlib import Path

from whitelight.errors import WhitelightError


class EncoderOptionError(WhitelightError):
    """An encoder is asked for with something it does not take."""


class MissingExtraError(WhitelightError):
    """An encoder needs packages that the core does without."""


class MissingModelError(WhitelightError):
    """The model of an encoder is not on this machine."""


class UnusableModelError(WhitelightError):
    """The model of an encoder is damaged, or not of the kind the encoder takes."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says about an encoder.

    Parameters
    ----------
    name : the encoder, without its parameter.
    parameter : what stands after the colon of ``deberta:/path/to/model``, a folder or a name on the hub; or None.
    allow_download : fetch a model that is not on this machine.
    n_threads : processor threads of one process; None takes what the library takes by itself.
    """

    name: str
    parameter: str | None = None
    allow_download: bool = False
    n_threads: int | None = None

    def without_parameter(self) -> None:
        """Refuse a parameter.

        Raises
        ------
        EncoderOptionError : there is one.
        """
        if self.parameter is not None:
            raise EncoderOptionError(
                f"encoder '{self.name}:{self.parameter}' names a model, '{self.name}' has none; leave out what follows the colon"
            )

    def folder(self) -> Path | None:
        """Return the parameter as a folder; None without one.

        Raises
        ------
        MissingModelError : there is no such folder.
        """
        if self.parameter is None:
            return None
        folder = Path(self.parameter).expanduser()
        if not folder.is_dir():
            raise MissingModelError(f"encoder '{self.name}': '{self.parameter}' is no folder; give that of a model")
        return folder
