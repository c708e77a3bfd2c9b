"""Samples of rows: from a pass over them, or from a file that can seek."""

from __future__ import annotations

import io
import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mlcc_core.staging.model.rows import Write

MOST = 4 << 20
"""Bytes of rows that a sample holds: a tokenizer takes a second for one to five million."""

CELL = 64 << 10
"""Bytes of a cell of a file: one is read by one request, and a sample has enough of them."""

FEWEST = 30
"""Rows that a sample keeps however long they are: fewer say little of how rows differ."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Some units of a dataset, each of which had the same chance; or all of them.

    Attributes:
        units: JSON lines of each: one row, or all rows that begin in one cell of a file.
        of: units of the whole dataset.
        bytes: of all rows of the dataset.
        rows: of the dataset; ``None`` where they were not counted.
    """

    units: tuple[bytes, ...]
    of: int
    bytes: int
    rows: int | None

    @property
    def whole(self) -> bool:
        """Return whether it is the whole dataset."""
        return len(self.units) == self.of


class RowSample:
    """Takes all rows of a pass, and keeps a sample: all of them, as long as they are few.

    The choice follows from the positions of rows alone, so that it is the same in each pass.

    Args:
        most: bytes of rows that are kept.
        seed: of the choice.
    """

    def __init__(self, most: int = MOST, seed: int = 0) -> None:
        self._most = most
        self._random = random.Random(seed)  # noqa: S311 - the same choice each time
        self._sizes = array("Q")
        self._chance = 1.0
        self._kept: list[tuple[float, int, bytes]] = []
        self._bytes = 0
        self._left_out: frozenset[int] = frozenset()

    def add(self, lines: bytes) -> None:
        """Take further rows, as JSON lines."""
        rows = lines.split(b"\n")[:-1]
        start = len(self._sizes)
        self._sizes.extend(len(row) + 1 for row in rows)
        draw, chance = self._random.random, self._chance
        for place, row in enumerate(rows, start):
            number = draw()
            if number < chance:
                self._kept.append((number, place, row + b"\n"))
                self._bytes += len(row) + 1
        while self._bytes > self._most and len(self._kept) > FEWEST:
            self._chance /= 2
            self._kept = [each for each in self._kept if each[0] < self._chance]
            self._bytes = sum(len(row) for _, _, row in self._kept)

    def beside(self, write: Write) -> Write:
        """Return a function that writes rows and takes them."""

        def both(lines: bytes) -> None:
            write(lines)
            self.add(lines)

        return both

    def leave_out(self, places: Sequence[int]) -> None:
        """Take back rows, by their positions: those that are held out of training."""
        self._left_out = frozenset(places)

    def sample(self) -> Sample:
        """Return the rows that were kept, in order."""
        rows = tuple(row for _, place, row in self._kept if place not in self._left_out)
        left_out = sum(self._sizes[place] for place in self._left_out)
        count = len(self._sizes) - len(self._left_out)
        return Sample(rows, count, sum(self._sizes) - left_out, count)


def file_sample(
    file: BinaryIO, rows: int | None, most: int = MOST, *, cell: int = CELL, seed: int = 0
) -> Sample:
    """Read a sample of a file of JSON lines: all of a small one, else cells of it.

    A cell's rows are those that begin in it, so that each row is in one cell.

    Args:
        file: can seek.
        rows: that it has; ``None`` where they were not counted.
        most: bytes that are read, about.
        cell: bytes of a cell.
        seed: of the choice.
    """
    size = file.seek(0, io.SEEK_END)
    cells = -(-size // cell)
    wanted = max(1, most // cell)
    if cells <= wanted:
        file.seek(0)
        units = tuple(_lines(file.read()))
        return Sample(units, len(units), sum(map(len, units)), len(units))
    draw = random.Random(seed)  # noqa: S311 - the same choice each time
    chosen = sorted(draw.sample(range(cells), wanted))
    found = tuple(_cell(file, place * cell, cell) for place in chosen)
    return Sample(found, cells, size, rows)


def _cell(file: BinaryIO, start: int, size: int) -> bytes:
    """Return the rows that begin in the cell at ``start``, of so many bytes."""
    place = max(0, start - 1)
    file.seek(place)
    if start:
        place += len(file.readline())
    found = []
    while place < start + size and (line := file.readline()):
        place += len(line)
        found.append(line)
    return b"".join(_lines(b"".join(found)))


def _lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines that hold something, each with its newline."""
    return (line + b"\n" for line in data.split(b"\n") if line.strip())
