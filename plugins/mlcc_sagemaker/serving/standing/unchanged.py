"""The base model that stands beside the one that is wanted: the same, or one to be replaced."""

from __future__ import annotations

from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import endpoint_of, split_uri
from mlcc_sagemaker.serving import flags
from mlcc_sagemaker.serving.containers import describe_container, serves, weights_in
from mlcc_sagemaker.serving.hosting import Hosting
from mlcc_sagemaker.serving.standing.described import describe_config, describe_endpoint


def serves_base(context: Context, hosting: Hosting, model: str) -> bool:
    """Return whether a model of SageMaker serves the base model, however it is served.

    The hub's models are told by their bucket: their prefix there changes with the version.
    """
    container = describe_container(context, model)
    if hosting.own:
        return serves(container, hosting.own)
    weights = weights_in(container)
    bucket = split_uri(hosting.artifacts)[0]
    return weights.startswith("s3://") and split_uri(weights)[0] == bucket


def require_same_endpoint(context: Context) -> None:
    """Refuse flags that the endpoint which stands does not have: it keeps what it was made with.

    Raises:
        MlccError: it has another instance, or may make network calls.
    """
    wished, isolated = flags.instance_flag(context), flags.isolated(context)
    if not wished and not isolated:
        return
    endpoint = describe_endpoint(context)
    config = endpoint and describe_config(context, endpoint["EndpointConfigName"])
    if not config:
        return
    runs_on = config["ProductionVariants"][0].get("InstanceType")
    if wished and wished != runs_on:
        raise _keeps(context, f"runs on {runs_on}", flags.INSTANCE_TYPE.flag)
    if isolated and not config.get("EnableNetworkIsolation"):
        raise _keeps(context, "may make network calls", flags.NETWORK_ISOLATION.flag)


def _keeps(context: Context, fact: str, flag: str) -> MlccError:
    return MlccError(
        f"The endpoint {endpoint_of(context)} {fact}, and keeps that.",
        where=flag,
        hint="mlcc undeploy   # then deploy with the flag",
    )
