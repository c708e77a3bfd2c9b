"""A dataset source in memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import BinaryIO, ClassVar

from mlcc_core.contract.source import Access, DatasetFile, Listing, Source
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.testing.faults import Faults

SCHEME = "memory"


class FakeSource(Faults, Source):
    """Files by name, read at ``memory://folder``. Subclass it to change a class attribute.

    ``fail`` and ``calls`` come from :class:`~mlcc_core.testing.faults.Faults`.

    Attributes:
        files: contents by name; a URI means all files whose name starts with its path.
    """

    name: ClassVar[str] = "memory"
    schemes: ClassVar[tuple[str, ...]] = (SCHEME,)
    uri_help: ClassVar[str] = "memory://folder/"

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        super().__init__()
        self.files: dict[str, bytes] = dict(files or {})

    def list(self, uri: str, access: Access) -> Listing:
        with self.call("list"):
            path = uri.partition("://")[2]
            names = sorted(name for name in self.files if name.startswith(path))
            if not names:
                raise MlccError(
                    f"No file in memory starts with {path!r}.",
                    where="--dataset",
                    detail=(f"There are: {', '.join(sorted(self.files)) or '(none)'}",),
                )
            return Listing(uri, tuple(self._file(name) for name in names), label=path or "memory")

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        with self.call("open"):
            if file.name not in self.files or self._file(file.name) != file:
                raise PlatformError(f"{file.shown} is gone, or has changed since it was listed.")
            return io.BytesIO(self.files[file.name])

    def _file(self, name: str) -> DatasetFile:
        data = self.files[name]
        return DatasetFile(
            name=name,
            uri=f"{SCHEME}://{name}",
            size=len(data),
            fingerprint=hashlib.sha256(data).hexdigest(),
        )
