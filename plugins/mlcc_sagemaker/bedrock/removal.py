"""Imported models taken down: an import that is under way cannot be stopped, and is waited for."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_aws.errors import AccessDenied
from mlcc_core import Context
from mlcc_sagemaker.aws.account import endpoint_of, region_of
from mlcc_sagemaker.aws.calls import client, found
from mlcc_sagemaker.bedrock import importing
from mlcc_sagemaker.bedrock.models import (
    deployed_models,
    describe_model,
    forget_models,
    named_models,
    require_own,
    running_jobs,
    tags_of,
)
from mlcc_sagemaker.bedrock.weights.supported import REGIONS
from mlcc_sagemaker.serving.standing.tags import PROJECT
from mlcc_sagemaker.serving.waiting import wait_until_gone

REMOVED = "✅ Removed the imported model {name}; it costs nothing any more."


def undeploy_notice(context: Context) -> Sequence[str]:
    """List the imported models that would be removed."""
    return [f"the imported model {item.name} ({item.status})" for item in deployed_models(context)]


def undeploy(context: Context, seconds: float) -> list[str]:
    """Remove every imported model that ``do/config`` names; run again, it goes on.

    Raises:
        MlccError: one belongs to another project.
        PlatformError: one cannot be removed.
    """
    gone: list[str] = []
    lines = []
    for name in named_models(context):
        if remove_model(context, name, seconds):
            lines.append(REMOVED.format(name=name))
        gone.append(name)
        forget_models(context, gone)
    return lines


def remove_model(context: Context, name: str, seconds: float) -> bool:
    """Remove an imported model of this project, and wait until it is gone.

    Returns:
        Whether there was one.

    Raises:
        MlccError: it belongs to another project.
        PlatformError: it cannot be removed.
    """
    _await_import(context, name, seconds)
    there = describe_model(context, name)
    if there is not None:
        require_own(context, name, tags_of(context, str(there["modelArn"])))
        found(
            lambda: client(context, "bedrock").delete_imported_model(modelIdentifier=name),
            f"remove the imported model {name}",
            "bedrock:DeleteImportedModel",
        )
        wait_until_gone(
            context, f"the imported model {name}", lambda: describe_model(context, name), seconds
        )
    return there is not None


def take_down(context: Context, name: str, seconds: float) -> Sequence[str]:
    """Remove an imported model of that name; no lines where Bedrock has none of this project."""
    if name == endpoint_of(context) or region_of(context) not in REGIONS:
        return ()
    try:
        there = describe_model(context, name)
    except AccessDenied:  # who imports has the permission
        return ()
    if there is None or tags_of(context, str(there["modelArn"])).get(PROJECT) != context.project:
        return ()
    remove_model(context, name, seconds)
    forget_models(context, [name])
    return [REMOVED.format(name=name)]


def _await_import(context: Context, name: str, seconds: float) -> None:
    """Let an import of that name end, if this project began one."""
    for row in running_jobs(context):
        if row.get("importedModelName") != name:
            continue
        if tags_of(context, str(row["jobArn"])).get(PROJECT) != context.project:
            continue
        context.say(
            f"⏳ The import of {name} is under way, and cannot be stopped: it is waited for."
        )
        importing.ended(context, name, str(row["jobName"]), seconds)
