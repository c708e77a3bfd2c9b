"""Two replies beside each other on a wide terminal, row by row as they come."""

from __future__ import annotations

from mlcc_core.cli.console import CONTROLS
from mlcc_core.cli.folding.width import display_width

WIDE = 80
"""Columns of a terminal from which on two replies fit beside each other."""

GAP = " │ "


class Column:
    """A reply that is folded as it comes.

    Attributes:
        width: of its lines.
        lines: that are full, in order.
        over: the reply is; its last line is full, too.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []
        self.over = False
        self._rest = ""

    def add(self, text: str) -> None:
        """Take the next part of the reply."""
        shown = text.replace("\t", "    ").translate(CONTROLS)
        *full, self._rest = folded(self._rest + shown, self.width)
        self.lines += full

    def end(self) -> None:
        """Take the rest of the reply as its last line."""
        if not self.over:
            self.over = True
            self.lines.append(self._rest)


class Columns:
    """Rows of two columns, each of which is given out once it will not change any more.

    Args:
        width: of the terminal.
        titles: of the columns.
    """

    def __init__(self, width: int, titles: tuple[str, str]) -> None:
        half = (width - len(GAP)) // 2
        self._columns = (Column(half), Column(half))
        self._given = 0
        for column, title in zip(self._columns, titles, strict=True):
            column.lines.append(folded(title, half)[0])

    def add(self, place: int, text: str) -> list[str]:
        """Take the next part of a reply; return the rows that are done."""
        self._columns[place].add(text)
        return self._rows()

    def end(self) -> list[str]:
        """Return the rows that are left: both replies are over."""
        for column in self._columns:
            column.end()
        return self._rows()

    def _rows(self) -> list[str]:
        left, right = self._columns
        lengths = len(left.lines), len(right.lines)
        ready = max(lengths) if left.over and right.over else min(lengths)
        rows = []
        for row in range(self._given, ready):
            first, second = (c.lines[row] if row < len(c.lines) else "" for c in self._columns)
            padded = first + " " * (left.width - display_width(first))
            rows.append(f"{padded}{GAP}{second}".rstrip())
        self._given = max(self._given, ready)
        return rows


def folded(text: str, width: int) -> list[str]:
    """Fold a text at spaces into lines of a width; longer words are broken."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if display_width(longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _broken(word, width)
            lines += full
        lines.append(line)
    return lines


def _broken(word: str, width: int) -> list[str]:
    parts, part = [], ""
    for char in word:
        if part and display_width(part + char) > width:
            parts.append(part)
            part = ""
        part += char
    return [*parts, part]
