"""Reading one listed file, as long as it is what was listed."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO

from mlcc_core import DatasetFile, PlatformError
from mlcc_file.address import FLAG, path_of
from mlcc_file.fingerprint import fingerprint
from mlcc_file.paths import shown, unreadable


class ListedFile(io.FileIO):
    """An open file; closing it tells whether it was written to meanwhile.

    By then, two versions have been read, or half of one.
    """

    def __init__(self, path: Path, changed: PlatformError) -> None:
        super().__init__(path, "rb")
        self._changed = changed
        self._before = self._state()

    def close(self) -> None:
        """Close it.

        Raises:
            PlatformError: it was written to since it was opened. A file that takes its place
                under its name is another one, and does not count.
        """
        if self.closed:
            return
        same = self._state() == self._before
        super().close()
        if not same:
            raise self._changed

    def _state(self) -> tuple[int, int]:
        status = os.fstat(self.fileno())
        return status.st_size, status.st_mtime_ns


def open_file(file: DatasetFile) -> BinaryIO:
    """Open a listed file, if it still is what was listed.

    Raises:
        MlccError: it may not be read.
        PlatformError: it has changed or gone; closing the reader raises it, too.
    """
    path = file.path or Path(path_of(file.uri))
    changed = PlatformError(
        f"{shown(path)} has changed since it was listed.",
        where=FLAG,
        hint="run the same command again once nothing writes to it",
    )
    try:
        opened = io.BufferedReader(ListedFile(path, changed))
        if fingerprint(opened) != (file.size, file.fingerprint):
            opened.close()
            raise changed
        opened.seek(0)
    except (FileNotFoundError, NotADirectoryError):
        raise changed from None
    except OSError as error:
        raise unreadable(path, error) from error
    return opened
