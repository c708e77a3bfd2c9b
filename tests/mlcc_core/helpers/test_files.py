"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_core.helpers.files import (
    atomic_file,
    atomic_folder,
    new_draft,
    remove_old_drafts,
    write_atomically,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path: Path):
    path = tmp_path / "below" / "a.json"
    with atomic_file(path) as file:
        file.write(b"{}")
        assert not path.exists()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"{}", 0o644)
    assert names(path.parent) == ["a.json"]


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with pytest.raises(TypeError), atomic_file(path) as file:
        file.writelines([b"new", None])  # type: ignore[list-item]
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["a"])
    write_atomically(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)


def test_what_a_link_leads_to_is_replaced(tmp_path: Path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_an_empty_file_may_be_unwanted(tmp_path: Path):
    with atomic_file(tmp_path / "a", keep_empty=False):
        pass
    assert names(tmp_path) == []
    with atomic_file(tmp_path / "a"):
        pass
    assert names(tmp_path) == ["a"]


def test_a_folder_appears_when_it_is_whole(tmp_path: Path):
    path = tmp_path / "below" / "model"
    with atomic_folder(path) as draft:
        (draft / "weights").write_bytes(b"1")
        assert not path.exists()
    assert names(path.parent) == ["model"]
    assert names(path) == ["weights"]


def test_a_folder_that_fails_leaves_nothing(tmp_path: Path):
    with pytest.raises(TypeError), atomic_folder(tmp_path / "model") as draft:
        (draft / "weights").write_bytes(None)  # type: ignore[arg-type]
    assert names(tmp_path) == []


def test_a_folder_is_never_replaced(tmp_path: Path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_bytes(b"old")
    with pytest.raises(OSError, match="not empty"), atomic_folder(tmp_path / "model") as draft:
        (draft / "weights").write_bytes(b"new")
    assert (tmp_path / "model" / "weights").read_bytes() == b"old"
    assert names(tmp_path) == ["model"]


def test_drafts_of_ended_processes_are_removed(tmp_path: Path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f".a.{ended.pid}-x.partial").write_bytes(b"1")
    (tmp_path / f".model.{ended.pid}-x.partial").mkdir()
    (tmp_path / f".model.{ended.pid}-x.partial" / "weights").write_bytes(b"1")
    (tmp_path / f".b.{ended.pid}-x.partial").write_bytes(b"1")
    mine = new_draft(tmp_path / "a")
    remove_old_drafts(tmp_path, "[am]*")
    assert names(tmp_path) == sorted([mine.name, f".b.{ended.pid}-x.partial"])
    assert f".{os.getpid()}-" in mine.name
