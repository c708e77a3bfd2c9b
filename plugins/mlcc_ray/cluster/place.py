"""The folder of a job in the storage, ``jobs/NAME/``, and who writes what into it.

* ``request.json``: the request, by the user's side before the job is submitted, with the key
  ``ray`` beside those of :class:`mlcc_engine.request.Request`: ``{"workers": 2, "resources":
  {"CPU": 1}}``. Its paths are URIs within the storage, or relative to this folder
  (``files/reward.py:score``).
* ``stop``: by the user's side, before it stops the Ray job: no checkpoint is worth saving.
* ``state.json``: ``{"state": "training", "time": 1e9}``; further states are ``waiting`` (for the
  cluster), ``preparing``, ``interrupted`` and those of :mod:`mlcc_engine.listener`.
* ``progress.jsonl``, ``warnings.txt``, ``log.txt``: as the engine writes them, by the first worker.
* ``checkpoints/rank-R/step-N/``: by each worker.
* ``output/``, then ``result.json``, once: how the job ended. A job that ended without one was lost,
  or told to end, and goes on when it is submitted again.
* ``attempts.json``, ``lost.json``, ``end``, ``driver``: between the processes of the cluster.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mlcc_core import PlatformError
from mlcc_engine import job_result
from mlcc_engine.job_result import JobResult
from mlcc_ray.storage import Storage, open_storage

REQUEST, RESULT, STATE = "request.json", job_result.FILE, "state.json"
PROGRESS, WARNINGS, LOG = "progress.jsonl", "warnings.txt", "log.txt"
CHECKPOINTS, OUTPUT, FILES = "checkpoints", "output", "files"
STOP, END, DRIVER = "stop", "end", "driver"
ATTEMPTS, LOST = "attempts.json", "lost.json"

ENDED = "interrupted"
"""The state of a job whose first worker has done what it could before the end."""

OF_THE_CLUSTER = (ATTEMPTS, LOST, END, CHECKPOINTS)
"""Names of files that only a job that goes on needs."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one job.

    Attributes:
        storage: that it is in.
        name: of the job.
    """

    storage: Storage
    name: str

    @classmethod
    def at(cls, uri: str, name: str) -> Place:
        """Return the place of a job in the storage at a URI.

        Raises:
            MlccError: the URI is not one of a storage.
        """
        return cls(open_storage(uri), name)

    def path(self, name: str) -> str:
        """Return the path in the storage of something in the folder."""
        return f"jobs/{self.name}/{name}"

    def address(self, name: str) -> str:
        """Return the URI of something in the folder."""
        return self.storage.address(self.path(name))

    def read(self, name: str) -> Mapping[str, Any] | None:
        """Return the document in a file; ``None`` where there is none, or it is damaged.

        Raises:
            PlatformError: the storage cannot be read.
        """
        raw = self.storage.read_or_none(self.path(name))
        if raw is None:
            return None
        with suppress(ValueError):
            document = json.loads(raw)
            return document if isinstance(document, dict) else None
        return None

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """Write a document into a file.

        Raises:
            PlatformError: the storage cannot be written.
        """
        text = json.dumps(document, ensure_ascii=False) + "\n"
        self.storage.write(self.path(name), text.encode())

    def has(self, name: str) -> bool:
        """Return whether a file is there.

        Raises:
            PlatformError: the storage cannot be read.
        """
        return self.storage.size(self.path(name)) is not None

    def request(self) -> Mapping[str, Any]:
        """Return the request.

        Raises:
            PlatformError: it is not there, or damaged.
        """
        document = self.read(REQUEST)
        if document is None:
            raise PlatformError(
                f"There is no request at {self.address(REQUEST)}: the storage is another one than "
                "on the machine that submitted the job.",
                hint="mount the same folder there, or export RAY_STORAGE=s3://bucket/prefix",
            )
        return document

    def result(self) -> JobResult | None:
        """Return how the job ended; ``None`` while it has not.

        Raises:
            PlatformError: the storage cannot be read.
        """
        document = self.read(RESULT)
        if document is None:
            return None
        return result_of(document)

    def end(self, result: JobResult) -> JobResult:
        """Write down how the job ended, unless that is known already.

        Returns:
            The result that is there now.

        Raises:
            PlatformError: the storage refuses.
        """
        known = self.result()
        if known is not None:
            return known
        self.write(RESULT, job_result.as_document(result))
        return result

    def tell(self, state: str) -> None:
        """Write down the state of the job; a storage that refuses does not matter here."""
        with suppress(PlatformError):
            self.write(STATE, {"state": state, "time": time.time()})

    def clear(self) -> None:
        """Remove what only a job that goes on needs; whatever is left does not matter."""
        for name in OF_THE_CLUSTER:
            with suppress(PlatformError):
                self.storage.remove(self.path(name))


def result_of(document: Mapping[str, Any]) -> JobResult:
    """Return the result that a document says; a damaged one is a failure of the job."""
    try:
        return JobResult(**{**document, "warnings": tuple(document.get("warnings", ()))})
    except TypeError as error:
        return JobResult("failed", fault="job", reason=f"{RESULT} is damaged: {error}.")
