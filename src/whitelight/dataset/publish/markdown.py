"""Markdown of a card: texts of a catalog shown as they are, and tables."""

from collections.abc import Iterable, Iterator

_MARKUP = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "\\|",
    "`": "\\`",
    "*": "\\*",
    "_": "\\_",
    "[": "\\[",
    "]": "\\]",
}


def text(value: str) -> str:
    """Return a text of the catalog so that Markdown shows it as it is, on one line."""
    return "".join(_MARKUP.get(character, character) for character in " ".join(value.split()))


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table; cells are Markdown already."""
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
