"""The data of a script: places in S3 as they are, files of this machine as copies there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlcc_core import Context, MlccError, script_files
from mlcc_core.helpers import shown_uri
from mlcc_engine.container.layout import CODE
from mlcc_sagemaker.aws.account import Role, split_uri
from mlcc_sagemaker.aws.calls import client, found
from mlcc_sagemaker.aws.permissions import require_readable
from mlcc_sagemaker.instances.code.files import Files
from mlcc_sagemaker.serving.weights import hints

FLAG = "--input"

MOST = 20
"""Channels of a job, that of the code among them."""

MOST_BYTES = 5 * 2**30
"""Of files of this machine: more is better brought to S3 once, by other means."""

PREFIX = "mlcc/inputs"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The channels of a script.

    Attributes:
        channels: URI of each, by name.
        copies: files that are brought to the bucket before the job.
        asked: the paths of this machine that were given, by the URI of their copy.
    """

    channels: Mapping[str, str]
    copies: tuple[Files, ...]
    asked: Mapping[str, str]


def find_inputs(context: Context, given: Mapping[str, str], bucket: str, role: Role) -> Inputs:
    """Look at the data of a script; nothing is copied.

    Args:
        context: the surroundings of the project.
        given: path or URI of each channel, by name.
        bucket: that copies go to.
        role: that the job runs with.

    Raises:
        MlccError: a place is not there, or is none that a job reads.
        PlatformError: it cannot be looked at, or the role may not read it.
    """
    if len(given) >= MOST:
        raise MlccError(
            f"A job has {MOST} channels at most, one of them with the script: {len(given)} inputs "
            "are given.",
            where=FLAG,
            hint=f"put several files in one folder, and pass {FLAG} NAME=FOLDER",
        )
    channels, asked, copies = {}, {}, []
    for name, place in given.items():
        if name == CODE:
            raise MlccError(
                f"{FLAG} {name}: the channel {CODE} holds the script itself.",
                where=FLAG,
                hint=f"pass {FLAG} data={place}",
            )
        if place.startswith("s3://"):
            _check_there(context, name, place, role)
            channels[name] = place
            continue
        files = _copied(name, place, bucket)
        channels[name] = files.uri
        asked[files.uri] = place
        copies.append(files)
    return Inputs(channels, tuple(copies), asked)


def _check_there(context: Context, name: str, uri: str, role: Role) -> None:
    """Refuse a place in S3 without objects, or that bootstrap's role may not read."""
    bucket, key = split_uri(uri)

    answer = found(
        lambda: client(context, "s3").list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1),
        f"list {uri}",
        f"s3:ListBucket on arn:aws:s3:::{bucket}",
    )
    first = next(iter((answer or {}).get("Contents") or ()), None)
    if first is None:
        raise MlccError(
            f"{FLAG} {name}: there is nothing at {uri}.",
            where=FLAG,
            hint=f"aws s3 ls s3://{bucket}",
        )
    require_readable(context, role, f"s3://{bucket}/{first['Key']}", FLAG)


def _copied(name: str, place: str, bucket: str) -> Files:
    """Return the copy of a file or folder of this machine.

    Raises:
        MlccError: it is not there, is empty or very large, or is an address of another kind.
    """
    if "://" in place and not place.startswith("file://"):
        raise MlccError(
            f"{FLAG} {name}={shown_uri(place)}: a training job reads data from S3, or a copy of a "
            "file of this machine.",
            where=FLAG,
            hint=f"pass {FLAG} {name}=s3://BUCKET/PREFIX",
        )
    path = Path(place.removeprefix("file://"))
    if not path.exists():
        raise MlccError(
            f"{FLAG} {name}: {path} does not exist.", where=FLAG, hint=f"ls {path.parent}"
        )
    files = {path.name: path} if path.is_file() else script_files(path / "-", folder=True)
    if not files:
        raise MlccError(f"{FLAG} {name}: {path} is empty.", where=FLAG, hint=f"ls -A {path}")
    size = sum(each.stat().st_size for each in files.values())
    if size > MOST_BYTES:
        raise MlccError(
            f"{FLAG} {name}: {path} has {size / 2**30:.1f} GiB, and at most "
            f"{MOST_BYTES / 2**30:.0f} are copied for a job.",
            where=FLAG,
            hint=hints.brought(str(path), f"{FLAG} {name}="),
        )
    return Files(bucket, PREFIX, {name: str(each) for name, each in sorted(files.items())})
