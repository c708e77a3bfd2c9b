"""Sources: list the files of a dataset URI, and read them."""

from __future__ import annotations

import os
import shlex
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, ClassVar, cast

from mlcc_core.contract.plugin_object import PluginObject
from mlcc_core.contract.settings import Setting
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.text import shown_uri


class OtherUri(MlccError):
    """No dataset at a URI, where another URI may be meant or has to be chosen.

    The caller, who knows the user's command line, puts ``uri`` into it for a hint.

    Args:
        what, where, detail: as for any error.
        uri: the other one, not quoted: ``scheme://org/name?config=main``.

    Example:
        >>> raise OtherUri("There is no trian.jsonl.", uri="train.jsonl")
    """

    def __init__(
        self, what: str, *, uri: str, where: str = "--dataset", detail: Iterable[str] = ()
    ) -> None:
        self.uri = uri
        hint = f"--dataset {shlex.quote(shown_uri(uri))}"
        super().__init__(what, where=where, hint=hint, detail=detail)


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret that a source needs for some of its URIs.

    Attributes:
        variable: the environment variable it is read from.
        purpose: what it opens, for messages ("private and gated datasets").
        docs: where a user gets one.
    """

    variable: str
    purpose: str
    docs: str = ""


@dataclass(frozen=True)
class Access:
    """The settings and secrets that a source may use to reach its files.

    Attributes:
        settings: environment and ``do/config`` merged (``AWS_REGION`` …).
        secret: asks the environment, then the platform's secret store, for a credential's
            value; ``None`` when there is none. Called only when it is needed. Never log it.
        keeps_secrets: the platform has such a store, which ``mlcc secrets set`` fills.
    """

    settings: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    secret: Callable[[Credential], str | None] = lambda credential: os.environ.get(
        credential.variable
    )
    keeps_secrets: bool = False


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """One file of a dataset.

    Attributes:
        name: path within the dataset (repository, prefix, folder), ``/``-separated; the suffix
            tells the format (``.parquet``, ``.jsonl.gz``).
        uri: names this file alone, for :meth:`Source.open`, perhaps in another process, and for
            platforms that read it in place; messages have ``shown``.
        size: bytes, if known without reading.
        fingerprint: equal for equal bytes at this place, different after any change (a hash,
            an ETag, a commit with a path). Two files of one ``name`` and one fingerprint are the
            same data to mlcc, whatever their URIs: all that decides the bytes goes into it.
        path: where the file lies on this machine, for sources whose files do.
        exact: an in-place reader that treats ``uri`` as a prefix would read this file alone.
        shown: ``uri`` as it is displayed, logged and stored; by default an ``http(s)`` address
            loses user, password and query, which may hold a signature, and any other one its
            password and the keys that are secret by their names (``?key=``, ``?token=`` …).
    """

    name: str
    uri: str
    size: int | None
    fingerprint: str
    path: Path | None = None
    exact: bool = True
    shown: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", self.shown or shown_uri(self.uri))


@dataclass(frozen=True, slots=True)
class Listing:
    """The files that a dataset URI means, in the order in which they are read.

    Attributes:
        uri: the URI as it was given.
        files: at least one.
        label: the dataset in messages ("nvidia/When2Call").
        revision: what fixes the content (a commit), where the source has one.
        notes: what the user should know about the choice made ("split: train").
        shown: ``uri`` as it is displayed, logged and stored; see :class:`DatasetFile`.
        split: the split that the files are of, where the dataset has splits.
        other_splits: the URI of each other split of the same dataset, by the split's name: what
            :meth:`Source.list` takes to list it.
    """

    uri: str
    files: tuple[DatasetFile, ...]
    label: str
    revision: str | None = None
    notes: tuple[str, ...] = ()
    shown: str = ""
    split: str | None = None
    other_splits: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", self.shown or shown_uri(self.uri))


class Source(PluginObject):
    """A place that datasets come from: of files (:meth:`open`), or of rows (:meth:`rows`).

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique.
        schemes: URI schemes it answers (``("gs",)``); ``""`` is a URI without a scheme.
        addresses: beginnings of other addresses that it reads, though their scheme is not its own
            (``("https://data.example.org/sets/",)``); they are looked at first.
        uri_help: the forms of its URIs, for ``--help`` ("s3://bucket/key-or-prefix").
        credential: the secret that private datasets need, if any.
        settings: variables that it reads from ``do/config`` and the environment.
    """

    name: ClassVar[str]
    schemes: ClassVar[tuple[str, ...]]
    addresses: ClassVar[tuple[str, ...]] = ()
    uri_help: ClassVar[str]
    credential: ClassVar[Credential | None] = None
    settings: ClassVar[tuple[Setting, ...]] = ()

    @abstractmethod
    def list(self, uri: str, access: Access) -> Listing:
        """List the files that ``uri`` means; nothing is downloaded.

        Raises:
            MlccError: not found, empty, ambiguous (what exists is listed), gated, private.
            PlatformError: the place cannot be reached.
        """

    def rows(self, file: DatasetFile, access: Access) -> Iterator[Mapping[str, object]]:
        """Yield the rows of ``file``, one at a time, where the place holds rows and no bytes.

        Give it in place of :meth:`open`. The file is a file of JSON lines to everybody else: its
        name ends with ``.jsonl``, its size is ``None``. The rows come in the same order each time.

        Raises:
            PlatformError: the rows cannot be read, or changed since they were listed.

        Example:
            >>> next(source.rows(file, access))
            {'prompt': '2 + 2 =', 'completion': '4'}
        """
        raise NotImplementedError(f"source {self.name!r} has neither open nor rows")

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        """Open ``file`` as a seekable binary reader that fetches only the bytes that are read.

        By default it reads :meth:`rows` as JSON lines.

        Raises:
            PlatformError: the file cannot be read, or changed since it was listed; reading and
                closing raise it as well, for a fault that shows only then.
        """
        from mlcc_core.helpers.rows.stream import RowStream

        return cast("BinaryIO", RowStream(lambda: self.rows(file, access), file.shown))

    def fetch(
        self,
        file: DatasetFile,
        folder: Path,
        access: Access,
        progress: Callable[[int], None] = lambda size: None,
    ) -> Path:
        """Copy ``file`` whole below ``folder``, unless it lies on this machine already.

        Args:
            file: of a listing of this source.
            folder: takes the copy.
            access: settings and secrets.
            progress: called with the number of further bytes that have arrived.

        Raises:
            PlatformError: it cannot be read whole; nothing is left behind.
        """
        from mlcc_core.helpers.files import atomic_file

        if file.path is not None:
            return file.path
        target = folder / file.name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise PlatformError(
                f"{file.shown} has a name that leads out of its folder; it is not copied.",
                where=file.shown,
            )
        with self.open(file, access) as source, atomic_file(target) as sink:
            while block := source.read(8 << 20):
                sink.write(block)
                progress(len(block))
        return target
