"""The interval of a difference, drawn over zero."""

from __future__ import annotations

from mlcc_core.actions.runs.report.draw.scale import Scale
from mlcc_core.actions.runs.report.html import Markup, tag
from mlcc_core.contract.evaluation import MetricResult

WIDTH, HEIGHT, EDGE = 180, 28, 8
MOODS: dict[str | None, str] = {"better": "good", "worse": "bad"}


def interval(result: MetricResult, ends: tuple[float, float]) -> Markup:
    """Return the drawing of a metric's difference with both ends of its interval."""
    reach = max(map(abs, (*ends, result.difference))) or 1.0
    scale = Scale(-reach, reach, EDGE, WIDTH - EDGE)
    low, high, at = (scale.place(v) for v in (*ends, result.difference))
    zero, middle = scale.place(0), HEIGHT / 2
    mood = MOODS.get(result.verdict, "open")
    spoken = f"difference {result.difference:.3g}, from {ends[0]:.3g} to {ends[1]:.3g}"
    return tag(
        "svg",
        tag("line", x1=zero, x2=zero, y1=2, y2=HEIGHT - 2, class_="zero"),
        tag("line", x1=low, x2=high, y1=middle, y2=middle, class_=f"reach {mood}"),
        *(
            tag("line", x1=x, x2=x, y1=middle - 5, y2=middle + 5, class_=f"reach {mood}")
            for x in (low, high)
        ),
        tag("circle", cx=at, cy=middle, r=4.5, class_=f"dot {mood}"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=spoken,
        class_="interval",
    )
