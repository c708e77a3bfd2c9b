"""A real model that learns from its own replies: scored by a function, and by a judge."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine import generate
from tests.libs.mlcc_engine.rl import DIGITS, Stub, judge_server
from tests.libs.mlcc_engine.trainings import Train, Trained

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900)]

ROWS = [
    {"prompt": [{"role": "user", "content": f"Name {count} kinds of {things}."}]}
    for count, things in [(3, "fruit"), (4, "birds"), (5, "tools"), (2, "trees")]
]
HELD_OUT = "Name 3 colours."


def learn(train: Train, model: Path, evaluator: dict[str, Any]) -> Trained:
    return train(
        ROWS,
        model=str(model),
        trainer="trl:GRPOTrainer",
        evaluator=evaluator,
        hyperparameters={
            "max_steps": 3,
            "learning_rate": 1e-3,
            "global_batch_size": 1,
            "max_completion_length": 16,
        },
    )


def check_learned(done: Trained, model: Path) -> None:
    """Rewards differed, and what a user loads answers in words, and not as its base does."""
    from safetensors.torch import load_file

    assert done.outcome.state == "completed"
    assert max(done.metric("reward_std")) > 0
    weights = load_file(done.output / "adapter_model.safetensors")
    assert any(weight.any() for name, weight in weights.items() if "lora_B" in name)
    base = generate.ask(str(model), HELD_OUT, longest=24)
    tuned = generate.ask(str(model), HELD_OUT, adapter=done.output, longest=24)
    assert base != tuned
    assert re.search(r"[a-z]{3}", tuned)


def test_a_function_scores(train: Train, real_model: Path, tmp_path: Path) -> None:
    reward = tmp_path / "reward.py"
    reward.write_text(DIGITS)
    check_learned(learn(train, real_model, {"kind": "function", "value": str(reward)}), real_model)


def test_a_judge_scores(train: Train, real_model: Path, tmp_path: Path) -> None:
    def by_length(stub: Stub, prompt: str) -> tuple[int, str]:
        return 200, f'{{"score": {len(prompt) % 11}}}'

    prompt = tmp_path / "judge.txt"
    prompt.write_text("Rate from 0 to 10 how well {response} answers {prompt}")
    with judge_server(by_length) as stub:
        evaluator = {
            "kind": "prompt",
            "value": str(prompt),
            "settings": {"judge_url": stub.url},
        }
        check_learned(learn(train, real_model, evaluator), real_model)
    assert len(stub.asked) == 3 * 8
    assert all("kinds of" in asked for asked in stub.prompts)
