"""Building blocks of sections: tables, figures, class chips, section frames."""

from collections.abc import Iterable, Mapping, Sequence

from whitelight.markup import Markup, el, ink_on, join
from whitelight.reporting.data import ClassStyle

Classes = Mapping[str, ClassStyle]
DASH = "–"


def swatch(style: ClassStyle | None) -> Markup | None:
    """Return the lettered color chip of a class."""
    if style is None:
        return None
    css = f"background:#{style.hex};color:{ink_on(style.hex)}"
    return el("span", style.letter, class_="swatch", style=css, title=style.name)


def table(heads: Sequence[str], rows: Iterable[Sequence[Markup]], *, n_text: int, **attributes: object) -> Markup:
    """Return a table whose heads from `n_text` on stand over numbers."""
    head = [
        el("th", name, class_=None if index < n_text else "number", scope="col") for index, name in enumerate(heads)
    ]
    return el("table", el("thead", el("tr", *head)), el("tbody", *(el("tr", *row) for row in rows)), **attributes)


def figure(title: str, content: Markup) -> Markup:
    """Return a captioned card."""
    return el("figure", el("figcaption", title), content)


def scroll(content: Markup) -> Markup:
    """Return content in a box that scrolls when it is long."""
    return el("div", content, class_="scroll")


def absent(text: str) -> Markup:
    """Say that something is not there."""
    return el("p", text, class_="absent")


def section(name: str, title: str, *children: object) -> Markup:
    """Return a section that the navigation can lead to."""
    return el("section", el("h2", title), join(children), id=name)


def player() -> Markup:
    """Return the controls of the player; a page has one."""
    volume = el("input", type="range", id="volume", min="0", max="100", value="70", aria_label="Volume")
    loop = el("label", el("input", type="checkbox", id="loop"), " loop")
    return el("p", el("label", "volume ", volume), loop, class_="controls")


def slots(group: int, n: int) -> list[Markup]:
    """Return the places of one group of playable excerpts; the page's script draws the rolls and plays them."""
    return [el("div", class_="candidate", data_song=group, data_candidate=number) for number in range(n)]
