"""The jobs of an evaluation on their platform: found, created once, proven, remembered."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from mlcc_core.actions.evaluate.managed.job.record import (
    EvaluationJob,
    job_names,
    read_job,
    remove_job,
    write_job,
)
from mlcc_core.actions.evaluate.managed.plan.steps import Step
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.following.ends import stopped_in_words
from mlcc_core.actions.money.bill import Bill
from mlcc_core.actions.tune.job.once import Book, Creation
from mlcc_core.actions.tune.job.proof import changed_spec, prove_evaluation
from mlcc_core.actions.tune.plan.identity import latest_attempt
from mlcc_core.contract.job import JobState
from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.errors import JobError, PlatformError
from mlcc_core.project.project import Project
from mlcc_core.project.records import as_json


@dataclass(frozen=True)
class Jobs:
    """The jobs of managed evaluations of one project on one platform.

    Attributes:
        project, platform, managed, context: where.
        request: of the user.
        command: the evaluation of these two models alone, whichever runs are the latest later on.
        tell: takes lines about requests that are sent, each of which is said once.
    """

    project: Project
    platform: Platform
    managed: ManagedEvaluating
    context: Context
    request: EvaluateRequest
    command: str
    tell: Callable[[str], None]

    @property
    def again(self) -> str:
        """Return the command that goes on."""
        return self.request.command_line(dry_run=False)

    def find(self, step: Step) -> JobState | None:
        """Return the latest attempt at a job, wherever it was begun; ``None`` where there is none.

        A job that was written down counts although a list of the platform does not have it yet.

        Raises:
            PlatformError: the platform cannot be asked.
        """
        listed = self.platform.runner.list_jobs(self.context, step.prefix)
        names = {*listed, *job_names(self.project, step.prefix)}
        for attempt in range(latest_attempt(names, step.prefix), 0, -1):
            state = self.describe(f"{step.prefix}{attempt}")
            if state is not None:
                self.remember(state, step.spec)
                return state
        return None

    def describe(self, name: str) -> JobState | None:
        """Return the state of a job; ``None`` where there is none of that name."""
        try:
            return self.platform.runner.describe(self.context, name)
        except JobNotFound:
            return None

    def build(self, spec: ManagedSpec) -> Request:
        """Return the request for a whole spec, proved to say what the spec says.

        Raises:
            MlccError, Problems: it cannot be made, or says something else.
        """
        request = self.managed.build_request(self.context, spec)
        prove_evaluation(spec, self.managed.read_spec(request.body))
        return request

    def create(self, name: str, spec: ManagedSpec, request: Request, price: Bill) -> bool:
        """Create a job under its name; return whether this call did.

        Args:
            name: of the job.
            spec: that it is created for.
            request: as :meth:`build` made it of ``spec``.
            price: of the job, for its record.

        Raises:
            PlatformError: it was not created, or that is not known; the message says which.
            Interrupted: Ctrl-C; the message says whether it exists.
        """
        sending = {"created": round(time.time(), 3), "request": as_json(request.body)}
        cost = price.document() if price.charges else None
        record = self._record(name, spec).model_copy(update={**sending, "cost": cost})
        _, created = Creation(
            project=self.project,
            name=name,
            book=_Records(self.project, record),
            submit=lambda: self.platform.runner.submit(
                replace(self.context, say=self.tell), name, request
            ),
            describe=lambda: self.describe(name),
            meanwhile=lambda: None if self.describe(name) is None else name,
            again=self.again,
        ).create()
        return created

    def remember(self, state: JobState, spec: ManagedSpec) -> None:
        """Write down what the platform says of a job, which another machine may have created."""
        with self.project.lock():
            record = read_job(self.project, state.name)
            seen = {"status": state.status, "reason": state.reason}
            if record is None:
                record = self._record(state.name, spec).model_copy(update={"submission": "proved"})
                write_job(self.project, record.model_copy(update=seen))
                return
            if record.submission == "sending":
                seen["submission"] = "sent"
            if any(getattr(record, name) != value for name, value in seen.items()):
                write_job(self.project, record.model_copy(update=seen))

    def collected(self, name: str) -> None:
        """Write down that an evaluation was kept which has the result of a job."""
        with self.project.lock():
            record = read_job(self.project, name)
            if record is not None and not record.collected:
                write_job(self.project, record.model_copy(update={"collected": True}))

    def _record(self, name: str, spec: ManagedSpec) -> EvaluationJob:
        return EvaluationJob(
            job=name,
            platform=self.platform.name,
            kind=spec.kind,
            model=spec.model,
            run=spec.job,
            options=as_json(spec.options),
            command=self.command,
        )

    def prove(self, state: JobState) -> bool:
        """Compare a job with the request that was sent, once; stop one that differs.

        Returns:
            Whether there is nothing more to compare.

        Raises:
            JobError: it is not what was sent.
        """
        record = read_job(self.project, state.name)
        if record is None or record.submission == "proved":
            return True
        # Another process may have sent it: the platform learns the words that were typed.
        self.platform.runner.recall(state.name, Request(record.request))
        try:
            described = self.managed.reported(self.context, state.name, self.platform.runner)
        except PlatformError as error:
            if state.final or not error.transient:
                raise
            return False
        if described is None:
            return state.final
        wrong = changed_spec(self.managed.read_spec(record.request), described)
        update = {"problem": "; ".join(wrong)} if wrong else {"submission": "proved"}
        with self.project.lock():
            write_job(self.project, record.model_copy(update=update))
        if wrong:
            done = stopped_in_words(self.platform, self.context, state)
            raise JobError(
                f"The job {state.name} is not what was sent, and {done}.",
                detail=wrong,
                hint=f"mlcc logs {state.name}",
            )
        return True


class _Records(Book):
    """The record of one job, kept around its creation."""

    def __init__(self, project: Project, sending: EvaluationJob) -> None:
        self._project = project
        self._sending = sending

    def begin(self) -> None:
        write_job(self._project, self._sending)

    def created(self) -> None:
        write_job(self._project, self._sending.model_copy(update={"submission": "sent"}))

    def refused(self, error: Exception) -> None:
        remove_job(self._project, self._sending.job)

    def in_doubt(self) -> bool:
        record = read_job(self._project, self._sending.job)
        return record is not None and record.submission == "sending"
