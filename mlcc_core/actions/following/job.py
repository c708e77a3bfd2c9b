"""One job, followed to its end: the steps that are the same whatever it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import JsonValue

from mlcc_core.actions.following.ends import failure, stopped_in_words
from mlcc_core.actions.money.bill import saved_bill
from mlcc_core.actions.money.spent import record_spent
from mlcc_core.actions.tune.job.resume import goes_on
from mlcc_core.actions.tune.job.watch import lost, watch
from mlcc_core.actions.tune.plan.hints import whole_command
from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.contract.platform.values import Request
from mlcc_core.errors import Interrupted, JobError, PlatformError, PluginError
from mlcc_core.project.records import RunRecord, read_record, write_record

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.actions.train.request import ScriptRequest
    from mlcc_core.actions.tune.plan.request import TuneRequest
    from mlcc_core.actions.tune.reporter import Reporter


class Following(ABC):
    """One job, followed: watched or looked at once, proved, and recorded.

    Args:
        session: the project and its platform.
        request: of the user.
        name: of the job.
        reporter: takes progress and lines for people.
        short: the name by which commands know the job best: its technique, or its own.
        status: the command that shows it.
        created: by this call; otherwise the job was found.
        resumed: by this call, having been interrupted.
    """

    def __init__(
        self,
        session: Session,
        request: TuneRequest | ScriptRequest,
        name: str,
        reporter: Reporter,
        *,
        short: str,
        status: str,
        created: bool,
        resumed: bool = False,
    ) -> None:
        self.session = session
        self.platform: Platform = session.platform
        self.request = request
        self.name = name
        self.reporter = reporter
        self.short = short
        self.status = status
        self.created = created
        self.alive = created or resumed
        self.proved = False
        self.warned: set[str] = set()
        self.again = request.command_line()

    # --- hooks -----------------------------------------------------------------------------

    @abstractmethod
    def differences(self, state: JobState, sent: Mapping[str, JsonValue]) -> list[str] | None:
        """List where the job as described departs from the request as sent.

        Returns:
            ``None`` where the platform does not tell now.

        Raises:
            PlatformError: it cannot be asked, now or ever.
        """

    def submitted(self) -> None:
        """Take note that the job was created by this call."""
        return

    def seen(self, state: JobState) -> None:
        """Take note of a look at the job."""
        return

    def failed(self, state: JobState) -> None:
        """Take note that the job failed or was stopped."""
        return

    # --- steps -----------------------------------------------------------------------------

    def to_its_end(self) -> JobState:
        """Go with the job as far as the request wants: to its end, or one look; record it.

        Raises:
            JobError: it failed, was stopped, has disappeared, or is not what was sent.
            PlatformError: it cannot be asked; it goes on.
        """
        if self.created:
            self.reporter.say(f"✅ Submitted {self.name} to {self.platform.title}")
            self.submitted()
        self._recall()
        try:
            state = self._watch() if self.request.wait else self._look()
        except JobNotFound:
            raise JobError(
                f"The job {self.name} has disappeared from {self.platform.title}.",
                hint=f"{self.again}   # creates it again",
            ) from None
        record = record_spent(replace(self.session, say=self.reporter.say), self.name, state)
        if state.status in ("failed", "stopped"):
            for line in saved_bill(record.spent if record else None).lines("spent: "):
                self.reporter.say(line)
            self.failed(state)
            raise failure(state, self._again_mended(state), goes_on(state))
        return state

    def record(self) -> RunRecord | None:
        """Read the record of the job."""
        return read_record(self.session.project, self.name)

    def _again_mended(self, state: JobState) -> str:
        """Return the command that goes on with the job, or the one for a new job.

        The new one has the flags that the last line of the reason names.
        """
        *_, last = (state.reason or "").splitlines() or [""]
        anew = not state.interrupted
        mended = whole_command(last, self.request, force=True)
        return mended or self.request.command_line(force=anew)

    def _watch(self) -> JobState:
        return watch(
            self.platform,
            self.session.context,
            self.name,
            interval=self.request.poll_interval or self.platform.poll_interval,
            seen=self._show,
            say=self.reporter.say,
            come_back=self.again,
        )

    def _look(self) -> JobState:
        try:
            state = self.platform.runner.describe(self.session.context, self.name)
        except (PlatformError, PluginError) as error:
            raise lost(self.name, error, self.status) from error
        self._prove(state)
        self.seen(state)
        return state

    def _show(self, state: JobState) -> None:
        self._prove(state)
        self.seen(state)
        if not self.alive and not state.final:
            self.alive = True
            self.reporter.say(f"ℹ️  {self.name} is already running; watching it.")
        if not self.alive:
            return
        self.reporter.job(state)
        for warning in state.warnings:
            if warning not in self.warned and not state.final:
                self.reporter.say(f"⚠️  {warning}")
            self.warned.add(warning)

    def _recall(self) -> None:
        """Give the platform the request on record, where the proof of the job is still to come."""
        record = self.record()
        if record is not None and record.request and record.submission != "proved":
            self.platform.runner.recall(self.name, Request(record.request))

    def _prove(self, state: JobState) -> None:
        """Compare the job as described with the request, once; stop one that differs.

        Raises:
            JobError: it is not what was sent.
            PlatformError: it is over, and cannot be asked what it was.
        """
        if self.proved:
            return
        record = self.record()
        if record is None or not record.request or record.submission == "proved":
            self.proved = True
            return
        wrong = self.differences(state, record.request)
        if wrong is None:
            return
        update = {"problem": "; ".join(wrong)} if wrong else {"submission": "proved"}
        with self.session.project.lock():
            write_record(self.session.project, record.model_copy(update=update))
        self.proved = True
        if wrong:
            done = stopped_in_words(self.platform, self.session.context, state)
            raise JobError(
                f"The job {self.name} is not what was sent, and {done}.",
                detail=wrong,
                hint=f"./do/logs {self.short}",
            )


@contextmanager
def goes_on_without(following: Following) -> Iterator[None]:
    """Say, at a Ctrl-C within the block, that the job goes on.

    Raises:
        Interrupted: Ctrl-C.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted; the job {following.name} goes on.",
            detail=(
                f"Watch it again: {following.again}",
                f"End it: ./do/stop {following.short}",
            ),
            hint=following.status,
        ) from None
