"""News of ``tune`` and ``check`` for their caller: a command line, a notebook, a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcc_core.actions.context import say_on_stderr

if TYPE_CHECKING:
    from mlcc_core.contract.job import JobState
    from mlcc_core.staging import StagingProgress


class Reporter:
    """Hears the news; override what you care about. By default: lines on stderr, no progress."""

    def say(self, line: str) -> None:
        """One line for the user."""
        say_on_stderr(line)

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        """Something takes a while that reports nothing; ``title`` says what."""
        self.say(f"{title} …")
        yield

    def staging(self, progress: StagingProgress) -> None:
        """The dataset is being converted."""

    def tokens(self, rows: int) -> None:
        """So many rows were counted in tokens."""

    def staged(self) -> None:
        """The dataset is converted."""

    def job(self, state: JobState) -> None:
        """The watched job was looked at; the last call has its final state."""
