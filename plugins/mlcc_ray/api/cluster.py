"""A Ray cluster, as its Jobs API shows it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from mlcc_core import PlatformError
from mlcc_core.helpers import install_command, require_package, within
from mlcc_ray.api.errors import NoSuchJob, asked, cluster_errors
from mlcc_ray.api.headers import headers

if TYPE_CHECKING:
    from ray.job_submission import JobSubmissionClient

T = TypeVar("T")

LOOK_SECONDS = 20.0
SEND_SECONDS = 120.0
"""Limits of a question, and of a submission, which brings the code along."""

OVERRIDING = ("RAY_API_SERVER_ADDRESS", "RAY_ADDRESS")
"""Variables that Ray's client obeys before the address that it is given."""

NOISY = ("ray.dashboard.modules.dashboard_sdk", "ray._private.runtime_env.packaging")
"""Loggers of lines about uploads, among progress of our own."""

MOST_NODES = 10_000

EXTRA = "mlcc[ray]"


@dataclass(frozen=True, slots=True)
class RayJob:
    """A job as the cluster tells of it.

    Attributes:
        id: of its submission.
        status: ``PENDING``, ``RUNNING``, ``STOPPED``, ``SUCCEEDED`` or ``FAILED``.
        message: the cluster's words; of a job that failed, the end of its log among them.
    """

    id: str
    status: str
    message: str = ""

    @property
    def lives(self) -> bool:
        """Return whether it may still write to the storage."""
        return self.status not in ("STOPPED", "SUCCEEDED", "FAILED")


@dataclass(frozen=True)
class Cluster:
    """The cluster whose dashboard is at an address.

    Attributes:
        address: ``http://HOST:8265``.
    """

    address: str

    def submit(self, job: str, command: str, runtime_env: Mapping[str, Any]) -> None:
        """Create a job, once: its id is taken from then on.

        Args:
            job: the id of the submission.
            command: its entry point, words of a shell.
            runtime_env: as Ray takes it; a ``working_dir`` of this machine is brought along.

        Raises:
            JobExists: there is one of that id.
            PlatformError: it was not created, or that is not known.
        """

        def send() -> None:
            self._client().submit_job(
                entrypoint=command, submission_id=job, runtime_env=dict(runtime_env)
            )

        self._ask("submit the job", send, SEND_SECONDS)

    def find(self, job: str) -> RayJob | None:
        """Return a job; ``None`` where the cluster does not know it.

        Raises:
            PlatformError: it cannot be asked.
        """

        def look() -> RayJob:
            found = self._client().get_job_info(job)
            return RayJob(job, str(found.status.value), str(found.message or ""))

        try:
            return self._ask(f"look for the job {job}", look)
        except NoSuchJob:
            return None

    def stop(self, job: str) -> None:
        """Ask a job to stop; one that is over, or not there, is left as it is.

        Raises:
            PlatformError: the cluster cannot be asked.
        """
        try:
            self._ask(f"stop the job {job}", lambda: self._client().stop_job(job))
        except NoSuchJob:
            return

    def delete(self, job: str) -> None:
        """Have the cluster forget a job that is over.

        Raises:
            PlatformError: the cluster cannot be asked.
        """
        try:
            self._ask(f"delete the job {job}", lambda: self._client().delete_job(job))
        except NoSuchJob:
            return

    def log(self, job: str) -> str:
        """Return what a job's driver printed; nothing where the cluster does not know it.

        Raises:
            PlatformError: the cluster cannot be asked.
        """
        try:
            return self._ask(
                f"read the log of {job}", lambda: str(self._client().get_job_logs(job))
            )
        except NoSuchJob:
            return ""

    def states(self) -> list[Any]:
        """Return the state of each node, as ``ray.util.state`` has it.

        Raises:
            PlatformError: the cluster cannot be asked.
        """

        def look() -> list[Any]:
            from ray.util.state import StateApiClient
            from ray.util.state.common import ListApiOptions, StateResource

            self._client()  # tells a cluster from whatever else may answer there
            limits = ListApiOptions(limit=MOST_NODES, timeout=int(LOOK_SECONDS))
            states: Any = StateApiClient(self.address, headers=headers())
            return list(states.list(StateResource.NODES, limits, raise_on_missing_output=True))

        return self._ask("ask for the nodes", look)

    def document(self, path: str) -> Any:
        """Return what the dashboard shows people at a path; ``None`` where it does not tell."""

        def look() -> Any:
            # The one request of the client's that takes any path, with all that it sends along.
            answer = self._client()._do_request("GET", path)  # noqa: SLF001 - see above
            return answer.json() if answer.ok else None

        try:
            return self._ask(f"read {path}", look)
        except PlatformError:
            return None

    def _ask(self, doing: str, call: Callable[[], T], seconds: float | None = None) -> T:
        seconds = LOOK_SECONDS if seconds is None else seconds
        require_package("ray", purpose="The platform ray", install=install_command(EXTRA))
        service = f"Cannot {doing}: the Ray cluster at {self.address}"
        with _obeyed(self.address), cluster_errors(self.address, doing):
            return within(seconds, call, service=service, hint=asked(self.address))

    def _client(self) -> JobSubmissionClient:
        """Return Ray's client, which has asked the cluster for its version."""
        from ray.job_submission import JobSubmissionClient

        for name in NOISY:
            logging.getLogger(name).setLevel(logging.WARNING)
        return JobSubmissionClient(self.address, headers=headers())


@cache
def cluster_at(address: str) -> Cluster:
    """Return the cluster at an address; nothing is asked yet."""
    return Cluster(address)


@contextmanager
def _obeyed(address: str) -> Iterator[None]:
    """Have Ray's client take the address that it is given."""
    kept = {name: os.environ[name] for name in OVERRIDING if name in os.environ}
    for name in kept:
        os.environ[name] = address
    try:
        yield
    finally:
        os.environ.update(kept)
