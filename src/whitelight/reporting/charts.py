"""Drawings that several pages share, as inline SVG: reliability, rates with intervals, curves of shares.

Colors come from CSS variables, so both themes work.
"""

from collections.abc import Sequence

from whitelight.markup import Markup, el, join, svg
from whitelight.reporting.data import Rate, ReliabilityBin

_PLOT, _EDGE = 260.0, 38.0
_BAR = 180.0


def reliability(bins: Sequence[ReliabilityBin]) -> Markup:
    """Draw promised confidence against what came true; the area of a dot is its share of items."""
    total = max(sum(one.n for one in bins), 1)
    edge, size = _EDGE, _PLOT
    grid = [
        join(
            [
                el("line", x1=edge, x2=edge + size, y1=_up(tick), y2=_up(tick), class_="grid"),
                el("text", f"{tick:.1f}", x=edge - 7, y=_up(tick) + 4, class_="tick end"),
                el("text", f"{tick:.1f}", x=edge + tick * size, y=size + 30, class_="tick middle"),
            ]
        )
        for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    ]
    diagonal = el("line", x1=edge, y1=_up(0), x2=edge + size, y2=_up(1), class_="diagonal")
    line = "M" + "L".join(f"{edge + one.confidence * size:.1f} {_up(one.accuracy):.1f}" for one in bins)
    dots = [
        el(
            "circle",
            el("title", f"confidence {one.confidence:.2f}, correct {one.accuracy:.2f}, n {one.n}"),
            cx=edge + one.confidence * size,
            cy=_up(one.accuracy),
            r=3 + 13 * (one.n / total) ** 0.5,
            class_="bin",
        )
        for one in bins
    ]
    names = [
        el("text", "confidence", x=edge + size / 2, y=size + 50, class_="tick middle"),
        el("text", "correct", x=edge, y=7, class_="tick"),
    ]
    path = el("path", d=line, class_="curve") if len(bins) > 1 else None
    return svg(edge + size + 14, size + 58, *grid, diagonal, path, *dots, *names, label="Reliability diagram")


def rate_bar(rate: Rate, *, chance: float | None = None) -> Markup:
    """Draw a rate as a bar from 0 to 1 with its interval, and chance as a tick."""
    bar = el("rect", x=0, y=4, width=max(rate.value, 0.0) * _BAR, height=8, rx=2, class_="bar")
    track = el("rect", x=0, y=4, width=_BAR, height=8, rx=2, class_="track")
    interval = None
    if rate.low is not None and rate.high is not None:
        interval = el("line", x1=rate.low * _BAR, x2=rate.high * _BAR, y1=8, y2=8, class_="interval")
    tick = None if chance is None else el("line", x1=chance * _BAR, x2=chance * _BAR, y1=1, y2=15, class_="chance")
    return svg(_BAR, 16, track, bar, interval, tick, label=f"{rate.value:.2f}", class_="rate")


def _up(value: float) -> float:
    """Vertical place of a share in the reliability diagram."""
    return 14 + _PLOT * (1 - value)


def share_curve(
    points: Sequence[tuple[float, float]], *, label: str, across: str, up: str, chance: bool = False
) -> Markup:
    """Draw a curve of two shares in a unit square.

    Parameters
    ----------
    points : (across, up), both in [0, 1], in order. across, up : names of the axes. chance : draw the diagonal.
    """
    small = 130.0
    frame = el("rect", x=1, y=15, width=small, height=small, class_="ground")
    grid = [
        el("line", x1=1, x2=1 + small, y1=15 + small * (1 - tick), y2=15 + small * (1 - tick), class_="grid")
        for tick in (0.25, 0.5, 0.75)
    ]
    diagonal = el("line", x1=1, y1=15 + small, x2=1 + small, y2=15, class_="diagonal") if chance else None
    path = "M" + "L".join(f"{1 + x * small:.1f} {15 + small * (1 - y):.1f}" for x, y in points)
    names = [
        el("text", up, x=1, y=10, class_="tick"),
        el("text", across, x=1 + small, y=small + 30, class_="tick end"),
    ]
    curve = el("path", d=path, class_="curve") if len(points) > 1 else None
    return svg(small + 2, small + 36, frame, *grid, diagonal, curve, *names, label=label, class_="small chart")
