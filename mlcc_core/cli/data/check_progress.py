"""Progress of ``mlcc check``: beside a terminal's spinner, or in lines every few seconds."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.cli.console import Console
from mlcc_core.cli.waiting.spinner import name

if TYPE_CHECKING:
    from mlcc_core.staging import StagingProgress

INTERVAL = 5.0
"""Seconds between two lines about the rows, and between two about their tokens."""


class CheckProgress(Reporter):
    """Shows progress on the console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._on_terminal = sys.stderr.isatty()
        self._rows_shown = self._tokens_shown = time.monotonic()

    def say(self, line: str) -> None:
        self._console.note(line)

    def staging(self, progress: StagingProgress) -> None:
        if self._on_terminal:
            name(progress_line(progress))
        elif time.monotonic() - self._rows_shown >= INTERVAL:
            self._rows_shown = time.monotonic()
            self._console.note(progress_line(progress))

    def tokens(self, rows: int) -> None:
        if self._on_terminal:
            name(f"Counting tokens: {rows:,} rows")
        elif time.monotonic() - self._tokens_shown >= INTERVAL:
            self._tokens_shown = time.monotonic()
            self._console.note(f"Counting tokens: {rows:,} rows")


def progress_line(progress: StagingProgress) -> str:
    """Return ``Checking a.jsonl (1 of 2): 1,200 rows, 40 %``; more may have been read."""
    of = f" ({progress.number} of {progress.files})" if progress.files > 1 else ""
    total = progress.bytes_total
    share = f", {min(100, 100 * progress.bytes_read / total):.0f} %" if total else ""
    return f"Checking {progress.file}{of}: {progress.rows:,} rows{share}"
