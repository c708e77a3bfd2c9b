"""The decision to read a dataset of S3 in place."""

from __future__ import annotations

from mlcc_core import Context, InPlaceRead, Listing, MlccError, PlatformError
from mlcc_sagemaker.aws.account import bucket_of, region_of, role_of, split_uri
from mlcc_sagemaker.aws.calls import client, found
from mlcc_sagemaker.aws.permissions import missing_permission
from mlcc_sagemaker.data.staging import IN_PLACE


def reads_in_place(context: Context, listing: Listing) -> InPlaceRead:
    """Read one object in place, in a bucket of the jobs' region, where their role may read it.

    Its key is the beginning of no other key: a job reads all that begin so.
    """
    only = listing.files[0]
    plain = len(listing.files) == 1 and only.exact and only.name.endswith(IN_PLACE)
    if not plain or not only.uri.startswith("s3://"):
        return InPlaceRead()
    try:
        note = _why_not(context, only.uri)
    except MlccError:
        note = None  # the checks say what is missing, and no job starts
    return InPlaceRead(only.uri) if note is None else InPlaceRead(note=note)


def _why_not(context: Context, uri: str) -> str | None:
    bucket, role = split_uri(uri)[0], role_of(context)
    if bucket == bucket_of(context):
        return None
    there, here = _region(context, bucket), region_of(context)
    if there not in (None, here):
        return (
            f"{uri} is copied to the tune bucket, because it is in {there} and jobs run in {here}."
        )
    lack = missing_permission(context, role, uri, listed=True)
    return None if lack is None else lack.copied(uri)


def _region(context: Context, bucket: str) -> str | None:
    """The bucket's region; ``None`` without permission to ask."""
    try:
        answer = found(
            lambda: client(context, "s3").head_bucket(Bucket=bucket),
            f"look at the bucket {bucket}",
            f"s3:ListBucket on arn:aws:s3:::{bucket}",
        )
    except PlatformError:
        return None
    return (answer or {}).get("BucketRegion") or None
