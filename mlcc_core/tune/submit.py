"""Find the job that a plan means, or create it: once, whatever is killed or lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlcc_core.config import write_variables
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.job import JobState
from mlcc_core.platform import Context, JobNotFound, Platform, Request
from mlcc_core.project import Project
from mlcc_core.records import RunRecord, as_json, read_record, write_record
from mlcc_core.tune.identity import changes, hash_in, job_prefix, latest_attempt
from mlcc_core.tune.tracking import job_variable, tracked_job


@dataclass(frozen=True)
class Tracker:
    """The jobs of one technique in one project.

    Attributes:
        project, platform, context: where.
        technique: whose jobs.
        asked: what is asked now, in the user's words.
        digest: the hash of ``asked``.
        command: the user's command, for hints.
    """

    project: Project
    platform: Platform
    context: Context
    technique: str
    asked: Mapping[str, object]
    digest: str
    command: str

    @property
    def prefix(self) -> str:
        return job_prefix(self.context.project, self.technique, self.digest)

    def find(self) -> JobState | None:
        """The job that this very plan already has, wherever it was started from.

        Raises:
            MlccError: the tracked job is another one, and ``--force`` was not given.
        """
        tracked = tracked_job(self.project, self.technique)
        if tracked is not None:
            state = self._tracked_state(tracked)
            if state is not None:
                return state
        names = self.platform.list_jobs(self.context, self.prefix)
        attempt = latest_attempt(names, self.prefix)
        if attempt == 0:
            return None
        name = f"{self.prefix}{attempt}"
        state = self.platform.describe(self.context, name)
        self._adopt(name)
        return state

    def unfinished_submission(self) -> str | None:
        """The name under which this plan's submission began and was cut off before an answer."""
        tracked = tracked_job(self.project, self.technique)
        if tracked is None or not tracked.startswith(self.prefix):
            return None
        record = read_record(self.project, tracked)
        return tracked if record is not None and record.submission == "sending" else None

    def create(self, request: Request, record: Callable[[str], RunRecord]) -> tuple[str, bool]:
        """Create the job under the next free name, written down before the call.

        Args:
            record: the run record for a job name.

        Returns:
            The job's name, and whether this call created it (another terminal may have).

        Raises:
            PlatformError: it was not created, or nobody knows; the message says which.
        """
        with self.project.lock():
            name = self.unfinished_submission()
            if name is not None and self._exists(name):
                return name, False
            if name is None:
                names = self.platform.list_jobs(self.context, self.prefix)
                name = f"{self.prefix}{latest_attempt(names, self.prefix) + 1}"
            previous = tracked_job(self.project, self.technique)
            entry = record(name).model_copy(update={"request": as_json(request.body)})
            write_record(self.project, entry)
            self._track(name)
            try:
                self.platform.submit(self.context, name, request)
            except MlccError as error:
                if not self._survived(name, error):
                    self._track(previous)
                    entry.submission, entry.status = "sent", "failed"
                    entry.reason = f"not created: {error.what}"
                    write_record(self.project, entry)
                    raise
            write_record(self.project, entry.model_copy(update={"submission": "sent"}))
            return name, True

    def _tracked_state(self, tracked: str) -> JobState | None:
        """The tracked job's state if it is what is asked for now, ``None`` if it is no hindrance.

        Raises:
            MlccError: it is another job.
        """
        record = read_record(self.project, tracked)
        if record is not None and record.platform != self.platform.name:
            if record.status in ("completed", "failed", "stopped"):
                return None
            raise self._differs(tracked, record)
        try:
            state = self.platform.describe(self.context, tracked)
        except JobNotFound:
            return None
        if hash_in(tracked) == self.digest:
            return state
        raise self._differs(tracked, record)

    def _differs(self, tracked: str, record: RunRecord | None) -> MlccError:
        if record is None:
            detail = ["Its run record is not on this machine, so what differs is not known."]
        else:
            before = {"--platform": record.platform, **record.asked}
            detail = changes(before, {"--platform": self.platform.name, **self.asked})
        return MlccError(
            f"The tracked {self.technique} job {tracked} is not what is asked for now.",
            detail=detail,
            hint=f"{self.command} --dataset … --force   # starts a new job in its place",
        )

    def _adopt(self, name: str) -> None:
        """Track a job that was found by its name alone (another machine, a lost config)."""
        with self.project.lock():
            self._track(name)
            if read_record(self.project, name) is None:
                write_record(
                    self.project,
                    RunRecord(
                        job=name,
                        platform=self.platform.name,
                        technique=self.technique,
                        plan_hash=self.digest,
                        asked=as_json(self.asked),
                        submission="sent",
                    ),
                )

    def _track(self, name: str | None) -> None:
        write_variables(self.project.config_path, {job_variable(self.technique): name})

    def _exists(self, name: str) -> bool:
        try:
            self.platform.describe(self.context, name)
        except JobNotFound:
            return False
        return True

    def _survived(self, name: str, error: MlccError) -> bool:
        """Whether the job exists although creating it seemed to fail."""
        try:
            return self._exists(name)
        except PlatformError as second:
            raise PlatformError(
                f"Nobody knows whether {name} was created: {error.what} Then: {second.what}",
                hint="run the same command again: it finds the job, or creates it once",
            ) from second
