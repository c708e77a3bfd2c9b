"""What the user should know before a job is submitted."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core.job import Order
from mlcc_core.platform import Context
from mlcc_sagemaker.account import bucket_of, role_of, split_uri


def forecast(context: Context, order: Order) -> Sequence[str]:
    """Lines about the buckets that the job reads besides the tune bucket.

    The role that ``bootstrap`` makes reads only the buckets that it was told of.
    """
    named = context.settings.get("TUNE_DATASET_BUCKETS", "").replace(",", " ").split()
    known = {bucket_of(context, order.options), *named}
    uris = [
        order.dataset.uri if order.dataset else "",
        order.evaluator.value if order.evaluator else "",
    ]
    others = sorted({split_uri(uri)[0] for uri in uris if uri.startswith("s3://")} - known)
    if not others:
        return ()
    role = role_of(context, order.options).arn.rpartition("/")[2]
    buckets = ",".join([*named, *others])
    line = (
        f"ℹ️  The job reads {', '.join(others)} as {role}. If that role is bootstrap's: set "
        f"TUNE_DATASET_BUCKETS={buckets} in do/config, then: mlcc bootstrap"
    )
    return (line,)
