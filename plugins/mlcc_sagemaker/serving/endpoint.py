"""The endpoint and the base model on it: shown before, created once, waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from mlcc_core import Context, MlccError, PlatformError
from mlcc_core.helpers import first_line
from mlcc_sagemaker.aws.account import Role, endpoint_of, model_of
from mlcc_sagemaker.aws.calls import INVALID_CODES, aws_call, client, quota
from mlcc_sagemaker.aws.roles import require_usable
from mlcc_sagemaker.bedrock.options import refuse_import_options
from mlcc_sagemaker.serving import components, flags, names
from mlcc_sagemaker.serving.containers import container_for, ensure_model, weights_of
from mlcc_sagemaker.serving.hosting import Hosting, find_hosting, require_eula
from mlcc_sagemaker.serving.own.names import same_model
from mlcc_sagemaker.serving.standing.described import (
    describe_config,
    describe_endpoint,
    serving_role,
)
from mlcc_sagemaker.serving.standing.tags import endpoint_tags, set_expiry
from mlcc_sagemaker.serving.standing.unchanged import require_same_endpoint, serves_base
from mlcc_sagemaker.serving.waiting import wait_until_in_service

STATUS = "EndpointStatus"
COSTS = "it costs money by the hour until you run: mlcc undeploy"


def notice(context: Context, model_data: str | None) -> Sequence[str]:
    """Describe what deploying would create.

    Refuse what cannot be deployed before anybody is asked, or pays.
    """
    refuse_import_options(context)
    hosting = find_hosting(context)
    require_eula(context, hosting)
    require_same_endpoint(context)
    role = serving_role(context)
    container_for(context, hosting, model_data, role)
    require_usable(context, role)
    base = f"{hosting.model} (base model)"
    weights = f"{model_data} (replaces the base model)" if model_data else base
    return (
        f"📋 Endpoint {endpoint_of(context)}: 1 × {hosting.instance}, by the hour",
        f"   model: {weights}",
        f"   image: {hosting.image}",
        f"   role: {role.arn}",
    )


def deploy(
    context: Context, model_data: str | None, seconds: float, expires: float | None = None
) -> Sequence[str]:
    """Create what is missing of endpoint and base component, or replace the base model.

    Args:
        context: the surroundings of the project.
        model_data: the model that replaces the base; ``None`` for the base itself.
        seconds: between two looks at what is on its way.
        expires: when the endpoint is to be taken down, in seconds since 1970, UTC: a tag from its
            creation on. ``None`` leaves the tag of one that stands as it is.

    Raises:
        MlccError: the model cannot be served; its licence was not accepted; the endpoint that
            stands has another role or instance than a flag says, or belongs to another project.
        PlatformError: AWS refuses, or what was created fails.
    """
    hosting = find_hosting(context)
    require_eula(context, hosting)
    require_same_endpoint(context)
    role = serving_role(context)
    container = container_for(context, hosting, model_data, role)
    if instance := flags.instance_flag(context):
        context.save({"INSTANCE_TYPE": instance})
    try:
        _ensure_endpoint(context, hosting, role, seconds, expires)
        kept = _ensure_base(context, hosting, container, role, model_data is None, seconds)
    except MlccError:
        _tell_what_stands(context)
        raise
    context.save({"ENDPOINT_NAME": endpoint_of(context)})
    return _in_service(context, hosting, model_data, kept)


def _ensure_base(
    context: Context,
    hosting: Hosting,
    container: Mapping[str, object],
    role: Role,
    keep: bool,
    seconds: float,
) -> str | None:
    """Create the base component, or replace its model, and wait for it.

    Args:
        context: the surroundings of the project.
        hosting: how the model is served.
        container: serves the model that is wanted.
        role: that the endpoint runs with.
        keep: leave another model that an earlier ``--force-ic`` put there.
        seconds: between two looks.

    Returns:
        The model that was kept; ``None`` where the wanted one serves.
    """
    base = names.base_component(context)
    there = components.describe(context, base)
    serves = there["Specification"].get("ModelName") if there else None
    standing = keep and serves not in (None, names.model_name(context, container))
    same = standing and serves_base(context, hosting, str(serves))
    kept = standing and not same
    model = serves if kept or (same and not flags.change_base(context)) else None
    model = model or ensure_model(context, container, role)
    specification = hosting.specification(str(model))
    if there is None:
        arguments = {
            "VariantName": names.VARIANT,
            "Specification": specification,
            "RuntimeConfig": {"CopyCount": 1},
        }
        components.create(context, base, arguments, seconds)
    else:
        if serves != model:
            _replace(context, base, specification)
        components.wait_for(context, base, seconds)
    return str(model) if kept else None


def _tell_what_stands(context: Context) -> None:
    """Say that the endpoint costs money, or that it may, after something went wrong."""
    name = endpoint_of(context)
    try:
        there = describe_endpoint(context)
    except MlccError:
        context.say(f"⚠️  The endpoint {name} may stand; {COSTS}")
        return
    if there is not None:
        context.say(f"⚠️  The endpoint {name} stands: {COSTS}")


def _in_service(
    context: Context, hosting: Hosting, model_data: str | None, kept: str | None
) -> Sequence[str]:
    """Return the endpoint that serves now.

    Args:
        context: the surroundings of the project.
        hosting: how the model is served.
        model_data: the model that replaces the base; ``None`` for the base itself.
        kept: the model that an earlier ``--force-ic`` put in the base model's place, where the
            base model was asked for.
    """
    where = f"is in service on {endpoint_of(context)} ({hosting.instance})"
    if kept is None:
        return [f"✅ {f'the model at {model_data}' if model_data else hosting.model} {where}."]
    return [
        f"✅ the model at {weights_of(context, kept)} {where}.",
        f"   It replaced {hosting.model}; to go back: mlcc undeploy, then: mlcc deploy",
    ]


def base_command(context: Context, model: str) -> str | None:
    """Return the command that deploys the base model, where nothing is deployed yet."""
    if not same_model(context, model, model_of(context)):
        return None  # which takes another MODEL_ID, and the endpoint anew
    there = components.describe(context, names.base_component(context))
    return None if there is not None else "./do/deploy"


def _ensure_endpoint(
    context: Context, hosting: Hosting, role: Role, seconds: float, expires: float | None
) -> None:
    name = endpoint_of(context)
    there = describe_endpoint(context)
    if there is None:
        _ensure_config(context, hosting, role)
        doing = f"create the endpoint {name}"
        on = {"ResourceLimitExceeded": lambda words: quota(doing, words)}
        try:
            with aws_call(doing, "sagemaker:CreateEndpoint", on):
                client(context, "sagemaker").create_endpoint(
                    EndpointName=name,
                    EndpointConfigName=names.config_name(context),
                    Tags=endpoint_tags(context, expires),
                )
        except PlatformError:
            there = describe_endpoint(context)
            if there is None:
                raise
    elif there[STATUS] == "Failed":
        raise MlccError(
            f"The endpoint {name} is Failed: {there.get('FailureReason') or 'no reason given'}",
            hint="mlcc undeploy   # then deploy again",
        )
    if there is not None and expires is not None:
        set_expiry(context, name, there["EndpointArn"], expires)
    wait_until_in_service(
        context,
        f"the endpoint {name}",
        lambda: describe_endpoint(context),
        STATUS,
        f"/aws/sagemaker/Endpoints/{name}",
        seconds,
    )


def _ensure_config(context: Context, hosting: Hosting, role: Role) -> None:
    """The configuration names no model: those come as inference components."""
    name = names.config_name(context)

    there = describe_config(context, name)
    isolation = {"EnableNetworkIsolation": True} if flags.isolated(context) else {}
    variant = {
        "VariantName": names.VARIANT,
        "InstanceType": hosting.instance,
        "InitialInstanceCount": 1,
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    }
    if there is not None:
        same = there["ProductionVariants"][0].get("InstanceType") == hosting.instance
        isolated = bool(there.get("EnableNetworkIsolation")) == bool(isolation)
        if same and isolated and there.get("ExecutionRoleArn") == role.arn:
            return
        with aws_call(f"remove {name}", "sagemaker:DeleteEndpointConfig"):
            client(context, "sagemaker").delete_endpoint_config(EndpointConfigName=name)
    try:
        on = {code: partial(_no_such_instance, hosting.instance) for code in INVALID_CODES}
        with aws_call(f"create {name}", "sagemaker:CreateEndpointConfig", on):
            client(context, "sagemaker").create_endpoint_config(
                EndpointConfigName=name,
                ProductionVariants=[variant],
                ExecutionRoleArn=role.arn,
                Tags=names.tags(context),
                **isolation,
            )
    except PlatformError:
        if describe_config(context, name) is None:
            raise


def _no_such_instance(instance: str, words: str) -> PlatformError:
    """Return the error for an invalid configuration; AWS lists all instances that there are."""
    if "instanceType" not in words:
        return PlatformError(f"AWS refuses the endpoint's configuration: {first_line(words)}")
    return PlatformError(
        f"SageMaker serves no models on {instance!r}.",
        where="INSTANCE_TYPE",
        hint="mlcc deploy --instance-type ml.g6.2xlarge   # or another one of SageMaker's",
    )


def _replace(context: Context, base: str, specification: Mapping[str, Any]) -> None:
    with aws_call(f"replace the model of {base}", "sagemaker:UpdateInferenceComponent"):
        client(context, "sagemaker").update_inference_component(
            InferenceComponentName=base, Specification=specification
        )
