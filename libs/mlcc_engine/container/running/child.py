"""The process that does a container's work: started, told to end in time, waited for."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType

from mlcc_engine import orphans
from mlcc_engine.container.running.relay import Relay

LAST_SECONDS = 105.0
"""From SIGTERM on: what has not ended by itself is killed, before SageMaker kills all at 120."""


class Child:
    """A process whose lines are handed on, and which hears of SIGTERM when this process does.

    Attributes:
        told: the signal came.
    """

    def __init__(self) -> None:
        self._several = False
        self._process: subprocess.Popen[str] | None = None
        self.told = False

    def listen(self) -> None:
        """Have SIGTERM call this object, in the main thread."""
        signal.signal(signal.SIGTERM, self._tell)
        signal.signal(signal.SIGALRM, self._kill)

    def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        relay: Relay,
        *,
        several: bool = False,
    ) -> int:
        """Run a command to its end.

        Args:
            command: with its words.
            environment: of the process, whole.
            relay: hands on what it says.
            several: it is an agent: its own children are told to end, so that they have their
                whole time, which agents cut short.

        Returns:
            Its exit code; negative for the signal that ended it.
        """
        self._several = several
        self._process = subprocess.Popen(  # noqa: S603 - the job itself
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        if self.told:
            self._send()
        if self._process.stdout is not None:
            relay.follow(self._process.stdout)
        code = self._process.wait()
        signal.setitimer(signal.ITIMER_REAL, 0)
        relay.finish()
        return code

    def _tell(self, _signum: int, _frame: FrameType | None) -> None:
        if self.told:
            return
        self.told = True
        signal.setitimer(signal.ITIMER_REAL, LAST_SECONDS)
        self._send()

    def _send(self) -> None:
        if self._process is None:
            return
        running = orphans.processes()
        own = [pid for pid, (parent, _) in running.items() if parent == self._process.pid]
        for pid in (own if self._several else []) or [self._process.pid]:
            with suppress(OSError):
                os.kill(pid, signal.SIGTERM)

    def _kill(self, _signum: int, _frame: FrameType | None) -> None:
        if self._process is not None:
            for pid in (*orphans.descendants(self._process.pid), self._process.pid):
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
