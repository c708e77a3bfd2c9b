"""Create a job at most once, even if processes are killed or answers lost.

Its name is decided and written down before the call that creates it. An answer that is lost, or a
process that is killed, leaves the name behind, under which the job is found again or not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from mlcc_core.contract.job import JobState
from mlcc_core.errors import Interrupted, MlccError, PlatformError
from mlcc_core.helpers.text import sentence
from mlcc_core.project.project import Project


class Book(ABC):
    """The place where a job is written down. All but :meth:`in_doubt` are called with the lock."""

    @abstractmethod
    def begin(self) -> None:
        """Write down that the job is about to be created."""

    @abstractmethod
    def created(self) -> None:
        """Write down that it exists."""

    @abstractmethod
    def refused(self, error: Exception) -> None:
        """Write down that it does not exist, and why."""

    @abstractmethod
    def in_doubt(self) -> bool:
        """Return whether its creation began and did not end."""


@dataclass(frozen=True)
class Creation:
    """The creation of one job.

    Attributes:
        project: whose lock is held meanwhile.
        name: of the job.
        book: where it is written down.
        submit: the call that creates it.
        describe: looks for it; ``None`` where it does not exist.
        meanwhile: looks, with the lock held, for the job that another terminal created; returns
            its name.
        again: the command that comes back to this point, for messages.
    """

    project: Project
    name: str
    book: Book
    submit: Callable[[], None]
    describe: Callable[[], JobState | None]
    meanwhile: Callable[[], str | None]
    again: str

    def create(self) -> tuple[str, bool]:
        """Create the job.

        Returns:
            The job to follow, and whether this call created it: another terminal or machine may
            have been faster.

        Raises:
            PlatformError: it was not created, or that is not known; the message says which.
            Interrupted: Ctrl-C; the message says whether it exists.
        """
        try:
            with self.project.lock():
                found = self.meanwhile()
                if found is not None:
                    return found, False
                self._send()
        except KeyboardInterrupt:
            raise self._interrupted() from None
        return self.name, True

    def _send(self) -> None:
        self.book.begin()
        try:
            self.submit()
        except Exception as error:
            if not self._survived(error):
                self.book.refused(error)
                raise
        self.book.created()

    def _survived(self, error: Exception) -> bool:
        """Return whether the job exists although creating it seemed to fail."""
        try:
            return self.describe() is not None
        except MlccError as second:
            raise PlatformError(
                f"Could not find out whether {self.name} was created: "
                f"{sentence(str(error))} Asking again failed: {sentence(second.what)}",
                hint=f"{self.again}   # finds the job, or creates it once",
            ) from second

    def _interrupted(self) -> Interrupted:
        try:
            exists = self.describe() is not None
        except MlccError:
            exists = False
        if exists:
            what = f"Interrupted; the job {self.name} was created and goes on."
        elif self.book.in_doubt():
            what = f"Interrupted while {self.name} was being created: it may exist or not."
        else:
            what = "Interrupted; nothing was submitted."
        return Interrupted(what, hint=f"{self.again}   # finds the job, or creates it once")
