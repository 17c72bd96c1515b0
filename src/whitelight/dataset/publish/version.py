"""Versions of a publication: semantic versioning 2.0.0 (semver.org), ordered as it says."""

import re
from dataclasses import dataclass
from functools import total_ordering

from whitelight.dataset.publish.errors import PublishError

_NUMBER = r"(?:0|[1-9]\d{0,8})"
_PART = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
_SEMVER = re.compile(
    rf"(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.(?P<patch>{_NUMBER})"
    rf"(?:-(?P<pre>{_PART}(?:\.{_PART})*))?(?:\+(?P<build>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)
MAX_CHARACTERS = 64


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version; equal when written alike, ordered by precedence, build metadata last.

    Attributes
    ----------
    pre : identifiers after "-", empty for a release.
    build : what follows "+".
    """

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()
    build: str = ""

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Read "1.2.3", "1.0.0-rc.1" or "1.2.3+win".

        Raises
        ------
        PublishError : anything else, also "v1.2.3" and "1.2".
        """
        match = _SEMVER.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
        if match is None:
            found = text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
            raise PublishError(f"version '{found}', expected MAJOR.MINOR.PATCH (semver.org); write it as 1.2.0")
        pre = tuple(match["pre"].split(".")) if match["pre"] else ()
        return cls(int(match["major"]), int(match["minor"]), int(match["patch"]), pre, match["build"] or "")

    def __str__(self) -> str:
        """Return it as written."""
        text = f"{self.major}.{self.minor}.{self.patch}"
        return text + ("-" + ".".join(self.pre) if self.pre else "") + (f"+{self.build}" if self.build else "")

    def __lt__(self, other: "Version") -> bool:
        """Tell whether it comes before `other`."""
        return self._order() < other._order()

    def _order(self) -> tuple[object, ...]:
        """Numbers before words, a release after its pre-releases (semver.org, 11)."""
        pre = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre)
        return (self.major, self.minor, self.patch, not pre, pre, self.build)
