"""Where a publication goes: a folder, or a dataset repository on the Hugging Face hub."""

import re
from dataclasses import dataclass
from pathlib import Path

from whitelight.dataset.publish.errors import PublishError

PREFIX = "hub:"
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?"
_REPOSITORY = re.compile(rf"(?P<owner>{_PART})/(?P<name>{_PART})")


@dataclass(frozen=True, slots=True)
class HubTarget:
    """A dataset repository on the hub."""

    owner: str
    name: str

    @property
    def repository(self) -> str:
        """OWNER/NAME."""
        return f"{self.owner}/{self.name}"

    @property
    def slug(self) -> str:
        """A file name of its own."""
        return f"{self.owner}--{self.name}"

    def __str__(self) -> str:
        """Return it as given."""
        return f"{PREFIX}{self.repository}"


def parse_target(text: str) -> HubTarget | Path:
    """Read `--to`.

    Raises
    ------
    PublishError : "hub:" without OWNER/NAME as the hub allows them, or nothing.
    """
    if not text:
        raise PublishError("--to is empty; give a folder or hub:OWNER/NAME")
    if not text.startswith(PREFIX):
        return Path(text)
    match = _REPOSITORY.fullmatch(text.removeprefix(PREFIX))
    if match is None or "--" in text or ".." in text:
        raise PublishError(f"'{text}', expected hub:OWNER/NAME; letters, digits, single - . and _ are allowed")
    return HubTarget(match["owner"], match["name"])
