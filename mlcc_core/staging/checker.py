"""Check a dataset: every row, every error, and the valid rows in numbers."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from mlcc_core.errors import raise_all
from mlcc_core.staging.chat import is_blank
from mlcc_core.staging.findings import evaluator_values, final_notes, last_warnings
from mlcc_core.staging.inspection import survey
from mlcc_core.staging.passage import Passage
from mlcc_core.staging.rejects import Rejects
from mlcc_core.staging.report import CheckReport, ColumnSummary
from mlcc_core.staging.stager import Output, certain_problems

if TYPE_CHECKING:
    from pathlib import Path

    from mlcc_core.staging.request import DatasetJob

PERCENTILES = (0, 50, 90, 99, 100)


class Summary:
    """The valid rows in numbers: eight bytes a row, four a value."""

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(dict[str, object])
        self._hashes = array("q")
        self._lengths: dict[str, array[int]] = {}
        self._empty: Counter[str] = Counter()

    def take(self, data: bytes) -> None:
        """Look at converted JSON lines."""
        for line in data.splitlines():
            self._hashes.append(hash(line))
            for name, value in self._decoder.decode(line).items():
                length = text_length(value)
                if length is not None:
                    self._lengths.setdefault(name, array("I")).append(min(length, 2**32 - 1))
                if isinstance(value, str) and is_blank(value):
                    self._empty[name] += 1

    def duplicates(self) -> int:
        """Rows that are equal to an earlier one (by a 64-bit hash)."""
        import pyarrow.compute as pc

        return len(self._hashes) - pc.count_distinct(_as_arrow(self._hashes)).as_py()

    def columns(self, names: Sequence[str]) -> tuple[ColumnSummary, ...]:
        return tuple(
            ColumnSummary(name, self._empty[name], percentiles(self._lengths.get(name)))
            for name in names
        )


def text_length(value: object) -> int | None:
    """The characters of a string, or of all contents of an array of messages; else ``None``."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, list):
        return None
    contents = [item.get("content") for item in value if isinstance(item, dict)]
    texts: list[object] = []
    for content in contents:
        parts = content if isinstance(content, list) else [content]
        texts += [part.get("text") if isinstance(part, dict) else part for part in parts]
    lengths = [len(text) for text in texts if isinstance(text, str)]
    return sum(lengths) if lengths else None


def percentiles(lengths: array[int] | None) -> Mapping[int, int]:
    """Percentile to length, each one that some row has."""
    if not lengths:
        return {}
    import pyarrow.compute as pc

    values = _as_arrow(lengths)
    found = {
        percent: pc.quantile(values, q=percent / 100, interpolation="nearest")
        for percent in PERCENTILES
    }
    return {percent: int(length[0].as_py() or 0) for percent, length in found.items()}


def _as_arrow(numbers: array[int]) -> Any:
    """The numbers as an Arrow array over the same memory."""
    import pyarrow as pa

    kind = pa.int64() if numbers.typecode == "q" else pa.uint32()
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def check(
    job: DatasetJob, *, fixed: BinaryIO | None, rejects: Path | None, cap: int
) -> CheckReport:
    """See :func:`mlcc_core.staging.check`."""
    found = survey(job)
    raise_all(certain_problems(found))
    summary = Summary()
    output = Output(fixed) if fixed is not None else None
    size = 0

    def take(data: bytes) -> None:
        nonlocal size
        size += len(data)
        summary.take(data)
        if output is not None:
            output.write(data)

    left_out = Rejects(rejects)
    passage = Passage(job, found.plan, take=take, leave=left_out.add, cap=cap, every_fault=True)
    try:
        ledger = passage.run()
        left_out.commit()
    finally:
        left_out.discard()
    consumed = found.plan.repair.reads if found.plan.repair else ()
    dropped = dict.fromkeys((*found.inspection.dropped, *passage.tally.dropped))
    written = tuple(dict.fromkeys((*found.inspection.columns, *passage.tally.kept)))
    return CheckReport(
        rows=ledger.read,
        valid=ledger.written,
        bytes=size,
        errors=tuple(passage.errors),
        error_count=passage.failed,
        duplicates=summary.duplicates(),
        columns=summary.columns(written),
        dropped=tuple(name for name in dropped if name not in consumed),
        notes=final_notes(found.plan, passage.tally),
        warnings=(*found.inspection.warnings, *last_warnings(found.plan, passage.tally, ledger)),
        ledger=ledger,
        evaluators=evaluator_values(job, passage.tally),
    )
