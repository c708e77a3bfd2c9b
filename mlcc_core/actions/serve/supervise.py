"""The platform's own server: started, waited for, and ended with all that it started."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from mlcc_core.actions.serve.listening import reached
from mlcc_core.contract.platform.chatting import ServerCommand
from mlcc_core.errors import PlatformError
from mlcc_core.helpers.memory import killed_process

STDERR = 2

LOOK_SECONDS = 0.25

GRACE = 15.0
"""Seconds in which the program may end by itself before it is killed."""


def supervise(
    command: ServerCommand,
    address: tuple[str, int],
    ready: Callable[[], None],
    say: Callable[[str], None],
) -> None:
    """Run a server until a signal comes; what it prints goes to stderr.

    Args:
        command: the program.
        address: host and port at which it answers.
        ready: called once it answers.
        say: takes news.

    Raises:
        PlatformError: it cannot be started, or has ended by itself.
        KeyboardInterrupt: a signal came before it answered.
    """
    say(f"⏳ Starting {command.title}; what it prints follows.")
    try:
        process = subprocess.Popen(  # noqa: S603 - the platform made the words
            command.command,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=STDERR,
            start_new_session=True,
        )
    except OSError as error:
        raise PlatformError(
            f"{command.title} cannot be started: {error.strerror}.",
            hint="mlcc serve --server mlcc",
        ) from None
    answered = False
    try:
        while process.poll() is None and not _answers(address):
            time.sleep(LOOK_SECONDS)
        if process.poll() is None:
            answered = True
            ready()
        code = process.wait()
    except KeyboardInterrupt:
        if not answered:
            raise
        return
    finally:
        _end(process)
    if code < 0:
        raise killed_process(command.title, code)
    raise PlatformError(
        f"{command.title} ended with exit code {code}; what it printed says why.",
        hint="mlcc serve --server mlcc",
    )


def _answers(address: tuple[str, int]) -> bool:
    host, port = address
    connection = http.client.HTTPConnection(reached(host), port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with all that it started; a second interrupt kills it at once."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(GRACE)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
