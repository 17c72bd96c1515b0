"""The drawing of songs by how the scorer hears them, as inline SVG.

Colors come from CSS variables, so both themes work; class colors come from the ontology, always with a letter.
"""

from collections.abc import Mapping, Sequence

from whitelight.demo.report.data import ColorMap, MapPoint
from whitelight.markup import Markup, el, ink_on, svg
from whitelight.reporting.data import ClassStyle

_MAP_WIDTH, _MAP_HEIGHT, _MAP_EDGE, _DOT = 1000.0, 520.0, 42.0, 11.0


def color_map(chart: ColorMap, classes: Mapping[str, ClassStyle]) -> Markup:
    """Draw songs as lettered dots; a ring in another color says the scorer took the song for that class."""
    place = _placer(chart.points)
    labels = [
        _class_label(name, [point for point in chart.points if point.class_name == name], place) for name in classes
    ]
    radius = min(_DOT, max(_DOT * (80 / max(len(chart.points), 1)) ** 0.5, 4.0))
    dots = [_dot(point, classes, place, radius) for point in chart.points]
    frame = el("rect", x=0.5, y=0.5, width=_MAP_WIDTH - 1, height=_MAP_HEIGHT - 1, rx=10, class_="frame")
    return svg(_MAP_WIDTH, _MAP_HEIGHT, frame, *dots, *labels, label="Songs by how the scorer hears them", class_="map")


class _Placer:
    """Scale map coordinates to the drawing, keeping both dimensions within the frame."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        self._x0, self._x1, self._y0, self._y1 = min(xs), max(xs), min(ys), max(ys)

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self._x0) / ((self._x1 - self._x0) or 1.0)
        up = (y - self._y0) / ((self._y1 - self._y0) or 1.0)
        return (
            _MAP_EDGE + across * (_MAP_WIDTH - 2 * _MAP_EDGE),
            _MAP_HEIGHT - _MAP_EDGE - up * (_MAP_HEIGHT - 2 * _MAP_EDGE),
        )


def _placer(points: Sequence[MapPoint]) -> _Placer:
    return _Placer([point.x for point in points] or [0.0], [point.y for point in points] or [0.0])


def _class_label(name: str, points: Sequence[MapPoint], place: _Placer) -> Markup | None:
    """Write the class name faintly above its songs."""
    if not points:
        return None
    places = [place(point.x, point.y) for point in points]
    x = sum(x for x, _ in places) / len(places)
    y = max(min(y for _, y in places) - _DOT - 9, 20.0)
    return el("text", name, x=min(max(x, 60.0), _MAP_WIDTH - 60.0), y=y, class_="region")


def _dot(point: MapPoint, classes: Mapping[str, ClassStyle], place: _Placer, radius: float) -> Markup:
    style = classes.get(point.class_name, ClassStyle(point.class_name, "?", "888888"))
    x, y = place(point.x, point.y)
    taken_for = classes.get(point.estimated or "")
    is_wrong = taken_for is not None and taken_for.name != point.class_name
    heard = "" if point.estimated is None else f", heard as {point.estimated}"
    return el(
        "g",
        el("title", f"{point.song_id} {point.title}: {point.class_name}{heard}"),
        *(_ring(x, y, radius, taken_for) if is_wrong and taken_for else ()),
        el("circle", cx=x, cy=y, r=radius, fill=f"#{style.hex}", class_="dot"),
        el(
            "text",
            style.letter,
            x=x,
            y=y + radius * 0.37,
            style=f"fill:{ink_on(style.hex)};font-size:{radius * 1.05:.1f}px",
            class_="letter",
        ),
        class_="song",
    )


def _ring(x: float, y: float, radius: float, taken_for: ClassStyle) -> tuple[Markup, ...]:
    """Draw what the song was taken for: a dashed ring in that color on a plain one, and its letter beside it."""
    around = radius + 4
    return (
        el("circle", cx=x, cy=y, r=around, class_="ring plain"),
        el("circle", cx=x, cy=y, r=around, class_="ring", style=f"stroke:#{taken_for.hex}"),
        el("text", taken_for.letter, x=x + around, y=y - around + 4, class_="guess"),
    )
