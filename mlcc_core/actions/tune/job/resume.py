"""Have an interrupted job go on: once, whatever else asks for it at the same time."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import JsonValue

from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.tune.job.telling import reopen
from mlcc_core.actions.tune.planned import Planned
from mlcc_core.contract.job import JobState
from mlcc_core.errors import Interrupted
from mlcc_core.helpers.text import first_line, sentence
from mlcc_core.project.records import as_json, read_record, write_record


def resume(plan: Planned, name: str, say: Callable[[str], None]) -> bool:
    """Have a job go on that was interrupted.

    Args:
        plan: of the job.
        name: of the job.
        say: takes a line for the user.

    Returns:
        Whether this call did it: another terminal may have been faster.

    Raises:
        PlatformError: it cannot go on, or cannot be asked.
        Interrupted: Ctrl-C.
    """
    session, runner = plan.session, plan.platform.runner
    try:
        with session.project.lock():
            record = read_record(session.project, name)
            context = context_of(session.context, record)
            state = runner.describe(context, name)
            if not state.interrupted:
                return False
            say(f"↻ {in_words(state)}")
            runner.resume(context, name)
            reopen(session.project, name)
            if record is not None:
                update = {
                    "status": "running",
                    "reason": None,
                    "interrupted": False,
                    "spent": None,
                    "options": {**record.options, **_taken(plan)},
                }
                write_record(session.project, record.model_copy(update=update))
            return True
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted while {name} was being started again.",
            hint=f"{plan.request.command_line()}   # finds the job, or has it go on",
        ) from None


def _taken(plan: Planned) -> dict[str, JsonValue]:
    """Return the flags that the job goes on with, which the next looks at it are given, too."""
    given = plan.session.options
    keys = [option.key for option in plan.platform.options if option.on_resume]
    return as_json({key: given[key] for key in keys if key in given})


def in_words(state: JobState) -> str:
    """Say where a job was interrupted, by what, and from where it goes on."""
    why = f" {sentence(first_line(state.reason))}" if state.reason else ""
    return f"{state.name} was interrupted{_place(state)}; it {goes_on(state)}.{why}"


def goes_on(state: JobState) -> str:
    """Say from where an interrupted job goes on."""
    if state.saved_step is None:
        return "begins again, as it had no checkpoint"
    if state.saved_step == 0:
        return "goes on from the checkpoints that it kept"
    return f"goes on from step {state.saved_step}"


def _place(state: JobState) -> str:
    """Say the step that a job came to: a checkpoint may be newer than what was logged last."""
    progress = state.progress
    if progress is None or progress.step is None:
        return ""
    of = f" of {progress.steps}" if progress.steps else ""
    return f" at step {max(progress.step, state.saved_step or 0)}{of}"
