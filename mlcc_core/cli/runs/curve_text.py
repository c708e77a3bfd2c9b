"""Curves over each other in a terminal: dots of braille in colours, or letters without colours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

HEIGHT = 12
"""Rows of a drawing."""

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille character, by the row and the column of its dots."""

BRAILLE = 0x2800
COLOURS = ("cyan", "yellow", "magenta", "green", "red", "blue")
SHARED = "*"
"""Stands where several curves meet, without colours."""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve under a letter.

    Attributes:
        letter: names it.
        points: horizontal and vertical values, in order.
    """

    letter: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Scale:
    """Values as places of dots.

    Attributes:
        low, high: of the values that are drawn.
        dots: from the one to the other.
    """

    low: float
    high: float
    dots: int

    def place(self, value: float) -> float:
        """Return the place of a value, from 0."""
        span = self.high - self.low
        return (value - self.low) / span * (self.dots - 1) if span else (self.dots - 1) / 2


def curve_lines(lines: Sequence[Line], *, width: int, colours: bool) -> Iterator[str]:
    """Yield the lines of a drawing of curves, with a scale on its left and below it.

    Args:
        lines: with at least one point together.
        width: columns in all, the scale's included.
        colours: the terminal shows them.
    """
    across = [point[0] for line in lines for point in line.points]
    up = [point[1] for line in lines for point in line.points]
    labels = [f"{value:.3g}" for value in (max(up), min(up))]
    margin = max(len(label) for label in labels) + 2
    columns = max(10, width - margin)
    horizontal = Scale(min(across), max(across), columns * 2)
    vertical = Scale(min(up), max(up), HEIGHT * 4)
    cells = _cells(lines, horizontal, vertical)
    for row in range(HEIGHT):
        label = labels[0] if row == 0 else labels[1] if row == HEIGHT - 1 else ""
        drawn = "".join(
            _drawn(cells.get((row, column)), lines, colours) for column in range(columns)
        )
        yield f"{label:>{margin - 2}} ┤{drawn}".rstrip()
    first, last = f"{horizontal.low:g}", f"{horizontal.high:g}"
    yield f"{'':{margin - 1}}└{first}{last:>{columns - len(first)}}"
    yield f"{'':{margin}}" + "   ".join(
        _named(place, line, colours) for place, line in enumerate(lines)
    )


Cells = dict[tuple[int, int], dict[int, int]]
"""The bits of each curve, by its number, in each cell that has any."""


def _cells(lines: Sequence[Line], horizontal: Scale, vertical: Scale) -> Cells:
    cells: Cells = defaultdict(lambda: defaultdict(int))
    for number, line in enumerate(lines):
        for x, y in _dots(line, horizontal, vertical):
            upside = vertical.dots - 1 - y
            cells[upside // 4, x // 2][number] |= DOTS[upside % 4][x % 2]
    return cells


def _dots(line: Line, horizontal: Scale, vertical: Scale) -> Iterator[tuple[int, int]]:
    """Yield every dot between the points of a curve."""
    places = [(horizontal.place(x), vertical.place(y)) for x, y in line.points]
    for (x, y), (to_x, to_y) in zip(places, places[1:] or places, strict=False):
        steps = max(1, round(max(abs(to_x - x), abs(to_y - y))))
        for step in range(steps + 1):
            share = step / steps
            yield round(x + (to_x - x) * share), round(y + (to_y - y) * share)


def _drawn(bits: dict[int, int] | None, lines: Sequence[Line], colours: bool) -> str:
    if not bits:
        return " "
    if not colours:
        return SHARED if len(bits) > 1 else lines[next(iter(bits))].letter
    together = 0
    for each in bits.values():
        together |= each
    return click.style(chr(BRAILLE + together), fg=_colour(max(bits)))


def _named(place: int, line: Line, colours: bool) -> str:
    return click.style(f"● {line.letter}", fg=_colour(place)) if colours else line.letter


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]
