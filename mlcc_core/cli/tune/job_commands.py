"""Parts that ``stop`` and ``logs`` share: the job that a technique's name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.contract.platform import Platform


def chosen_job(session: Session, technique: str | None, verb: str) -> tuple[str, Platform]:
    """The tracked job of ``technique``, else the only one that is tracked or that still runs.

    Args:
        verb: the command, for messages.

    Raises:
        MlccError: no job is tracked, none for this technique, or several and none was named.
    """
    from mlcc_core.actions.tune.job.status import platform_of, running_jobs
    from mlcc_core.actions.tune.job.tracking import tracked_techniques

    tracked = tracked_techniques(session.project)
    if not tracked:
        raise MlccError(
            "No tune job is tracked in this project.",
            hint="./do/tune --help",
        )
    if technique is None:
        chosen = list(tracked) if len(tracked) == 1 else list(running_jobs(session))
        if len(chosen) != 1:
            raise MlccError(
                f"{'Several jobs run' if chosen else 'Several jobs are tracked and none runs'}; "
                f"say which technique's: {', '.join(sorted(chosen or tracked))}.",
                hint=f"mlcc {verb} {min(chosen or tracked)}",
            )
        technique = chosen[0]
    if technique not in tracked:
        if technique not in session.plugins.techniques:
            raise unknown_name(
                "technique", technique, session.plugins.techniques, hint="mlcc plugins"
            )
        raise MlccError(
            f"No {technique} job is tracked in this project; there is: "
            f"{', '.join(sorted(tracked))}.",
            hint=f"mlcc {verb} {min(tracked)}",
        )
    job = tracked[technique]
    return job, platform_of(session, job)
