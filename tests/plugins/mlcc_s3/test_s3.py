"""The source of S3 objects, on moto's server through the real boto3."""

from __future__ import annotations

import io

import pytest

from mlcc_core import Access, MlccError, PlatformError
from mlcc_core.helpers.ranged import MOST_AHEAD
from mlcc_s3 import plugin as source
from tests.servers.proxy import Proxy

ROW = b'{"prompt": "a", "completion": "b"}\n'


def listing(uri):
    return source.list(uri, Access())


def names(uri):
    return [file.name for file in listing(uri).files]


def refused(uri, exit_code=1):
    with pytest.raises(MlccError) as raised:
        listing(uri)
    assert raised.value.exit_code == exit_code
    assert "\n" not in raised.value.what
    assert raised.value.hint
    return raised.value


def read(uri):
    (file,) = listing(uri).files
    with source.open(file, Access()) as opened:
        return opened.read()


@pytest.fixture
def bucket(s3):
    objects = {
        "data/train-0.jsonl": ROW,
        "data/train-1.jsonl": ROW * 2,
        "data/test.parquet": b"PAR1",
        "data/_SUCCESS": b"",
        "data/README.md": b"#",
        "data/old/train-0.jsonl": ROW,
        "lone.jsonl": ROW,
        "train.jsonl": ROW,
        "train.jsonl.bak": ROW,
        "docs/a.txt": b"a",
    }
    return s3.bucket("my-bucket", objects)


def test_an_object_is_itself(bucket):
    (file,) = listing("s3://my-bucket/data/train-1.jsonl").files
    assert (file.name, file.uri, file.size) == (
        "train-1.jsonl",
        "s3://my-bucket/data/train-1.jsonl",
        2 * len(ROW),
    )
    assert read(file.uri) == ROW * 2


def test_an_object_whose_key_begins_another_is_not_exact(bucket):
    (file,) = listing("s3://my-bucket/train.jsonl").files
    assert not file.exact
    (file,) = listing("s3://my-bucket/lone.jsonl").files
    assert file.exact


@pytest.mark.parametrize("uri", ["s3://my-bucket/data", "s3://my-bucket/data/"])
def test_of_a_folder_the_training_files_are_read(bucket, uri):
    assert names(uri) == ["old/train-0.jsonl", "train-0.jsonl", "train-1.jsonl"]
    found = listing(uri)
    assert found.notes == ("split: train", "test: 1 file; not trained on", "3 files")
    assert found.other_splits == {"test": f"{uri}?split=test"}
    assert names(f"{uri}?split=test") == ["test.parquet"]
    assert names(refused(f"{uri}?split=tset").hint.split()[1].strip("'")) == ["test.parquet"]


def test_a_folder_without_splits_is_its_data_files(s3):
    s3.bucket("my-bucket", dict.fromkeys(("d/b.jsonl", "d/a.jsonl", "d/notes.txt"), ROW))
    assert names("s3://my-bucket/d") == ["a.jsonl", "b.jsonl"]
    assert listing("s3://my-bucket/d").notes == ("2 files",)


def test_the_readme_of_a_folder_is_followed(s3):
    header = (
        b"---\nconfigs:\n- config_name: a\n  data_files: a/*\n"
        b"- config_name: b\n  data_files: gone/*\n---\n"
    )
    objects = {"d/README.md": header, "d/a/train.jsonl": ROW, "d/a/x.jsonl": ROW, "d/c.jsonl": ROW}
    s3.bucket("my-bucket", objects)
    error = refused("s3://my-bucket/d")
    assert error.detail == ("Configs: a, b",)
    assert error.hint == "--dataset 's3://my-bucket/d?config=a'"
    assert names("s3://my-bucket/d?config=a") == ["a/train.jsonl", "a/x.jsonl"]
    assert "'gone/*' fits no file" in refused("s3://my-bucket/d?config=b").what


def test_a_folder_of_tests_wants_to_be_named(s3):
    s3.bucket("my-bucket", {"d/eval.jsonl": ROW})
    error = refused("s3://my-bucket/d")
    assert "only 'test'" in error.what
    assert error.hint == "--dataset 's3://my-bucket/d?split=test'"


def test_a_pattern_selects(bucket):
    assert names("s3://my-bucket/data?file=train") == [
        *("old/train-0.jsonl", "train-0.jsonl", "train-1.jsonl")
    ]
    assert names("s3://my-bucket/data/?file=train-?.jsonl") == ["train-0.jsonl", "train-1.jsonl"]
    assert "  test.parquet" in refused("s3://my-bucket/data?file=dpo").detail


def test_the_beginning_of_keys_is_a_prefix_and_said_so(bucket):
    found = listing("s3://my-bucket/data/train-")
    assert [file.name for file in found.files] == ["train-0.jsonl", "train-1.jsonl"]
    assert found.notes == ("2 files whose keys begin with 'data/train-'",)


def test_a_whole_bucket_is_a_folder(bucket):
    assert names("s3://my-bucket")[-1] == "train.jsonl"
    assert "lone.jsonl" in names("s3://my-bucket?file=*")


@pytest.mark.parametrize(
    "key", ["a b.jsonl", "100%.jsonl", "what?.jsonl", "ü/'q'.jsonl", "#.jsonl"]
)
def test_any_key_can_be_read(s3, key):
    s3.bucket("my-bucket", {key: ROW})
    assert read(f"s3://my-bucket/{key}") == ROW


def test_a_listing_of_many_pages_is_read_whole(s3):
    from moto.s3.models import s3_backends

    s3.bucket("my-bucket")
    backend = s3_backends["123456789012"]["aws"]
    for number in range(1005):
        backend.put_object("my-bucket", f"d/{number:04}.jsonl", b"")
    assert len(names("s3://my-bucket/d")) == 1005


