import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlcc_core.contract.job import DatasetRef, JobState, TrainingSpec
from mlcc_core.contract.options import Evaluator
from mlcc_core.contract.platform.values import Context, Request
from mlcc_local import Local

STAND_IN = (sys.executable, str(Path(__file__).with_name("stand_in.py")))
NAME = "demo-sft-12345678-1"


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.chdir(tmp_path)
    return Context(root=tmp_path, project="demo")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_text('{"prompt": "2 + 2 =", "completion": "4"}\n')
    return path


@pytest.fixture
def spec(dataset: Path) -> Callable[..., TrainingSpec]:
    def make(**changes: object) -> TrainingSpec:
        values: dict[str, object] = {
            "project": "demo",
            "technique": "sft",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "lora",
            "hyperparameters": {},
            "hyperparameter_flags": {},
            "trainer_settings": {},
            "dataset": DatasetRef(str(dataset), "abc", 1),
        }
        evaluator = changes.get("evaluator")
        if isinstance(evaluator, Evaluator):
            values["evaluator_argument"] = "reward_funcs"
        return TrainingSpec(**{**values, **changes})  # type: ignore[arg-type]

    return make


@pytest.fixture
def local(context: Context) -> Iterator[Local]:
    """The platform with the stand-in for its engine; whatever still runs at the end is stopped."""
    platform = Local(command=STAND_IN)
    yield platform
    for name in platform.runner.list_jobs(context, ""):
        platform.runner.stop(context, name)


@pytest.fixture
def submit(local: Local, context: Context, spec: Callable[..., TrainingSpec]) -> Callable[..., str]:
    def send(act: str, name: str = NAME) -> str:
        request = local.runner.build_request(context, spec(trainer_settings={"act": act}))
        local.runner.submit(context, name, request)
        return name

    return send


@pytest.fixture
def until(local: Local, context: Context) -> Callable[..., JobState]:
    """Look at a job until it is as expected, at most 100 seconds."""

    def look(name: str, expected: Callable[[JobState], bool]) -> JobState:
        for _ in range(2000):
            state = local.runner.describe(context, name)
            if expected(state):
                return state
            time.sleep(0.05)
        raise AssertionError(json.dumps(str(state)))

    return look


def with_request(
    platform: Local, context: Context, spec: TrainingSpec
) -> tuple[Context, TrainingSpec, Request]:
    """Return the arguments that ``forecast`` and ``try_evaluator`` begin with."""
    return context, spec, platform.runner.build_request(context, spec)
