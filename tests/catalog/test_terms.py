from collections.abc import Callable
from pathlib import Path

import pytest

from whitelight.catalog import SettingsError, Terms, TermsError, read_catalog
from whitelight.catalog.terms import MAX_CHARACTERS, NO_TERMS, checked_terms, licenses

WriteSong = Callable[..., Path]
ASKS = {"attribution", "share-alike", "non-commercial", "no-derivatives"}


def test_the_table_of_licenses_holds_together() -> None:
    table = licenses()
    assert all(name == row.spdx_id.casefold() for name, row in table.items())
    assert all(set(row.asks) <= ASKS and row.hub == row.hub.casefold() for row in table.values())
    for row in table.values():
        parts = set(row.spdx_id.split("-"))
        expected = {"BY": "attribution", "SA": "share-alike", "NC": "non-commercial", "ND": "no-derivatives"}
        if row.spdx_id.startswith("CC-BY"):
            assert set(row.asks) == {ask for part, ask in expected.items() if part in parts}, row.spdx_id


def test_a_license_is_spelled_as_usual() -> None:
    terms = checked_terms(Terms("cc-by-nc-sa-4.0", " us ", "", "https://example.org/a?b=c"))
    assert terms == Terms("CC-BY-NC-SA-4.0", "us", "", "https://example.org/a?b=c")
    assert terms.known is not None
    assert "non-commercial" in terms.known.asks
    assert checked_terms(Terms("Other", usage="ask me")).known is None
    assert checked_terms(NO_TERMS) == NO_TERMS


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (Terms("CC-BY"), "'CC-BY' is none of CC0-1.0"),
        (Terms("other"), "'other' says nothing alone"),
        (Terms(source_url="example.org"), "found 'example.org', expected http or https"),
        (Terms(source_url="file:///home/me"), "expected http or https"),
        (Terms(source_url="https://me:secret@example.org"), "a name or password in it"),
        (Terms(source_url="https://[::1"), "no address"),
        (Terms(source_url="https://a b"), "expected http or https"),
        (Terms(usage="x" * (MAX_CHARACTERS + 1)), "usage: 20,001 characters"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(terms: Terms, message: str) -> None:
    with pytest.raises(TermsError, match=message.replace("(", r"\(")) as raised:
        checked_terms(terms)
    assert "secret" not in str(raised.value)


def test_a_catalog_carries_its_terms(root: Path, write_song: WriteSong) -> None:
    write_song()
    assert read_catalog(root).terms == NO_TERMS
    (root / "catalog.yml").write_text("license: cc0-1.0\nattribution: nobody\n")
    assert read_catalog(root).terms == Terms("CC0-1.0", "nobody")
    (root / "catalog.yml").write_text("license: mine\n")
    with pytest.raises(SettingsError, match=r"catalog\.yml: license: 'mine' is none of"):
        read_catalog(root)
    (root / "catalog.yml").write_text("license: [MIT]\n")
    with pytest.raises(SettingsError, match=r"catalog\.yml: license: Input should be a valid string"):
        read_catalog(root)
