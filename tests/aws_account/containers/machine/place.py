"""The folder of everything that containers have, which does not outlive the test process."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

from tests.aws_account.containers.machine import janitor
from tests.aws_account.containers.machine.python import Image

JANITOR_SECONDS = 30.0


class Place:
    """A folder for all containers, made when it is first needed, with a janitor beside it.

    Attributes:
        image: the Python of the containers.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._janitor: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self.image = Image(self.folder)

    def folder(self) -> Path:
        """Make a folder; its path is short, since sockets of programs are in folders below."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="aws-")).resolve()
            self._janitor = subprocess.Popen(
                [sys.executable, "-ES", janitor.__file__, str(self._folder)],
                stdin=subprocess.PIPE,
                start_new_session=True,
            )
        made = self._folder / str(next(self._numbers))
        made.mkdir()
        return made

    def close(self) -> None:
        """Remove everything."""
        if self._folder is None or self._janitor is None:
            return
        self._janitor.communicate(timeout=JANITOR_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = self._janitor = None
        self.image.forget()
