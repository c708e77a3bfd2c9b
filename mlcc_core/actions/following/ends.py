"""Jobs that ended badly: whose fault it was, and what goes on; jobs that must not go on."""

from __future__ import annotations

from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import JobError, MlccError, PlatformError


def stopped_in_words(platform: Platform, context: Context, state: JobState) -> str:
    """Stop a job that must not go on, and say how that went: ``was stopped``.

    Args:
        platform: where it runs.
        context: the surroundings.
        state: of the job, as last seen.
    """
    if state.final:
        return f"is {state.status} already"
    try:
        platform.runner.stop(context, state.name)
    except MlccError as error:
        return f"could not be stopped: {error.what.rstrip('.')}"
    return "was stopped"


def failure(state: JobState, again: str, going_on: str) -> MlccError:
    """Return the error for a job that failed or was stopped: whose fault first, then the reason.

    Where memory, disk or machine failed it is a :class:`PlatformError`, else a :class:`JobError`.

    Args:
        state: the job's last state.
        again: the command that goes on with an interrupted job, or starts a new one.
        going_on: says from where an interrupted job goes on.
    """
    if state.status == "stopped":
        why, *more = (state.reason or "").splitlines() or [""]
        ending = f": {why}" if why else "."
        return JobError(f"The job {state.name} was stopped{ending}", detail=more, hint=again)
    blame = {
        "input": "because of its input",
        "permission": "for lack of permission",
        "quota": "because a quota is exhausted",
        "platform": "because of the platform",
    }.get(state.fault or "job", "")
    first, *rest = (state.reason or "no reason was given").splitlines() or [""]
    failed = " ".join(word for word in ("failed", blame) if word)
    if state.interrupted:
        failed = "was interrupted"
    kind = PlatformError if state.fault == "platform" else JobError
    then = going_on if state.interrupted and "--force" not in again else "once that is mended"
    return kind(f"The job {state.name} {failed}: {first}", detail=rest, hint=f"{again}   # {then}")