def test_a_fingerprint_follows_the_content(s3):
    client = s3.bucket("my-bucket", {"a.jsonl": ROW})
    before = listing("s3://my-bucket/a.jsonl").files[0].fingerprint
    client.put_object(Bucket="my-bucket", Key="a.jsonl", Body=ROW * 2)
    assert listing("s3://my-bucket/a.jsonl").files[0].fingerprint != before
    client.put_object(Bucket="my-bucket", Key="a.jsonl", Body=ROW)
    assert listing("s3://my-bucket/a.jsonl").files[0].fingerprint == before


def test_an_object_that_changed_since_is_never_read(s3):
    client = s3.bucket("my-bucket", {"a.jsonl": ROW})
    (file,) = listing("s3://my-bucket/a.jsonl").files
    client.put_object(Bucket="my-bucket", Key="a.jsonl", Body=ROW.upper())
    with source.open(file, Access()) as opened, pytest.raises(PlatformError, match="has changed"):
        opened.read()


def test_a_large_object_is_read_by_ranges_only_where_it_is_needed(s3):
    body = bytes(range(256)) * (160 << 10)
    s3.bucket("my-bucket", {"a.parquet": body})
    (file,) = listing("s3://my-bucket/a.parquet").files
    with source.open(file, Access()) as opened:
        opened.seek(-8, io.SEEK_END)
        assert opened.read() == body[-8:]
        opened.seek(5 << 20)
        assert opened.read(3 * MOST_AHEAD) == body[5 << 20 :][: 3 * MOST_AHEAD]


def test_an_object_is_fetched_whole(bucket, tmp_path):
    (file,) = listing("s3://my-bucket/data/train-1.jsonl").files
    arrived = []
    assert source.fetch(file, tmp_path, Access(), arrived.append).read_bytes() == ROW * 2
    assert sum(arrived) == file.size


def test_an_unknown_bucket_is_named(s3):
    assert refused("s3://no-such-bucket/a.jsonl").what == "Bucket 'no-such-bucket' does not exist."


@pytest.mark.parametrize("uri", ["s3://", "s3://A_b/c", "s3:///key", "s3://x/y"])
def test_a_bucket_that_cannot_be_is_refused_without_asking(s3, uri):
    assert "is not a bucket name" in refused(uri).what


def test_an_unknown_key_lists_what_is_near(bucket):
    error = refused("s3://my-bucket/data/trian-0.jsonl")
    assert "Did you mean 'data/train-0.jsonl'" in error.what
    assert error.hint == "--dataset s3://my-bucket/data/train-0.jsonl"
    assert "  data/old/" in error.detail
    assert "  docs/" in refused("s3://my-bucket/nowhere/at/all.jsonl").detail


def test_a_prefix_without_data_says_what_it_holds(bucket):
    error = refused("s3://my-bucket/docs")
    assert "holds no data file" in error.what
    assert "  docs/a.txt" in error.detail


def test_an_empty_bucket_is_called_empty(s3):
    s3.bucket("my-bucket")
    assert "is empty" in refused("s3://my-bucket").what


def test_no_credentials_is_the_platforms_failure(bucket, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = refused("s3://my-bucket/lone.jsonl", exit_code=3)
    assert "Unable to locate credentials" in error.what
    assert "aws configure" in error.hint


def test_an_unknown_profile_is_the_platforms_failure(bucket, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "nobody" in refused("s3://my-bucket/lone.jsonl", exit_code=3).what


@pytest.fixture
def user(bucket, s3, monkeypatch):
    """Makes the environment's credentials those of a user with the given permissions."""
    import json

    import boto3

    def become(actions):
        iam = boto3.client("iam")
        iam.create_user(UserName="reader")
        if actions:
            statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=document)
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        s3.check_permissions(0)

    return become


def test_access_denied_names_the_permissions(user):
    user([])
    error = refused("s3://my-bucket/data/", exit_code=3)
    assert error.what == (
        "Cannot list s3://my-bucket/data/: access denied; it takes s3:ListBucket on "
        "arn:aws:s3:::my-bucket and s3:GetObject on arn:aws:s3:::my-bucket/*."
    )


def test_an_object_can_be_read_without_the_permission_to_list(user):
    user(["s3:GetObject"])
    (file,) = listing("s3://my-bucket/lone.jsonl").files
    assert not file.exact
    assert read(file.uri) == ROW


def test_rejected_credentials_are_called_so(bucket, s3, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWNUNKNOWN00")
    s3.check_permissions(0)
    error = refused("s3://my-bucket/data/", exit_code=3)
    assert "does not accept the credentials" in error.what


def test_no_network_is_the_platforms_failure(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("mlcc_aws.sessions.ATTEMPTS", 1)
    assert "Could not connect" in refused("s3://my-bucket/a.jsonl", exit_code=3).what


def test_a_body_that_breaks_off_is_taken_up_where_it_stopped(s3, monkeypatch):
    body = bytes(range(256)) * (8 << 10)
    s3.bucket("my-bucket", {"a.parquet": body})
    (file,) = listing("s3://my-bucket/a.parquet").files
    with Proxy(s3.endpoint) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.address)
        proxy.cuts = [50_000, 100_000, 700]
        with source.open(file, Access()) as opened:
            assert opened.read() == body


def test_a_secret_never_shows(s3, monkeypatch):
    secret = s3.environment["AWS_SECRET_ACCESS_KEY"]
    for uri in ("s3://no-such-bucket/a.jsonl", "s3://A_b/c"):
        error = refused(uri)
        assert secret not in repr(error.as_json())
