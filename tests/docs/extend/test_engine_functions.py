"""The classes of the page of all parts keep what the page says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import Context, Evaluator, EvaluatorKind, TrainingSpec
from tests.docs.blocks import blocks

PAGE = Path(__file__).parents[3] / "docs/extend/platform-parts.md"
SPEC = TrainingSpec(
    project="p",
    technique="rlvr",
    trainer="trl:GRPOTrainer",
    model="mlcc-tiny",
    training_type="lora",
    hyperparameters={},
    hyperparameter_flags={},
    trainer_settings={},
    dataset=None,
    evaluator_argument="reward_funcs",
)
REWARD = """
import json

def score(event, context=None):
    scores = [{"id": one["id"], "aggregate_reward_score": 0.5} for one in event]
    return {"statusCode": 200, "body": json.dumps(scores)}
"""


def made(name: str) -> Any:
    """Make an object of the class of a block."""
    names: dict[str, Any] = {}
    for block in blocks(PAGE):
        if block.language == "python":
            exec(block.text, names)  # the page's own code
    return names[name]()


@pytest.fixture
def context(tmp_path: Path) -> Context:
    (tmp_path / "reward.py").write_text(REWARD)
    return Context(root=tmp_path, project="p")


@pytest.fixture
def scored() -> TrainingSpec:
    evaluator = Evaluator(EvaluatorKind.FUNCTION, "reward.py:score", "--reward", {}, "--reward")
    return replace(SPEC, evaluator=evaluator)


def test_the_evaluator_is_reported_as_it_was_typed(context: Context, scored: TrainingSpec) -> None:
    runner = made("WithRewards")
    body = runner.build_request(context, scored).body
    assert body["request"]["evaluator"]["value"] == f"{context.root}/reward.py:score"
    told = runner.read_spec(body)
    assert told.evaluator == "reward.py:score"
    (context.root / "reward.py").write_text(REWARD + "# changed")
    assert runner.read_spec(runner.build_request(context, scored).body) != told
    assert runner.read_spec(runner.build_request(context, SPEC).body).evaluator is None


def test_a_reward_function_is_tried(context: Context, scored: TrainingSpec) -> None:
    runner = made("WithRewards")
    assert runner.why_untried(context, scored) is None
    rows = [{"prompt": "2 + 2 =", "ground_truth": "4"}]
    lines = runner.try_evaluator(context, scored, None, rows)
    assert any("scored" in line for line in lines)
