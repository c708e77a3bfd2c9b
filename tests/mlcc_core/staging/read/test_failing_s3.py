"""Staging from an S3 that is busy, cut off or changed: the whole dataset, or one clear error."""

from __future__ import annotations

import time
from threading import Thread

import pytest

from tests.mlcc_core.staging.read.test_failing_hub import EXPECTED, FORMATS

pytestmark = pytest.mark.slow

pytest.importorskip("boto3")

LINES, TABLE, PACKED = "train.jsonl", "train.parquet", "train.jsonl.gz"
GET = "s3:GetObject"
MIDDLE = {LINES: 3, TABLE: 9}
"""Requests until rows are staged, and not all of them."""


@pytest.fixture
def bucket(aws, monkeypatch):
    """A bucket with the same dataset in each format."""
    monkeypatch.setattr("mlcc_aws.objects.WAITS", (0.01, 0.01))
    aws.bucket("data", FORMATS)
    return aws


@pytest.mark.parametrize("name", [LINES, PACKED, TABLE])
def test_a_body_that_breaks_off_is_taken_up_where_it_stopped(tune, bucket, once, name):
    cuts = bucket.inject(GET, "cut", times=5, after=1)
    assert tune(f"s3://data/{name}") == 0, tune.err
    assert tune.rows() == EXPECTED
    assert cuts.struck == 5


@pytest.mark.parametrize("kind", ["throttled", "failed", "lost", "refused"])
def test_what_passes_is_waited_out(tune, bucket, kind):
    fault = bucket.inject(GET, kind, after=MIDDLE[TABLE])
    assert tune(f"s3://data/{TABLE}") == 0, tune.err
    assert tune.rows() == EXPECTED
    assert fault.struck == 1


LASTING = {
    "throttled": "throttles requests",
    "failed": "AWS answered InternalError",
    "refused": "closed",
    "cut": "total bytes expected is",
    "expired": "credentials have expired",
    "denied": "access denied",
}


@pytest.mark.parametrize("kind", LASTING)
def test_what_lasts_is_one_error_and_leaves_nothing(tune, bucket, once, kind):
    bucket.inject(GET, kind, times=None, after=MIDDLE[LINES])
    assert LASTING[kind] in tune.refused(f"s3://data/{LINES}")
    assert tune.code == 3
    bucket.faults.clear()
    assert tune(f"s3://data/{LINES}") == 0
    assert tune.rows() == EXPECTED


def replaced(s3, name):
    s3.put_object(Bucket="data", Key=name, Body=FORMATS[name][::-1])


def deleted(s3, name):
    s3.delete_object(Bucket="data", Key=name)


@pytest.mark.parametrize("change", [replaced, deleted])
@pytest.mark.parametrize("name", [LINES, TABLE])
def test_an_object_that_changes_while_it_is_read_is_no_dataset(tune, bucket, name, change):
    held = bucket.inject(GET, "slow", seconds=60, after=MIDDLE[name])
    s3 = bucket.account.client("s3")

    def act():
        while not held.struck:
            time.sleep(0.01)
        change(s3, name)
        bucket.traffic.settle()

    acting = Thread(target=act)
    acting.start()
    assert "has changed since it was listed" in tune.refused(f"s3://data/{name}")
    assert tune.code == 3
    acting.join()


@pytest.mark.parametrize("name", [PACKED, TABLE])
def test_an_object_that_was_cut_short_is_no_dataset(tune, bucket, name):
    half = FORMATS[name][: len(FORMATS[name]) // 2]
    bucket.account.client("s3").put_object(Bucket="data", Key=name, Body=half)
    assert name in tune.refused(f"s3://data/{name}")
    assert tune.code == 1
