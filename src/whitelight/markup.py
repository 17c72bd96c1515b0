"""HTML and SVG built so that forgetting to escape is impossible: plain text is escaped, `Markup` is not.

Also the JSON that a page carries: no character of it can end the script element it stands in; and ink that can be read
on a color.
"""

import html
import json
from typing import Any

_VOID = {"meta", "br", "input", "line", "rect", "circle", "path", "use"}
_DARK_INK, _LIGHT_INK = "#16181d", "#ffffff"
_JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def el(name: str, *children: object, **attributes: object) -> Markup:
    """Return an element; children that are not `Markup` are escaped, None children and attributes are left out.

    Attribute names: a trailing underscore is dropped (`class_`), others become hyphens (`stroke_width`, `data_id`).
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID and not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Any, between: str = "") -> Markup:
    """Join children, escaping those that are text."""
    parts = (
        child if isinstance(child, Markup) else html.escape(_text(child)) for child in children if child is not None
    )
    return Markup(html.escape(between).join(parts))


def safe_json(value: Any) -> Markup:
    """Return JSON for a `<script type="application/json">` element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escape in _JSON_ESCAPES.items():
        text = text.replace(character, escape)
    return Markup(text)


def viewbox(width: float, height: float) -> str:
    """Return the attribute of an SVG drawn in its own units."""
    return f"0 0 {_text(width)} {_text(height)}"


def svg(width: float, height: float, *children: object, label: str, class_: str = "chart") -> Markup:
    """Return an SVG that scales with its column and reads its `label` aloud."""
    body = join(children)
    return Markup(
        f'<svg viewBox="{viewbox(width, height)}" class="{html.escape(class_)}" role="img" '
        f'aria-label="{html.escape(label)}">{body}</svg>'
    )


def ink_on(hex_color: str) -> str:
    """Return black or white, whichever is read better on `hex_color` (RRGGBB), by relative luminance."""
    channels = [int(hex_color[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return _DARK_INK if luminance > 0.18 else _LIGHT_INK


def _text(value: object) -> str:
    """Floats are written short; they are drawn coordinates."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
