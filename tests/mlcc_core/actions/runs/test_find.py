"""Runs by name and by a unique start of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core.actions.runs.find import find_run, run_names
from mlcc_core.errors import MlccError
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, write_record


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "do").mkdir()
    (tmp_path / "do" / "config").write_text("PROJECT_NAME=demo\n")
    project = Project(tmp_path)
    for name in ("demo-sft-aaaa1111-1", "demo-sft-aaaa1111-10", "demo-dpo-bbbb2222-1"):
        write_record(
            project, RunRecord(job=name, platform="p", technique="t", plan_hash="h", asked={})
        )
    return project


@pytest.mark.parametrize(
    ("text", "job"),
    [
        ("demo-dpo-bbbb2222-1", "demo-dpo-bbbb2222-1"),
        ("demo-d", "demo-dpo-bbbb2222-1"),
        ("demo-sft-aaaa1111-1", "demo-sft-aaaa1111-1"),
        ("demo-sft-aaaa1111-10", "demo-sft-aaaa1111-10"),
    ],
)
def test_a_whole_name_or_a_unique_start(project: Project, text: str, job: str):
    assert find_run(project, text).job == job


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("demo-s", "begins the names of 2 runs: demo-sft-aaaa1111-1, demo-sft-aaaa1111-10"),
        ("demo-dpo-bbbb2222-2", "no run 'demo-dpo-bbbb2222-2'. Did you mean 'demo-dpo-bbbb2222-1'"),
        ("../../do/config", "no run '../../do/config'"),
        ("", "no run ''"),
    ],
)
def test_a_word_that_names_no_run(project: Project, text: str, words: str):
    with pytest.raises(MlccError) as caught:
        find_run(project, text, where="--from-tune")
    assert words in str(caught.value)
    assert (caught.value.where, caught.value.hint) == ("--from-tune", "mlcc runs list")


def test_a_project_without_runs(tmp_path: Path):
    assert run_names(Project(tmp_path)) == []
