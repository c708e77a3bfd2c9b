"""A file at an http(s) address as a seekable binary reader."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from mlcc_core.errors import MlccError
from mlcc_core.helpers.http.address import check_url, shown_url
from mlcc_core.helpers.http.connection import Answer, HttpError
from mlcc_core.helpers.http.ranges import NoRangesError, Ranges
from mlcc_core.helpers.http.spool import Spool
from mlcc_core.helpers.http.target import Target
from mlcc_core.helpers.http.token import Token
from mlcc_core.helpers.ranged import Checksum, RangedReader


class HttpFile:
    """A file at an http(s) address.

    Ranges are read as they are needed, up to 8 MiB at once. A broken connection is resumed where it
    broke, and a server that is busy is asked again. A server without ranges is read once, forward,
    as far as reading asks, into a temporary file. All answers must be of one version and size.

    Args:
        url: its address. Messages show it without its query, which may hold a signature.
        token: sent to this address's server alone, once that refuses a request without.
        size: in bytes, as listed; saves a request.
        version: as :attr:`version` was when the file was listed; reading another raises.
        name: the file in messages; by default the last part of the address.
        where: the place in messages; by default the address.
        check: called with each answer that came by way of ``url`` and not from a remembered
            redirect; raises if it is about another file.
        explain: makes the error to raise of an :class:`HttpError`; by default that itself.

    Raises:
        MlccError: the address is not one of http(s), or holds a password.

    Example:
        >>> file = HttpFile("https://data.example.org/train.csv", version="33a64df5")
        >>> with file.open() as reader:
        ...     first = reader.readline()
    """

    def __init__(
        self,
        url: str,
        *,
        token: Token | None = None,
        size: int | None = None,
        version: str | None = None,
        name: str | None = None,
        where: str | None = None,
        check: Callable[[Answer], None] | None = None,
        explain: Callable[[HttpError], MlccError] = lambda error: error,
    ) -> None:
        check_url(url)
        path = urlsplit(url).path
        self._target = Target(
            url=url,
            token=token,
            name=name or unquote(path.rpartition("/")[2]) or shown_url(url),
            where=where or shown_url(url),
            check=check,
            explain=explain,
        )
        self._size = size
        self._version = version
        self._asked = False

    @property
    def size(self) -> int | None:
        """Size in bytes; ``None`` where the server names none.

        Raises:
            MlccError: the server refuses, or cannot be reached (:class:`HttpError` by default).
        """
        if self._size is None:
            self._ask()
        return self._size

    @property
    def version(self) -> str:
        """``ETag`` or, where it lacks, ``Last-Modified``; empty where the server names neither.

        With the size, it makes a fingerprint: ``f"{file.version}/{file.size}"``.

        Raises:
            MlccError: the server refuses, or cannot be reached (:class:`HttpError` by default).
        """
        if self._version is None:
            self._ask()
        return self._version or ""

    def open(self, checksum: Checksum | None = None) -> BinaryIO:
        """Return a new seekable reader; close it to close its connection.

        Args:
            checksum: checked when the file was read from its start to its end.

        Raises:
            PlatformError: here and while reading: the file cannot be read, changed since it was
                listed, or arrives damaged.
        """
        content = _Content(self._target, self._size, self._version)
        try:
            size = content.size()
        except BaseException:
            content.close()
            raise
        return io.BufferedReader(_Reader(size, content, checksum), 64 << 10)

    def _ask(self) -> None:
        if self._asked:
            return
        ranges = Ranges(self._target, self._size, self._version)
        with suppress(NoRangesError):
            ranges.probe()
        self._size, self._version, self._asked = ranges.size, ranges.version, True


class _Content:
    """The bytes of one reader: by ranges, or by a spool once the server turned out to have none."""

    def __init__(self, target: Target, size: int | None, version: str | None) -> None:
        self._target = target
        self._ranges = Ranges(target, size, version)
        self._spool: Spool | None = None

    def size(self) -> int:
        if self._ranges.size is None:
            try:
                self._ranges.probe()
            except NoRangesError:
                self._spool = Spool(self._target, self._ranges)
        if self._ranges.size is None:
            self._spool = self._spool or Spool(self._target, self._ranges)
            return self._spool.size()
        return self._ranges.size

    def fetch(self, start: int, end: int) -> bytes:
        if self._spool is None:
            try:
                return self._ranges.fetch(start, end)
            except NoRangesError:
                self._spool = Spool(self._target, self._ranges)
        return self._spool.fetch(start, end)

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()


class _Reader(RangedReader):
    """A ranged reader that closes its content."""

    def __init__(self, size: int, content: _Content, checksum: Checksum | None) -> None:
        super().__init__(size, content.fetch, checksum)
        self._content = content

    def close(self) -> None:
        super().close()
        self._content.close()
