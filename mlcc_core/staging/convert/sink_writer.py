"""The destination of converted lines: a sink, and where it is a plain file, that file itself."""

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
"""Rust's words at the end of a system's error, in place of ``errno``."""


class SinkWriter:
    """Takes JSON lines (see ``outcome.Take``), writes them to a sink, and counts.

    Args:
        what: the file, as an error begins with it.

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
        """Have a library write by itself, without a copy for Python; whether it could.

        Args:
            write: writes all it has to a file, from where that stands.

        Raises:
            PlatformError: it cannot be written.
        """
        if not self._is_file:
            return False
        with self._errors():
            before = self._sink.seek(0, io.SEEK_CUR)  # writes what is buffered
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
    """Return whether whoever has its descriptor writes what its methods would."""
    raw = sink.raw if type(sink) is io.BufferedWriter else sink
    return type(raw) is io.FileIO and raw.seekable()


def _numbered(error: OSError) -> OSError:
    found = None if error.errno else _NUMBER.search(str(error))
    return OSError(int(found[1]), os.strerror(int(found[1]))) if found else error
