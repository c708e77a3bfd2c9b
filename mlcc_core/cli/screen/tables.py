"""Tables as text: aligned columns where they fit, else a paragraph for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlcc_core.cli.folding.folding import folded
from mlcc_core.cli.folding.width import shown_width

BETWEEN = " · "
"""Between the cells of a paragraph."""

INDENT = "    "
"""Before the lines of a paragraph but the first."""


def table_lines(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None
) -> list[str]:
    """Return the lines of a table.

    Where its columns do not fit, each row is a paragraph: its first cell, or two where the first
    ones are not all different, then its other cells with the titles of their columns. No cell is
    cut.

    Args:
        columns: their titles.
        rows: of cells, each as long as ``columns``.
        width: of the terminal; ``None`` for any.

    Example:
        >>> table_lines(("name", "status"), [("tuned", "InService")], 10)
        ['tuned', '    status InService']
    """
    aligned = list(_aligned([tuple(columns), *rows]))
    if width is None or all(shown_width(line) <= width for line in aligned):
        return aligned
    names = 1 if columns[0] and len({row[0] for row in rows}) == len(rows) else 2
    return [line for row in rows for line in _paragraph(columns, row, names, width)]


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(shown_width, cells)) for cells in zip(*lines, strict=True)]
    for line in lines:
        filled = (
            cell + " " * (width - shown_width(cell))
            for cell, width in zip(line, widths, strict=True)
        )
        yield "  ".join(filled).rstrip()


def _paragraph(columns: Sequence[str], row: Sequence[str], names: int, width: int) -> Iterator[str]:
    """Yield a row's lines: its first cells, which name it, then the others with their titles."""
    yield folded(" ".join(filter(None, row[:names])) or "–", width)
    items = [
        f"{title} {cell}".strip()
        for title, cell in zip(columns[names:], row[names:], strict=True)
        if cell
    ]
    for line in _filled(items, width - len(INDENT)):
        yield folded(INDENT + line, width)


def _filled(items: Iterable[str], width: int) -> Iterator[str]:
    """Yield lines of items, which break between them."""
    line = ""
    for item in items:
        longer = f"{line}{BETWEEN}{item}" if line else item
        if line and shown_width(longer) > width:
            yield line
            longer = item
        line = longer
    if line:
        yield line
