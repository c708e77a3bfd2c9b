"""The one family of errors that a user meets, and the exit codes that scripts rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import TypeVar

T = TypeVar("T")


class ExitCode(IntEnum):
    """The exit codes of the process. They are kept: scripts rely on them."""

    DONE = 0
    """Done; also when ``test`` finds no difference, and says so."""

    INPUT = 1
    """Your input: a flag, a file, a row, a setting, a plugin that breaks its contract."""

    JOB = 2
    """The job failed, was stopped, or learned nothing."""

    PLATFORM = 3
    """The platform: credentials, permission, quota, network, disk; a job that was interrupted; the
    time of ``wait --timeout`` is up."""

    UNMET = 4
    """The verdict is not that of ``evaluate --require``, or ``catalog diff --require same`` finds a
    difference."""

    HUNG_UP = 129
    """The terminal was lost (SIGHUP); a submitted job goes on."""

    INTERRUPTED = 130
    """Interrupted by Ctrl-C; a submitted job goes on."""

    UNREAD = 141
    """A plugin's command was cut off by its reader (``mlcc … | head``), and has neither succeeded
    nor failed; mlcc's own commands then end with the code they would have had."""

    TERMINATED = 143
    """Ended by SIGTERM; a submitted job goes on."""


class MlccError(Exception):
    """A failure that a user can act on, always the user's input unless a subclass says otherwise.

    Args:
        what: one line: what is wrong with which value, and what was expected.
        where: file, line, column, flag or variable the value came from, if any.
        hint: the exact command (or edit) that mends it, if there is one.
        detail: further lines, shown indented below ``what``.
    """

    exit_code: ExitCode = ExitCode.INPUT

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        detail: Iterable[str] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint
        self.detail = tuple(detail)

    def as_json(self) -> Mapping[str, object]:
        """The error as the value of ``"error"`` in a ``--json`` document."""
        return {
            "what": self.what,
            "where": self.where,
            "hint": self.hint,
            "detail": list(self.detail),
            "exit_code": int(self.exit_code),
        }


class JobError(MlccError):
    """The job ran and failed, or was stopped."""

    exit_code = ExitCode.JOB


class UnmetError(MlccError):
    """An evaluation came to another verdict than the one that was required."""

    exit_code = ExitCode.UNMET


class PlatformError(MlccError):
    """Credentials, permission, quota, network, disk: not the user's input, not the job.

    Attributes:
        transient: it may be over in a moment (throttling, a lost connection), so that a watched
            job is asked again.
    """

    exit_code = ExitCode.PLATFORM
    transient = False


class TransientError(PlatformError):
    """A :class:`PlatformError` that trying again may mend."""

    transient = True


class PluginError(MlccError):
    """A plugin breaks the contract; ``what`` names the plugin, its distribution and version."""


class ContractBreach(PluginError):
    """A value or an object that a plugin made wrongly; the caller of the plugin adds its name."""


class VersionMismatch(PluginError):
    """A plugin was written for another version of the contract; it is left out."""


class NotTrainedHere(MlccError):
    """A platform does not train this model, or not with this technique or training type.

    Where another platform trains any model, the user is told the command for it.
    """


class Interrupted(MlccError):
    """Ctrl-C, or a signal to end; ``what`` says what goes on and how to come back."""

    exit_code = ExitCode.INTERRUPTED


class Problems(MlccError):
    """Several errors found at once; the exit code is that of the one to mend first.

    A script that sees ``PLATFORM`` may try again later. That is of no use while the input is wrong
    or a job failed, so the lowest code wins: input, job, platform, verdict. An interruption, which
    ended the command, wins over all.
    """

    def __init__(self, problems: Iterable[MlccError]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError("Problems needs at least one error")
        super().__init__("; ".join(problem.what for problem in self.problems))
        codes = {problem.exit_code for problem in self.problems}
        signals = {code for code in codes if code >= ExitCode.HUNG_UP}
        self.exit_code = min(signals or codes)

    def as_json(self) -> Mapping[str, object]:
        return {**super().as_json(), "problems": [p.as_json() for p in self.problems]}


def raise_all(problems: Iterable[MlccError]) -> None:
    """Raise nothing for no problem, the error itself for one, ``Problems`` for several.

    A problem that is found twice (a missing role, by all that need it) is said once.
    """
    found = tuple({(p.what, p.where, p.hint): p for p in problems}.values())
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems(found)


def attempt(step: Callable[[], T], problems: list[MlccError]) -> T | None:
    """Run one step of several, so that everything that is wrong is said at once.

    Args:
        step: of the work.
        problems: takes what the step finds wrong.

    Returns:
        The answer of the step; ``None`` where it found something wrong.

    Example:
        >>> problems = []
        >>> role = attempt(lambda: role_of(context), problems)
        >>> region = attempt(lambda: region_of(context), problems)
        >>> raise_all(problems)
    """
    try:
        return step()
    except Problems as several:
        problems.extend(several.problems)
    except MlccError as error:
        problems.append(error)
    return None


def is_interrupt(error: BaseException) -> bool:
    """Return whether it is a Ctrl-C, which Python up to 3.11 wraps where it interrupts a class."""
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)
