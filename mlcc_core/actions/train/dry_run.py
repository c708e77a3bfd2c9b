"""``train --script --dry-run``: a plan, and what ``train`` would do with it. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlcc_core.actions.money.bill import saved_bill
from mlcc_core.actions.session import Session
from mlcc_core.actions.train.plan import ScriptPlan, build_script_plan, hold
from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.tune.job.submit import tracker_of
from mlcc_core.actions.tune.plan.hints import whole_commands
from mlcc_core.actions.tune.reporter import Reporter, asking_elsewhere
from mlcc_core.contract.job import JobState
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.project.records import read_record


@dataclass(frozen=True)
class ScriptDryRun:
    """A plan of a script run, and what ``train`` would do with it now.

    Attributes:
        plan: the plan; its bill is that of the job that exists, where one does.
        job: the name of the job that would be created, or gone on with.
        state: of that job, if it exists.
        in_the_way: why ``train`` would not do it without ``--force``.
    """

    plan: ScriptPlan
    job: str
    state: JobState | None = None
    in_the_way: MlccError | None = None


def dry_run_script(
    session: Session, request: ScriptRequest, reporter: Reporter | None = None
) -> ScriptDryRun:
    """Plan a script run, and check what ``train`` checks before it creates a job.

    Args:
        session: project, plugins and platform; see ``open_session``.
        request: the run that is asked for.
        reporter: takes the news; by default lines on stderr.

    Raises:
        MlccError, Problems, PlatformError: as ``train_script``, before it creates a job.
    """
    session = session.with_options(request.values)
    with whole_commands(request):
        with asking_elsewhere(session.platform, reporter or Reporter()):
            plan = build_script_plan(session, request)
        tracker = tracker_of(plan)
        state, in_the_way = None, None
        try:
            state = tracker.look()
        except PlatformError:
            raise
        except MlccError as error:
            in_the_way = error
        if state is None:
            hold(plan)
            return ScriptDryRun(plan, tracker.next_name(), None, in_the_way)
    record = read_record(session.project, state.name)
    told = saved_bill(record.cost if record is not None else None)
    return ScriptDryRun(replace(plan, bill=told), state.name, state)
