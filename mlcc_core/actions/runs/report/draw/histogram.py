"""Lengths of rows as bars."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.actions.runs.report.draw.scale import Scale
from mlcc_core.actions.runs.report.html import Markup, tag
from mlcc_core.actions.runs.report.model import Lengths

WIDTH, HEIGHT = 360, 180
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 28


def histogram(lengths: Lengths) -> Markup:
    """Return the drawing of lengths, with a word for each bar."""
    most = max(count for _, _, count in lengths.bars)
    up = Scale(0, most, HEIGHT - BOTTOM, TOP).rounded()
    spoken = (
        f"lengths of {lengths.rows:,} rows: shortest {lengths.shortest:,}, median "
        f"{lengths.median:,}, longest {lengths.longest:,} characters"
    )
    return tag(
        "svg",
        *_axis(up),
        *_bars(lengths, up),
        *_names(lengths),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=spoken,
    )


def _axis(up: Scale) -> Iterator[Markup]:
    for value in up.ticks():
        if value == int(value):
            y = up.place(value)
            yield tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid")
            yield tag("text", f"{value:,.0f}", x=LEFT - 6, y=y + 4, text_anchor="end")


def _bars(lengths: Lengths, up: Scale) -> Iterator[Markup]:
    across = Scale(0, len(lengths.bars), LEFT, WIDTH - RIGHT)
    for place, (low, high, count) in enumerate(lengths.bars):
        x, top = across.place(place), up.place(count)
        said = tag("title", f"{low:,} to {high:,} characters: {count:,} rows")
        wide = round(across.place(place + 1) - x - 1, 2)
        tall = round(HEIGHT - BOTTOM - top, 2)
        yield tag("rect", said, x=x, y=top, width=wide, height=tall, class_="bar")


def _names(lengths: Lengths) -> Iterator[Markup]:
    bars = lengths.bars
    middle = bars[len(bars) // 2][0]
    ends = ((LEFT, bars[0][0], "start"), (WIDTH - RIGHT, bars[-1][1], "end"))
    places = (*ends, ((LEFT + WIDTH - RIGHT) / 2, middle, "middle"))
    for x, value, anchor in places if len(bars) > 2 else ends[:1]:
        yield tag("text", f"{value:,}", x=x, y=HEIGHT - 10, text_anchor=anchor)
