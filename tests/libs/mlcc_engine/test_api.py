"""The engine in the foreground of its caller."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import Progress
from mlcc_engine import api, job_result
from tests.libs.mlcc_engine.trainings import FACTS, write_rows

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]

BROKEN = """
from trl import SFTConfig, SFTTrainer

class BrokenConfig(SFTConfig):
    pass

class BrokenTrainer(SFTTrainer):
    def __init__(self, *, train_dataset, **others):
        raise {error}
"""


@pytest.fixture
def asked(tmp_path: Path, cache: Path) -> dict[str, Any]:
    return {
        "job": "test",
        "technique": "test",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": write_rows(tmp_path / "rows.jsonl", PAIRS),
        "output": str(tmp_path / "output"),
        "cache": str(cache),
        "hyperparameters": {"num_train_epochs": 15},
    }


def test_states_progress_and_result(asked: dict[str, Any], tmp_path: Path) -> None:
    states: list[str] = []
    progress: list[Progress] = []
    result = api.run(asked, tmp_path / "work", on_state=states.append, on_progress=progress.append)
    assert result.state == "completed", result.reason
    assert result.output == str(tmp_path / "output")
    assert result.seconds
    assert states == ["loading", "training", "saving"]
    assert [step.step for step in progress] == list(range(1, 31))
    assert {step.steps for step in progress} == {30}
    assert all(step.loss is not None for step in progress)
    assert progress[-1].metrics["learning_rate"] > 0
    assert not (tmp_path / "work" / "result.json").exists()
    job_result.write(tmp_path / "work", result)


def test_stop_event(asked: dict[str, Any], tmp_path: Path) -> None:
    stop = threading.Event()
    asked["hyperparameters"] = {"num_train_epochs": 10_000}
    result = api.run(asked, tmp_path / "work", on_progress=lambda _: stop.set(), stop=stop)
    assert (result.state, result.output) == ("stopped", None)
    assert not (tmp_path / "output").exists()


def test_stop_function_before_the_beginning(asked: dict[str, Any], tmp_path: Path) -> None:
    states: list[str] = []
    result = api.run(asked, tmp_path, on_state=states.append, stop=lambda: True)
    assert result.state == "stopped"
    assert states == []


def test_wrong_requests_and_rows_are_results(asked: dict[str, Any], tmp_path: Path) -> None:
    assert api.run({**asked, "nonsense": 1}, tmp_path).fault == "platform"
    assert api.run({**asked, "dataset": "/nowhere.jsonl"}, tmp_path).fault == "input"


def test_call_back_that_raises(asked: dict[str, Any], tmp_path: Path) -> None:
    def fail(progress: Progress) -> None:
        raise LookupError("no tracker")

    result = api.run(asked, tmp_path / "work", on_progress=fail)
    assert (result.fault, result.reason) == ("job", "LookupError: no tracker")


@pytest.mark.parametrize(
    "error",
    ["TypeError('no such argument')", "ValueError('max_length')", "KeyError('messages')"],
)
def test_what_a_trainers_constructor_raises_is_the_jobs_fault(
    error: str,
    asked: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    module = f"broken_{error.partition('(')[0].lower()}"
    (tmp_path / f"{module}.py").write_text(BROKEN.format(error=error))
    monkeypatch.syspath_prepend(tmp_path)
    work = tmp_path / "work"
    result = api.run({**asked, "trainer": f"{module}:BrokenTrainer"}, work)
    assert (result.state, result.fault, result.exit_code) == ("failed", "job", 2)
    assert result.reason is not None
    assert result.reason.startswith(error.partition("(")[0])
    assert result.hint == f"cat {work / api.TRACEBACK}"
    written = (work / api.TRACEBACK).read_text()
    assert f"{module}.py" in written
    assert f"{module}.py" in capfd.readouterr().err


def test_environment_of_other_code_stays_usable(asked: dict[str, Any], tmp_path: Path) -> None:
    before = os.getcwd()  # noqa: PTH109 - of the process
    api.run({**asked, "hyperparameters": {"num_train_epochs": 1}}, tmp_path / "work")
    assert os.getcwd() == before  # noqa: PTH109
