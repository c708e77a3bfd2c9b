"""News of ``tune``, ``check``, ``evaluate`` for a caller: a command line, a notebook, a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcc_core.actions.context import say_on_stderr

if TYPE_CHECKING:
    from mlcc_core.contract.job import JobState
    from mlcc_core.contract.platform.platform import Platform
    from mlcc_core.staging import StagingProgress


class Reporter:
    """Takes the news; by default lines go to stderr, and progress nowhere."""

    def say(self, line: str) -> None:
        """Take one line for the user."""
        say_on_stderr(line)

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        """Something takes a while that reports nothing; ``title`` says what."""
        self.say(f"{title} …")
        yield

    def staging(self, progress: StagingProgress) -> None:
        """Take the progress of the dataset that is being converted or checked."""

    def tokens(self, rows: int) -> None:
        """Take the number of rows that were counted in tokens so far."""

    def staged(self) -> None:
        """Take note that the dataset is converted."""

    def job(self, state: JobState) -> None:
        """Take the state of the watched job; the last call has its final state."""

    def evaluating(self, states: Sequence[tuple[str, JobState]]) -> None:
        """Take the states of jobs that are watched at the same time, each with its title."""

    def asking(self, what: str, done: int, total: int) -> None:
        """Take the number of answers that are there, of so many that are asked for.

        Args:
            what: is done: "Asking base".
            done: answers so far.
            total: answers in the end.
        """


@contextmanager
def asking_elsewhere(platform: Platform, reporter: Reporter) -> Iterator[None]:
    """Say that a plan is made, where a platform with an account is asked: that takes seconds."""
    if platform.account is None:
        yield
        return
    with reporter.working(f"Asking {platform.title}"):
        yield
