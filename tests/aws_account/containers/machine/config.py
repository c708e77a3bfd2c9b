"""The files of ``input/config``, as SageMaker writes them for a training container.

Source: "How Amazon SageMaker AI provides training information" of AWS's documentation, and the
reader of them in AWS's training toolkit.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.aws_account.account import Params

ROOT = "/opt/ml"
"""Where the container's files are on SageMaker; another folder here."""

INTERFACE = "lo" if sys.platform == "linux" else "lo0"
ONE_GROUP = "homogeneousCluster"
"""The instance group of a request that names none."""

_ROOT = re.compile(rf"{ROOT}(?![\w.-])")


def placed(text: str, root: Path) -> str:
    """Put the container's root here in the place of ``/opt/ml`` in a text."""
    return _ROOT.sub(lambda _: str(root), text)


def instances(request: Params) -> list[tuple[str, str]]:
    """List the group and the type of each instance of a request."""
    config = request["ResourceConfig"]
    groups = config.get("InstanceGroups") or [{"InstanceGroupName": ONE_GROUP, **config}]
    return [
        (group["InstanceGroupName"], group["InstanceType"])
        for group in groups
        for _ in range(group["InstanceCount"])
    ]


def write(folder: Path, request: Params, hosts: Sequence[str], current: int) -> None:
    """Write the three files of one host.

    Args:
        folder: ``input/config``.
        request: CreateTrainingJob's.
        hosts: names of all hosts, in the order of ``instances``.
        current: the index of this one.
    """
    folder.mkdir(parents=True)
    channels = request.get("InputDataConfig", ())
    documents: dict[str, Mapping[str, Any]] = {
        "hyperparameters": request.get("HyperParameters", {}),
        "inputdataconfig": {one["ChannelName"]: _channel(one, request) for one in channels},
        "resourceconfig": _resources(instances(request), hosts, current),
    }
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document))


def _channel(channel: Params, request: Params) -> dict[str, str]:
    source = channel["DataSource"]["S3DataSource"]
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    content = {"ContentType": channel["ContentType"]} if "ContentType" in channel else {}
    return {
        **content,
        "TrainingInputMode": channel.get("InputMode", mode),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }


def _resources(
    machines: Sequence[tuple[str, str]], hosts: Sequence[str], current: int
) -> dict[str, Any]:
    groups: dict[tuple[str, str], list[str]] = {}
    for machine, host in zip(machines, hosts, strict=True):
        groups.setdefault(machine, []).append(host)
    group, kind = machines[current]
    return {
        "current_host": hosts[current],
        "current_instance_type": kind,
        "current_group_name": group,
        "hosts": list(hosts),
        "instance_groups": [
            {"instance_group_name": name, "instance_type": kind, "hosts": members}
            for (name, kind), members in groups.items()
        ],
        "network_interface_name": INTERFACE,
    }
