"""Rows of JSON text converted one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_core.staging.model.row_issues import RowIssues
from mlcc_core.staging.model.rows import BatchResult, InvalidRow, Lines, Write
from mlcc_core.staging.read.json.lines import bare
from mlcc_core.staging.read.json.objects import rows_on_line
from mlcc_core.staging.rules.strict_json import of_element

if TYPE_CHECKING:
    from mlcc_core.staging.convert.rows import RowConverter


def convert_lines(
    batch: Lines, converter: RowConverter, write: Write | None = None, *, several: bool = False
) -> BatchResult:
    """Convert rows of JSON text, one by one.

    Args:
        batch: the rows.
        converter: of each.
        write: takes the converted rows.
        several: a line may hold several objects, or arrays of them, which are rows.
    """
    result = BatchResult(read=len(batch.texts))
    good: list[bytes] = []
    convert_each(batch, converter, good, result, several=several)
    if good and write is not None:
        write(b"".join(good))
    return result


def convert_each(
    batch: Lines,
    converter: RowConverter,
    good: list[bytes],
    result: BatchResult,
    *,
    several: bool,
) -> None:
    """Convert lines one by one; several objects on one are rows of that line.

    Args:
        batch: the lines, counted as one row each in ``result`` already.
        converter: of rows.
        good: takes the rows to write.
        result: takes the other counts.
        several: a line may hold several objects.
    """
    for number, within, line in batch.placed():
        try:
            good.append(converter.convert(line))
        except RowIssues as error:
            rows = rows_on_line(line) if several else None
            if rows is None:
                issues = list(map(of_element, error.issues)) if batch.of_array else error.issues
                result.invalid.append(InvalidRow(number, bare(line), issues, within))
                continue
            result.split += 1
            result.read += len(rows) - 1
            _convert_rows(number, rows, converter, good, result)
        else:
            result.written += 1


def _convert_rows(
    number: int,
    rows: Sequence[bytes],
    converter: RowConverter,
    good: list[bytes],
    result: BatchResult,
) -> None:
    """Convert the rows of one line."""
    for within, row in enumerate(rows, 1):
        try:
            good.append(converter.convert(row))
            result.written += 1
        except RowIssues as error:
            result.invalid.append(InvalidRow(number, row, error.issues, within))
