"""The bytes of one file at one commit: ranges, resumed where a connection broke, verified.

A file that is read from start to end must have the checksum that the Hub lists. One whose ranges
are read here and there (a Parquet file's columns) cannot be held against it; what is checked then:
the address names the commit, whose content never changes; the Hub says with each address which
file it leads to, and that must be the listed one; every answer from that address must be of the
size that is listed, and of the same version as the one before.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from mlcc_core import DatasetFile, PlatformError
from mlcc_core.helpers import Checksum, open_ranged
from mlcc_hf.client import TIMEOUT, HubClient
from mlcc_hf.errors import hub_errors
from mlcc_hf.uri import HubUri, parse

if TYPE_CHECKING:
    from httpx2 import Response

STALE_ADDRESS_STATUSES = frozenset({400, 401, 403, 404, 410})
"""Answers of an address that we were redirected to before, when its signature has expired."""


class DiffersError(PlatformError):
    """Bytes arrived that the Hub does not list."""

    def __init__(self, file: DatasetFile, problem: str) -> None:
        super().__init__(
            f"{file.name} arrived damaged: {problem}.",
            where=file.uri,
            hint="run the same command again",
        )


class ChangedError(PlatformError):
    """The Hub has another version of the file than it lists."""

    def __init__(self, file: DatasetFile) -> None:
        super().__init__(
            f"{file.name} has changed since it was listed.",
            where=file.uri,
            hint="run the same command again",
        )


def open_file(file: DatasetFile, client: HubClient) -> BinaryIO:
    """A seekable reader of ``file``; reading it from start to end also verifies its checksum.

    Raises:
        MlccError: gated or gone.
        PlatformError: the Hub cannot be reached; the file differs from its listing.
    """
    if not file.size:
        return io.BytesIO()
    uri = parse(file.uri)
    content = _Content(file, file.size, uri, client)
    return open_ranged(file.size, content.fetch, _checksum(file))


def read_whole(client: HubClient, file: DatasetFile) -> bytes:
    """The content of a small file (a README), verified."""
    with open_file(file, client) as opened:
        return opened.read()


def _checksum(file: DatasetFile) -> Checksum | None:
    """Return the digest in the fingerprint: a large file's sha256, or a git blob's id."""
    kind, _, expected = file.fingerprint.partition(":")

    def failed() -> DiffersError:
        return DiffersError(file, "its checksum is not the listed one")

    if kind == "sha256":
        return Checksum(hashlib.sha256(), expected, failed)
    if kind == "git":
        seeded = hashlib.sha1(b"blob %d\0" % (file.size or 0), usedforsecurity=False)
        return Checksum(seeded, expected, failed)
    return None


class _Content:
    """One file's ranges; remembers the address that the Hub redirects to."""

    def __init__(self, file: DatasetFile, size: int, uri: HubUri, client: HubClient) -> None:
        self._file = file
        self._size = size
        self._uri = uri
        self._client = client
        self._resolve = client.url(uri.repository, uri.revision or "main", uri.path)
        self._direct: str | None = None
        self._version = ""

    def fetch(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` to ``end`` (exclusive), however many requests that takes."""
        got = bytearray()
        seen = 0

        def progressed() -> bool:
            nonlocal seen
            before, seen = seen, len(got)
            return seen > before

        with hub_errors(self._client, self._uri.repository, self._uri.revision, self._file.name):
            while len(got) < end - start:
                before = len(got)
                self._client.attempt(
                    lambda token: self._receive(token, start, end, got), progressed
                )
                if len(got) == before:
                    raise DiffersError(self._file, f"nothing comes after byte {start + before}")
        return bytes(got)

    def _receive(self, token: str | None, start: int, end: int, got: bytearray) -> None:
        """One request for what is missing of the range; adds what arrives to ``got``."""
        from huggingface_hub.errors import HfHubHTTPError

        if self._direct is not None:
            try:
                return self._stream(self._direct, token, start, end, got)
            except HfHubHTTPError as error:
                if error.response.status_code not in STALE_ADDRESS_STATUSES:
                    raise
                self._direct = None
        return self._stream(self._resolve, token, start, end, got)

    def _stream(self, url: str, token: str | None, start: int, end: int, got: bytearray) -> None:
        from huggingface_hub.utils import (  # type: ignore[attr-defined]  # documented there
            build_hf_headers,
            get_session,
            hf_raise_for_status,
        )

        headers = build_hf_headers(token=(token or False) if self._at_home(url) else False)
        headers["Accept-Encoding"] = "identity"
        headers["Range"] = f"bytes={start + len(got)}-{end - 1}"
        request = get_session().stream(
            "GET", url, headers=headers, follow_redirects=True, timeout=TIMEOUT
        )
        with request as response:
            if response.status_code != 416:
                hf_raise_for_status(response)
            skip = self._check(response, start + len(got))
            self._check_version(response)
            self._direct = str(response.url)
            for block in response.iter_bytes():
                wanted = block[skip:][: end - start - len(got)]
                skip = max(0, skip - len(block))
                got += wanted
                if len(got) == end - start:
                    return

    def _at_home(self, url: str) -> bool:
        """Return whether an address is the Hub's own, not one that it redirects to."""
        return urlsplit(url)[:2] == urlsplit(self._client.endpoint)[:2]

    def _check_version(self, response: Response) -> None:
        """Return whether the answer is about the listed file, and the same version as the last one.

        Raises:
            ChangedError: it is not.
        """
        first = next(iter(response.history), response)
        if self._at_home(str(first.url)):
            named = _tag(first.headers.get("X-Linked-ETag") or first.headers.get("ETag") or "")
            listed = self._file.fingerprint.rpartition(":")[2]
            # Who stands between us and the Hub may have tags of its own, which say nothing here.
            if len(named) == len(listed) and named != listed:
                raise ChangedError(self._file)
        version = response.headers.get("ETag") or ""
        if str(response.url) == self._direct and self._version and version != self._version:
            raise ChangedError(self._file)
        self._version = version

    def _check(self, response: Response, start: int) -> int:
        """Return how many bytes to leave out before ``start``, once the answer fits the listing."""
        span = response.headers.get("Content-Range", "")
        total = span.rpartition("/")[2] if span else response.headers.get("Content-Length", "")
        if total.isdecimal() and int(total) != self._size:
            raise DiffersError(self._file, f"{total} bytes instead of {self._size}")
        if response.status_code == 206 and not span.startswith(f"bytes {start}-"):
            raise DiffersError(self._file, f"asked from byte {start}, answered {span!r}")
        return start if response.status_code == 200 else 0


def _tag(header: str) -> str:
    """An ``ETag`` without the quotation marks, and without the sign of a weak one."""
    return header.removeprefix("W/").strip('"')
