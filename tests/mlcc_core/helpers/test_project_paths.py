"""Paths inside a project are written down from its folder, and found wherever it is now."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core.helpers.project_paths import restored_path, restored_paths, stored_path, stored_paths


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    (folder / ".mlcc" / "jobs" / "demo-1" / "output").mkdir(parents=True)
    return folder


def test_what_is_inside_becomes_relative_and_is_found_where_the_project_is(root: Path):
    output = root / ".mlcc" / "jobs" / "demo-1" / "output"
    text = stored_path(root, str(output))
    assert text == "./.mlcc/jobs/demo-1/output"
    assert restored_path(root, text) == str(output)
    moved = root.rename(root.with_name("it's moved"))
    assert restored_path(moved, text) == str(moved / ".mlcc" / "jobs" / "demo-1" / "output")


@pytest.mark.parametrize(
    "text", ["org/name", "s3://bucket/a/.mlcc/b", "mlcc-tiny", "", "a.jsonl", "/elsewhere/a"]
)
def test_anything_else_stays_as_it_is(root: Path, text: str):
    assert stored_path(root, text) == text
    assert restored_path(root, text) == text


def test_a_project_behind_a_link(root: Path):
    link = root.with_name("link")
    link.symlink_to(root)
    assert stored_path(link, str(root / ".mlcc" / "x")) == "./.mlcc/x"
    assert stored_path(link, str(link / ".mlcc" / "x")) == "./.mlcc/x"


def test_a_neighbour_whose_name_begins_alike_is_outside(root: Path):
    assert stored_path(root, f"{root}-2/.mlcc/x") == f"{root}-2/.mlcc/x"


def test_an_old_absolute_path_is_found_after_a_move(root: Path):
    old = "/gone/demo/.mlcc/jobs/demo-1/output"
    assert restored_path(root, old) == str(root / ".mlcc" / "jobs" / "demo-1" / "output")
    assert (
        restored_path(root, "/gone/demo/.mlcc/jobs/other/output")
        == "/gone/demo/.mlcc/jobs/other/output"
    )


def test_an_old_absolute_path_in_a_copy_is_the_copys_own(root: Path, tmp_path: Path):
    copy = tmp_path / "copy"
    (copy / ".mlcc" / "jobs" / "demo-1" / "output").mkdir(parents=True)
    old = str(root / ".mlcc" / "jobs" / "demo-1" / "output")
    assert restored_path(copy, old) == str(copy / ".mlcc" / "jobs" / "demo-1" / "output")


def test_outputs_of_the_projects_own_jobs_are_found_after_a_move(root: Path):
    for name in ("demo-1", "mine"):
        (root / "outputs" / name).mkdir(parents=True)
    output = str(root / "outputs" / "demo-1")
    assert stored_path(root, output, state_only=True) == "./outputs/demo-1"
    assert restored_path(root, "./outputs/demo-1", state_only=True) == output
    assert restored_path(root, "/gone/demo/outputs/demo-1") == output
    for other in ("/gone/outputs/mine", "/gone/outputs/", "/gone/outputs/demo-2"):
        assert restored_path(root, other) == other


def test_documents_keep_the_words_of_users(root: Path):
    data = {
        "dataset": f"{root}/.mlcc/staged/a.jsonl",
        "asked": {f"{root}/.mlcc/staged/a.jsonl": "./a.jsonl", f"{root}/reward.py": "./reward.py"},
        "numbers": [1, None, True],
    }
    written = stored_paths(root, data)
    assert written["dataset"] == "./.mlcc/staged/a.jsonl"
    assert written["asked"] == {
        "./.mlcc/staged/a.jsonl": "./a.jsonl",
        f"{root}/reward.py": "./reward.py",
    }
    assert restored_paths(root, written) == data
