"""Code brought to the bucket before a job: what is there already is not sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from mlcc_core import Context, PlatformError
from mlcc_core.helpers import plural
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.data.staging import no_bucket, open_writer
from mlcc_sagemaker.instances.code.contents import INPUTS, Code
from mlcc_sagemaker.instances.code.files import Files

BINARY = "application/octet-stream"


def upload_code(context: Context, document: Mapping[str, Any]) -> None:
    """Bring to the bucket what a job's channel ``code`` lacks, and files of its other channels.

    Each file comes whole, or not at all. It may be called any number of times, by several commands
    at once: names follow from content. A job is to be created only after it has returned.

    Args:
        context: the surroundings of the project.
        document: of the code, as :meth:`Code.document` returns it for a request's body.

    Raises:
        MlccError: a package or a requirement is gone since the job was planned.
        PlatformError: a file has changed since then, or the bucket refuses.
    """
    code = Code.of(document)
    planned = (document, *document[INPUTS])
    for files, said in zip((code, *code.inputs), planned, strict=True):
        _upload(context, files, said)


def _upload(context: Context, files: Files, document: Mapping[str, Any]) -> None:
    prefix, planned = str(document["prefix"]), dict(document["files"])
    changed = sorted({name for name, _ in files.files.items() ^ planned.items()})
    if changed:
        raise _changed(changed[0])
    there = _names(context, files.bucket, prefix)
    lacking = [name for name in planned if name not in there]
    for name in lacking:
        _send(context, files, prefix, name)
    if lacking:
        sent = plural(len(lacking), "file")
        context.say(f"ℹ️  Sent {sent} of the job to s3://{files.bucket}/{prefix}")


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


def _send(context: Context, files: Files, prefix: str, name: str) -> None:
    """Send one file, unless it is not the planned one any more."""
    digest = hashlib.sha256()
    with closing(open_writer(context, files.bucket, f"{prefix}{name}", BINARY)) as writer:
        for piece in files.pieces(name):
            digest.update(piece)
            writer.write(piece)
        if digest.hexdigest() != files.files[name]:
            raise _changed(name)
        writer.finish()


def _changed(name: str) -> PlatformError:
    return PlatformError(
        f"The job's code has changed since it was planned ({name}).",
        hint="run the same command again",
    )
