"""The file of rows that were skipped on request: written completely, or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import IO

from mlcc_core.errors import PlatformError
from mlcc_core.helpers.disk import cannot_write
from mlcc_core.staging.model.row_issues import DroppedRow, RowIssue
from mlcc_core.staging.model.rows import InvalidRow
from mlcc_core.staging.rules.strict_json import encode


class Rejects:
    """Writes rows as JSON lines with ``file``, ``line``, ``column``, ``reason`` and ``row``.

    A row that has others on its line has ``row_on_line``, too: which of them it is.

    Args:
        path: of the file; ``None`` to write none. An older one is replaced, or removed if no
            row was skipped.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._partial = None if path is None else path.with_name(f"{path.name}.partial")
        self._file: IO[bytes] | None = None

    def add(self, file: str, row: InvalidRow) -> None:
        """Write a row that was skipped.

        Raises:
            PlatformError: it cannot be written.
        """
        if self._partial is None:
            return
        issue: RowIssue = row.issues[0]
        head = encode(
            {
                "file": file,
                "line": row.number,
                **({} if row.row_on_line is None else {"row_on_line": row.row_on_line}),
                "column": issue.column,
                "reason": issue.reason if isinstance(issue, DroppedRow) else issue.said,
            }
        )
        try:
            if self._file is None:
                self._partial.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._partial.open("wb")
            self._file.write(head[:-1] + b',"row":' + row.text + b"}\n")
        except OSError as error:
            raise self._failed(error) from error

    def commit(self) -> None:
        """Make the file visible.

        Raises:
            PlatformError: it cannot be written.
        """
        try:
            if self._file is not None and self._partial is not None and self._path is not None:
                self._file.close()
                self._partial.replace(self._path)
                self._file = None
            elif self._path is not None:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(error) from error

    def discard(self) -> None:
        """Remove a partial file; do nothing after a commit."""
        if self._file is not None and self._partial is not None:
            with suppress(OSError):  # closing repeats a failed write, which no longer matters
                self._file.close()
            self._partial.unlink(missing_ok=True)
            self._file = None

    def _failed(self, error: OSError) -> PlatformError:
        path = self._path or Path()
        return cannot_write(f"The rejects file {path}", path.parent, error)
