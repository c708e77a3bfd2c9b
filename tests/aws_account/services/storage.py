"""S3 and the log, as SageMaker uses them on behalf of a role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tests.aws_account.account import Account
from tests.aws_account.permissions.policies import Need
from tests.aws_account.services.identity import Identity

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
EVENTS = 1000
"""Lines that are written at once."""

SOONEST = timedelta(minutes=110)
"""How far ahead of the machine's time a line may be: CloudWatch drops those beyond two hours."""


class Storage:
    """Reads and writes in moto's S3 and Logs; problems come back as a job's ``FailureReason``."""

    def __init__(self, account: Account, identity: Identity) -> None:
        self._account = account
        self._identity = identity

    def download(self, role: str, uri: str) -> str:
        """Why the role cannot read what is at ``uri``, or ""."""
        found = self.first(uri)
        if not found:
            return f"ClientError: Data download failed:S3 key: matched no files on {uri}"
        denied = self.denied(role, uri)
        return f"ClientError: Data download failed:Access denied. {denied}" if denied else ""

    def denied(self, role: str, uri: str) -> str:
        """Which permission the role lacks to list and read what begins so, or ""."""
        bucket, prefix = bucket_and_key(uri)
        key = self.first(uri) or prefix
        read = Need("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
        return self._identity.lacks(role, Need("s3:ListBucket", f"arn:aws:s3:::{bucket}"), read)

    def read(self, role: str, uri: str) -> str:
        """Why the role cannot read the one object at ``uri``, or ""."""
        bucket, key = bucket_and_key(uri)
        if self.first(uri) != key:
            return f"ClientError: {uri} does not exist"
        denied = self._identity.lacks(role, Need("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"))
        return f"ClientError: Access denied. {denied}" if denied else ""

    def upload(self, role: str, under: str, files: Mapping[str, bytes]) -> str:
        """Write files below an S3 prefix; why the role cannot, or ""."""
        from botocore.exceptions import ClientError

        bucket, prefix = bucket_and_key(under)
        for name, body in files.items():
            key = f"{prefix}/{name}"
            write = Need("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
            if denied := self._identity.lacks(role, write):
                return f"ClientError: Artifact upload failed:Access denied. {denied}"
            try:
                self._account.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
            except ClientError as error:
                return f"ClientError: Artifact upload failed:{error} (s3://{bucket}/{key})"
        return ""

    def content(self, uri: str) -> bytes:
        """What the object at ``uri`` holds."""
        bucket, key = bucket_and_key(uri)
        return bytes(self._account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    def first(self, uri: str) -> str:
        """The first key that begins with what ``uri`` says, or ""."""
        from botocore.exceptions import ClientError

        bucket, prefix = bucket_and_key(uri)
        try:
            found = self._account.client("s3").list_objects_v2(
                Bucket=bucket, Prefix=prefix, MaxKeys=1
            )
        except ClientError:
            return ""
        return str(found["Contents"][0]["Key"]) if found["KeyCount"] else ""

    def log(self, job: str, when: datetime, *lines: str) -> None:
        """Lines in the job's stream of the training jobs' log group."""
        stream = f"{job}/algo-1-1"
        self.open_log(stream)
        self.write_log(stream, [(when, line or "started") for line in lines])

    def open_log(self, stream: str) -> None:
        """Make a stream of the training jobs' log group, and the group, where there is none."""
        logs = self._account.client("logs")
        names = {"logGroupName": LOG_GROUP, "logStreamName": stream}
        for make, wanted in (
            (logs.create_log_group, ("logGroupName",)),
            (logs.create_log_stream, ("logGroupName", "logStreamName")),
        ):
            try:
                make(**{name: names[name] for name in wanted})
            except logs.exceptions.ResourceAlreadyExistsException:
                continue

    def write_log(self, stream: str, lines: Sequence[tuple[datetime, str]]) -> None:
        """Add lines to a stream that is there."""
        logs = self._account.client("logs")
        latest = datetime.now(UTC) + SOONEST
        for start in range(0, len(lines), EVENTS):
            events = [
                {"timestamp": int(min(when, latest).timestamp() * 1000), "message": text}
                for when, text in lines[start : start + EVENTS]
            ]
            logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=events)


def bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
