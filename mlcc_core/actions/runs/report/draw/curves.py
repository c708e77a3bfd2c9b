"""Curves of a run: the numbers of training and of held-out rows that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlcc_core.actions.runs.compare.curves import Curve
from mlcc_core.actions.runs.report.draw.scale import Scale
from mlcc_core.actions.runs.report.html import Markup, tag
from mlcc_core.contract.job import metric_title

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 28
HELD_OUT = "held_out_"
FEW = 12
"""Points up to which each is marked."""


def charts(curves: Sequence[Curve]) -> Iterator[Markup]:
    """Yield a drawing for each number, that of held-out rows over that of training."""
    for name in dict.fromkeys(curve.metric.removeprefix(HELD_OUT) for curve in curves):
        together = [curve for curve in curves if curve.metric.removeprefix(HELD_OUT) == name]
        yield _chart(metric_title(name), together)


def _chart(title: str, curves: Sequence[Curve]) -> Markup:
    steps = [step for curve in curves for step, _ in curve.points]
    values = [value for curve in curves for _, value in curve.points]
    across = Scale(min(steps), max(steps), LEFT, WIDTH - RIGHT)
    up = Scale(min(values), max(values), HEIGHT - BOTTOM, TOP).rounded()
    spoken = "; ".join(_in_words(curve) for curve in curves)
    drawing = tag(
        "svg",
        *_grid(across, up),
        *(part for curve in curves for part in _curve(curve, across, up)),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"{title} by step: {spoken}",
    )
    legend = (
        tag("span", tag("i", class_=f"line {_kind(curve)}"), _in_words(curve)) for curve in curves
    )
    caption = tag("figcaption", tag("b", f"{title} by step"), tag("span", *legend, class_="legend"))
    return tag("figure", caption, drawing, class_="chart")


def _grid(across: Scale, up: Scale) -> Iterator[Markup]:
    for value in up.ticks():
        y = up.place(value)
        yield tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid")
        yield tag("text", f"{value:g}", x=LEFT - 6, y=y + 4, text_anchor="end")
    for value in across.ticks():
        if value == int(value):
            x = across.place(value)
            yield tag("text", f"{value:g}", x=x, y=HEIGHT - 10, text_anchor="middle")


def _curve(curve: Curve, across: Scale, up: Scale) -> Iterator[Markup]:
    places = [(across.place(step), up.place(value)) for step, value in curve.points]
    line = " ".join(f"{x:g},{y:g}" for x, y in places)
    yield tag("polyline", points=line, class_=f"curve {_kind(curve)}")
    if len(places) <= FEW:
        for (x, y), (step, value) in zip(places, curve.points, strict=True):
            said = tag("title", f"{curve.title} {value:.4g} at step {step:g}")
            yield tag("circle", said, cx=x, cy=y, r=3, class_=f"dot {_kind(curve)}")


def _kind(curve: Curve) -> str:
    return "held" if curve.metric.startswith(HELD_OUT) else "train"


def _in_words(curve: Curve) -> str:
    return f"{curve.title} {curve.points[0][1]:.3g} → {curve.points[-1][1]:.3g}"
