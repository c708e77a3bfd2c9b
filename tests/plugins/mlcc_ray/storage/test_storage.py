"""One contract for both kinds of storage, the S3 one spoken to with boto3 over HTTP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlcc_core import MlccError, PlatformError
from mlcc_ray.storage import NotThere, Storage, open_storage
from tests.servers.s3 import S3


@pytest.fixture(params=["file", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "file":
        (tmp_path / "shared folder").mkdir()
        return open_storage((tmp_path / "shared folder").as_uri())
    s3: S3 = request.getfixturevalue("s3")
    s3.bucket("shared")
    return open_storage("s3://shared/mlcc")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    top = tmp_path / "tree"
    (top / "inner").mkdir(parents=True)
    (top / "a.bin").write_bytes(b"\0\1\2")
    (top / "empty.txt").write_bytes(b"")
    (top / "inner" / "b.txt").write_text("b")
    return top


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("mode", [0o755, 0o775, 0o2770, 0o777])
def test_who_may_write_to_the_root_may_write_below_it(
    tmp_path: Path, tree: Path, mode: int
) -> None:
    root = tmp_path / "shared"
    root.mkdir()
    root.chmod(mode)
    storage = open_storage(root.as_uri())
    storage.write("jobs/a/request.json", b"{}")
    writer = storage.open_write("staged/b.jsonl")
    writer.finish()
    storage.upload(tree, "starts/1f")
    for name in ("jobs", "jobs/a", "staged", "starts"):
        assert (root / name).stat().st_mode & mode == mode


@pytest.fixture
def nobody() -> Iterator[int]:
    """The id of a user who is not root, whom this process acts for."""
    mine = os.geteuid()
    if not mine:
        os.seteuid(65534)
    try:
        yield os.geteuid()
    finally:
        os.seteuid(mine)


def test_what_a_user_may_not_do_is_told_with_the_user(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    closed = tmp_path / "closed"
    (closed / "root" / "jobs").mkdir(parents=True)
    storage = open_storage((closed / "root").as_uri())
    with pytest.raises(NotThere):
        storage.read("jobs/a")
    closed.chmod(0)
    user = request.getfixturevalue("nobody")
    for call in (storage.check, lambda: storage.folders("jobs"), lambda: storage.read("jobs/a")):
        with pytest.raises(PlatformError) as caught:
            call()
        assert f"Permission denied, to the user with the id {user}." in caught.value.what
        assert caught.value.where == "RAY_STORAGE"
        assert f"chmod -R g+rwXs {closed}/root" in str(caught.value.hint)


def test_a_file_is_written_replaced_measured_and_removed(storage: Storage) -> None:
    storage.check()
    assert storage.read_or_none("jobs/a/request.json") is None
    assert storage.size("jobs/a/request.json") is None
    storage.write("jobs/a/request.json", b"{}")
    storage.write("jobs/a/request.json", b'{"b": 1}')
    assert storage.read("jobs/a/request.json") == b'{"b": 1}'
    assert storage.size("jobs/a/request.json") == 8
    with storage.open_read("jobs/a/request.json") as file:
        file.seek(5)
        assert file.read() == b" 1}"
    assert storage.names("jobs") == ["jobs/a/request.json"]
    assert storage.folders("jobs") == ["a"]
    storage.remove("jobs/a/request.json")
    storage.remove("jobs/a/request.json")
    assert storage.read_or_none("jobs/a/request.json") is None
    with pytest.raises(NotThere, match=r"request\.json"):
        storage.read("jobs/a/request.json")


def test_a_large_file_appears_when_it_is_finished(storage: Storage) -> None:
    block = bytes(range(256)) * 4096
    left = storage.open_write("staged/left.jsonl")
    left.write(block)
    left.abort()
    writer = storage.open_write("staged/a.jsonl")
    for _ in range(17):
        writer.write(block)
    assert storage.names("staged") == []
    writer.finish()
    assert writer.size == 17 * len(block) == storage.size("staged/a.jsonl")
    assert storage.names("staged") == ["staged/a.jsonl"]
    with storage.open_read("staged/a.jsonl") as file:
        assert file.read() == block * 17


def test_a_folder_is_uploaded_and_comes_back_as_it_was(
    storage: Storage, tree: Path, tmp_path: Path
) -> None:
    assert not storage.is_whole("jobs/a/output")
    storage.upload(tree, "jobs/a/output")
    assert storage.is_whole("jobs/a/output")
    assert storage.names("jobs/a") == [f"jobs/a/output/{name}" for name in sorted(files(tree))]
    storage.download("jobs/a/output", tmp_path / "back")
    assert files(tmp_path / "back") == files(tree)


def test_a_second_upload_takes_the_place_of_the_first(
    storage: Storage, tree: Path, tmp_path: Path
) -> None:
    storage.upload(tree, "output")
    (tree / "a.bin").unlink()
    (tree / "c.txt").write_text("c")
    storage.upload(tree, "output")
    storage.download("output", tmp_path / "back")
    assert files(tmp_path / "back") == files(tree)
    assert "output/a.bin" not in storage.names("output")
    storage.remove("output")
    assert storage.names("output") == []
    assert not storage.is_whole("output")
    with pytest.raises(NotThere):
        storage.download("output", tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_an_upload_that_broke_off_is_not_a_folder(s3: S3, tree: Path, tmp_path: Path) -> None:
    s3.bucket("shared")
    storage = open_storage("s3://shared")
    storage.upload(tree, "output")
    s3.client().delete_object(Bucket="shared", Key="output/.mlcc-complete.json")
    with pytest.raises(NotThere):
        storage.download("output", tmp_path / "back")
    assert not storage.is_whole("output")


def test_a_folder_that_changed_meanwhile_is_not_brought(s3: S3, tree: Path, tmp_path: Path) -> None:
    s3.bucket("shared")
    storage = open_storage("s3://shared")
    storage.upload(tree, "output")
    s3.client().put_object(Bucket="shared", Key="output/a.bin", Body=b"longer")
    with pytest.raises(PlatformError, match="changed"):
        storage.download("output", tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_a_folder_that_is_not_mounted_is_not_made(tmp_path: Path) -> None:
    storage = open_storage((tmp_path / "not mounted").as_uri())
    for act in (storage.check, lambda: storage.write("a", b""), lambda: storage.read("a")):
        with pytest.raises(PlatformError, match="not mounted is not there") as refused:
            act()
        assert refused.value.hint is not None
        assert f"mkdir -p '{tmp_path}/not mounted'" in refused.value.hint
    assert not (tmp_path / "not mounted").exists()


def test_a_storage_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("in the way")
    storage = open_storage(tmp_path.as_uri())
    with pytest.raises(PlatformError) as refused:
        storage.write("jobs/a/request.json", b"{}")
    assert str(tmp_path / "jobs") in str(refused.value)


def test_a_bucket_that_does_not_exist_is_named(s3: S3) -> None:
    with pytest.raises(PlatformError, match="The bucket absent does not exist"):
        open_storage("s3://absent/mlcc").check()


@pytest.mark.parametrize(
    "uri",
    ["/shared", "shared", "file://host/shared", "s3://", "s3:///a", "gs://a/b", "s3://a/b?c", ""],
)
def test_other_addresses_are_refused_with_an_example(uri: str) -> None:
    with pytest.raises(MlccError, match="expected file:///shared/folder or s3://bucket/prefix"):
        open_storage(uri)


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../a", "a/../../b", "a\0b"])
def test_paths_stay_within_the_storage(storage: Storage, path: str) -> None:
    with pytest.raises(MlccError, match="not a path within a storage"):
        storage.write(path, b"")


def test_a_folder_on_its_way_out_is_not_listed(tmp_path: Path, tree: Path) -> None:
    storage = open_storage(tmp_path.as_uri())
    shutil.copytree(tree, tmp_path / "jobs" / ".a.4711-removed")
    shutil.copytree(tree, tmp_path / "jobs" / ".b.4711-whole.partial")
    assert storage.names("jobs") == []
    assert storage.folders("jobs") == []


def test_a_folder_that_many_bring_at_once_is_whole_and_alone(shared: Path, tmp_path: Path) -> None:
    storage = open_storage(shared.as_uri())
    source = tmp_path / "source"
    source.mkdir()
    for number in range(5):
        (source / str(number)).write_text("same")
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(storage.upload, source, "models/a") for _ in range(40)]
    assert [each.result() for each in done] == [None] * 40
    assert [path.name for path in (shared / "models").iterdir()] == ["a"]
    assert len(storage.names("models/a")) == 5
