"""Requests for jobs on instances that the service refuses, beyond botocore's model of them.

Messages are those of public reports where there are any: of spot jobs without or with a wait, of
limits. The others are made up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from tests.aws_account.account import Params
from tests.aws_account.containers.machine.config import ROOT, instances
from tests.aws_account.door.answers import ServiceError, invalid

KMS_KEY = re.compile(
    r"(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:)?"
    r"((key/)?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|(key/)?mrk-[0-9a-f]{32}|alias/[\w/-]+)"
)
CHECKPOINTS = f"{ROOT}/checkpoints"
NEEDED = ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition")
INCREASE = (
    "Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is "
    "not available, contact AWS support to request an increase for this quota."
)


def check(params: Params) -> None:
    """Refuse a request that contradicts itself or lacks something.

    Raises:
        ServiceError: it is refused, or asks for what is not served here.
    """
    for member in NEEDED:
        if member not in params:
            raise invalid(f"{member} is required for a training job without ServerlessJobConfig.")
    for member in ("ModelPackageConfig", "MlflowConfig"):
        if member in params:
            raise invalid(f"{member} is supported with ServerlessJobConfig only.")
    _resources(params["ResourceConfig"])
    _waiting(params)
    _channels(params)
    _keys(params)
    _container(params)


def _resources(config: Params) -> None:
    single = ("InstanceType", "InstanceCount")
    if groups := config.get("InstanceGroups"):
        if any(member in config for member in single):
            raise invalid("InstanceGroups cannot be used with InstanceType and InstanceCount.")
        counts = [group["InstanceCount"] for group in groups]
    else:
        for member in single:
            if member not in config:
                raise invalid(f"ResourceConfig requires {member}.")
        counts = [config["InstanceCount"]]
    if min(counts) < 1:
        raise invalid("InstanceCount must be at least 1.")
    if config.get("VolumeSizeInGB", 1) < 1:
        raise invalid("VolumeSizeInGB must be at least 1.")


def _waiting(params: Params) -> None:
    """Refuse a wait without spot instances, and spot instances without one."""
    times, spot = params["StoppingCondition"], params.get("EnableManagedSpotTraining", False)
    longest = times.get("MaxWaitTimeInSeconds")
    if not spot and longest is not None:
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is "
            "set to true"
        )
    if spot and (longest is None or longest < times.get("MaxRuntimeInSeconds", 86400)):
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )
    if spot and params["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        raise invalid("KeepAlivePeriodInSeconds is not supported with managed spot training.")


def _channels(params: Params) -> None:
    channels = params.get("InputDataConfig", ())
    names = Counter(channel["ChannelName"] for channel in channels)
    if twice := [name for name, count in names.items() if count > 1]:
        raise invalid(f"Channel names must be unique: {', '.join(twice)}.")
    modes = [params["AlgorithmSpecification"]["TrainingInputMode"]]
    for channel in channels:
        source = channel["DataSource"].get("S3DataSource")
        if source is None or source["S3DataType"] != "S3Prefix":
            raise _unserved("a channel that is no S3 prefix")
        modes.append(channel.get("InputMode", "File"))
    if "Pipe" in modes:
        raise _unserved("TrainingInputMode Pipe")


def _keys(params: Params) -> None:
    for config in (params["OutputDataConfig"], params["ResourceConfig"]):
        for member in ("KmsKeyId", "VolumeKmsKeyId"):
            key = config.get(member)
            if key and not KMS_KEY.fullmatch(key):
                raise invalid(f"{member} {key} is not a valid KMS key.")


def _container(params: Params) -> None:
    algorithm = params["AlgorithmSpecification"]
    if ("TrainingImage" in algorithm) == ("AlgorithmName" in algorithm):
        raise invalid("Exactly one of TrainingImage and AlgorithmName must be given.")
    if "TrainingImage" not in algorithm:
        raise _unserved("AlgorithmName")
    if "ContainerEntrypoint" not in algorithm:
        raise _unserved("the entry point of an image itself: give ContainerEntrypoint")
    place = params.get("CheckpointConfig", {}).get("LocalPath", CHECKPOINTS)
    if not place.startswith(f"{ROOT}/"):
        raise _unserved(f"CheckpointConfig.LocalPath outside {ROOT}")


def _unserved(what: str) -> ServiceError:
    return ServiceError("NotImplemented", f"Not served here: {what}.", 501)


def check_quotas(
    params: Params,
    quotas: Mapping[tuple[str, str], int],
    used: Mapping[tuple[str, str], int],
    longest: int,
) -> None:
    """Refuse what is more than the account's quotas allow.

    Args:
        params: the request.
        quotas: most instances by type and use, ``training`` or ``spot training``.
        used: instances of jobs under way, likewise.
        longest: most seconds that a job may run.

    Raises:
        ServiceError: as public reports have it.
    """
    for kind, count in wanted(params).items():
        most, now = quotas.get(kind), used.get(kind, 0)
        if most is not None and now + count > most:
            raise _too_much(f"{kind[0]} for {kind[1]} job usage", most, now, count, "Instances")
    seconds = params["StoppingCondition"].get("MaxRuntimeInSeconds", 0)
    if seconds > longest:
        raise _too_much("Longest run time for a training job", longest, 0, seconds, "Seconds")


def _too_much(quota: str, most: int, used: int, asked: int, unit: str) -> ServiceError:
    return ServiceError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{quota}' is {most} {unit}, with current utilization of "
        f"{used} {unit} and a request delta of {asked} {unit}. {INCREASE}",
    )


def wanted(params: Params) -> Counter[tuple[str, str]]:
    """Count the instances that a request takes, by type and use."""
    use = "spot training" if params.get("EnableManagedSpotTraining") else "training"
    return Counter((kind, use) for _, kind in instances(params))
