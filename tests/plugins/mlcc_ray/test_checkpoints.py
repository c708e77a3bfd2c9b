"""Checkpoints count where every worker has them whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_ray import checkpoints
from mlcc_ray.storage import Storage, open_storage
from tests.servers.s3 import S3


@pytest.fixture(params=["file", "s3"])
def storage(request: pytest.FixtureRequest, shared: Path) -> Storage:
    if request.param == "file":
        return open_storage(shared.as_uri())
    s3: S3 = request.getfixturevalue("s3")
    s3.bucket("shared")
    return open_storage("s3://shared/mlcc")


def leave(storage: Storage, folder: Path, rank: int, *steps: int) -> None:
    """Leave whole checkpoints of a worker."""
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text("{}")
    (folder / "weights").write_text("1")
    for step in steps:
        storage.upload(folder, checkpoints.path_of("demo", rank, step))


def test_the_steps_that_all_workers_have(storage: Storage, tmp_path: Path) -> None:
    assert checkpoints.common(storage, "demo", 2) == []
    leave(storage, tmp_path / "one", 0, 10, 30, 50)
    assert checkpoints.common(storage, "demo", 1) == [10, 30, 50]
    assert checkpoints.common(storage, "demo", 2) == []
    leave(storage, tmp_path / "one", 1, 10, 20, 30, 40)
    assert checkpoints.common(storage, "demo", 2) == [10, 30]
    assert checkpoints.common(storage, "demo", 3) == []


def test_one_that_is_half_written_does_not_count(storage: Storage, tmp_path: Path) -> None:
    leave(storage, tmp_path / "one", 0, 4)
    storage.write(f"{checkpoints.path_of('demo', 0, 6)}/weights", b"1")
    assert checkpoints.steps(storage, "demo", 0) == [4]


def test_a_copy_to_s3_that_broke_off_does_not_count(s3: S3, tmp_path: Path) -> None:
    s3.bucket("shared")
    storage = open_storage("s3://shared/mlcc")
    leave(storage, tmp_path / "one", 0, 4)
    storage.write(f"{checkpoints.path_of('demo', 0, 6)}/manifest.json", b"{}")
    assert checkpoints.steps(storage, "demo", 0) == [4]
