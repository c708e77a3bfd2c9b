"""Rows of JSON text converted one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core.staging.model.row_issues import RowFaults
from mlcc_core.staging.model.rows import BadRow, Lines, Outcome, Take
from mlcc_core.staging.read.json_lines import bare

if TYPE_CHECKING:
    from mlcc_core.staging.convert.rows import RowConverter


def convert_lines(batch: Lines, converter: RowConverter, take: Take | None = None) -> Outcome:
    """Convert rows of JSON text, one by one."""
    outcome = Outcome(read=len(batch.texts))
    good: list[bytes] = []
    for number, line in zip(batch.numbers, batch.texts, strict=True):
        try:
            good.append(converter.convert(line))
        except RowFaults as error:
            outcome.bad.append(BadRow(number, bare(line), error.faults))
    outcome.written = len(good)
    if good and take is not None:
        take(b"".join(good))
    return outcome
