"""All that is in a job's channel ``code``, known by its content before any of it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlcc_core import PlatformError
from mlcc_engine.container.layout import FILES, REQUIREMENTS, SCRIPT, START_FILE, WHEELS
from mlcc_sagemaker.instances.code.requirements import requirements_text
from mlcc_sagemaker.instances.code.wheel import OWN, build_wheel

ENTRY_MODULE = "mlcc_engine.container.start"
"""The module whose source is the entry point: it imports nothing of ours, and runs alone."""

PREFIX = "mlcc/code"
"""The place of code in the bucket, of all projects: the same code is sent once."""

DIGITS = 32
CHUNK = 1 << 20


@dataclass(frozen=True)
class Code:
    """The code of a job.

    Attributes:
        bucket: that it is sent to.
        packages: that are in our wheel.
        requirements: path of the user's requirements file; ``None`` for none.
        engine: the engine runs; else a script of the user's, with its own packages alone.
        quantized: the engine holds weights in 4 bits.
        sources: paths of further files, by their name in the channel: ``files/reward.py``,
            ``script/train.py``, ``wheels/trl-1.16.0-py3-none-any.whl``.
    """

    bucket: str
    packages: tuple[str, ...] = OWN
    requirements: str | None = None
    engine: bool = True
    quantized: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def made(self) -> Mapping[str, bytes]:
        """Return the files that are made here, by name.

        Raises:
            MlccError: a package cannot be sent, or the user's requirements cannot be met.
        """
        own = Path(self.requirements) if self.requirements else None
        text = requirements_text(own, engine=self.engine, quantized=self.quantized)
        wheel = build_wheel(self.packages)
        return {
            START_FILE: _entry_point(),
            REQUIREMENTS: text.encode(),
            f"{WHEELS}/{wheel.name}": wheel.data,
        }

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Return the SHA-256 of every file, by name.

        Raises:
            MlccError: as :attr:`made`.
            PlatformError: a file cannot be read.
        """
        made = {name: hashlib.sha256(data).hexdigest() for name, data in self.made.items()}
        return dict(sorted({**made, **dict(self._sums())}.items()))

    @property
    def prefix(self) -> str:
        """Return the place of the files in the bucket, which follows from their content."""
        digest = hashlib.sha256()
        for name, checksum in self.files.items():
            digest.update(f"{name}\0{checksum}\n".encode())
        return f"{PREFIX}/{digest.hexdigest()[:DIGITS]}/"

    @property
    def uri(self) -> str:
        """Return the URI of the channel."""
        return f"s3://{self.bucket}/{self.prefix}"

    def document(self) -> dict[str, Any]:
        """Return it as a request's body says it."""
        made_of = {**asdict(self), "packages": list(self.packages), "sources": dict(self.sources)}
        return {**made_of, "prefix": self.prefix, "files": dict(self.files)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Code:
        """Return what a body says."""
        fields = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        return cls(**{**fields, "packages": tuple(document["packages"])})

    def _sums(self) -> Iterator[tuple[str, str]]:
        for name, path in self.sources.items():
            yield name, _checksum(Path(path))


def in_files(name: str) -> str:
    """Return the name in the channel of a file that a request names by path."""
    return f"{FILES}/{name}"


def in_script(name: str) -> str:
    """Return the name in the channel of a user's script, or of a file beside it."""
    return f"{SCRIPT}/{name}"


def in_wheels(name: str) -> str:
    """Return the name in the channel of a wheel."""
    return f"{WHEELS}/{name}"


def _entry_point() -> bytes:
    spec = find_spec(ENTRY_MODULE)
    if spec is None or spec.origin is None:
        raise AssertionError("the entry point is part of the engine")
    return Path(spec.origin).read_bytes()


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise PlatformError(f"Cannot read {path}: {error.strerror}.") from None
    return digest.hexdigest()
