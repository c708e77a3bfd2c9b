"""The places of rows of which a line may hold several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.model.rows import Lines

Numbered = tuple[int, bytes]
"""A row: the line where it begins, and its text."""


class Placing:
    """Numbers the elements of arrays that begin on the same line.

    The last row is held until the next is known: it may be on the same line.
    """

    def __init__(self) -> None:
        self._held: list[Numbered] = []
        self._line = 0
        self._count = 0

    def batches(self, source: Iterator[list[Numbered]]) -> Iterator[Lines]:
        """Yield the rows with their places, also those before an error in the source.

        Raises:
            FileError: the source does.
        """
        try:
            for more in source:
                rows = self._held + more
                self._held = rows[-1:]
                if len(rows) > 1:
                    yield self._placed(rows[:-1], rows[-1][0])
        except FileError:
            yield self._placed(self._held, 0)
            raise
        if self._held:
            yield self._placed(self._held, 0)

    def _placed(self, rows: Sequence[Numbered], following: int) -> Lines:
        """Return rows with their places.

        Args:
            rows: consecutive ones.
            following: the line of the next row; 0 where there is none.
        """
        numbers = [number for number, _ in rows]
        within: list[int | None] = []
        for line, group in groupby(numbers):
            before = self._count if line == self._line else 0
            self._line, self._count = line, before + len(list(group))
            alone = self._count == 1 and line != following
            within += [None] if alone else range(before + 1, self._count + 1)
        return Lines(numbers, [text for _, text in rows], within, of_array=True)
