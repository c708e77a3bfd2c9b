"""``mlcc demo`` with a platform in memory; the real one is tried elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core.contract.platform.values import Demo
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


class Showing(FakePlatform):
    """Has a demo."""

    material: Path

    @property
    def demo(self) -> Demo:
        return Demo("fake", self.material, ("--epochs", "2"), ("1 + 1 =", "2 + 2 ="))


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
        "./do/test --adapter tuned-fake --prompt '2 + 2 ='",
    ]
    assert said.out.count("✅ tuned-fake answers differently from its base.") == 1
    assert "   Base:   base: 2 + 2 =\n   Tuned:  tuned-fake: 2 + 2 =\n" in said.out
    assert f"   cd '{root}'" in said.out
    assert (root / "do" / "tune").exists()
    assert Path.cwd() == folder


def test_one_document(world: World, mlcc: Mlcc):
    said = mlcc("demo", "d", "--json")
    assert said.code == 0
    assert said.document == {
        "root": str(Path("d").resolve()),
        "model": None,
        "answers": [
            {"prompt": p, "base": f"base: {p}", "answer": f"tuned-fake: {p}"}
            for p in ("1 + 1 =", "2 + 2 =")
        ],
    }


class Preparing(Showing):
    """Its demo has a model to prepare, and another to fall back on."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: MlccError | None = None

    @property
    def demo(self) -> Demo:
        toy = Demo("fake", self.material, (), ("1 + 1 =",), model="toy", untrained=True)
        return Demo(
            "fake",
            self.material,
            (),
            ("1 + 1 =",),
            model="real",
            prepare=self.prepare,
            fallback=toy,
        )

    def prepare(self, say: Callable[[str], None]) -> None:
        say("Fetching …")
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def preparing(world: World) -> Preparing:
    world.platform = platform = Preparing()
    platform.material = world.root / "train.jsonl"
    return platform


def test_the_model_is_prepared_and_used(preparing: Preparing, mlcc: Mlcc):
    said = mlcc("demo", "d")
    assert said.code == 0
    assert said.err.splitlines()[1] == "Fetching …"
    assert "$ mlcc init . --model real" in said.err
    assert {job.body["model"] for job in preparing.jobs.values()} == {"real"}


def test_a_model_that_cannot_be_had_is_one_line(preparing: Preparing, mlcc: Mlcc):
    preparing.fault = PlatformError("Cannot fetch it: the index is away.", hint="pip install it")
    said = mlcc("demo", "d")
    assert said.code == 0
    (line,) = [line for line in said.err.splitlines() if line.startswith("⚠️")]
    assert line == (
        "⚠️  Cannot fetch it: the index is away. Going on with toy; to mend it: pip install it"
    )
    assert {job.body["model"] for job in preparing.jobs.values()} == {"toy"}


def test_noise_is_not_shown(preparing: Preparing, mlcc: Mlcc):
    preparing.fault = PlatformError("No.")
    said = mlcc("demo", "d")
    assert "base: 1" not in said.out
    assert "untrained toy that knows nothing" in said.out
    assert "   Tuned:  tuned-fake: 1 + 1 =" in said.out


def test_noise_is_no_part_of_the_document(preparing: Preparing, mlcc: Mlcc):
    preparing.fault = PlatformError("No.")
    assert mlcc("demo", "d", "--json").document["answers"] == [
        {"prompt": "1 + 1 =", "base": None, "answer": "tuned-fake: 1 + 1 ="}
    ]


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
