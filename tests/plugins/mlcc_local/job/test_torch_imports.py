"""Processes of one command that import torch, which takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core.contract.job import TrainingSpec
from mlcc_core.contract.options import Evaluator, EvaluatorKind
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_local import Local
from tests.plugins.mlcc_local.conftest import with_request

pytestmark = pytest.mark.slow

COUNTER = """
import os, sys

class Counter:
    def find_spec(self, name, path=None, target=None):
        imported = sys._getframe(2).f_code.co_name == "_find_and_load_unlocked"
        if name == "torch" and imported:  # not only looked for
            with open(os.environ["TORCH_IMPORTS"], "a") as file:
                file.write(f"{os.getpid()}\\n")
        return None

sys.meta_path.insert(0, Counter())
"""

REWARD = """
import json

def score(event):
    return len(set(event["messages"][-1]["content"])) / 26

def lambda_handler(events):
    scores = [{"id": e["id"], "aggregate_reward_score": score(e)} for e in events]
    return {"statusCode": 200, "body": json.dumps(scores)}
"""

ROWS = [{"prompt": [{"role": "user", "content": "2 + 2"}], "reference_answer": "4"}]

ASK = """
from pathlib import Path
from mlcc_core import Context, Prompt, Sampling
from mlcc_local import plugin
context = Context(root=Path(), project="demo", settings={"MODEL_ID": "mlcc-tiny"})
base = plugin.answering.deployed_base(context, "mlcc-tiny")
prompt = Prompt(({"role": "user", "content": "Hi"},))
with plugin.answering.open_chat(context, [base]) as talk:
    print(*talk.reply(base, prompt, Sampling(max_new_tokens=5)))
"""


@pytest.fixture
def importers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """The processes, of those started from now on, that imported torch."""
    site, log = tmp_path / "site", tmp_path / "imports"
    site.mkdir()
    (site / "sitecustomize.py").write_text(COUNTER)
    known = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *([known] if known else [])]))
    monkeypatch.setenv("TORCH_IMPORTS", str(log))
    return lambda: set(log.read_text().split()) if log.exists() else set()


def evaluator_of(kind: EvaluatorKind, value: str, **settings: object) -> Evaluator:
    return Evaluator(kind, value, "--evaluator", settings, "--evaluator")


def outcome(local: Local, context: Context, asked: TrainingSpec) -> str:
    """The lines of a trial, or its error: no judge here gives a score."""
    try:
        return " ".join(local.runner.try_evaluator(*with_request(local, context, asked), ROWS))
    except MlccError as error:
        return error.what


@pytest.mark.parametrize("technique", ["sft", "rlvr", "rlaif"])
def test_one_process_imports_it_before_a_job(
    technique: str,
    local: Local,
    context: Context,
    spec: Callable[..., TrainingSpec],
    importers: Callable[[], set[str]],
) -> None:
    (context.root / "reward.py").write_text(REWARD)
    (context.root / "judge.txt").write_text("Rate it from 1 to 5.")
    evaluator = {
        "sft": None,
        "rlvr": evaluator_of(EvaluatorKind.FUNCTION, "reward.py"),
        "rlaif": evaluator_of(EvaluatorKind.PROMPT, "judge.txt", judge_model="mlcc-tiny"),
    }[technique]
    trainer = "trl:SFTTrainer" if evaluator is None else "trl:GRPOTrainer"
    asked = spec(technique=technique, trainer=trainer, evaluator=evaluator)
    assert local.runner.forecast(*with_request(local, context, asked))
    said = {"sft": "", "rlvr": "scored 3 trial replies", "rlaif": "twice without a score"}
    assert said[technique] in outcome(local, context, asked)
    assert len(importers()) == 1


@pytest.mark.parametrize(
    "words",
    [
        # Less than the other: nothing is tried before the job.
        pytest.param(("sft",), marks=pytest.mark.full),
        ("rlvr", "--reward-function", "reward.py"),
    ],
)
def test_one_process_imports_it_for_a_job(
    words: tuple[str, ...], tmp_path: Path, importers: Callable[[], set[str]]
) -> None:
    (tmp_path / "reward.py").write_text(REWARD)
    (tmp_path / "rows.jsonl").write_text(
        '{"prompt": "2 + 2", "completion": "4", "reference_answer": "4"}\n' * 8
    )
    technique, *evaluator = words
    for command in (
        ("init", ".", "--platform", "local", "--model", "mlcc-tiny"),
        ("tune", "--technique", technique, "--dataset", "rows.jsonl", *evaluator, "--epochs", "1"),
    ):
        run = subprocess.run(
            [Path(sys.executable).with_name("mlcc"), *command],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
    (job,) = (tmp_path / ".mlcc/jobs").iterdir()
    result = json.loads((job / "result.json").read_text())
    assert result["state"] == "completed"
    assert len(importers()) == 1


@pytest.mark.parametrize("kind", EvaluatorKind)
def test_a_trial_alone_imports_it_for_a_model_alone(
    kind: EvaluatorKind,
    local: Local,
    context: Context,
    spec: Callable[..., TrainingSpec],
    importers: Callable[[], set[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (context.root / "reward.py").write_text(REWARD)
    (context.root / "judge.txt").write_text("Rate it from 1 to 5.")
    monkeypatch.setenv("NO_PROXY", "*")
    evaluator = (
        evaluator_of(kind, "reward.py")
        if kind is EvaluatorKind.FUNCTION
        else evaluator_of(kind, "judge.txt", judge_url="http://127.0.0.1:9/v1")
    )
    said = {EvaluatorKind.FUNCTION: "scored 3 trial", EvaluatorKind.PROMPT: "cannot be reached"}
    assert said[kind] in outcome(local, context, spec(evaluator=evaluator))
    assert importers() == set()


def test_one_process_imports_it_to_ask_a_model(
    tmp_path: Path, importers: Callable[[], set[str]]
) -> None:
    subprocess.run([sys.executable, "-c", ASK], cwd=tmp_path, check=True, capture_output=True)
    assert len(importers()) == 1
