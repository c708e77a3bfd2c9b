"""Find the job of a plan, or create it once.

The name of a job follows from the plan, so that two terminals, two machines or two tries after a
crash mean the same job, and a platform refuses to create it twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlcc_core.actions.runs.find import run_names
from mlcc_core.actions.runs.tracking import context_of, track, tracked_job
from mlcc_core.actions.tune.changed import changed_lines
from mlcc_core.actions.tune.job.once import Book, Creation
from mlcc_core.actions.tune.plan.held_out.planned import PlannedRows
from mlcc_core.actions.tune.plan.identity import hash_in, job_prefix, latest_attempt
from mlcc_core.actions.tune.planned import AskedFor, Planned
from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.errors import MlccError
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, as_json, read_record, write_record


@dataclass(frozen=True)
class Tracker:
    """The jobs of one technique in one project.

    Attributes:
        project, platform, context: where.
        platforms: all that are installed, by name: a tracked job may run on another one.
        request: of the user.
        asked: everything that decides the result, in the user's words.
        digest: the hash of ``asked``.
        rows: of the dataset; ``None`` where there is none.
    """

    project: Project
    platform: Platform
    context: Context
    platforms: Mapping[str, Platform]
    request: AskedFor
    asked: Mapping[str, object]
    digest: str
    rows: PlannedRows | None = None

    @property
    def technique(self) -> str:
        return self.request.technique

    @property
    def prefix(self) -> str:
        return job_prefix(self.context.project, self.technique, self.digest)

    def find(self) -> JobState | None:
        """Find the job to go on with: the one of this plan, wherever and whenever it was started.

        A job whose other rule came to hold out the same rows is such a one, too. Another job that
        is tracked is in the way of a new one only. With ``--force`` only the job whose submission
        was cut off before an answer came is found.

        Raises:
            MlccError: the tracked job is another one, there is none of this plan, and ``--force``
                was not given.
            PlatformError: the platform cannot be asked.
        """
        state = self.look()
        if state is not None:
            self._adopt(state.name)
        return state

    def look(self) -> JobState | None:
        """Look for the job as :meth:`find` does; nothing is written down."""
        if self.request.force:
            return self._cut_off()
        state, in_the_way = self._tracked()
        state = state or self._named() or self._alike()
        if state is None and in_the_way is not None:
            raise in_the_way
        return state

    def next_name(self) -> str:
        """Return the name of the next attempt at this plan."""
        names = self.platform.runner.list_jobs(self.context, self.prefix)
        return f"{self.prefix}{latest_attempt(names, self.prefix) + 1}"

    def left_running(self) -> str | None:
        """Return the tracked job that ``--force`` replaces, if it is still running."""
        tracked = tracked_job(self.project, self.technique)
        if tracked is None or self.over(tracked, read_record(self.project, tracked)):
            return None
        return tracked

    def create(self, name: str, request: Request, record: RunRecord) -> tuple[str, bool]:
        """Create the job ``name``, written down before the call.

        Args:
            name: of the job.
            request: the request, proved.
            record: the run record to begin with.

        Returns:
            The job to follow, and whether this call created it: another terminal or machine may
            have been faster.

        Raises:
            PlatformError: it was not created, or that is not known; the message says which.
            Interrupted: Ctrl-C; the message says whether it exists.
        """
        return Creation(
            project=self.project,
            name=name,
            book=_Records(self.project, self.technique, name, request, record),
            submit=lambda: self.platform.runner.submit(self.context, name, request),
            describe=lambda: self._describe(name),
            meanwhile=lambda: self._created_meanwhile(name),
            again=self.request.command_line(force=self.request.force),
        ).create()

    # --- finding ---------------------------------------------------------------------------

    def _tracked(self) -> tuple[JobState | None, MlccError | None]:
        """Return the tracked job if it is the one asked for, or the error if it is in the way."""
        tracked = tracked_job(self.project, self.technique)
        if tracked is None:
            return None, None
        record = read_record(self.project, tracked)
        if record is not None and record.platform != self.platform.name:
            over = self.over(tracked, record)
            return None, None if over else self._differs(tracked, record)
        state = self._describe(tracked)
        if state is None or hash_in(tracked) == self.digest:
            return state, None
        return None, self._differs(tracked, record)

    def _named(self) -> JobState | None:
        """Return the latest attempt at this plan that the platform itself has."""
        names = self.platform.runner.list_jobs(self.context, self.prefix)
        attempt = latest_attempt(names, self.prefix)
        return self._describe(f"{self.prefix}{attempt}") if attempt else None

    def _alike(self) -> JobState | None:
        """Return a job of this project that holds out the same rows by another rule."""
        for digest, rule in (self.rows.alike if self.rows else {}).items():
            prefix = job_prefix(self.context.project, self.technique, digest)
            attempt = latest_attempt(run_names(self.project), prefix)
            record = read_record(self.project, f"{prefix}{attempt}")
            if self.rows and record is not None and self.rows.same_as(record, rule):
                return self._describe(record.job)
        return None

    def _cut_off(self) -> JobState | None:
        """Return the job of this plan whose submission began here and was cut off, if it exists."""
        tracked = tracked_job(self.project, self.technique)
        if tracked is None or not tracked.startswith(self.prefix):
            return None
        record = read_record(self.project, tracked)
        if record is None or record.submission != "sending":
            return None
        return self._describe(tracked)

    def over(self, job: str, record: RunRecord | None) -> bool:
        """Return whether a job has ended, as its record or its own platform says."""
        if record is not None and JobState(job, record.status).final:
            return True
        name = record.platform if record is not None else self.platform.name
        platform = self.platforms.get(name)
        try:
            context = context_of(self.context, record)
            return platform is not None and platform.runner.describe(context, job).final
        except JobNotFound:
            return True
        except MlccError:
            return False

    def _differs(self, tracked: str, record: RunRecord | None) -> MlccError:
        if record is None:
            detail = ["Its run record is not on this machine, so what differs is not known."]
        else:
            detail = changed_lines(record, self.platform.name, self.asked, self.rows)
        return MlccError(
            f"The tracked {self.technique} job {tracked} is not what is asked for now.",
            detail=detail,
            hint=f"{self.request.command_line(force=True, dry_run=False)}"
            "   # starts a new job in its place",
        )

    def _describe(self, name: str) -> JobState | None:
        try:
            context = context_of(self.context, read_record(self.project, name))
            return self.platform.runner.describe(context, name)
        except JobNotFound:
            return None

    def _adopt(self, name: str) -> None:
        """Track a job that exists; its submission is no longer in doubt, nor is its dataset."""
        with self.project.lock():
            if tracked_job(self.project, self.technique) != name:
                track(self.project, self.technique, name)
            record = read_record(self.project, name)
            if record is None:
                record = RunRecord(
                    job=name,
                    platform=self.platform.name,
                    technique=self.technique,
                    plan_hash=self.digest,
                    asked=as_json(self.asked),
                    dataset=self.rows.dataset if self.rows else None,
                )
            known: dict[str, object] = {}
            if record.submission == "sending":
                known["submission"] = "sent"
            if record.content is None and self.rows:
                known["content"] = self.rows.content
            if known:
                write_record(self.project, record.model_copy(update=known))

    # --- creating --------------------------------------------------------------------------

    def _created_meanwhile(self, name: str) -> str | None:
        """Find the job where another terminal was faster; called with the lock held."""
        if not self.request.force:
            found = self.find()
            return None if found is None else found.name
        if self._describe(name) is None:
            return None
        self._adopt(name)
        return name


class _Records(Book):
    """The run record of a job, and ``do/config``, which tracks it."""

    def __init__(
        self, project: Project, technique: str, name: str, request: Request, record: RunRecord
    ) -> None:
        self._project = project
        self._technique = technique
        self._name = name
        self._sending = record.model_copy(update={"request": as_json(request.body)})
        self._previous: str | None = None

    def begin(self) -> None:
        self._previous = tracked_job(self._project, self._technique)
        write_record(self._project, self._sending)
        track(self._project, self._technique, self._name)

    def created(self) -> None:
        self._write(submission="sent")

    def refused(self, error: Exception) -> None:
        previous = None if self._previous == self._name else self._previous
        track(self._project, self._technique, previous)
        self._write(submission="sent", status="failed", reason=f"not created: {error}")

    def in_doubt(self) -> bool:
        record = read_record(self._project, self._name)
        return record is not None and record.submission == "sending"

    def _write(self, **update: object) -> None:
        write_record(self._project, self._sending.model_copy(update=update))


def tracker_of(plan: Planned, rows: PlannedRows | None = None) -> Tracker:
    """Return the jobs that a plan may mean.

    Args:
        plan: of a training, or of a script run.
        rows: of a training.
    """
    session = plan.session
    return Tracker(
        project=session.project,
        platform=session.platform,
        context=session.context,
        platforms=session.plugins.platforms,
        request=plan.request,
        asked=plan.asked,
        digest=plan.digest,
        rows=rows,
    )
