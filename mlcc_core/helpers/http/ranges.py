"""Ranges of one file: resumed where a connection broke, all of one version."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from mlcc_core.helpers.http.connection import Answer, HttpError, failure, send
from mlcc_core.helpers.http.retries import retry
from mlcc_core.helpers.http.target import Target, total_of, version_of

BLOCK = 256 << 10
"""Bytes that are taken from a connection at once."""

STALE = frozenset({400, 401, 403, 404, 410})
"""Answers of an address that we were redirected to before, when its signature has expired."""


class NoRangesError(Exception):
    """The server answers a range with the whole file, or with one that it compressed."""


class Ranges:
    """Requests for ranges of a file.

    Args:
        target: the file.
        size: in bytes, if it is known.
        version: as listed; ``None`` takes that of the first answer.
    """

    def __init__(self, target: Target, size: int | None, version: str | None) -> None:
        self.size = size
        self.version = version
        self._target = target
        self._direct: str | None = None
        self._tag = ("", "")

    def probe(self) -> None:
        """Ask for one byte, so that size and version are known.

        Some servers refuse HEAD, above all behind signed addresses; a range also tells whether
        the server has ranges.

        Raises:
            NoRangesError: it has none; size and version are set where the server names them.
            MlccError: the server refuses, or cannot be reached.
        """
        self.repeat(lambda: self._receive(0, 1, bytearray()))

    def fetch(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` to ``end`` (exclusive), with as many requests as needed.

        Raises:
            NoRangesError: the server has none.
            PlatformError: the file changed, arrives damaged, or cannot be read.
        """
        got = bytearray()
        seen = 0

        def progressed() -> bool:
            nonlocal seen
            before, seen = seen, len(got)
            return seen > before

        while len(got) < end - start:
            before = len(got)
            self.repeat(lambda: self._receive(start, end, got), progressed)
            if len(got) == before:
                raise self._target.damaged(f"nothing comes after byte {start + before}")
        return bytes(got)

    def repeat(
        self, call: Callable[[], None], progressed: Callable[[], bool] = lambda: False
    ) -> None:
        """Send a request until it succeeds.

        Raises:
            MlccError: the last failure, as the target explains it.
        """
        try:
            retry(call, failure, token=self._target.token, progressed=progressed)
        except HttpError as error:
            raise self._target.explain(error) from None

    def ask(self, **headers: str) -> Answer:
        """Return the answer to one request, once it fits the file.

        A redirect is remembered: the next request goes there at once, and back to the file's own
        address when the signature of the remembered one has expired.

        Raises:
            HttpError: the server refuses or cannot be reached.
            PlatformError: the file changed, or its size is not the listed one.
        """
        answer = self._send(headers)
        try:
            self._compare(answer)
        except BaseException:
            answer.close()
            raise
        return answer

    def _send(self, headers: dict[str, str]) -> Answer:
        target = self._target
        if self._direct is not None:
            try:
                return self._send_to(self._direct, headers)
            except HttpError as error:
                if error.status not in STALE:
                    raise
                self._direct = None
        answer = self._send_to(target.url, headers)
        if target.check is not None and answer.status != 416:
            try:
                target.check(answer)
            except BaseException:
                answer.close()
                raise
            if answer.url != target.url:
                # The check vouches for the file; a copy elsewhere may have other tags.
                self.version = None
        return answer

    def _send_to(self, address: str, headers: dict[str, str]) -> Answer:
        tagged, tag = self._tag
        if tag and tagged == address and "Range" in headers:
            headers = {**headers, "If_Range": tag}
        return send(address, token=self._target.token, home=self._target.url, **headers)

    def _compare(self, answer: Answer) -> None:
        """Compare an answer's version and size to those that are known, and note them.

        Raises:
            ChangedError: another version.
            DamagedError: another size.
        """
        version = version_of(answer)
        # A server that kept to `If-Range` need not repeat the version with a part.
        asked_if = self._tag[1] != "" and self._tag[0] == answer.url
        kept = answer.status == 416 or (answer.status == 206 and asked_if)
        if self.version and version != self.version and (version or not kept):
            raise self._target.changed()
        if version and answer.status != 416:
            tag = answer.headers.get("ETag", "")
            self.version = version
            self._tag = (answer.url, tag if tag.startswith('"') else "")
        if answer.url != self._target.url and answer.status != 416:
            self._direct = answer.url
        if self._target.is_encoded(answer):
            return
        total = total_of(answer)
        if self.size is None:
            self.size = total
        elif total is not None and total != self.size:
            raise self._target.damaged(f"{total} bytes instead of {self.size}")

    def _receive(self, start: int, end: int, got: bytearray) -> None:
        """Add to ``got`` what arrives of the missing rest of a range, with one request."""
        first = start + len(got)
        with closing(self.ask(Range=f"bytes={first}-{end - 1}")) as answer:
            if answer.status == 416:
                return
            span = answer.headers.get("Content-Range", "")
            if answer.status == 206 and not span.startswith(f"bytes {first}-"):
                raise self._target.damaged(f"asked from byte {first}, answered {span!r}")
            whole = first == 0 and end == self.size
            encoded = self._target.is_encoded(answer)
            if encoded or (answer.status == 200 and not whole):
                raise NoRangesError
            while len(got) < end - start and (block := answer.read(BLOCK)):
                got += block[: end - start - len(got)]
