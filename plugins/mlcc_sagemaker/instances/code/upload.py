"""Code brought to the bucket before a job: what is there already is not sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from mlcc_core import Context, PlatformError
from mlcc_core.helpers import plural
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.data.staging import no_bucket, open_writer
from mlcc_sagemaker.instances.code.contents import CHUNK, Code

BINARY = "application/octet-stream"


def upload_code(context: Context, document: Mapping[str, Any]) -> None:
    """Bring to the bucket what a job's channel ``code`` lacks; each file whole, or not at all.

    It may be called any number of times, by several commands at once: names follow from content.
    A job is to be created only after it has returned.

    Args:
        context: the surroundings of the project.
        document: of the code, as :meth:`Code.document` returns it for a request's body.

    Raises:
        MlccError: a package or a requirement is gone since the job was planned.
        PlatformError: a file has changed since then, or the bucket refuses.
    """
    code, prefix = Code.of(document), str(document["prefix"])
    planned: Mapping[str, str] = document["files"]
    changed = sorted({name for name, _ in code.files.items() ^ planned.items()})
    if changed:
        raise _changed(changed[0])
    there = _names(context, code.bucket, prefix)
    lacking = [name for name in planned if name not in there]
    for name in lacking:
        _send(context, code, prefix, name)
    if lacking:
        sent = plural(len(lacking), "file")
        context.say(f"ℹ️  Sent {sent} of the job's code to s3://{code.bucket}/{prefix}")


def _names(context: Context, bucket: str, prefix: str) -> set[str]:
    """Return the names of the objects below a prefix."""
    missing = {"missing": lambda words: no_bucket(bucket)}
    action = f"s3:ListBucket on arn:aws:s3:::{bucket}"
    with aws_call(f"list s3://{bucket}/{prefix}", action, missing):
        pages = client(context, "s3").get_paginator("list_objects_v2")
        return {
            each["Key"].removeprefix(prefix)
            for page in pages.paginate(Bucket=bucket, Prefix=prefix)
            for each in page.get("Contents", ())
        }


def _send(context: Context, code: Code, prefix: str, name: str) -> None:
    """Send one file, unless it is not the planned one any more."""
    digest = hashlib.sha256()
    with closing(open_writer(context, code.bucket, f"{prefix}{name}", BINARY)) as writer:
        for piece in _pieces(code, name):
            digest.update(piece)
            writer.write(piece)
        if digest.hexdigest() != code.files[name]:
            raise _changed(name)
        writer.finish()


def _pieces(code: Code, name: str) -> Iterator[bytes]:
    if name in code.made:
        yield code.made[name]
        return
    path = Path(code.sources[name])
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece
    except OSError as error:
        raise PlatformError(f"Cannot read {path}: {error.strerror}.") from None


def _changed(name: str) -> PlatformError:
    return PlatformError(
        f"The job's code has changed since it was planned ({name}).",
        hint="run the same command again",
    )
