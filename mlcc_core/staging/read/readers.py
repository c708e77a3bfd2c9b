"""Open a file of the dataset as rows: lines of JSON, or record batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, cast

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.ranged import MOST_AHEAD, verifies
from mlcc_core.staging.read import formats, json_lines, streams
from mlcc_core.staging.read.formats import Format
from mlcc_core.staging.read.prefetch import ReadAhead

if TYPE_CHECKING:
    from mlcc_core.contract.source import DatasetFile
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.model.rows import Lines
    from mlcc_core.staging.read.arrow import TableRows

SMALL_BLOCK = 64 << 10
"""Bytes to read at once where only the first rows are wanted."""


class LineRows:
    """A file whose rows come as text, one JSON object each.

    Attributes:
        format: ``jsonl`` or ``json``.
        unit: what the numbers count.
        untouched: nothing was unpacked, and the text has no BOM, no blank line and no carriage
            return, as far as it was read.
    """

    unit = "line"

    def __init__(
        self, source: Iterator[bytes], name: str, form: Format, *, untouched: bool, small: bool
    ) -> None:
        self.format = form
        self.untouched = untouched
        self._batches = (
            json_lines.json_lines(source, name, SMALL_BLOCK // 2 if small else json_lines.AT_ONCE)
            if form == "jsonl"
            else json_lines.array_elements(source, name)
        )

    def batches(self) -> Iterator[Lines]:
        return self._batches


@contextmanager
def open_rows(
    job: DatasetJob, file: DatasetFile, *, small: bool = False
) -> Iterator[tuple[LineRows | TableRows, streams.Counter]]:
    """The rows of one file, and the counter of the bytes that were fetched for them.

    Args:
        small: only the first rows will be read.

    Raises:
        MlccError: empty, damaged, or in no format that is known.
        PlatformError: it cannot be reached.
    """
    try:
        with ExitStack() as stack:
            raw = stack.enter_context(job.source.open(file, job.access))
            counter = streams.Counter(raw)
            try:
                yield _rows(counter, file.name, small, stack), counter
            except KeyboardInterrupt:
                # Closing it would wait for a read that is under way, from a server that may hang.
                stack.pop_all()
                raise
            except MlccError as error:
                if not (small or isinstance(error, PlatformError)) and verifies(raw):
                    _read_all(job, file)
                raise
    except OSError as error:
        raise PlatformError(f"{file.name} cannot be read: {error.strerror or error}.") from error


def _read_all(job: DatasetJob, file: DatasetFile) -> None:
    """Read a file that seems to be damaged from start to end, to know where that happened.

    Raises:
        PlatformError: on its way here; where it is, it is whole.
    """
    with job.source.open(file, job.access) as again:
        while again.read(MOST_AHEAD):
            pass


def _rows(
    counter: streams.Counter, name: str, small: bool, stack: ExitStack
) -> LineRows | TableRows:
    file = cast(BinaryIO, counter)
    if name.lower().endswith(".parquet"):
        from mlcc_core.staging.read.parquet.rows import ParquetRows

        return ParquetRows(file, name, small=small)
    source, packed = streams.blocks(file, name, SMALL_BLOCK if small else streams.BLOCK)
    head = b""
    for block in source:
        head += block
        if head.removeprefix(formats.BOM).strip():
            break
    form = formats.recognise(name, head)
    source = chain([head], source)
    if form in ("jsonl", "json"):
        untouched = not packed and _is_clean(head)
        if not small and (packed or not counter.is_local()):
            # Lines are decoded with the interpreter's lock held: read meanwhile what takes long.
            source = stack.enter_context(ReadAhead(source))
        return LineRows(source, name, form, untouched=untouched, small=small)
    if form in ("csv", "tsv"):
        from mlcc_core.staging.read.csv.delimited import DelimitedRows

        return DelimitedRows(source, name, form)
    return _binary_rows(file, source, name, form, packed)


def _is_clean(head: bytes) -> bool:
    blank = head.startswith(b"\n") or b"\n\n" in head
    return not head.startswith(formats.BOM) and b"\r" not in head and not blank


def _binary_rows(
    file: BinaryIO, source: Iterator[bytes], name: str, form: Format, packed: bool
) -> TableRows:
    from mlcc_core.staging.read.arrow import ArrowRows
    from mlcc_core.staging.read.parquet.rows import ParquetRows

    if form == "arrows":
        return ArrowRows(cast(BinaryIO, streams.BlockReader(source)), name, form)
    if packed:
        raise MlccError(
            f"{name} is a packed {form.title()} file, which can only be read unpacked.",
            hint=f"unpack it first: {'gunzip' if name.endswith('.gz') else 'unzstd'} {name}",
        )
    file.seek(0)
    return ParquetRows(file, name) if form == "parquet" else ArrowRows(file, name, form)
