"""Files that a job reads from the bucket, at a place that follows from their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mlcc_core import PlatformError

DIGITS = 32
"""Hexadecimal digits of a checksum that name a place."""

CHUNK = 1 << 20


@dataclass(frozen=True)
class Files:
    """Files that are brought to the bucket before a job.

    Attributes:
        bucket: that they are sent to.
        root: the prefix of their kind, of all projects: the same files are sent once.
        sources: path of each on this machine, by its name.
    """

    bucket: str
    root: str
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def made(self) -> Mapping[str, bytes]:
        """Return further files, which are made here, by name."""
        return {}

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Return the SHA-256 of every file, by name.

        Raises:
            MlccError: one cannot be made.
            PlatformError: one cannot be read.
        """
        made = {name: hashlib.sha256(data).hexdigest() for name, data in self.made.items()}
        read = {name: _checksum(Path(path)) for name, path in self.sources.items()}
        return dict(sorted({**made, **read}.items()))

    @property
    def prefix(self) -> str:
        """Return the place of the files in the bucket."""
        digest = hashlib.sha256()
        for name, checksum in self.files.items():
            digest.update(f"{name}\0{checksum}\n".encode())
        return f"{self.root}/{digest.hexdigest()[:DIGITS]}/"

    @property
    def uri(self) -> str:
        """Return the URI of the place, as a channel names it."""
        return f"s3://{self.bucket}/{self.prefix}"

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file.

        Raises:
            PlatformError: it cannot be read.
        """
        if name in self.made:
            yield self.made[name]
        else:
            yield from _pieces(Path(self.sources[name]))

    def document(self) -> dict[str, Any]:
        """Return them as a request's body says them."""
        return {
            "bucket": self.bucket,
            "root": self.root,
            "sources": dict(self.sources),
            "prefix": self.prefix,
            "files": dict(self.files),
        }


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece
    except OSError as error:
        raise PlatformError(f"Cannot read {path}: {error.strerror}.") from None
