"""The model that ``mlcc init`` is given: named so that the commands after it can use it."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest

from mlcc_core.project.project import Project
from mlcc_engine.model import tiny
from mlcc_engine.model.models import default_cache
from tests.mlcc_core.cli.conftest import Mlcc

PAGE = "https://huggingface.co/org/name/tree/main"


@pytest.fixture
def model(folder: Path) -> Path:
    """A folder with a whole model, beside those of projects."""
    place = folder / "my model"
    place.symlink_to(tiny.ensure(default_cache()))
    return place


@pytest.mark.parametrize("platform", ["local", "ray", "sagemaker", "sagemaker_jobs"])
@pytest.mark.parametrize("name", ["./nope", "~/nope", "/nope/model", "no model!"])
def test_a_model_that_is_not_there_makes_nothing(
    folder: Path, mlcc: Mlcc, platform: str, name: str
):
    said = mlcc("init", "p", "--platform", platform, "--model", name)
    assert said.code == 1
    assert f"{name!r} is neither a folder with a model nor a Hub id (org/name)" in said.err
    assert f"mlcc init p --platform {platform} --model mlcc-tiny" in said.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("platform", ["local", "ray", "sagemaker", "sagemaker_jobs"])
def test_the_address_of_a_page_is_answered_with_the_command(
    folder: Path, mlcc: Mlcc, platform: str
):
    said = mlcc("init", "my project", "--platform", platform, "-m", PAGE, "--name", "n", "--json")
    assert said.code == 1
    error = said.document["error"]
    assert error["what"] == f"{PAGE!r} is an address, expected the Hub id in it: org/name."
    hint = f"mlcc init 'my project' --platform {platform} --model org/name --name n"
    assert error["hint"] == hint
    assert list(folder.iterdir()) == []
    assert mlcc(*shlex.split(hint)[1:]).code == 0
    assert Project(folder / "my project").config().get("MODEL_ID") == "org/name"


def test_an_existing_project_keeps_its_model(folder: Path, mlcc: Mlcc):
    mlcc("init", "p", "--model", "org/name")
    for name in ("./nope", PAGE):
        assert mlcc("init", "p", "--model", name).code == 1
    assert Project(folder / "p").config().get("MODEL_ID") == "org/name"


@pytest.mark.torch  # the toy is made
@pytest.mark.parametrize("name", ["./my model", "my model"])
def test_a_folder_is_kept_so_that_it_is_found_from_the_project(
    folder: Path, mlcc: Mlcc, model: Path, name: str
):
    said = mlcc("init", "p", "--model", name)
    assert said.code == 0, said.err
    kept = Project(folder / "p").config().get("MODEL_ID")
    assert kept is not None
    assert Path(kept).is_absolute()
    assert Path(kept).samefile(model)


@pytest.mark.torch
@pytest.mark.parametrize("platform", ["sagemaker", "sagemaker_jobs"])
def test_a_folder_of_this_machine_is_out_of_reach_of_an_account(
    folder: Path, mlcc: Mlcc, model: Path, platform: str
):
    said = mlcc("init", "p", "--platform", platform, "--model", "./my model")
    assert said.code == 1
    assert "is a folder on this machine" in said.err
    assert "aws s3 cp --recursive" in said.err
    assert mlcc("init", "p", "--platform", platform, "--model", "s3://bucket/base").code == 0


def test_a_folder_without_a_model_is_refused(folder: Path, mlcc: Mlcc):
    (folder / "data").mkdir()
    said = mlcc("init", "p", "--model", "data")
    assert said.code == 1
    assert "holds no model: config.json is missing" in said.err
    assert not (folder / "p").exists()


@pytest.mark.parametrize("command", ["test", "deploy", "serve"])
@pytest.mark.parametrize("name", ["./nope", PAGE])
def test_a_wrong_line_of_the_config_is_mended_by_a_command(
    folder: Path, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch, command: str, name: str
):
    mlcc("init", "p")
    Project(folder / "p").set({"MODEL_ID": name})
    monkeypatch.chdir(folder / "p")
    said = mlcc(command, "--json")
    assert said.code == 1
    error = said.document["error"]
    assert error["where"] == "MODEL_ID"
    named = "mlcc-tiny" if name == "./nope" else "org/name"
    assert error["hint"] == f"mlcc init . --model {named}"
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MLCC_PROJECT", str(folder / "p"))
    again = mlcc(command, "--json").document["error"]["hint"]
    assert again == f"mlcc init {folder / 'p'} --model {named}"
    assert mlcc(*shlex.split(again)[1:]).code == 0
    assert Project(folder / "p").config().get("MODEL_ID") == named


@pytest.mark.parametrize(
    "words",
    [["serve"], ["export", "--to", "x"], ["evaluate"], ["chat"]],
    ids=lambda words: words[0],
)
def test_an_address_as_the_model_of_a_command(
    folder: Path, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch, words: list[str]
):
    mlcc("init", ".")
    monkeypatch.setattr("sys.stdin", io.StringIO("Hi\n"))
    said = mlcc(*words, PAGE)
    assert said.code == 1
    assert "is an address, expected the Hub id in it: org/name." in said.err
    assert said.err.splitlines()[-1] == "   pass org/name"
