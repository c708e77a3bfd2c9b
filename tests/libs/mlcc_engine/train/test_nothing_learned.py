"""Jobs that learn nothing say so, while they run and at their end, and fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcc_core.errors import JobError
from mlcc_engine import job_result
from mlcc_engine.model import models
from tests.libs.mlcc_engine.trainings import FACTS, Train

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
PROMPTS = [{"prompt": [{"role": "user", "content": prompt}]} for prompt in FACTS]
CONSTANT = """
def lambda_handler(events):
    return {"statusCode": 200, "body": [
        {"id": e["id"], "aggregate_reward_score": SCORE} for e in events]}
"""
IDLE = """
from trl import SFTConfig, SFTTrainer

class IdleConfig(SFTConfig): pass

class IdleTrainer(SFTTrainer):
    def create_optimizer(self, *args, **kwargs):
        import torch
        found = super().create_optimizer(*args, **kwargs)
        found.step = lambda *args, **kwargs: None
        return found
"""


def reward(folder: Path, score: float) -> dict[str, str]:
    path = folder / "constant.py"
    path.write_text(CONSTANT.replace("SCORE", str(score)))
    return {"kind": "function", "value": str(path)}


@pytest.mark.parametrize("score", [0.0, 0.7])
def test_flat_reward(
    score: float, train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "output"
    with pytest.raises(JobError, match="Nothing was learned: all replies to the same") as caught:
        train(
            PROMPTS,
            trainer="trl:GRPOTrainer",
            evaluator=reward(tmp_path, score),
            output=str(output),
            hyperparameters={
                "num_train_epochs": 2,
                "global_batch_size": 1,
                "max_completion_length": 4,
            },
        )
    assert job_result.failure(caught.value).exit_code == 2
    assert f"always {score:g}" in caught.value.what
    assert not output.exists()
    printed = capsys.readouterr().out
    assert "⚠️  Replies to the same prompt score alike: in 100% of the groups so far." in printed


def test_replies_that_are_cut_are_told(train: Train, tmp_path: Path) -> None:
    path = tmp_path / "letters.py"
    path.write_text(CONSTANT.replace("SCORE", "len(set(e['messages'][-1]['content']))"))
    done = train(
        PROMPTS,
        trainer="trl:GRPOTrainer",
        evaluator={"kind": "function", "value": str(path)},
        hyperparameters={
            "num_train_epochs": 2,
            "global_batch_size": 1,
            "max_completion_length": 4,
        },
    )
    assert any("were cut at 4 tokens" in line for line in done.outcome.warnings)
    warned = (done.folder / "warnings.txt").read_text().splitlines()
    assert any(line.startswith("Replies are cut at 4 tokens") for line in warned)


def test_labels_that_are_all_masked(train: Train) -> None:
    with pytest.raises(JobError, match="No row has anything to learn") as caught:
        train(PAIRS, hyperparameters={"max_length": 8})
    assert job_result.failure(caught.value).exit_code == 2


@pytest.mark.parametrize("training_type", ["lora", "full-rank"])
def test_weights_that_stay_as_they_were(
    training_type: str, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "idle.py").write_text(IDLE)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(JobError, match="no trained weight has changed") as caught:
        train(
            PAIRS,
            trainer="idle:IdleTrainer",
            training_type=training_type,
            hyperparameters={"num_train_epochs": 1},
        )
    assert job_result.failure(caught.value).exit_code == 2


def test_tokenizer_that_makes_no_tokens(train: Train, cache: Path, tmp_path: Path) -> None:
    import torch

    source = models.locate("mlcc-tiny", cache)
    models.load_model(source, torch.float32).save_pretrained(tmp_path)
    tokenizer = models.load_tokenizer(source).tokenizer
    tokenizer.save_pretrained(tmp_path)
    document = json.loads((tmp_path / "tokenizer.json").read_text())
    document["model"]["vocab"] = {
        token: number for token, number in document["model"]["vocab"].items() if "<|" in token
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(document))
    with pytest.raises(JobError, match="makes no tokens of text") as caught:
        train(PAIRS, model=str(tmp_path))
    assert job_result.failure(caught.value).exit_code == 2
