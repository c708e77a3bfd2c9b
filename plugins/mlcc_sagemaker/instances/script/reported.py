"""A script run as a request or a job describes itself; both are the same document to AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from mlcc_core import Context, MlccError, ReportedScript
from mlcc_engine.container.layout import CODE, ENTRY
from mlcc_sagemaker.instances.job.reported_spec import channels_of
from mlcc_sagemaker.instances.runner import InstanceJobs
from mlcc_sagemaker.instances.script.hyperparameters import script_of
from mlcc_sagemaker.request.body import ASKED, FINGERPRINTS, JOB


def read_spec(body: Mapping[str, object]) -> ReportedScript:
    """Read what a request body says.

    Raises:
        MlccError: it runs no script.
    """
    job = cast("Mapping[str, Any]", body[JOB])
    asked = cast("Mapping[str, str]", body.get(ASKED) or {})
    prints = cast("Mapping[str, str]", body.get(FINGERPRINTS) or {})
    given = dict(job.get("HyperParameters") or {})
    script = script_of(given)
    if script is None:
        raise MlccError("The request runs the engine, and no script.")
    given.pop(ENTRY)
    channels = {name: uri for name, uri in channels_of(job).items() if name != CODE}
    return ReportedScript(
        script=script,
        checksum=prints.get("script"),
        requirements_checksum=prints.get("requirements"),
        hyperparameters=given,
        inputs={name: asked.get(uri, uri) for name, uri in channels.items()},
    )


def reported(context: Context, name: str, runner: object) -> ReportedScript | None:
    """Return what a job says about itself.

    Args:
        context: the surroundings of the project.
        name: of the job.
        runner: of the platform, which remembers the request that it sent.

    Returns:
        ``None`` where the job runs no script, or this process does not know its request.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: it cannot be asked right now.
    """
    from mlcc_sagemaker.job.jobs import read_description

    sent = runner.known(name).sent if isinstance(runner, InstanceJobs) else None
    description = read_description(context, name)
    if script_of(description.get("HyperParameters") or {}) is None or sent is None:
        return None
    return read_spec({**sent.body, JOB: description})
