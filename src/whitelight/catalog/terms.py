"""On what terms a catalog may be used: its license, whom to name, what else holds, where it comes from.

Stated once, in `catalog.yml`; carried unchanged into the dataset and onto the card of what is published. A license is
named by its SPDX id, or is `other` with its terms in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from whitelight.errors import WhitelightError
from whitelight.files import load_yaml

OTHER = "other"
MAX_CHARACTERS = 20_000  # a license text has some 20 kB; beyond that it is no field but a document


class TermsError(WhitelightError):
    """Terms that name no license we know, or contradict themselves."""


@dataclass(frozen=True, slots=True)
class License:
    """A license: SPDX id, its name on the Hugging Face hub (empty without one), and what it asks."""

    spdx_id: str
    hub: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a catalog; an empty text is something nobody stated.

    Attributes
    ----------
    license : SPDX id, or "other".
    attribution : whom to name, and how.
    usage : terms beside the license, or in its place.
    source_url : where the catalog comes from, http or https.
    """

    license: str = ""
    attribution: str = ""
    usage: str = ""
    source_url: str = ""

    @property
    def known(self) -> License | None:
        """The license when it is one of the table; None for "other" and for none."""
        return licenses().get(self.license.casefold())


NO_TERMS = Terms()


@lru_cache(maxsize=1)
def licenses() -> Mapping[str, License]:
    """Return every license of the table by its SPDX id in lower case."""
    table = load_yaml(Path(str(files(__package__) / "licenses.yml")))
    rows = [License(name, row["hub"], tuple(row["asks"])) for name, row in table.items()]
    return {row.spdx_id.casefold(): row for row in rows}


def checked_terms(terms: Terms) -> Terms:
    """Return terms with the license in its usual spelling.

    Raises
    ------
    TermsError : a license that is not in the table, "other" without `usage`, an address that is none, a text too long.
    """
    for name in ("license", "attribution", "usage", "source_url"):
        if len(getattr(terms, name)) > MAX_CHARACTERS:
            raise TermsError(
                f"{name}: {len(getattr(terms, name)):,} characters, at most {MAX_CHARACTERS:,}; link to it"
            )
    name = terms.license.strip()
    row = licenses().get(name.casefold()) if name else None
    if name and row is None and name.casefold() != OTHER:
        advice = "write the SPDX id of one of them, or 'other' and the terms under 'usage'"
        raise TermsError(f"license: '{name}' is none of {', '.join(x.spdx_id for x in licenses().values())}; {advice}")
    if name.casefold() == OTHER and not terms.usage.strip():
        raise TermsError("license: 'other' says nothing alone; write the terms under 'usage'")
    _check_url(terms.source_url)
    spelled = row.spdx_id if row is not None else name.casefold()
    return Terms(spelled, terms.attribution.strip(), terms.usage.strip(), terms.source_url)


def _check_url(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_wrong = bool(address) and (parts.scheme not in {"http", "https"} or not parts.hostname)
        has_secret = parts.username is not None or parts.password is not None
    except ValueError as err:
        raise TermsError(f"source_url: no address ({err}); write it as https://example.org/songs") from err
    if is_wrong or has_secret or any(c.isspace() for c in address):
        found = "an address with a name or password in it" if has_secret else f"'{address}'"
        raise TermsError(f"source_url: found {found}, expected http or https; write it as https://example.org/songs")
