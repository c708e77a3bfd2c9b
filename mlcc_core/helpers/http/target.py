"""The file that is asked for, how errors name it, and the version that an answer has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.http.connection import Answer, HttpError
from mlcc_core.helpers.http.token import Token


class ChangedError(PlatformError):
    """The server has another version of the file than was listed."""

    def __init__(self, name: str, where: str) -> None:
        super().__init__(
            f"{name} has changed since it was listed.",
            where=where,
            hint="run the same command again",
        )


class DamagedError(PlatformError):
    """Bytes arrived that cannot be those of the file."""

    def __init__(self, name: str, where: str, problem: str) -> None:
        super().__init__(
            f"{name} arrived damaged: {problem}.", where=where, hint="run the same command again"
        )


@dataclass(frozen=True)
class Target:
    """The file that is asked for.

    Attributes:
        url: its address.
        token: sent to the address's own server, if that asks for it.
        name: the file in messages.
        where: the place in messages.
        check: called with each answer that came by way of ``url``; raises if it is about another
            file or version.
        explain: makes the error to raise of one that is about the server.
    """

    url: str
    token: Token | None
    name: str
    where: str
    check: Callable[[Answer], None] | None
    explain: Callable[[HttpError], MlccError]

    def changed(self) -> ChangedError:
        return ChangedError(self.name, self.where)

    def damaged(self, problem: str) -> DamagedError:
        return DamagedError(self.name, self.where, problem)

    def is_encoded(self, answer: Answer) -> bool:
        """Return whether the answer was compressed on its way, though not asked for.

        A stored ``.gz`` file that the server labels as encoded is not: its bytes are the file.

        Raises:
            DamagedError: it was compressed in a way that cannot be undone.
        """
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        path = self.url.partition("?")[0].lower()
        stored = {"gzip": ".gz", "x-gzip": ".gz", "zstd": ".zst"}.get(encoding)
        if encoding in ("", "identity") or (stored and path.endswith(stored)):
            return False
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise self.damaged(f"the server compressed it with {encoding!r}")
        return True


def total_of(answer: Answer) -> int | None:
    """Return the size of the whole file, in bytes, that an answer names."""
    if answer.status == 200:
        total = answer.headers.get("Content-Length", "")
    else:
        total = answer.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else None


def version_of(answer: Answer) -> str:
    """Return the ``ETag`` without its marks, else ``Last-Modified``; empty where both lack."""
    tag = answer.headers.get("ETag", "").removeprefix("W/").strip('"')
    return tag or answer.headers.get("Last-Modified", "")
