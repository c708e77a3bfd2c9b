"""MLflow: the tracking server or app that is there, never a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core import Context, PlatformError
from mlcc_sagemaker.aws.calls import aws_call, client, found

VARIABLE = "MLFLOW_RESOURCE_ARN"
READY_STATUSES = frozenset(
    {"Created", "Updated", "Started", "MaintenanceComplete", "MaintenanceInProgress"}
)
SUGGESTION = (
    f"ℹ️  No MLflow server is configured; set {VARIABLE} in do/config to compare experiments "
    "(https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow.html)."
)


def find_mlflow(context: Context) -> tuple[str | None, str | None]:
    """Find the configured server or app, else the only one that there is.

    One that cannot be looked for is one that is not there: tracking is never a reason to fail.

    Returns:
        Its ARN, if there is one; a warning, if none could be looked for.
    """
    configured = context.settings.get(VARIABLE)
    if configured:
        return configured, None
    try:
        arns = [*_apps(context), *_servers(context)]
    except PlatformError as error:
        return None, f"{error.what} The job is not tracked unless {VARIABLE} is set in do/config."
    return (arns[0] if len(arns) == 1 else None), None


def experiment_url(arn: str, experiment: str | None, server: str | None = None) -> str:
    """Return the experiment's address: at the server's own, else in the console.

    Presigned addresses are not used: anybody who reads a log could use them too.

    Args:
        arn: of the server or app.
        experiment: its id, once the job has begun to log.
        server: the address, from :func:`server_url`.
    """
    if server:
        return server.rstrip("/") + (f"/#/experiments/{experiment}" if experiment else "")
    region = arn.split(":")[3]
    name = arn.rpartition("/")[2]
    return f"https://{region}.console.aws.amazon.com/sagemaker/home?region={region}#/mlflow/{name}"


def sign_in(arn: str) -> str:
    """The command that prints an address by which the user is signed in."""
    if ":mlflow-tracking-server/" in arn:
        name = arn.rpartition("/")[2]
        command = f"create-presigned-mlflow-tracking-server-url --tracking-server-name {name}"
    else:
        command = f"create-presigned-mlflow-app-url --arn {arn}"
    return f"aws sagemaker {command}"


def server_url(context: Context, arn: str) -> str | None:
    """The address of a tracking server; ``None`` for an app, which has none of its own."""
    kind, _, name = arn.split(":", 5)[5].partition("/")
    if kind != "mlflow-tracking-server":
        return None
    server = _describe_server(context, name)
    return str((server or {}).get("TrackingServerUrl") or "") or None


def _describe_server(context: Context, name: str) -> Mapping[str, Any] | None:
    try:
        return found(
            lambda: client(context, "sagemaker").describe_mlflow_tracking_server(
                TrackingServerName=name
            ),
            f"look at the MLflow server {name}",
            "sagemaker:DescribeMlflowTrackingServer",
        )
    except PlatformError:
        return None


def _apps(context: Context) -> list[str]:
    with aws_call("look for MLflow apps", "sagemaker:ListMlflowApps"):
        pages = client(context, "sagemaker").get_paginator("list_mlflow_apps").paginate()
        return [
            app["Arn"]
            for page in pages
            for app in page.get("Summaries", ())
            if app.get("Status") in READY_STATUSES
        ]


def _servers(context: Context) -> list[str]:
    with aws_call("look for MLflow tracking servers", "sagemaker:ListMlflowTrackingServers"):
        pages = client(context, "sagemaker").get_paginator("list_mlflow_tracking_servers")
        return [
            server["TrackingServerArn"]
            for page in pages.paginate()
            for server in page.get("TrackingServerSummaries", ())
            if server.get("TrackingServerStatus") in READY_STATUSES
        ]
