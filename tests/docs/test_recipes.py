"""The recipes for changes of mlcc itself, followed to the letter in a copy of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import Block, Change, recipe, steps
from tests.docs.pages.reader import PROGRESS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = ("mlcc_core", "plugins", "libs")
FILES = {
    "Add a command": [
        "mlcc_core/actions/project/tunable.py",
        "mlcc_core/cli/project/tunable.py",
        "mlcc_core/project/commands.py",
    ],
    "Add a hyperparameter": [
        "mlcc_core/actions/tune/plan/request.py",
        "libs/mlcc_engine/engine.py",
        "plugins/mlcc_sagemaker/engine.py",
    ],
}


def apply(change: Change, copy: Path) -> None:
    assert change.path is not None
    path = copy / change.path
    if change.after is None:
        assert not path.exists()
        path.write_text(change.text)
        return
    lines = path.read_text().splitlines(keepends=True)
    (at,) = [number for number, line in enumerate(lines) if line.strip().startswith(change.after)]
    path.write_text("".join([*lines[: at + 1], change.text, *lines[at + 1 :]]))


@pytest.fixture(params=FILES)
def changes(request: pytest.FixtureRequest) -> list[Change]:
    """The blocks of one recipe."""
    return recipe(ROOT / "CONTRIBUTING.md", request.param)


@pytest.fixture
def copy(tmp_path: Path, changes: list[Change]) -> Path:
    """A copy of mlcc's packages with the change in it."""
    copy = tmp_path / "mlcc"
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, copy / package, ignore=ignored)
    for change in changes:
        if change.path is not None:
            apply(change, copy)
    return copy


@pytest.mark.parametrize("heading", FILES)
def test_a_recipe_touches_these_files_alone(heading: str):
    found = recipe(ROOT / "CONTRIBUTING.md", heading)
    assert [change.path for change in found if change.path] == FILES[heading]


def test_it_works_as_the_page_says(copy: Path, changes: list[Change], tmp_path: Path):
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "mlcc"
    program.write_text(f"#!{sys.executable} -P\nfrom mlcc_core.cli import main\nmain()\n")
    program.chmod(0o755)
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (copy, copy / "plugins", copy / "libs"))),
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    (commands,) = [change.text for change in changes if change.path is None]
    for step in steps(Block(1, "console", commands, None, continued=False)):
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        fails = any(line.startswith("❌") for line in step.output)
        assert done.returncode == int(fails), done.stdout
        expected, said = step.expected(), done.stdout
        assert expected.match(said) or expected.match(PROGRESS.sub("", said)), said
