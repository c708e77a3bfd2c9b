"""Folders of containers and what S3 holds of them."""

from __future__ import annotations

import shutil
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.aws_account.containers.machine.config import placed
from tests.aws_account.containers.machine.folders import Mirror, Transfer, local_name


@pytest.mark.parametrize(
    ("prefix", "key", "name"),
    [
        ("in/train.jsonl", "in/train.jsonl", "train.jsonl"),
        ("in/", "in/a/b", "a/b"),
        ("in", "in/a/b", "a/b"),
        ("in/tr", "in/train.jsonl", "train.jsonl"),
        ("", "a/b", "a/b"),
    ],
)
def test_objects_are_placed_relative_to_their_prefix(prefix, key, name):
    assert local_name(prefix, key) == name


@given(st.text("ab/.", min_size=1), st.text("ab/."))
def test_a_name_in_a_channel_never_leaves_its_folder(prefix, rest):
    name = local_name(prefix, prefix + rest)
    assert not name.startswith("/")
    assert (prefix + rest).endswith(name)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("/opt/ml", "/r"),
        ("/opt/ml/model", "/r/model"),
        ("--dir=/opt/ml/a:/opt/ml", "--dir=/r/a:/r"),
        ("/opt/mlx /opt/ml-1", "/opt/mlx /opt/ml-1"),
    ],
)
def test_the_root_is_replaced_as_a_whole_path(text, there, tmp_path):
    assert placed(text, tmp_path) == there.replace("/r", str(tmp_path))


def test_folders_that_come_and_go_while_they_are_copied_do_no_harm(aws, tmp_path):
    aws.bucket("data")
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    mirror = Mirror(folder, "s3://data/c", Transfer(aws.account, aws.identity, aws.role))
    done = threading.Event()

    def change():
        while not done.is_set():
            for number in range(5):
                (folder / str(number) / "deep").mkdir(parents=True)
                (folder / str(number) / "deep" / "state").write_text("1")
                shutil.rmtree(folder / str(number))

    changing = threading.Thread(target=change)
    changing.start()
    try:
        assert [mirror.push() for _ in range(30)] == [""] * 30
    finally:
        done.set()
        changing.join()
    assert mirror.push() == ""
    assert aws.objects("data", "c/") == {}
