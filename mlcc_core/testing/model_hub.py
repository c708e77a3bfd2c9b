"""A hub of models in memory."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from mlcc_core.contract.model_hub import HubModel, ModelHub, Upload, Uploaded
from mlcc_core.contract.source import Access
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.testing.faults import Faults

DATASET = re.compile(r"fake-hub://([\w.-]+/[\w.-]+)")


@dataclass(frozen=True, slots=True)
class Kept:
    """A repository of the fake.

    Attributes:
        found: as it is found.
        contents: of its files, by revision and path.
    """

    found: HubModel
    contents: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)


class FakeModelHub(Faults, ModelHub):
    """Repositories by name. Subclass it to change a class attribute.

    ``fail`` and ``calls`` come from :class:`~mlcc_core.testing.faults.Faults`.

    Attributes:
        repos: repositories, by name.
        forbidden: organisations that this account may not write to.
    """

    name: ClassVar[str] = "fake"
    title: ClassVar[str] = "Fake hub"

    def __init__(self) -> None:
        super().__init__()
        self.repos: dict[str, Kept] = {}
        self.forbidden: set[str] = set()

    def fits(self, text: str) -> bool:
        return re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", text) is not None

    def dataset_id(self, uri: str) -> str | None:
        match = DATASET.match(uri)
        return match[1] if match else None

    def find(self, access: Access, repo: str, revision: str | None = None) -> HubModel | None:
        with self.call("find"):
            kept = self.repos.get(repo)
            if kept is None:
                return None
            if revision is None:
                return kept.found
            whole = next((known for known in kept.contents if known.startswith(revision)), None)
            if whole is None:
                raise MlccError(f"{repo} has no revision {revision!r}.", hint=f"mlcc push … {repo}")
            sizes = {path: len(data) for path, data in kept.contents[whole].items()}
            return replace(kept.found, revision=whole, files=sizes)

    def check_upload(self, access: Access, repo: str) -> None:
        with self.call("check_upload"):
            if repo.partition("/")[0] in self.forbidden:
                raise MlccError(f"{repo} belongs to others.", hint="mlcc push … YOU/NAME")

    def upload(self, access: Access, upload: Upload) -> Uploaded:
        with self.call("upload"):
            kept = self.repos.get(upload.repo)
            if (kept and kept.found.revision) != upload.revision:
                raise MlccError(f"{upload.repo} has changed meanwhile.", hint="mlcc push …")
            before = kept.contents[kept.found.revision] if kept else {}
            after = {path: data for path, data in before.items() if path not in upload.removed}
            files = (path for path in upload.folder.rglob("*") if path.is_file())
            after |= {str(p.relative_to(upload.folder)): p.read_bytes() for p in files}
            revision = hashlib.sha1(repr(sorted(after.items())).encode()).hexdigest()  # noqa: S324
            address = f"https://hub.example.org/{upload.repo}"
            private = kept.found.private if kept else upload.private
            sizes = {path: len(data) for path, data in after.items()}
            tags = _tags(after.get("README.md", b""))
            sums = {path: f"sha256:{hashlib.sha256(d).hexdigest()}" for path, d in after.items()}
            found = HubModel(upload.repo, revision, address, private, sizes, tags, checksums=sums)
            contents = {**(kept.contents if kept else {}), revision: after}
            self.repos[upload.repo] = Kept(found, contents)
            return Uploaded(address, revision)

    def download(self, access: Access, found: HubModel, folder: Path, files: Sequence[str]) -> None:
        with self.call("download"):
            for path in files:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    target.write_bytes(self.repos[found.repo].contents[found.revision][path])
                except KeyError:
                    raise PlatformError(f"{found.repo} has no file {path}.") from None


def _tags(card: bytes) -> tuple[str, ...]:
    """Return the tags in the header of a card."""
    import yaml

    _, _, rest = card.decode().partition("---\n")
    found = yaml.safe_load(rest.partition("---\n")[0])
    return tuple(found.get("tags") or ()) if isinstance(found, dict) else ()
