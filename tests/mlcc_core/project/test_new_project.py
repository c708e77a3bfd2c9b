"""``init`` as a function: what it writes, and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.project.commands import COMMANDS
from mlcc_core.project.new_project import create_project
from mlcc_core.testing.platform import FakePlatform


class Other(FakePlatform):
    name = "other"
    default = False


@pytest.fixture
def plugins() -> Plugins:
    return build_manager([FakePlatform(), Other()], disable="")


def test_a_new_project(folder: Path, plugins: Plugins):
    made = create_project(folder / "My Project!", plugins)
    assert not made.existed
    assert made.project.config().known() == {
        "PROJECT_NAME": "my-project",
        "PLATFORM": "fake",
        "MODEL_ID": "fake-model",
        "FRAMEWORK": "transformers",
    }
    for name, command in COMMANDS.items():
        assert os.access(made.project.root / "do" / name, os.X_OK) == command.script


def test_again_changes_only_what_is_given(folder: Path, plugins: Plugins):
    project = create_project(folder, plugins, name="first", region="eu-west-1").project
    project.set({"MODEL_ID": "mine"})
    own = project.root / "do" / "tune"
    own.write_text("#!/bin/sh\n# my own\n")
    (project.root / "do" / "test").unlink()
    again = create_project(folder, plugins, platform="other")
    assert again.existed
    assert again.project.config().known() == {
        "PROJECT_NAME": "first",
        "PLATFORM": "other",
        "MODEL_ID": "mine",
        "AWS_REGION": "eu-west-1",
        "FRAMEWORK": "transformers",
    }
    assert own.read_text() == "#!/bin/sh\n# my own\n"
    assert os.access(project.root / "do" / "test", os.X_OK)


def test_again_needs_no_default_platform(folder: Path, plugins: Plugins):
    create_project(folder, plugins, name="first")
    create_project(folder, build_manager([Other()], disable=""), name="second")
    assert create_project(folder, plugins).project.settings().project_name == "second"


@pytest.mark.parametrize("place", ["file", "file/sub/deeper", "taken"])
def test_a_file_in_the_way(folder: Path, plugins: Plugins, place: str):
    (folder / "file").write_text("")
    (folder / "taken").mkdir()
    (folder / "taken" / "do").write_text("")
    with pytest.raises(MlccError, match="is a file, expected a folder") as caught:
        create_project(folder / place, plugins)
    assert str(caught.value.hint).startswith("mlcc init ")
    assert sorted(p.name for p in folder.rglob("*")) == ["do", "file", "taken"]


def test_a_folder_where_the_config_goes(folder: Path, plugins: Plugins):
    (folder / "do" / "config").mkdir(parents=True)
    with pytest.raises(MlccError, match="is a folder, expected a file") as caught:
        create_project(folder, plugins)
    assert caught.value.hint == f"rmdir {folder}/do/config"


@pytest.mark.parametrize(
    "given",
    [{"name": "no name"}, {"platform": "fakee"}, {"model": "two\nlines"}, {"region": "a\0"}],
)
def test_what_does_not_fit_makes_nothing(folder: Path, plugins: Plugins, given: dict[str, str]):
    with pytest.raises(MlccError):
        create_project(folder / "new", plugins, **given)
    assert not (folder / "new").exists()


def test_a_folder_whose_name_has_a_newline_is_refused(folder: Path, plugins: Plugins):
    with pytest.raises(MlccError, match="cannot live in") as caught:
        create_project(folder / "a\nb", plugins)
    assert caught.value.hint == "mlcc init a-b"
    assert list(folder.iterdir()) == []


def test_a_config_that_links_to_itself_is_replaced(folder: Path, plugins: Plugins):
    (folder / "do").mkdir()
    (folder / "do" / "config").symlink_to("config")
    assert create_project(folder, plugins, name="p").project.config().get("PROJECT_NAME") == "p"
