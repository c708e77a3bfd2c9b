"""A reward prompt's copy in the tune bucket, for jobs whose role may not read the prompt itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from mlcc_aws.objects import read_object
from mlcc_core import Context, PlatformError
from mlcc_sagemaker.aws.account import bucket_of, split_uri
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.data.staging import encryption


@dataclass(frozen=True, slots=True)
class PromptCopy:
    """A copy that is there, or will be.

    Attributes:
        source: the prompt's S3 URI.
        target: the copy's, which follows from the text.
        sha256: of the text, hexadecimal.
    """

    source: str
    target: str
    sha256: str

    @classmethod
    def of(cls, context: Context, source: str, sha256: str) -> PromptCopy:
        """The copy of the prompt with this text."""
        key = f"{context.project}/reward-prompts/{sha256[:16]}.txt"
        return cls(source, f"s3://{bucket_of(context)}/{key}", sha256)


def ensure_copied(context: Context, copy: PromptCopy) -> None:
    """Copy the prompt unless just its text is there already.

    Raises:
        PlatformError: it cannot be read or written, or is another one than was planned with.
    """
    from mlcc_aws.uploads import checksum

    bucket, key = split_uri(copy.target)
    there = found(
        lambda: client(context, "s3").head_object(Bucket=bucket, Key=key),
        f"look for {copy.target}",
        f"s3:GetObject on arn:aws:s3:::{bucket}/{key}",
    )
    if there is not None:
        return
    text = _read(context, copy)
    with aws_call(f"write {copy.target}", f"s3:PutObject on arn:aws:s3:::{bucket}/{key}"):
        client(context, "s3").put_object(
            Bucket=bucket,
            Key=key,
            Body=text,
            ContentType="text/plain; charset=utf-8",
            ChecksumSHA256=checksum(text),
            **encryption(context),
        )
    context.say(f"ℹ️  Copied {copy.source} to {copy.target}.")


def _read(context: Context, copy: PromptCopy) -> bytes:
    bucket, key = split_uri(copy.source)
    with aws_call(f"read {copy.source}", f"s3:GetObject on arn:aws:s3:::{bucket}/{key}"):
        text = read_object(client(context, "s3"), bucket, key)
    if hashlib.sha256(text).hexdigest() != copy.sha256:
        raise PlatformError(
            f"{copy.source} has changed since the job was planned.",
            hint="run the same command again",
        )
    return text
