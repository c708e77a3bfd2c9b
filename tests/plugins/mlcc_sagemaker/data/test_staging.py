"""Datasets in S3: streamed, checked, encrypted, found again, or not there at all."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mlcc_aws.uploads import ObjectWriter
from mlcc_core.contract.platform.values import InPlaceRead
from mlcc_core.contract.source import DatasetFile, Listing
from mlcc_core.errors import MlccError, PlatformError
from mlcc_sagemaker.aws.calls import aws_call
from tests.peak import SELF
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, make_context
from tests.plugins.mlcc_sagemaker.installed import plugin_folder

ROOT = Path(__file__).parents[4]
MIB = 1 << 20
ROW = b'{"prompt": "2 + 2 =", "completion": "4"}\n'


def write(platform, context, key, data, **record):
    with platform.store.stage(context, key) as sink:
        sink.file.write(data)
        return sink.commit({"rows": data.count(b"\n"), **record})


def uploads(account):
    s3 = account.account.client("s3")
    return s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of the least size that S3 takes."""
    monkeypatch.setattr("mlcc_aws.uploads.PART_BYTES", 5 * MIB)


def test_a_small_dataset_is_one_object_and_its_record(account, context, platform):
    uri = write(platform, context, "key-1", ROW)
    assert uri == f"s3://{BUCKET}/demo/datasets/key-1.jsonl"
    objects = account.objects(BUCKET)
    assert list(objects) == ["demo/datasets/key-1.jsonl", "demo/datasets/key-1.record.json"]
    head = account.account.client("s3").head_object(Bucket=BUCKET, Key="demo/datasets/key-1.jsonl")
    assert head["ServerSideEncryption"] == "AES256"
    put = account.log.calls("s3:PutObject")[0]
    assert put.params["ChecksumSHA256"]


def test_the_record_is_no_part_of_the_dataset(account, context, platform):
    """A job reads every key that begins like its dataset's."""
    uri = write(platform, context, "key-1", ROW)
    keys = account.objects(BUCKET, uri.removeprefix(f"s3://{BUCKET}/"))
    assert list(keys) == ["demo/datasets/key-1.jsonl"]


