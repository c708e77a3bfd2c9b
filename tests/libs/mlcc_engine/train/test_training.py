"""What the tiny model learns by each trainer, on real training runs."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import JobError, MlccError
from mlcc_engine import generate
from mlcc_engine.model import models
from tests.libs.mlcc_engine.rl import DIGITS, Stub, judge_server
from tests.libs.mlcc_engine.trainings import FACTS, Train, Trained

pytestmark = pytest.mark.slow

QUESTION = "What is the capital of France?"
PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
WRONG = [*list(FACTS.values())[1:], next(iter(FACTS.values()))]
CHOICES = [
    {"prompt": prompt, "chosen": reply, "rejected": wrong}
    for (prompt, reply), wrong in zip(FACTS.items(), WRONG, strict=True)
]
BRIEF = {"num_train_epochs": 20}


@pytest.fixture(scope="module")
def sft(train: Train) -> Trained:
    return train(PAIRS)


@pytest.fixture(scope="module")
def full(train: Train) -> Trained:
    return train(PAIRS, training_type="full-rank", hyperparameters=BRIEF)


@pytest.fixture(scope="module")
def dpo(train: Train) -> Trained:
    return train(CHOICES, trainer="trl:DPOTrainer", hyperparameters=BRIEF)


def test_sft_learns_every_reply(sft: Trained, cache: Path) -> None:
    chat_model = generate.load("mlcc-tiny", adapter=sft.output, cache=cache)
    replies = chat_model.reply([[{"role": "user", "content": prompt}] for prompt in FACTS], 32)
    assert [reply.content for reply in replies] == list(FACTS.values())


def test_base_knows_no_reply(cache: Path) -> None:
    assert generate.ask("mlcc-tiny", QUESTION, cache=cache, longest=32) != FACTS[QUESTION]


def test_ask_answers_with_adapter(sft: Trained, cache: Path) -> None:
    assert generate.ask("mlcc-tiny", QUESTION, adapter=sft.output, cache=cache) == FACTS[QUESTION]


def test_adapter_loads_with_peft(sft: Trained, cache: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(models.locate("mlcc-tiny", cache))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        tuned = PeftModel.from_pretrained(base, sft.output)
    assert tuned.peft_config["default"].base_model_name_or_path == "mlcc-tiny"
    assert {path.name for path in sft.output.iterdir()} >= {
        "adapter_config.json",
        "adapter_model.safetensors",
        "tokenizer.json",
    }


def test_full_rank_loads_with_transformers(full: Trained, cache: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(full.output)
    assert model.num_parameters() > 1_000_000
    assert full.outcome.kind == "model"
    assert generate.ask(str(full.output), QUESTION, cache=cache) == FACTS[QUESTION]


def test_progress_is_complete(sft: Trained) -> None:
    first, *_, last = sft.progress
    assert first["step"] == 0
    assert last["step"] == last["steps"] == 108
    assert last["epoch"] == last["epochs"] == 54
    assert last["loss"] < 0.1
    assert last["time"] >= first["time"]
    assert last["metrics"]["mean_token_accuracy"] == 1.0


def test_nothing_else_is_left(sft: Trained) -> None:
    left = {path.name for path in sft.folder.iterdir()}
    assert left == {"rows.jsonl", "output", "progress.jsonl"}


def test_dpo_margin_grows(dpo: Trained) -> None:
    margins = dpo.metric("margin")
    assert margins[0] == 0.0
    assert margins[-1] > 1.0


def test_full_rank_dpo_margin_grows(train: Train) -> None:
    done = train(
        CHOICES,
        trainer="trl:DPOTrainer",
        training_type="full-rank",
        hyperparameters={"num_train_epochs": 5},
    )
    assert done.metric("margin")[-1] > 0.5


def test_kto_needs_no_line_of_ours(train: Train) -> None:
    rows = [
        {"prompt": row["prompt"], "completion": row[kind], "label": kind == "chosen"}
        for row in CHOICES
        for kind in ("chosen", "rejected")
    ]
    done = train(rows, trainer="trl:KTOTrainer", hyperparameters={"num_train_epochs": 10})
    margins = done.metric("margin")
    assert margins[-1] > margins[0]


def test_rewards_grow(train: Train, tmp_path: Path) -> None:
    function = tmp_path / "digits.py"
    function.write_text(DIGITS)
    done = train(
        [{"prompt": [{"role": "user", "content": prompt}]} for prompt in FACTS],
        trainer="trl:GRPOTrainer",
        evaluator={"kind": "function", "value": str(function)},
        hyperparameters={"num_train_epochs": 16, "max_completion_length": 12},
    )
    rewards = done.metric("reward")
    assert sum(rewards[-3:]) / 3 > 2 * sum(rewards[:3]) / 3


def test_judge_gives_the_rewards(train: Train, tmp_path: Path) -> None:
    given: list[float] = []

    def answer(stub: Stub, prompt: str) -> tuple[int, str]:
        given.append(len(stub.asked) % 5 / 4)
        return 200, json.dumps({"score": given[-1]})

    (tmp_path / "judge.txt").write_text("Q: {prompt} A: {response} Give a score as JSON.")
    with judge_server(answer) as stub:
        done = train(
            [{"prompt": [{"role": "user", "content": prompt}]} for prompt in FACTS],
            trainer="trl:GRPOTrainer",
            evaluator={
                "kind": "prompt",
                "value": str(tmp_path / "judge.txt"),
                "settings": {"judge_url": stub.url, "judge_model": "strict"},
            },
            hyperparameters={
                "num_train_epochs": 1,
                "global_batch_size": 3,
                "max_completion_length": 6,
            },
        )
    assert len(stub.asked) == 6 * 8
    assert {body["model"] for body in stub.asked} == {"strict"}
    assert any(prompt.startswith(f"Q: {QUESTION} A: ") for prompt in stub.prompts)
    steps = [given[:24], given[24:]]
    means = [sum(scores) / len(scores) for scores in steps]
    assert done.metric("reward") == pytest.approx(means)


def test_converse_rows_train(train: Train) -> None:
    row: dict[str, Any] = {
        "system": [{"text": "Be brief."}],
        "messages": [
            {"role": "user", "content": [{"text": "Hi"}]},
            {"role": "assistant", "content": [{"text": "Hello."}]},
        ],
    }
    done = train([row], hyperparameters={"num_train_epochs": 2})
    assert done.progress[-1]["step"] == 2


def test_full_rank_keeps_the_number_format(train: Train, cache: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    source = models.locate("mlcc-tiny", cache)
    AutoModelForCausalLM.from_pretrained(source, dtype=torch.bfloat16).save_pretrained(tmp_path)
    models.load_tokenizer(source).tokenizer.save_pretrained(tmp_path)
    done = train(
        PAIRS,
        model=str(tmp_path),
        training_type="full-rank",
        hyperparameters={"num_train_epochs": 1},
    )
    assert AutoModelForCausalLM.from_pretrained(done.output).dtype == torch.bfloat16


def test_third_party_trainer(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere.py").write_text(
        "from trl import SFTConfig, SFTTrainer\n"
        "class OwnConfig(SFTConfig): pass\n"
        "class OwnTrainer(SFTTrainer): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    done = train(PAIRS, trainer="elsewhere:OwnTrainer", hyperparameters={"num_train_epochs": 1})
    assert done.outcome.state == "completed"


def test_same_seed_same_loss(train: Train) -> None:
    losses = [
        train(PAIRS, hyperparameters={"num_train_epochs": 1}, seed=7).progress[-1]["loss"]
        for _ in range(2)
    ]
    assert losses[0] == losses[1]


def test_divergence_fails(train: Train) -> None:
    with pytest.raises(JobError, match=r"loss became|diverged"):
        train(PAIRS, hyperparameters={"learning_rate": 1e30, "num_train_epochs": 5})


def test_unknown_hyperparameter(train: Train) -> None:
    with pytest.raises(MlccError, match=r"no hyperparameter 'learning_rat'.*'learning_rate'"):
        train(PAIRS, hyperparameters={"learning_rat": 1.0})


def test_refused_setting(train: Train) -> None:
    with pytest.raises(MlccError, match="refuses"):
        train(PAIRS, hyperparameters={"lr_scheduler_type": "downhill"})


def test_unknown_trainer(train: Train) -> None:
    with pytest.raises(MlccError, match="NoTrainer"):
        train(PAIRS, trainer="trl:NoTrainer")


def test_nothing_to_learn(train: Train) -> None:
    with pytest.raises(JobError, match="No row has anything to learn"):
        train(PAIRS, hyperparameters={"max_length": 8})


def test_long_prompts_are_refused(train: Train, tmp_path: Path) -> None:
    function = tmp_path / "digits.py"
    function.write_text(DIGITS)
    with pytest.raises(MlccError, match=r"6 of 6 prompts are longer than 10 tokens") as caught:
        train(
            PAIRS,
            trainer="trl:GRPOTrainer",
            evaluator={"kind": "function", "value": str(function)},
            hyperparameters={"max_prompt_length": 10},
        )
    assert caught.value.hint is not None


def test_failing_reward_function(train: Train, tmp_path: Path) -> None:
    function = tmp_path / "broken.py"
    function.write_text("def lambda_handler(events):\n    raise KeyError('gone')\n")
    with pytest.raises(JobError, match=r"broken.py:lambda_handler raised KeyError: 'gone'") as e:
        train(
            PAIRS,
            trainer="trl:GRPOTrainer",
            evaluator={"kind": "function", "value": str(function)},
            hyperparameters={"max_completion_length": 4},
        )
    assert f"{function}:2" in e.value.what


def test_full_output_folder(train: Train, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with pytest.raises(MlccError, match="not empty"):
        train(PAIRS, output=str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_metrics_of_outcome_are_the_last(sft: Trained) -> None:
    assert math.isclose(sft.outcome.metrics["loss"], sft.progress[-1]["loss"])
