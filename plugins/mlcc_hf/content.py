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
from typing import BinaryIO

from mlcc_core import DatasetFile, MlccError
from mlcc_core.helpers import Checksum
from mlcc_core.helpers.http import Answer, ChangedError, DamagedError, HttpError, HttpFile
from mlcc_hf.client import HubClient
from mlcc_hf.errors import check_online, hub_errors, raise_as_library
from mlcc_hf.uri import parse


def open_file(file: DatasetFile, client: HubClient) -> BinaryIO:
    """Return a seekable reader of ``file``; reading it from start to end verifies its checksum.

    Raises:
        MlccError: gated or gone.
        PlatformError: the Hub cannot be reached; the file differs from its listing.
    """
    uri = parse(file.uri)
    return open_at(client, uri.repository, uri.revision, uri.path, file)


def open_at(
    client: HubClient, repository: str, revision: str | None, path: str, file: DatasetFile
) -> BinaryIO:
    """Return a seekable reader of a file of a repository, as for :func:`open_file`.

    Args:
        client: the Hub, for that kind of repositories.
        repository: ``org/name``.
        revision: a commit.
        path: of the file in the repository.
        file: its name, size and fingerprint, as they are listed.

    Raises:
        MlccError, PlatformError: as :func:`open_file`.
    """
    if not file.size:
        return io.BytesIO()
    with hub_errors(client, repository):
        check_online()

    def explain(error: HttpError) -> MlccError:
        try:
            with hub_errors(client, repository, revision, file.name):
                raise_as_library(error)
        except MlccError as explanation:
            return explanation
        return error

    def check(answer: Answer) -> None:
        named = _tag(answer)
        listed = file.fingerprint.rpartition(":")[2]
        # A proxy between us and the Hub may have tags of its own, which say nothing here.
        if len(named) == len(listed) and named != listed:
            raise ChangedError(file.name, file.shown)

    return HttpFile(
        client.url(repository, revision or "main", path),
        token=client.token,
        size=file.size,
        name=file.name,
        where=file.shown,
        check=check,
        explain=explain,
    ).open(_checksum(file))


def read_whole(client: HubClient, file: DatasetFile) -> bytes:
    """Return the content of a small file (a README), verified."""
    with open_file(file, client) as opened:
        return opened.read()


def _checksum(file: DatasetFile) -> Checksum | None:
    """Return the digest in the fingerprint: a large file's sha256, or a git blob's id."""
    kind, _, expected = file.fingerprint.partition(":")

    def failed() -> DamagedError:
        return DamagedError(file.name, file.shown, "its checksum is not the listed one")

    if kind == "sha256":
        return Checksum(hashlib.sha256(), expected, failed)
    if kind == "git":
        seeded = hashlib.sha1(b"blob %d\0" % (file.size or 0), usedforsecurity=False)
        return Checksum(seeded, expected, failed)
    return None


def _tag(answer: Answer) -> str:
    """Return the Hub's ``ETag`` of a file without its marks, also where the Hub redirects."""
    headers = answer.first_headers
    tag = headers.get("X-Linked-ETag") or headers.get("ETag") or ""
    return tag.removeprefix("W/").strip('"')