def test_a_large_dataset_goes_in_parts(account, context, platform, small_parts):
    data = ROW * (12 * MIB // len(ROW))
    uri = write(platform, context, "large", data, bytes=len(data))
    assert len(account.log.calls("s3:UploadPart")) == 3
    assert all(call.params["ChecksumSHA256"] for call in account.log.calls("s3:UploadPart"))
    with platform.store.open_staged(context, uri) as reader:
        assert hashlib.sha256(reader.read()).digest() == hashlib.sha256(data).digest()
    staged = platform.store.find_staged(context, "large")
    assert (staged.uri, staged.rows) == (uri, data.count(b"\n"))
    assert uploads(account) == []


PROGRAM = """
import sys
from mlcc_core import Context
from mlcc_aws import uploads
from mlcc_sagemaker import SageMaker
from pathlib import Path
import os

uploads.PART_BYTES = 5 << 20
context = Context(Path(), "demo", dict(os.environ))
platform, block = SageMaker(), os.urandom(1 << 20)
with platform.store.stage(context, "small") as sink:
    sink.file.write(block)
    sink.commit({"rows": 1})
before = peak()
with platform.store.stage(context, "large") as sink:
    for _ in range(120):
        sink.file.write(block)
    uri = sink.commit({"rows": 1})
with platform.store.open_staged(context, uri) as reader:
    while reader.read(1 << 20):
        pass
print((peak() - before) >> 20)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peaks are measured as Linux counts them")
def test_memory_does_not_grow_with_the_dataset(account):
    """120 MiB staged and read again by a process of its own, in MiB of further memory."""
    path = f"{plugin_folder()}:{ROOT}:{ROOT / 'libs'}"
    ran = subprocess.run(
        [sys.executable, "-c", SELF + PROGRAM],
        env={**os.environ, "PYTHONPATH": path, "TUNE_S3_BUCKET": BUCKET},
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) < 64


def test_what_fails_leaves_nothing_behind(account, context, platform, small_parts):
    with suppress(ZeroDivisionError), platform.store.stage(context, "large") as sink:
        sink.file.write(bytes(6 * MIB))
        raise ZeroDivisionError
    assert account.objects(BUCKET) == {}
    assert uploads(account) == []
    assert account.log.calls("s3:AbortMultipartUpload")


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
def test_a_part_that_cannot_be_sent(account, context, platform, small_parts, operation):
    account.inject(f"s3:{operation}", "denied", times=None)
    with pytest.raises(PlatformError) as caught:
        write(platform, context, "large", bytes(12 * MIB))
    assert "s3:PutObject" in caught.value.what
    assert caught.value.hint == "mlcc bootstrap"
    assert account.objects(BUCKET) == {}
    assert uploads(account) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
)
@pytest.mark.parametrize("kind", ["lost", "failed", "throttled"])
def test_a_large_dataset_survives_what_passes(
    account, context, platform, small_parts, operation, kind
):
    data = ROW * (11 * MIB // len(ROW))
    account.inject(f"s3:{operation}", kind)
    write(platform, context, "large", data)
    assert account.objects(BUCKET)["demo/datasets/large.jsonl"] == data
    assert platform.store.find_staged(context, "large").rows == data.count(b"\n")


def test_bytes_that_got_lost_on_the_way(account, context, platform):
    with pytest.raises(PlatformError, match="were staged, the conversion wrote"):
        write(platform, context, "key-1", ROW, bytes=7)
    assert account.objects(BUCKET) == {}


def test_without_its_record_a_dataset_does_not_count(account, context, platform):
    account.inject("s3:PutObject", "denied", times=1, after=1)
    with pytest.raises(PlatformError):
        write(platform, context, "key-1", ROW)
    assert platform.store.find_staged(context, "key-1") is None
    write(platform, context, "key-1", ROW)
    assert platform.store.find_staged(context, "key-1") is not None


def test_a_dataset_that_was_changed_does_not_count(account, context, platform):
    write(platform, context, "key-1", ROW)
    s3 = account.account.client("s3")
    s3.put_object(Bucket=BUCKET, Key="demo/datasets/key-1.jsonl", Body=ROW * 2)
    assert platform.store.find_staged(context, "key-1") is None


def test_old_uploads_of_killed_processes_are_aborted(account, context, platform):
    s3 = account.account.client("s3")
    s3.create_multipart_upload(Bucket=BUCKET, Key="demo/datasets/key-1.jsonl")
    s3.create_multipart_upload(Bucket=BUCKET, Key="demo/datasets/key-2.jsonl")
    write(platform, context, "key-1", ROW)
    assert [upload["Key"] for upload in uploads(account)] == ["demo/datasets/key-2.jsonl"]


def test_a_bucket_that_is_not_there(account, platform, tmp_path):
    context = make_context(tmp_path, account, {"TUNE_S3_BUCKET": "gone-bucket"})
    with pytest.raises(PlatformError) as caught:
        write(platform, context, "key-1", ROW)
    assert caught.value.what == "The bucket gone-bucket does not exist."
    assert caught.value.hint == "mlcc bootstrap"


def test_a_key_that_is_none(context, platform):
    with pytest.raises(MlccError, match="is not a key"), platform.store.stage(context, "../x"):
        pass


def test_datasets_in_s3_are_read_in_place(account, context, platform):
    def placed(name, uri, exact=True):
        listing = Listing("x", (DatasetFile(name, uri, 1, "f", exact=exact),), "x")
        return platform.store.reads_in_place(context, listing)

    uri = "s3://data/train.jsonl"
    assert placed("train.jsonl", uri) == InPlaceRead(uri)
    assert placed("train.jsonl", uri, exact=False) == InPlaceRead()
    assert placed("train.ndjson", "s3://data/train.ndjson") == InPlaceRead()
    assert placed("train.jsonl", "file:///train.jsonl") == InPlaceRead()


def test_a_kms_key_of_the_users_own(account, platform, tmp_path):
    kms = account.account.client("kms").create_key()["KeyMetadata"]["Arn"]
    context = make_context(tmp_path, account, {"TUNE_KMS_KEY_ID": kms})
    write(platform, context, "key-1", ROW)
    head = account.account.client("s3").head_object(Bucket=BUCKET, Key="demo/datasets/key-1.jsonl")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", kms)


def test_parts_grow_before_there_are_too_many(account, monkeypatch):
    monkeypatch.setattr("mlcc_aws.uploads.PARTS_PER_SIZE", 2)
    writer = ObjectWriter(
        account.client("s3"), BUCKET, "k", lambda: aws_call("write", "s3:PutObject"), {}, 5 * MIB
    )
    writer.write(bytes(31 * MIB))
    writer.finish()
    sizes = [int(call.params["ContentLength"]) for call in account.log.calls("s3:UploadPart")]
    assert sorted(sizes) == [MIB, 5 * MIB, 5 * MIB, 10 * MIB, 10 * MIB]
