"""A stand-in for the Hugging Face Hub on 127.0.0.1, for the real clients to talk to.

``Hub`` speaks the routes that ``huggingface_hub`` and ``datasets`` use to read repositories (info,
tree in pages, paths-info, refs, resolve, whoami) and those to write them (create, validate-yaml,
preupload, large files by LFS, commit); with the Hub's error headers, its
redirects, and a CDN on another port that refuses any request that bears a token, as the real
one does. A test gives repositories as ``{path: bytes}``, plans faults, and reads the request log::

    with Hub() as hub:
        hub.add("org/name", {"train.jsonl": b"{}"})
        hub.plan(Fault(path="train.jsonl", method="GET", cut=1))
        ...  # HF_ENDPOINT=hub.endpoint
        assert [str(request) for request in hub.requests()] == [...]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from tests.servers.repos import Repo, Shelf
from tests.servers.routes import CdnHandler, HubHandler
from tests.servers.wire import Fault, Journal, QuietServer, Request


class Hub(Shelf):
    """The stand-in: a Hub and its CDN, each on a port of its own.

    Attributes:
        endpoint: what ``HF_ENDPOINT`` must say.
        cdn: the other origin, where large files are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._journal = journal = Journal()
        shelf = self

        class _Hub(HubHandler):
            pass

        class _Cdn(CdnHandler):
            pass

        for handler in (_Hub, _Cdn):
            handler.journal = journal
            handler.state = shelf
        self._servers = (QuietServer(_Hub), QuietServer(_Cdn))
        self.endpoint, self.cdn = (server.address for server in self._servers)

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.stop()

    def add(
        self,
        repo_id: str,
        files: Mapping[str, bytes],
        *,
        kind: Literal["dataset", "model"] = "dataset",
        private: bool = False,
        gated: Literal[False, "auto", "manual"] = False,
        disabled: bool = False,
        readers: Iterable[str] = (),
        large: Iterable[str] = (),
    ) -> Repo:
        """Publish a repository (see :class:`Repo`); ``repo.commit`` makes further commits."""
        repo = Repo(repo_id, kind, private, gated, disabled, set(readers))
        repo.commit(files, large=frozenset(large))
        self.repos[kind, repo_id] = repo
        return repo

    def plan(self, *faults: Fault) -> None:
        """Have these faults strike, each as often as it says."""
        for fault in faults:
            self._journal.plan(fault)

    def pending(self) -> int:
        """How many faults have not struck yet."""
        return self._journal.pending()

    def requests(self, origin: str | None = None) -> list[Request]:
        """What was asked since the start (or ``forget``), in order."""
        return [r for r in self._journal.requests() if origin in (None, r.origin)]

    def forget(self) -> None:
        """Drop the request log and the faults that have not struck."""
        self._journal.forget()

    def clear(self) -> None:
        """Back to an empty Hub, for the next test."""
        self.forget()
        self.empty()
