"""Small documents at http(s) addresses: listings, in one page or several."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from mlcc_core.errors import PlatformError
from mlcc_core.helpers.http.address import check_url, shown_url
from mlcc_core.helpers.http.connection import failure, send
from mlcc_core.helpers.http.retries import retry
from mlcc_core.helpers.http.target import ChangedError, version_of
from mlcc_core.helpers.http.token import Token

LARGEST = 32 << 20
"""Bytes of a document at most: it is held in memory."""

BLOCK = 64 << 10

LINK = re.compile(r"<([^>]*)>([^<]*)")
NEXT = re.compile(r"""\brel\s*=\s*"?[^";]*\bnext\b""", re.IGNORECASE)


def read_document(url: str, *, token: Token | None = None, largest: int = LARGEST) -> bytes:
    """Return the content of a small document, asked for again while the server is busy.

    Args:
        url: its address.
        token: sent to this address's server alone, once that refuses a request without.
        largest: bytes that are accepted at most.

    Raises:
        MlccError: the address is not one of http(s), or holds a password.
        HttpError: the server refuses (see its ``status``), or cannot be reached.
        PlatformError: the document is larger.

    Example:
        >>> read_document("https://data.example.org/files.txt").decode().splitlines()
        ['train.csv', 'test.csv']
    """
    return _read(url, token, url, largest).content


def read_json(url: str, *, token: Token | None = None, largest: int = LARGEST) -> Any:
    """Return the value of a JSON document.

    Raises:
        MlccError, HttpError, PlatformError: as :func:`read_document`; not JSON.

    Example:
        >>> read_json("https://data.example.org/index.json")
        [{'name': 'train.csv', 'size': 4096}]
    """
    return _decoded(url, read_document(url, token=token, largest=largest))


def read_versioned(
    url: str,
    *,
    version: str | None = None,
    name: str | None = None,
    token: Token | None = None,
    largest: int = LARGEST,
) -> tuple[Any, str]:
    """Return the value of a JSON document and its version, with one request.

    The version is that of :attr:`HttpFile.version`: the ``ETag`` without quotes and ``W/``, else
    ``Last-Modified``, else empty.

    Args:
        url: its address.
        version: as it was when the document was listed; another one raises.
        name: the document in messages; by default its address.
        token: sent to this address's server alone, once that refuses a request without.
        largest: bytes that are accepted at most.

    Raises:
        ChangedError: the document has another version.
        MlccError, HttpError, PlatformError: as :func:`read_json`.

    Example:
        >>> read_versioned("https://data.example.org/tickets?after=100")
        ({'rows': [], 'next': None}, '9f2c')
    """
    found = _read(url, token, url, largest)
    if version is not None and found.version != version:
        raise ChangedError(name or shown_url(url), name or shown_url(url))
    return _decoded(url, found.content), found.version


def read_pages(url: str, *, token: Token | None = None, largest: int = LARGEST) -> Iterator[Any]:
    """Return the values of a JSON listing in pages, which name the next in ``Link: rel="next"``.

    Args:
        url: the first page's address.
        token: sent to the first page's server alone, also if a page is on another.
        largest: bytes of a page that are accepted at most.

    Raises:
        MlccError, HttpError, PlatformError: as :func:`read_json`; a page comes twice.

    Example:
        >>> for page in read_pages("https://data.example.org/files?per_page=100"):
        ...     names.extend(entry["name"] for entry in page)
    """
    seen: set[str] = set()
    page: str | None = url
    while page is not None:
        if page in seen:
            raise PlatformError(
                f"{shown_url(url)} lists one of its pages twice.", where="--dataset"
            )
        seen.add(page)
        found = _read(page, token, url, largest)
        yield _decoded(page, found.content)
        page = found.following


@dataclass(frozen=True)
class _Document:
    """A document that arrived whole.

    Attributes:
        content: its bytes.
        version: of the answer.
        following: the address of the next page, if it names one.
    """

    content: bytes
    version: str
    following: str | None


def _read(url: str, token: Token | None, home: str, largest: int) -> _Document:
    check_url(url)

    def once() -> _Document:
        content = bytearray()
        with closing(send(url, token=token, home=home)) as answer:
            answer.decoded = True
            while block := answer.read(BLOCK):
                content += block
                if len(content) > largest:
                    raise PlatformError(
                        f"{shown_url(url)} is larger than {largest >> 20} MiB, "
                        "which is too much for a listing.",
                        where=shown_url(url),
                    )
            link = next_page(answer.headers.get("Link", ""))
            following = urljoin(answer.url, link) if link else None
            return _Document(bytes(content), version_of(answer), following)

    return retry(once, failure, token=token)


def _decoded(url: str, content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        raise PlatformError(
            f"{shown_url(url)} does not answer with JSON.", where=shown_url(url)
        ) from None


def next_page(header: str) -> str | None:
    """Return the address that a ``Link`` header names as the next page.

    Example:
        >>> next_page('<?page=1>; rel="prev", <?page=3>; rel="next"')
        '?page=3'
    """
    return next(
        (address for address, parameters in LINK.findall(header) if NEXT.search(parameters)), None
    )
