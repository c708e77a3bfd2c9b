"""The plugin that is called: its failures in words, and blocks in which its code runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from mlcc_core.contract.source import Credential
from mlcc_core.errors import (
    ContractBreach,
    MlccError,
    PlatformError,
    PluginError,
    TransientError,
    is_interrupt,
)
from mlcc_core.helpers.disk import disk_error, is_full
from mlcc_core.helpers.memory import is_out_of_memory
from mlcc_core.helpers.process.bounded import TimeIsUp, answered
from mlcc_core.helpers.text import one_line
from mlcc_core.loader.entry_points import Origin, disable_hint
from mlcc_core.loader.guard.blame import Blame
from mlcc_core.loader.guard.hiding import hide, secrets_in
from mlcc_core.loader.guard.stdout import stdout_to_stderr

T = TypeVar("T")

LOOK_SECONDS = 120.0
"""The longest time that a plugin's look at jobs may take; a client without a time limit of its own
would hang for ever."""

TRACEBACK = "MLCC_DEBUG=1 mlcc …   # shows where in its code"
"""The hint about a failure of a plugin that cannot be left out."""


@dataclass(frozen=True)
class Owner:
    """The plugin that is called.

    Attributes:
        label: for messages: ``platform ray``.
        origin: its distribution and version.
        blame: finds the plugin that is guilty of an error, which may be another one.
        credential: the secret that it needs, named where a server refuses access without.
        hidden: secrets of the addresses that it is given in a call, which no error shows.
        inherited: the method that is called is the contract's own, and calls others of the plugin.
        needed: the command can do nothing without it, as without a platform: leaving it out is of
            no help.
    """

    label: str
    origin: Origin
    blame: Blame
    credential: Credential | None = None
    hidden: tuple[str, ...] = ()
    inherited: bool = False
    needed: bool = False

    @property
    def who(self) -> str:
        """Return the beginning of a sentence about it: ``Platform ray (mlcc-ray 1.0)``."""
        return f"{self.label[:1].upper()}{self.label[1:]} ({self.origin})"

    def hiding(self, arguments: Iterable[object]) -> Owner:
        """Return the owner for a call with these arguments."""
        hidden = secrets_in(arguments)
        return replace(self, hidden=hidden) if hidden else self

    def failure(self, method: str, error: BaseException) -> MlccError:
        """Make the error for an exception that left ``method``."""
        guilty = self.blame.guilty(error)
        origin, where = guilty or (self.origin, method)
        kind = PlatformError if isinstance(error, OSError) else PluginError
        if origin == self.origin:
            own = self.blame.entered(error, origin) if self.inherited else None
            what = f"{self.who} failed in {own or method}: {one_line(error)}"
        else:
            what = f"{named_origin(origin)} failed in {where}: {one_line(error)}"
        hint = disk_error(error).hint if isinstance(error, OSError) and is_full(error) else None
        return kind(what, hint=hint or self._hint(origin))

    def breach(self, method: str, error: ContractBreach) -> PluginError:
        """Make the error for a value of the contract that ``method`` made wrongly."""
        guilty = self.blame.guilty(error)
        other = guilty is not None and guilty[0] != self.origin
        who = named_origin(guilty[0]) if guilty is not None and other else self.who
        origin = guilty[0] if guilty is not None else self.origin
        return PluginError(f"{who}: {method}: {error.what}", hint=self._hint(origin))

    def wrong_answer(self, method: str, why: str) -> PluginError:
        """Make the error for an answer of a wrong type."""
        return PluginError(f"{self.who}: {method} returned {why}.", hint=self.hint)

    @property
    def hint(self) -> str | None:
        """Return the command that helps against its failures."""
        return self._hint(self.origin)

    def _hint(self, origin: Origin) -> str | None:
        """Return the command that helps against a failure of this plugin, or of another one."""
        hint = origin_hint(origin)
        return TRACEBACK if hint and self.needed and origin == self.origin else hint


@contextmanager
def watched(owner: Owner, method: str) -> Iterator[None]:
    """Turn what leaves the block into an error that names the plugin, and its stdout to stderr.

    Raises:
        MlccError: as raised by the plugin, or made from another exception.
    """
    with stdout_to_stderr(), named(owner, method):
        yield


@contextmanager
def named(owner: Owner, method: str) -> Iterator[None]:
    """Turn an exception that leaves the block into an error that names the plugin.

    Raises:
        MlccError: as raised by the plugin, or made from another exception.
    """
    try:
        yield
    except BaseException as error:
        told = _told(owner, method, error)
        hide(told, owner.hidden)
        if told is error:
            raise
        raise told from error


def _told(owner: Owner, method: str, error: BaseException) -> BaseException:
    """Return the error that an exception of a plugin becomes for the user."""
    if isinstance(error, PlatformError) and owner.credential is not None:
        return _naming(error, owner.credential)
    if isinstance(error, ContractBreach):
        return owner.breach(method, error)
    return owner.failure(method, error) if is_plugins_fault(error) else error


def _naming(error: PlatformError, credential: Credential) -> PlatformError:
    """Return an error of a server with the credential that it refused access without."""
    from mlcc_core.helpers.http import HttpError  # loads the network's modules

    return error.naming(credential) if isinstance(error, HttpError) else error


def is_plugins_fault(error: BaseException) -> bool:
    """Return whether an exception that left a plugin is its fault.

    Not what it says to the user, an interrupt, or memory that ran out.
    """
    if isinstance(error, MlccError) or is_interrupt(error) or is_out_of_memory(error):
        return False
    return isinstance(error, (Exception, SystemExit))


def within(
    seconds: float,
    owner: Owner,
    name: str,
    method: Callable[..., T],
    *arguments: object,
    **keywords: object,
) -> T:
    """Call ``method`` in a thread that is left behind after ``seconds``.

    Raises:
        TransientError: it has not answered in time.
    """

    def call() -> T:
        with watched(owner, name):
            return method(*arguments, **keywords)

    try:
        return answered(seconds, call, f"{owner.label}.{name}")
    except TimeIsUp:
        raise TransientError(
            f"{owner.who} has not answered {name} within {seconds:g} seconds.",
            hint=owner.hint,
        ) from None


def named_origin(origin: Origin) -> str:
    """Return the beginning of a sentence about a plugin: ``Plugin kto (mlcc-kto 1.0)``."""
    return f"Plugin {origin.entry_point or origin.value} ({origin})"


def origin_hint(origin: Origin) -> str | None:
    """Return the command line that leaves a plugin out; ``None`` for one that is given in code."""
    return disable_hint(origin.entry_point) if origin.entry_point else None
