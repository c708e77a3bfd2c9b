"""Finding a project, and the precedence of its settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.project.project import (
    CONFIG,
    Project,
    Settings,
    check_project_name,
    suggest_project_name,
)


def make(root: Path, text: str = "") -> Project:
    (root / "do").mkdir(parents=True)
    (root / CONFIG).write_text(text)
    return Project(root)


def settings(project: Project, **environment: str) -> Settings:
    return Settings(project.config(), environment)


def test_found_from_a_folder_within(folder: Path):
    project = make(folder / "p")
    deep = folder / "p" / "a" / "b"
    deep.mkdir(parents=True)
    assert Project.find(deep) == project
    assert Project.find(folder / "p") == project


def test_the_nearest_one_counts(folder: Path):
    make(folder)
    inner = make(folder / "inner")
    assert Project.find(folder / "inner" / "do") == inner


def test_none_found_names_init(folder: Path):
    with pytest.raises(MlccError, match="is not an mlcc project") as caught:
        Project.find()
    assert str(caught.value.hint).startswith("mlcc init .")


def test_the_variable_names_the_project_from_anywhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    make(folder / "here")
    there = make(folder / "there")
    monkeypatch.setenv("MLCC_PROJECT", "there")
    monkeypatch.chdir(folder)
    assert Project.find() == there


def test_the_variable_names_no_project(folder: Path, monkeypatch: pytest.MonkeyPatch):
    make(folder)
    (folder / "my sub").mkdir()
    monkeypatch.setenv("MLCC_PROJECT", "my sub")
    with pytest.raises(MlccError, match=r"my sub has no do/config.*MLCC_PROJECT") as caught:
        Project.find()
    assert caught.value.hint == f"mlcc init '{folder}/my sub'"


def test_the_environment_beats_the_file(folder: Path):
    project = make(folder, "MODEL_ID=file\nPLATFORM=file\nEMPTY=\n")
    found = settings(project, MODEL_ID="environment", PLATFORM="")
    assert found["MODEL_ID"] == "environment"
    assert found["PLATFORM"] == "file"
    assert found.get("EMPTY") is None
    assert found.get("NEITHER") is None
    assert dict(found) == {"MODEL_ID": "environment", "PLATFORM": "file"}
    assert len(found) == 2


@pytest.mark.parametrize(
    "name",
    [
        *("TUNE_JOB_NAME_A", "TUNE_ADAPTER_PATH_A", "TUNE_MODEL_PATH_A"),
        *("TUNE_OUTPUT_PATH_LATEST", "TUNE_OUTPUT_TYPE_LATEST", "TUNE_TECHNIQUE_LATEST"),
    ],
)
def test_state_never_comes_from_the_environment(folder: Path, name: str):
    project = make(folder, f"{name}=file\n")
    assert settings(project, **{name: "environment"})[name] == "file"
    empty = make(folder / "empty")
    assert name not in settings(empty, **{name: "environment"})
    assert dict(settings(empty, **{name: "environment"})) == {}


def test_a_value_that_needs_a_shell_fails_only_the_one_who_asks(folder: Path):
    project = make(folder, "MODEL_ID=$(date)\nPLATFORM=p\n")
    assert settings(project)["PLATFORM"] == "p"
    assert dict(settings(project)) == {"PLATFORM": "p"}
    assert settings(project, MODEL_ID="m")["MODEL_ID"] == "m"
    with pytest.raises(MlccError, match="only a shell"):
        settings(project).get("MODEL_ID")


def test_the_folder_names_a_project_that_has_no_name(folder: Path):
    assert settings(make(folder / "my-project")).project_name == "my-project"


@pytest.mark.parametrize("name", ["a b", "a--b", "-a", "a-", "a.b", "..", "é", "a" * 33, "a\nb"])
def test_a_name_that_no_job_can_begin_with(folder: Path, name: str):
    with pytest.raises(MlccError, match="does not fit") as caught:
        check_project_name(name, folder, where="--name")
    command = str(caught.value.hint)
    assert command.startswith(f"mlcc init {folder} --name ")
    check_project_name(command.rpartition(" ")[2], folder, where="--name")


@given(st.text())
def test_any_folder_suggests_a_good_name(text: str):
    name = suggest_project_name(text)
    assert check_project_name(name, Path(), where="") == name
