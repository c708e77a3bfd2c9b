"""Git-like repositories of a Hub stand-in: commits, blobs, large files, the README's YAML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

LARGE_SUFFIXES = (".parquet", ".arrow", ".gz", ".zst", ".zip", ".bin", ".safetensors")
"""Names that the Hub's default .gitattributes keeps in large-file storage."""

POINTER_BYTES = 134
"""Size of a large file's pointer in git; the Hub reports it beside the real size."""

PAGE = 1000
"""Entries in one page of a tree listing; the Hub's limit."""

SIBLINGS = 1000
"""Files that an info lists at most; the real Hub cuts large repositories short somewhere above."""


@dataclass(frozen=True)
class Blob:
    """One file's content at one commit.

    Attributes:
        content: its bytes.
        large: kept in large-file storage: served by redirect to the CDN, named by sha256.
    """

    content: bytes
    large: bool

    @property
    def size(self) -> int:
        return len(self.content)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def oid(self) -> str:
        """Git's object id: of the content, or of the pointer to it when it is large."""
        stored = f"oid sha256:{self.sha256}\n".encode() if self.large else self.content
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest()

    @property
    def etag(self) -> str:
        return f'"{self.sha256 if self.large else self.oid}"'


@dataclass(frozen=True)
class Commit:
    """A tree of files, addressed by ``sha`` (a function of the content)."""

    files: Mapping[str, Blob]

    @cached_property
    def sha(self) -> str:
        tree = "\n".join(f"{path} {blob.oid}" for path, blob in sorted(self.files.items()))
        return hashlib.sha1(f"commit\n{tree}".encode()).hexdigest()

    @cached_property
    def card_data(self) -> dict[str, Any] | None:
        """The README's YAML header as the Hub's API shows it; ``None`` without a valid one."""
        import yaml

        lines = self.files["README.md"].content.decode().splitlines() if self.has_readme else []
        if not lines or lines[0] != "---" or "---" not in lines[1:]:
            return None
        try:
            header = yaml.safe_load("\n".join(lines[1 : lines.index("---", 1)]))
        except yaml.YAMLError:
            return None
        shown = json.loads(json.dumps(header, default=str))
        return shown if isinstance(shown, dict) else None

    @property
    def has_readme(self) -> bool:
        return "README.md" in self.files

    def folders(self) -> set[str]:
        parents = (path.split("/")[:-1] for path in self.files)
        return {"/".join(parts[: n + 1]) for parts in parents for n in range(len(parts))}

    def entry(self, path: str) -> dict[str, Any]:
        """A tree entry (file or folder) as the API's JSON has it."""
        blob = self.files.get(path)
        if blob is None:
            oid = hashlib.sha1(f"{self.sha}:{path}".encode()).hexdigest()
            return {"type": "directory", "oid": oid, "size": 0, "path": path}
        entry: dict[str, Any] = {
            "type": "file",
            "oid": blob.oid,
            "size": blob.size,
            "path": path,
        }
        if blob.large:
            entry["lfs"] = {"oid": blob.sha256, "size": blob.size, "pointerSize": POINTER_BYTES}
        return entry

    def sibling(self, path: str, with_blobs: bool) -> dict[str, Any]:
        """A file as dataset info lists it."""
        if not with_blobs:
            return {"rfilename": path}
        blob = self.files[path]
        sibling: dict[str, Any] = {"rfilename": path, "size": blob.size, "blobId": blob.oid}
        if blob.large:
            sibling["lfs"] = {
                "sha256": blob.sha256,
                "size": blob.size,
                "pointerSize": POINTER_BYTES,
            }
        return sibling


@dataclass
class Repo:
    """One repository.

    Attributes:
        id: ``org/name``.
        kind: ``dataset`` or ``model``.
        private: only ``readers`` see that it exists.
        gated: anybody sees the listing, only ``readers`` the content.
        disabled: the Hub's staff closed it.
        readers: names of users who may read a private or gated repository.
        refs: branch or tag name to commit sha.
        commits: every commit ever made, by sha.
    """

    id: str
    kind: Literal["dataset", "model"] = "dataset"
    private: bool = False
    gated: Literal[False, "auto", "manual"] = False
    disabled: bool = False
    readers: set[str] = field(default_factory=set)
    refs: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

    def commit(
        self,
        files: Mapping[str, bytes],
        ref: str = "main",
        large: frozenset[str] = frozenset(),
    ) -> str:
        """Point ``ref`` at a new tree and return its sha; older commits stay readable.

        Args:
            files: the whole tree, path to content.
            ref: branch or tag.
            large: further paths that are kept in large-file storage.
        """
        blobs = {
            path: Blob(content, path in large or path.endswith(LARGE_SUFFIXES))
            for path, content in files.items()
        }
        commit = Commit(blobs)
        self.commits[commit.sha] = commit
        self.refs[ref] = commit.sha
        return commit.sha

    def at(self, revision: str) -> Commit | None:
        return self.commits.get(self.refs.get(revision, revision))

    def info(self, commit: Commit, with_blobs: bool) -> dict[str, Any]:
        """The body of ``GET /api/datasets/<id>``."""
        body: dict[str, Any] = {
            "_id": hashlib.md5(self.id.encode()).hexdigest()[:24],
            "id": self.id,
            "author": self.id.split("/")[0],
            "sha": commit.sha,
            "lastModified": "2025-01-02T03:04:05.000Z",
            "createdAt": "2025-01-01T00:00:00.000Z",
            "private": self.private,
            "gated": self.gated,
            "disabled": self.disabled,
            "tags": [],
            "downloads": 0,
            "likes": 0,
            "siblings": [
                commit.sibling(path, with_blobs) for path in sorted(commit.files)[:SIBLINGS]
            ],
        }
        if commit.card_data is not None:
            body["cardData"] = commit.card_data
        return body


class Shelf:
    """All repositories of a Hub, and who may come.

    Attributes:
        endpoint, cdn: addresses of the two origins.
        users: valid tokens, each with its user's name; any other token is refused.
        renamed: old repository id to the new one (answered with 307).
        page: entries in one page of a tree listing.
        repos: by kind and id.
        orgs: organisations that each user may write to.
        roles: of tokens, where they may not do everything: ``read``.
        objects: large files that were uploaded, by sha256; a commit may name them.
    """

    endpoint: str
    cdn: str

    def __init__(self) -> None:
        self.users: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.repos: dict[tuple[str, str], Repo] = {}
        self.orgs: dict[str, set[str]] = {}
        self.roles: dict[str, str] = {}
        self.objects: dict[str, bytes] = {}
        self.page = PAGE

    def empty(self) -> None:
        tables = (self.users, self.renamed, self.repos, self.orgs, self.roles, self.objects)
        for table in tables:
            table.clear()
        self.page = PAGE

    def blob(self, sha256: str) -> bytes | None:
        """A large file's content by its name on the CDN."""
        for repo in list(self.repos.values()):
            for commit in list(repo.commits.values()):
                for blob in commit.files.values():
                    if blob.large and blob.sha256 == sha256:
                        return blob.content
        return None
