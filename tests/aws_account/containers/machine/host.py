"""One instance of a job: its folder, its container's process and the process's output."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.aws_account.containers.machine import janitor
from tests.aws_account.containers.machine.logs import LogStream

NOT_FOUND = 127
"""Exit code of a container whose entry point cannot be started."""

CHUNK = 1 << 16


@dataclass
class Host:
    """An instance.

    Attributes:
        address: its name among the hosts.
        folder: everything of the instance's.
        log: where the output of its container goes.
    """

    address: str
    folder: Path
    log: LogStream
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _reader: threading.Thread | None = field(default=None, init=False)
    _code: int | None = field(default=None, init=False)

    @property
    def root(self) -> Path:
        """The folder in the place of ``/opt/ml``."""
        return self.folder / "ml"

    @property
    def running(self) -> bool:
        """True while the container's first process is there."""
        return self._process is not None and self.code() is None

    @property
    def failure(self) -> str:
        """The text that the container wrote to ``output/failure``, or ""."""
        try:
            return (self.root / "output" / "failure").read_text(errors="replace").strip()
        except OSError:
            return ""

    def lay_out(self) -> None:
        """Make the folders of a container."""
        for name in ("ml/input/data", "ml/model", "ml/output/data", "home", "tmp"):
            (self.folder / name).mkdir(parents=True)

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run the container's command in a session of its own."""
        own = {
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            janitor.MARK: str(self.folder),
        }
        self.log.open()
        try:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**environment, **own},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._code = NOT_FOUND
            self.log.feed(f'exec: "{command[0]}": {error.strerror}\n'.encode())
            return
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def code(self) -> int | None:
        """Look for the exit code; 128 and the signal that ended the process, as Docker has it."""
        if self._code is None and self._process is not None:
            code = self._process.poll()
            self._code = 128 - code if code is not None and code < 0 else code
        return self._code

    def terminate(self) -> None:
        """Ask the container's first process to end."""
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """End every process of the container, and have all of its output in the log."""
        if self._process is not None:
            if self.running:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            janitor.end(str(self.folder))
            self._process.wait()
        if self._reader is not None:
            self._reader.join()
        self.log.feed(b"")
        self.log.flush()

    def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        with process.stdout as output:
            while data := os.read(output.fileno(), CHUNK):
                self.log.feed(data)
