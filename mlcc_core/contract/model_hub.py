"""Hubs of models: where models are pushed to, and fetched from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from mlcc_core.contract.plugin_object import PluginObject
from mlcc_core.contract.source import Access, Credential


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository of a hub, as it is at one revision.

    Attributes:
        repo: its name now, which is another one than was asked for where it was renamed.
        revision: what fixes its content (a commit).
        address: of its page.
        private: others cannot see it.
        files: sizes in bytes, by path; ``None`` for one that is not known.
        tags: that its card has.
        licence: as the hub names it; ``None`` where it names none.
        checksums: of files, by path: ``sha256:…`` of the content, or ``git:…``, the name that git
            gives its blob; a file whose checksum is not known is left out.
    """

    repo: str
    revision: str
    address: str
    private: bool = False
    files: Mapping[str, int | None] = field(default_factory=dict, hash=False)
    tags: tuple[str, ...] = ()
    licence: str | None = None
    checksums: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that become the whole content of a repository, at once.

    Attributes:
        repo: its name.
        folder: on this machine; every file in it is uploaded, under its name.
        message: of the commit.
        private: others cannot see the repository, where it is made.
        revision: of the repository as it was found; ``None``: it was not there, and is made.
        removed: paths of files that go in the same commit.
    """

    repo: str
    folder: Path
    message: str
    private: bool = True
    revision: str | None = None
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The repository after an upload.

    Attributes:
        address: of its page.
        revision: that holds the files; the one before where it held them already.
    """

    address: str
    revision: str


class ModelHub(PluginObject):
    """A place where models are shared. Errors are for the user: one line, and what mends it.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique among hubs.
        title: for people: "Hugging Face Hub".
        credential: the secret that writing, and reading what is private, needs, if any.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    credential: ClassVar[Credential | None] = None

    @abstractmethod
    def fits(self, text: str) -> bool:
        """Return whether ``text`` can be the name of a repository here: ``org/name``."""

    def dataset_id(self, uri: str) -> str | None:
        """Return the name of the dataset here that a URI means; ``None`` for other URIs.

        Nothing is asked.

        Example:
            >>> hub.dataset_id("hf://org/data?split=train")
            'org/data'
        """
        return None

    @abstractmethod
    def find(self, access: Access, repo: str, revision: str | None = None) -> HubModel | None:
        """Return a repository as it is at ``revision``, by default now.

        Returns:
            ``None`` where the hub has none of that name that this account may see.

        Raises:
            MlccError: it has no such revision, or may not be read.
            PlatformError: the hub cannot be reached, or refuses the credential.
        """

    @abstractmethod
    def check_upload(self, access: Access, repo: str) -> None:
        """Check that this account may write to ``repo``, or make it; nothing is changed.

        Raises:
            MlccError: there is no credential, or the name is another account's.
            PlatformError: the hub refuses the credential, or cannot be reached.
        """

    @abstractmethod
    def upload(self, access: Access, upload: Upload) -> Uploaded:
        """Make the files of a folder the content of a repository, in one commit, or change nothing.

        Files that are there already are not sent again: a second call goes on with an upload that
        was cut off, and one that would change nothing makes no commit.

        Raises:
            MlccError: the repository has changed since ``upload.revision``.
            PlatformError: the hub refuses, cannot be reached, or the connection was lost.
        """

    @abstractmethod
    def download(self, access: Access, found: HubModel, folder: Path, files: Sequence[str]) -> None:
        """Write files of a repository into ``folder``, whole, as they are at its revision.

        A call may go on with files that an earlier one, which was cut off, has left there.

        Args:
            access: settings and secrets.
            found: the repository, as :meth:`find` gave it.
            folder: takes the files, under their paths.
            files: paths of some of them.

        Raises:
            PlatformError: the hub refuses, cannot be reached, or sent other bytes than it lists.
        """
