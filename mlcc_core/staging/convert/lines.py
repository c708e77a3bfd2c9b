"""Rows of JSON text converted one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core.staging.model.row_issues import RowIssues
from mlcc_core.staging.model.rows import BatchResult, InvalidRow, Lines, Write
from mlcc_core.staging.read.json_lines import bare

if TYPE_CHECKING:
    from mlcc_core.staging.convert.rows import RowConverter


def convert_lines(batch: Lines, converter: RowConverter, write: Write | None = None) -> BatchResult:
    """Convert rows of JSON text, one by one."""
    result = BatchResult(read=len(batch.texts))
    good: list[bytes] = []
    for number, line in zip(batch.numbers, batch.texts, strict=True):
        try:
            good.append(converter.convert(line))
        except RowIssues as error:
            result.invalid.append(InvalidRow(number, bare(line), error.issues))
    result.written = len(good)
    if good and write is not None:
        write(b"".join(good))
    return result
