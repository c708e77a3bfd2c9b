"""Writes converted lines to a sink; a library may write to it directly if it is a plain file."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mlcc_core.helpers.disk import cannot_write

_NUMBER = re.compile(r"\(os error (\d+)\)")
"""The end of a system error in Rust's words; it has no ``errno``."""


class SinkWriter:
    """Writes JSON lines to a sink, and counts their bytes.

    Args:
        sink: takes the bytes.
        what: first words of an error, for the file.

    Attributes:
        size: bytes written.
    """

    def __init__(self, sink: BinaryIO, what: str = "The staged dataset") -> None:
        self._sink = sink
        self._what = what
        self._is_file = _is_file(sink)
        self.size = 0

    def __call__(self, data: bytes, /) -> None:
        """Write all of ``data``.

        Raises:
            PlatformError: it cannot be written.
        """
        view = memoryview(data)
        with self._errors():
            while view:
                view = view[self._sink.write(view) :]
        self.size += len(data)

    def hand_over(self, write: Callable[[BinaryIO], object]) -> bool:
        """Let a library write directly, without a copy for Python; return whether it could.

        Args:
            write: writes everything to a file, from its current position.

        Raises:
            PlatformError: it cannot be written.
        """
        if not self._is_file:
            return False
        with self._errors():
            before = self._sink.seek(0, io.SEEK_CUR)  # flushes the buffer
            write(self._sink)
            self.size += self._sink.seek(0, io.SEEK_CUR) - before
        return True

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            name = getattr(self._sink, "name", None)
            folder = Path(name).parent if isinstance(name, str) else Path()
            raise cannot_write(self._what, folder, _numbered(error)) from error


def _is_file(sink: BinaryIO) -> bool:
    """Return whether writing to the file descriptor is equivalent to calling ``sink.write``."""
    raw = sink.raw if type(sink) is io.BufferedWriter else sink
    return type(raw) is io.FileIO and raw.seekable()


def _numbered(error: OSError) -> OSError:
    found = None if error.errno else _NUMBER.search(str(error))
    return OSError(int(found[1]), os.strerror(int(found[1]))) if found else error
