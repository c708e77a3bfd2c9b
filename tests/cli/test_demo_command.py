"""``mlcc demo`` with a platform in memory; the real one is tried elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mlcc_core.platform import Demo
from mlcc_core.testing.platform import FakePlatform
from tests.cli.conftest import Mlcc
from tests.tune.world import World


class Showing(FakePlatform):
    """Has a demo."""

    material: Path

    @property
    def demo(self) -> Demo:
        return Demo("fake", self.material, ("--epochs", "2"), "1 + 1 =")


@pytest.fixture(autouse=True)
def showing(world: World) -> None:
    world.platform = Showing()
    world.platform.material = world.root / "train.jsonl"


def test_the_loop_in_a_named_folder(world: World, mlcc: Mlcc, folder: Path):
    said = mlcc("demo", "my demo")
    assert said.code == 0, said.err
    root = folder / "my demo"
    typed = [line[2:] for line in said.err.splitlines() if line.startswith("$ ")]
    assert typed == [
        "mlcc init .",
        "./do/tune --technique fake --dataset train.jsonl --epochs 2",
        "./do/adapter add tuned-fake --from-tune fake",
        "./do/test --adapter tuned-fake --prompt '1 + 1 ='",
    ]
    assert "✅ tuned-fake answers differently from its base." in said.out
    assert f"   cd '{root}'" in said.out
    assert (root / "do" / "tune").exists()
    assert Path.cwd() == folder


def test_one_document(world: World, mlcc: Mlcc):
    said = mlcc("demo", "d", "--json")
    assert said.code == 0
    assert said.document == {
        "prompt": "1 + 1 =",
        "target": "tuned-fake",
        "answer": "tuned-fake: 1 + 1 =",
        "base": "base: 1 + 1 =",
        "differs": True,
    }


def test_a_temporary_folder(world: World, mlcc: Mlcc):
    said = mlcc("demo")
    assert said.code == 0
    root = Path(said.out.splitlines()[-2].split()[-1])
    assert root.name.startswith("mlcc-demo-")


def test_the_environment_does_not_turn_it_elsewhere(world: World, mlcc: Mlcc, monkeypatch):
    before = world.project.config_path.read_bytes()
    overriding = {"MLCC_PROJECT": str(world.root), "PLATFORM": "elsewhere", "MODEL_ID": "big"}
    for name, value in overriding.items():
        monkeypatch.setenv(name, value)
    assert mlcc("demo", "d").code == 0
    assert world.project.config_path.read_bytes() == before
    (job,) = world.platform.jobs.values()
    assert job.body["model"] == "fake-model"
    assert {name: os.environ[name] for name in overriding} == overriding


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_step_that_fails_is_the_end_and_one_error(world: World, mlcc: Mlcc, flags, folder: Path):
    world.platform.course = ("failed",)
    said = mlcc("demo", "d", *flags)
    assert said.code == 2
    assert len(said.crosses) == 1
    assert Path.cwd() == folder
    if flags:
        assert json.loads(said.out)["error"]["exit_code"] == 2


def test_a_folder_that_is_not_empty(world: World, mlcc: Mlcc, folder: Path):
    said = mlcc("demo", ".")
    assert said.code == 1
    assert "is not empty" in said.err
    (folder / "file").write_text("")
    assert mlcc("demo", "file").code == 1


def test_no_platform_with_a_demo(world: World, mlcc: Mlcc):
    world.platform = FakePlatform()
    said = mlcc("demo")
    assert (said.code, said.crosses) == (1, ["❌ No installed platform has a demo."])
