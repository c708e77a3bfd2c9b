"""The preview of one file: a value that advice and plans are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mlcc_core.staging.model.read_note import ReadNote
from mlcc_core.staging.model.report import FileColumns
from mlcc_core.staging.model.rows import InvalidRow, Lines, TableBatch


@dataclass
class FilePreview:
    """The beginning of one file.

    Attributes:
        file: name, format, columns after rename, rows.
        source_columns: before rename; of JSON text, the keys of all first rows together: a key
            that one of them lacks is that row's issue.
        first_columns: of the first record, after rename.
        unit: what row numbers count, ``row`` or ``line``.
        schema: of a columnar file, before rename (an Arrow schema), else ``None``.
        lines: the first rows of a file of JSON text.
        table: the first rows of a columnar file, if requested.
        records: the valid first rows as Python values, after rename.
        invalid: rows that cannot be read.
        notes: what was recognised in the file.
        command: writes its text, in a shell; empty where it is not text.
        delimiter: of a table in text.
        looked_at: rows that were looked at for columns; ``None``: all that there are, or a
            columnar file.
        untouched: the bytes read so far are JSON lines as staging writes them.
        goes_on: a file of JSON text has more rows than ``lines``.
    """

    file: FileColumns
    source_columns: tuple[str, ...]
    first_columns: tuple[str, ...]
    unit: str
    schema: Any = None
    lines: Lines = field(default_factory=lambda: Lines([], []))
    table: TableBatch | None = None
    records: list[dict[str, Any]] = field(default_factory=list)
    invalid: list[InvalidRow] = field(default_factory=list)
    notes: Sequence[ReadNote] = ()
    command: str = ""
    delimiter: str = ""
    looked_at: int | None = None
    untouched: bool = False
    goes_on: bool = False

    @property
    def is_empty(self) -> bool:
        """Its beginning shows no rows."""
        return self.file.rows == 0 if self.table is None else False
