"""The two variables of a cluster: other addresses of Ray's lead to the one that takes jobs."""

from __future__ import annotations

import pytest

from mlcc_core import Context
from mlcc_core.errors import MlccError
from mlcc_ray.settings import address_of, storage_of


def context(tmp_path, **settings):
    return Context(root=tmp_path, project="demo", settings=settings)


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("http://10.0.0.7:8265", "http://10.0.0.7:8265"),
        ("http://10.0.0.7:8265/", "http://10.0.0.7:8265"),
        ("https://ray.example.com/team", "https://ray.example.com/team"),
        (" http://localhost:8265 ", "http://localhost:8265"),
        ("HTTP://head:8265//", "http://head:8265"),
    ],
)
def test_an_address_of_a_dashboard_is_used(tmp_path, typed, used):
    assert address_of(context(tmp_path, RAY_ADDRESS=typed)) == used


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("", "export RAY_ADDRESS=http://127.0.0.1:8265"),
        ("auto", "export RAY_ADDRESS=http://127.0.0.1:8265"),
        ("10.0.0.7:6379", "export RAY_ADDRESS=http://10.0.0.7:8265"),
        ("head:6379", "export RAY_ADDRESS=http://head:8265"),
        ("ray://head.example.com:10001", "export RAY_ADDRESS=http://head.example.com:8265"),
        ("ray://[::1]:10001", "export RAY_ADDRESS=http://[::1]:8265"),
        ("ftp://head", "export RAY_ADDRESS=http://127.0.0.1:8265"),
        ("http://", "export RAY_ADDRESS=http://127.0.0.1:8265"),
        ("http://a b", "export RAY_ADDRESS=http://127.0.0.1:8265"),
        ("http://[::1", "export RAY_ADDRESS=http://127.0.0.1:8265"),
    ],
)
def test_another_address_is_refused_with_the_one_that_is_meant(tmp_path, typed, hint):
    with pytest.raises(MlccError) as caught:
        address_of(context(tmp_path, RAY_ADDRESS=typed))
    assert caught.value.hint == hint
    assert caught.value.where == "RAY_ADDRESS"


@pytest.mark.parametrize(
    ("typed", "bare"),
    [
        ("http://me:hunter2@head:8265", "http://head:8265"),
        ("https://ray.example.com/team?token=hunter2", "https://ray.example.com/team"),
        ("https://head:8265/#hunter2", "https://head:8265"),
        ("me:hunter2@head:8265", "http://127.0.0.1:8265"),
        ("ray://hunter2@head:10001", "http://head:8265"),
        ("head:8265?token=hunter2", "http://127.0.0.1:8265"),
        ("http://me:hunter2@[::1", "http://127.0.0.1:8265"),
        ("http://me:hunter2@head:99999", "http://127.0.0.1:8265"),
    ],
)
def test_a_secret_in_an_address_is_not_repeated(tmp_path, typed, bare):
    with pytest.raises(MlccError) as caught:
        address_of(context(tmp_path, RAY_ADDRESS=typed))
    assert "hunter2" not in str(caught.value.as_json())
    assert caught.value.where == "RAY_ADDRESS"
    assert caught.value.hint == (
        f"export RAY_ADDRESS={bare} RAY_AUTH_MODE=token RAY_AUTH_TOKEN=TOKEN"
    )


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("/shared", "export RAY_STORAGE=file:///shared"),
        ("file://host/shared", "export RAY_STORAGE=file:///shared/mlcc"),
        ("file:///shared?a=b", "export RAY_STORAGE=file:///shared"),
        ("file:///shared#1", "export RAY_STORAGE=file:///shared%231"),
        ("s3://", "export RAY_STORAGE=s3://bucket/prefix"),
        ("s3a://mine/p", "export RAY_STORAGE=s3://mine/p"),
        ("s3://a bucket/p", "export RAY_STORAGE=s3://bucket/prefix"),
        ("gs://mine/p", "export RAY_STORAGE=file:///shared/mlcc"),
        ("s3://[mine", "export RAY_STORAGE=s3://bucket/prefix"),
    ],
)
def test_another_storage_is_refused_with_one_that_can_be_shared(tmp_path, typed, hint):
    with pytest.raises(MlccError, match="expected file:///shared/folder") as caught:
        storage_of(context(tmp_path, RAY_STORAGE=typed))
    assert caught.value.hint == hint
    assert caught.value.where == "RAY_STORAGE"


@pytest.mark.parametrize(
    "typed",
    [
        "s3://me:hunter2@bucket/p",
        "https://me:hunter2@host/p",
        "s3://bucket/p?AWSSecretAccessKey=hunter2",
        "file:///shared?token=hunter2",
    ],
)
def test_a_secret_in_a_storage_is_not_repeated(tmp_path, typed):
    with pytest.raises(MlccError) as caught:
        storage_of(context(tmp_path, RAY_STORAGE=typed))
    assert "hunter2" not in str(caught.value.as_json())


def test_a_storage_must_be_one_that_a_cluster_can_share(tmp_path):
    with pytest.raises(MlccError) as caught:
        storage_of(context(tmp_path))
    assert caught.value.hint == "export RAY_STORAGE=file:///shared/mlcc"
    with pytest.raises(MlccError, match="expected file:///shared/folder"):
        storage_of(context(tmp_path, RAY_STORAGE="/shared"))
    assert storage_of(context(tmp_path, RAY_STORAGE="s3://bucket/a/")).uri == "s3://bucket/a"
