"""``mlcc init`` as typed."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from mlcc_core.project.project import Project
from tests.mlcc_core.cli.conftest import Mlcc


def test_a_new_project_says_where_to_go(folder: Path, mlcc: Mlcc):
    said = mlcc("init", "my project")
    assert said.code == 0
    assert said.out.splitlines()[0] == f"✅ {folder / 'my project'} is a new project"
    assert "   PROJECT_NAME=my-project" in said.out
    assert "   cd 'my project'" in said.out
    again = mlcc("init", "my project", "--model", "m", "--json")
    assert again.document["existed"] is True
    assert again.document["MODEL_ID"] == "m"


def test_a_toy_is_called_one(folder: Path, mlcc: Mlcc):
    """And how to find a real model is said."""
    said = mlcc("init", "p", "--platform", "local")
    (note,) = [line for line in said.err.splitlines() if "toy" in line]
    assert "mlcc-tiny is a toy that knows nothing" in note
    assert "Real models: mlcc models" in note
    assert "toy" not in mlcc("init", "p", "--model", "smollm2-135m").err
    assert "toy" not in mlcc("init", "q", "--platform", "local", "--model", "org/real").err


def test_settings_that_the_platform_needs_are_the_first_step(
    folder: Path, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_STORAGE", "file:///shared")
    said = mlcc("init", "p", "--platform", "ray")
    steps = said.out.partition("Next steps:\n")[2].splitlines()
    assert steps[:2] == ["   cd p", "   # give RAY_ADDRESS a value in do/config"]
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:8265")
    assert "do/config" not in mlcc("init", "q", "--platform", "ray").out
    assert "do/config" not in mlcc("init", "r", "--platform", "local").out


def test_here(folder: Path, mlcc: Mlcc):
    said = mlcc("init", ".")
    assert said.code == 0
    assert "   cd " not in said.out
    assert Project.find() == Project(folder)


@pytest.mark.parametrize(
    "name", ["a b", "it's", 'q"q', "$(touch ran)", "-dash", "é ✅", "a;b", "~"]
)
def test_odd_folders(folder: Path, mlcc: Mlcc, name: str):
    said = mlcc("init", "--", name)
    assert said.code == 0, said.err
    config = Project(folder / name).config()
    assert config.odd_lines == ()
    assert config.get("PROJECT_NAME")
    (line,) = [line for line in said.out.splitlines() if line.startswith("   cd ")]
    assert shlex.split(line)[-1] == name


@pytest.mark.parametrize("name", ["", " ", "a\nb", "file", "file/within", "x" * 300])
def test_folders_that_cannot_be(folder: Path, mlcc: Mlcc, name: str):
    (folder / "file").write_text("")
    said = mlcc("init", name)
    assert said.code in (1, 3)
    assert len(said.crosses) == 1
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert len(mlcc("init", name, "--json").document) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--name", "two words"],
        ["--model", ""],
        ["--region", " "],
        ["--name", ".."],
        ["--platform", "nowhere"],
        ["--region", "a\nb"],
        ["--model", "a\0b"],
    ],
)
def test_values_that_do_not_fit_make_nothing(folder: Path, mlcc: Mlcc, words: list[str]):
    said = mlcc("init", "p", *words)
    assert said.code == 1
    assert len(said.crosses) == 1
    assert list(folder.iterdir()) == []


def test_no_folder_is_named(folder: Path, mlcc: Mlcc):
    said = mlcc("init", "--json")
    assert said.code == 1
    assert said.document["error"]["hint"] == "mlcc init --help"


def test_secrets_of_a_config_are_not_shown(folder: Path, mlcc: Mlcc):
    mlcc("init", ".")
    Project(folder).set({"HF_TOKEN": "hf_secret"})
    for words in (["init", "."], ["init", ".", "--json"], ["doctor"], ["doctor", "--json"]):
        said = mlcc(*words)
        assert "hf_secret" not in said.out + said.err
    assert "HF_TOKEN" in mlcc("doctor").out


def test_update_adds_scripts_that_lack_and_keeps_edited_ones(folder: Path, mlcc: Mlcc):
    mlcc("init", "p")
    edited = folder / "p" / "do" / "tune"
    edited.write_text("#!/bin/sh\n# mine\n")
    (folder / "p" / "do" / "check").unlink()
    (folder / "p" / "do" / "logs").unlink()
    config = (folder / "p" / "do" / "config").read_text()
    said = mlcc("init", "--update", "p")
    assert said.code == 0
    assert said.out == f"✅ {folder / 'p'}: added do/logs, do/check\n"
    assert edited.read_text() == "#!/bin/sh\n# mine\n"
    assert (folder / "p" / "do" / "config").read_text() == config
    again = mlcc("init", "--update", "p", "--json")
    assert again.document == {"root": str(folder / "p"), "added": []}


def test_update_needs_a_project_and_changes_no_setting(folder: Path, mlcc: Mlcc):
    said = mlcc("init", "--update")
    assert said.code == 1
    assert f"{folder} is not an mlcc project" in said.err
    mlcc("init", "p")
    said = mlcc("init", "--update", "p", "--model", "m")
    assert said.code == 1
    assert "--model cannot go with --update" in said.err
