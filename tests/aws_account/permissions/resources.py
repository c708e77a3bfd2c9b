"""SageMaker's operations and the resource types that their permissions are for.

By the service authorization reference: types that it marks as required, each one of which must be
allowed. A new operation needs its line here.
"""

from __future__ import annotations

from tests.aws_account.account import ACCOUNT_ID, Params

NAMES = {
    "endpoint": "EndpointName",
    "endpoint-config": "EndpointConfigName",
    "hub": "HubName",
    "inference-component": "InferenceComponentName",
    "mlflow-app": "Arn",
    "mlflow-tracking-server": "TrackingServerName",
    "model": "ModelName",
    "model-package": "ModelPackageName",
    "model-package-group": "ModelPackageGroupName",
    "pipeline": "PipelineName",
    "tagged": "ResourceArn",
    "training-job": "TrainingJobName",
}
"""The member of a request that names the resource, by name or ARN."""

KINDS = ("endpoint", "endpoint-config", "inference-component", "model", "model-package-group")

SAGEMAKER: dict[str, tuple[str, ...]] = {
    "AddTags": ("tagged",),
    "CreateEndpoint": ("endpoint-config", "endpoint"),
    "CreateHub": ("hub",),
    "CreateInferenceComponent": ("endpoint", "inference-component"),
    "CreateModelPackage": ("model-package-group",),
    "CreateTrainingJob": ("training-job",),
    "DeleteTags": ("tagged",),
    "DescribeHub": ("hub",),
    "DescribeHubContent": ("hub", "hub-content"),
    "DescribeMlflowApp": ("mlflow-app",),
    "DescribeMlflowTrackingServer": ("mlflow-tracking-server",),
    "DescribeModelPackage": ("model-package",),
    "DescribeTrainingJob": ("training-job",),
    "ImportHubContent": ("hub", "hub-content"),
    "ListHubContents": ("hub",),
    "ListTags": ("tagged",),
    "StopTrainingJob": ("training-job",),
    "CreateEndpointConfig": ("endpoint-config",),
    "CreateModel": ("model",),
    "CreateModelPackageGroup": ("model-package-group",),
    "UpdateEndpoint": ("endpoint-config", "endpoint"),
    "UpdateInferenceComponent": ("inference-component",),
    **{
        f"{verb}{''.join(word.title() for word in kind.split('-'))}": (kind,)
        for verb in ("Describe", "Delete")
        for kind in KINDS
    },
}

LISTS = frozenset(
    f"List{name}"
    for name in (
        *("EndpointConfigs", "Endpoints", "Hubs", "InferenceComponents", "MlflowApps"),
        *("MlflowTrackingServers", "ModelPackageGroups", "ModelPackages", "Models"),
        *("PipelineExecutions", "TrainingJobs"),
    )
)
"""Operations whose action knows no resource."""

PUBLIC_HUB = "SageMakerPublicHub"


def sagemaker_arn(region: str, kind: str, name: str) -> str:
    """The ARN of a resource of the account, or the name itself if it is one."""
    if name.startswith("arn:"):
        return name
    owner = (
        "aws"
        if kind in ("hub", "hub-content") and name.split("/", maxsplit=1)[0] == PUBLIC_HUB
        else None
    )
    return f"arn:aws:sagemaker:{region}:{owner or ACCOUNT_ID}:{kind}/{name}"


def hub_content(region: str, params: Params) -> str:
    """The ARN of what a hub holds, with its version where one is asked for."""
    hub = str(params["HubName"]).rpartition("/")[2]
    parts = (hub, params["HubContentType"], params["HubContentName"])
    version = params.get("HubContentVersion")
    return sagemaker_arn(region, "hub-content", "/".join((*parts, *([version] if version else ()))))
