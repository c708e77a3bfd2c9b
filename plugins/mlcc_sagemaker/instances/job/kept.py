"""Objects that a job keeps in S3: its checkpoints, and its output."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mlcc_core import Context, PlatformError
from mlcc_engine.checkpoint.store import MANIFEST
from mlcc_engine.container.layout import RESULT_FILE
from mlcc_sagemaker.aws.account import split_uri
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.instances.job.chain import Chain, Link

STEP = re.compile(rf"(?:\A|/)step-(?P<step>\d+)/{re.escape(MANIFEST)}\Z")

AT_ONCE = 1000
"""Objects that one request removes at most."""

RESULT_BYTES = 1 << 20


def checkpoints_of(chain: Chain) -> str | None:
    """Return the place of the checkpoints of a job; ``None`` for a job without any."""
    uri = (chain.first.get("CheckpointConfig") or {}).get("S3Uri")
    return _folder(str(uri)) if uri else None


def checkpoint_keys(context: Context, chain: Chain) -> Sequence[str]:
    """Return the keys of all objects of a job's checkpoints; none where they may not be listed."""
    uri = checkpoints_of(chain)
    if uri is None:
        return ()
    try:
        return list(_keys(context, uri))
    except PlatformError:
        return ()


def saved_step(keys: Iterable[str]) -> int | None:
    """Return the step of the newest checkpoint among objects; ``None`` where there is none.

    The container sees for itself whether it is whole, and passes over one that is not.

    Example:
        >>> saved_step(["out/job-1/checkpoints/rank-0/step-20/manifest.json"])
        20
    """
    steps = [int(match["step"]) for key in keys if (match := STEP.search(key))]
    return max(steps, default=None)


def stored_result(context: Context, link: Link) -> Mapping[str, Any] | None:
    """Return the result that a completed job left beside its output; ``None`` without one.

    Raises:
        PlatformError: S3 cannot be asked.
    """
    bucket, key = split_uri(f"{artifacts_of(link)}/{RESULT_FILE}")

    def read() -> bytes:
        answer = client(context, "s3").get_object(Bucket=bucket, Key=key)
        return bytes(answer["Body"].read(RESULT_BYTES))

    data = found(read, f"read s3://{bucket}/{key}", f"s3:GetObject on arn:aws:s3:::{bucket}/{key}")
    try:
        document = json.loads(data or b"null")
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def artifacts_of(link: Link) -> str:
    """Return the S3 prefix of a link's output, without a slash at its end."""
    artifacts = (link.description.get("ModelArtifacts") or {}).get("S3ModelArtifacts")
    return str(artifacts or "").rstrip("/")


def folders_of(chain: Chain) -> list[str]:
    """Return the places of all that a job left in S3: those of each link, and its checkpoints."""
    output = _folder(str((chain.first.get("OutputDataConfig") or {}).get("S3OutputPath")))
    places = [f"{output}{name}/" for name in chain.names]
    checkpoints = checkpoints_of(chain)
    if checkpoints is not None and not checkpoints.startswith(tuple(places)):
        places.append(checkpoints)
    return places


def remove_below(context: Context, uri: str) -> int:
    """Remove all objects below a place; return how many there were.

    Raises:
        PlatformError: S3 refuses some of them.
    """
    bucket, _ = split_uri(uri)
    keys = list(_keys(context, uri))
    action = f"s3:DeleteObject on arn:aws:s3:::{bucket}"
    for at in range(0, len(keys), AT_ONCE):
        wanted = {"Objects": [{"Key": key} for key in keys[at : at + AT_ONCE]], "Quiet": True}
        with aws_call(f"remove {uri}", action):
            answer = client(context, "s3").delete_objects(Bucket=bucket, Delete=wanted)
        if failed := answer.get("Errors"):
            first = failed[0]
            raise PlatformError(
                f"S3 did not remove {len(failed)} of the objects below {uri}: "
                f"{first.get('Message') or first.get('Code')}",
                where="AWS permissions" if first.get("Code") == "AccessDenied" else None,
                detail=(f"The permission {action} is missing.",)
                if first.get("Code") == "AccessDenied"
                else (),
                hint="mlcc bootstrap",
            )
    return len(keys)


def _keys(context: Context, uri: str) -> Iterator[str]:
    bucket, prefix = split_uri(uri)

    def ask() -> list[str]:
        pages = client(context, "s3").get_paginator("list_objects_v2")
        return [
            str(each["Key"])
            for page in pages.paginate(Bucket=bucket, Prefix=prefix)
            for each in page.get("Contents") or ()
        ]

    yield from found(ask, f"list {uri}", f"s3:ListBucket on arn:aws:s3:::{bucket}") or ()


def _folder(uri: str) -> str:
    return f"{uri.rstrip('/')}/"
