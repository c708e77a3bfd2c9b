"""Follow the job of a script run to its end: prove it, watch it, record it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from mlcc_core.actions.following.job import Following, goes_on_without
from mlcc_core.actions.train.left import remember_files
from mlcc_core.actions.train.plan import ScriptPlan
from mlcc_core.actions.tune.job.follow import TuneResult
from mlcc_core.actions.tune.job.proof import changed_spec
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import JobState
from mlcc_core.errors import PlatformError


def follow_script(
    plan: ScriptPlan, name: str, reporter: Reporter, *, created: bool, resumed: bool = False
) -> TuneResult:
    """Go with a job as far as the request wants: to its end, or, with ``--no-wait``, one look.

    Args:
        plan: of the run.
        name: of its job.
        reporter: takes progress and lines for people.
        created: by this call; otherwise the job was found.
        resumed: by this call, having been interrupted.

    Raises:
        JobError: it failed, was stopped, has disappeared, or is not what was sent.
        PlatformError: it cannot be asked; it goes on.
        Interrupted: Ctrl-C; it goes on.
    """
    following = FollowingScript(plan, name, reporter, created=created, resumed=resumed)
    with goes_on_without(following):
        return following.run()


class FollowingScript(Following):
    """A script run, followed to what it left."""

    def __init__(
        self,
        plan: ScriptPlan,
        name: str,
        reporter: Reporter,
        *,
        created: bool,
        resumed: bool = False,
    ) -> None:
        super().__init__(
            plan.session,
            plan.request,
            name,
            reporter,
            short=name,
            status="./do/train --status",
            created=created,
            resumed=resumed,
        )
        self.plan = plan

    def run(self) -> TuneResult:
        """See :func:`follow_script`."""
        state = self.to_its_end()
        if state.status != "completed":
            look = (self.status,)
            return TuneResult(self.name, self.created, state, None, look, self.record())
        record = remember_files(self.session.project, self.name, state)
        return TuneResult(self.name, self.created, state, None, (), record)

    def differences(self, state: JobState, sent: Mapping[str, JsonValue]) -> list[str] | None:
        scripts, runner = self.plan.scripts, self.platform.runner
        try:
            described = scripts.reported(self.session.context, self.name, runner)
        except PlatformError as error:
            if state.final or not error.transient:
                raise
            return None
        return None if described is None else changed_spec(scripts.read_spec(sent), described)
