"""What became of a batch of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcc_core.staging.faults import Fault, RowFaults
from mlcc_core.staging.lines import Lines, bare

if TYPE_CHECKING:
    from mlcc_core.staging.rows import RowConverter


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not converted.

    Attributes:
        number: its line, or its row number in a columnar file.
        text: the row as JSON text, or the line as it was; empty where it has no text.
        faults: what is wrong, at least one.
    """

    number: int
    text: bytes
    faults: list[Fault]

    @property
    def misfit(self) -> bool:
        """Nothing but misfits: the row may be left out on request."""
        return all(fault.misfit for fault in self.faults)


@dataclass
class Outcome:
    """A batch, converted.

    Attributes:
        read: rows in the batch.
        chunks: JSON lines, in order, in pieces of many rows.
        written: rows in ``chunks``.
        bad: the others.
    """

    read: int
    chunks: list[bytes] = field(default_factory=list)
    written: int = 0
    bad: list[BadRow] = field(default_factory=list)

    def add(self, data: bytes, rows: int) -> None:
        self.chunks.append(data)
        self.written += rows


def convert_lines(batch: Lines, converter: RowConverter) -> Outcome:
    """What becomes of rows of JSON text."""
    outcome = Outcome(read=len(batch.texts))
    good: list[bytes] = []
    for number, line in zip(batch.numbers, batch.texts, strict=True):
        try:
            good.append(converter.convert(line))
        except RowFaults as error:
            outcome.bad.append(BadRow(number, bare(line), error.faults))
    if good:
        outcome.add(b"".join(good), len(good))
    return outcome
