"""Frames as JSON lines, and text of JSON within them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, cast

import msgspec
import polars as pl
import pyarrow as pa

from mlcc_core.errors import MlccError
from mlcc_core.helpers.memory import is_out_of_memory, out_of_memory
from mlcc_core.staging.convert.sink_writer import SinkWriter
from mlcc_core.staging.model.row_issues import RowIssue, RowIssues
from mlcc_core.staging.model.rows import Write
from mlcc_core.staging.read.json_values import Shape, read_json
from mlcc_core.staging.rules.strict_json import encode, parse_raw


@contextmanager
def writable(numbers: Sequence[int]) -> Iterator[None]:
    """Turn the libraries' errors about a batch into one that says where it is."""
    try:
        yield
    except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException) as e:
        if is_out_of_memory(e):
            raise out_of_memory(e, f"Writing rows {numbers[0]} to {numbers[-1]}") from e
        raise MlccError(
            f"A value in rows {numbers[0]} to {numbers[-1]} cannot be written as "
            f"JSON: {str(e).splitlines()[0] if str(e) else type(e).__name__}.",
            hint="write its column as text",
        ) from e


class _Forwarder(io.RawIOBase):
    """A file that passes on what is written to it: bytes that are neither copied nor held.

    Attributes:
        error: raised by passing on; Polars would wrap it in an error of its own.
    """

    def __init__(self, write: Write) -> None:
        super().__init__()
        self._pass_on = write
        self.error: BaseException | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        try:
            self._pass_on(data)
        except BaseException as error:
            self.error = error
            raise
        return len(data)


def write_lines(frame: pl.DataFrame, names: Sequence[str], write: Write) -> None:
    """Write the rows as JSON lines, in pieces of many.

    Args:
        frame: the rows.
        names: of its columns, as they are written.
        write: takes the pieces.
    """
    named = frame.clone()
    named.columns = list(names)
    if isinstance(write, SinkWriter) and write.hand_over(named.write_ndjson):
        return
    forwarder = _Forwarder(write)
    try:
        named.write_ndjson(cast("IO[bytes]", forwarder))
    except BaseException:
        if forwarder.error is not None:
            raise forwarder.error from None
        raise


def lines_of(frame: pl.DataFrame | None, names: Sequence[str]) -> list[bytes]:
    """Return the rows as JSON lines, one by one; none for ``None``."""
    pieces: list[bytes] = []
    if frame is not None:
        write_lines(frame, names, pieces.append)
    return b"".join(pieces).splitlines(keepends=True)


def with_json(line: bytes, shapes: Mapping[str, Shape]) -> bytes:
    """Return a row of JSON text in which columns of JSON are what they mean.

    Args:
        line: the row, JSON text in strings.
        shapes: of the columns that hold any.

    Raises:
        RowIssues: text that is not JSON, by column.
    """
    issues: list[RowIssue] = []
    values = parse_raw(line)
    for name in shapes.keys() & values.keys():
        try:
            value = read_json(msgspec.json.decode(values[name]), shapes[name], raw=True)
        except RowIssue as issue:
            issue.column = name
            issues.append(issue)
        else:
            values[name] = encode(value)
    if issues:
        raise RowIssues(sorted(issues, key=lambda issue: str(issue.column)))
    return b"{" + b",".join(encode(k) + b":" + v for k, v in values.items()) + b"}\n"
