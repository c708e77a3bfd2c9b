"""What became of a batch of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcc_core.staging.faults import Fault, RowFaults
from mlcc_core.staging.lines import Lines, bare

if TYPE_CHECKING:
    from mlcc_core.staging.rows import RowConverter

Take = Callable[[bytes], None]
"""Takes converted JSON lines, in order, in pieces that each end a line."""


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
        written: rows that were converted, and handed on if they are wanted.
        bad: the others.
    """

    read: int
    written: int = 0
    bad: list[BadRow] = field(default_factory=list)


def convert_lines(batch: Lines, converter: RowConverter, take: Take | None = None) -> Outcome:
    """What becomes of rows of JSON text, one by one."""
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
