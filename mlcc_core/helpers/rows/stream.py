"""Rows as a file of JSON lines: a seekable reader that holds one row at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError, PluginError
from mlcc_core.helpers.text import one_line

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Rows = Iterable[Mapping[str, object]]

BLOCK = 1 << 20


def json_lines(rows: Rows, place: str) -> Iterator[bytes]:
    """Yield each row as a line of JSON.

    Args:
        rows: values by column.
        place: the rows in messages: the address of their dataset.

    Raises:
        MlccError: a value that JSON cannot hold: bytes, a date, NaN.
        PluginError: a row that is not a mapping.

    Example:
        >>> list(json_lines([{"prompt": "2 + 2 ="}], "sqlite://a.db"))
        [b'{"prompt":"2 + 2 ="}\\n']
    """
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise PluginError(
                f"Row {number} of {place} is a {type(row).__name__}, expected a mapping of columns "
                "to values from the plugin of this source.",
                hint=f"in rows() of the plugin: {_mapped(row)}",
            )
        try:
            yield _encoded(dict(row)) + b"\n"
        except (TypeError, ValueError, RecursionError) as error:
            raise _not_json(row, number, place) from error


def _mapped(row: object) -> str:
    """Return the line of code that makes a mapping of what a plugin yields."""
    if isinstance(row, (list, tuple)):
        return "yield dict(zip(columns, row))"
    return "yield json.loads(row)" if isinstance(row, (str, bytes)) else 'yield {"column": row}'


def _encoded(value: object) -> bytes:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
    ).encode()


def _not_json(row: Mapping[str, object], number: int, place: str) -> MlccError:
    column, found = "", "a value"
    for name, value in row.items():
        try:
            _encoded({name: value})
        except (TypeError, ValueError, RecursionError):
            column = f", column {name!r}"
            found = repr(value) if isinstance(value, float) else type(value).__name__
            break
    return MlccError(
        f"Row {number} of {place}{column}: found {found}, expected a value that JSON can hold.",
        where="--dataset",
        hint="leave the column out where the rows come from, or make it text there",
    )


class RowStream(io.RawIOBase):
    """Reads rows as a file of JSON lines; every read is full but for the end.

    Going back begins again with the first row; the length is known once the last one was read.

    Args:
        rows: begins to yield the rows.
        place: the rows in messages.
    """

    def __init__(self, rows: Callable[[], Rows], place: str) -> None:
        super().__init__()
        self._rows = rows
        self._place = place
        self._given: Rows = ()
        self._lines: Iterator[bytes] | None = None
        self._left = b""
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view):
            self._left = self._left or self._next_line()
            if not self._left:
                break
            piece = self._left[: len(view) - filled]
            view[filled : filled + len(piece)] = piece
            self._left = self._left[len(piece) :]
            filled += len(piece)
        self._at += filled
        return filled

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_END:
            self._skip(None)
        target = offset + (0 if whence == io.SEEK_SET else self._at)
        if target < 0:
            raise ValueError(f"negative seek position {target}")
        if target < self._at:
            self._end()
        self._skip(target - self._at)
        return self._at

    def close(self) -> None:
        if not self.closed:
            self._end()
        super().close()

    def _skip(self, size: int | None) -> None:
        """Read and forget; ``None`` goes to the end."""
        while size is None or size > 0:
            read = len(self.read(BLOCK if size is None else min(size, BLOCK)) or b"")
            if not read:
                return
            size = None if size is None else size - read

    def _next_line(self) -> bytes:
        try:
            if self._lines is None:
                self._given = self._rows()
                self._lines = json_lines(self._given, self._place)
            return next(self._lines, b"")
        except (MlccError, OSError, MemoryError):
            raise
        except Exception as error:
            raise PluginError(
                f"The plugin that yields the rows of {self._place} failed: {one_line(error)}",
                hint="mlcc plugins",
            ) from error

    def _end(self) -> None:
        """Stop yielding rows: what the plugin opened for them is closed."""
        for part in (self._lines, self._given):
            stop = getattr(part, "close", None)
            if stop is not None:
                stop()
        self._given, self._lines, self._left, self._at = (), None, b"", 0
