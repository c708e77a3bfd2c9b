"""Limits and the model's context: capped by themselves, refused where the user set them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.contract.job import DatasetRef, TrainingSpec
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError, Problems
from mlcc_engine import generate
from mlcc_engine.forecast import forecast, lengths
from mlcc_engine.forecast.forecast import Lengths, length_lines
from mlcc_engine.model import contexts
from mlcc_engine.options.hyperparameters import check_hyperparameters
from mlcc_engine.request import parse
from mlcc_engine.train import trainers
from mlcc_folders.tokens.counter import token_counter
from tests.libs.mlcc_engine import folders
from tests.libs.mlcc_engine.trainings import Train, write_rows

CONTEXT = 64
ROWS = [{"prompt": "Hi", "completion": "x" * 20}, {"prompt": "Hi", "completion": "y" * 90}]
REWARD = "def lambda_handler(events):\n    return {}\n"

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model whose positions end: one more token is an error of its embeddings."""
    return str(folders.save(folders.gpt2(CONTEXT), tmp_path_factory.mktemp("short")))


@pytest.fixture
def asked(short: str, tmp_path: Path) -> Ask:
    def make(rows: list[dict[str, str]], trainer: str = "trl:SFTTrainer", **more: Any) -> Any:
        judged = {"kind": "function", "value": "x.py"} if "GRPO" in trainer else None
        body = {
            "job": "test",
            "technique": "test",
            "trainer": trainer,
            "model": short,
            "training_type": "lora",
            "dataset": write_rows(tmp_path / "rows.jsonl", rows),
            "output": str(tmp_path / "output"),
            "evaluator": judged,
            **more,
        }
        return parse(body)

    return make


def values_of(request: Any) -> tuple[dict[str, Any], list[str]]:
    return trainers.merge_and_tell(trainers.Trainer(request.trainer), request, 2)


def test_contexts_by_every_name() -> None:
    from transformers import AutoConfig

    found = {
        name: contexts.of_config(AutoConfig.for_model(name))
        for name in ("gpt2", "opt", "bloom", "mamba", "qwen2_vl", "xlnet", "falcon")
    }
    assert found == {
        "gpt2": 1024,
        "opt": 2048,
        "bloom": None,
        "mamba": None,
        "qwen2_vl": 32768,
        "xlnet": None,
        "falcon": 2048,
    }


def test_a_folder_tells_its_context_without_libraries(short: str, tmp_path: Path) -> None:
    assert contexts.find_context(short) == CONTEXT
    assert contexts.find_context("mlcc-tiny") == 2048
    assert contexts.find_context("org/name") is contexts.find_context(str(tmp_path)) is None


def test_the_limit_of_rows_follows_the_context(asked: Ask) -> None:
    values, notes = values_of(asked(ROWS))
    assert (values["max_length"], notes) == (CONTEXT, [])
    own = asked(ROWS, hyperparameters={"max_length": 32})
    assert values_of(own)[0]["max_length"] == 32
    recipe = asked(ROWS, settings={"max_length": None})
    assert values_of(recipe)[0]["max_length"] == CONTEXT


@pytest.mark.parametrize(
    ("trainer", "name"),
    [
        ("trl:SFTTrainer", "max_length"),
        ("trl:GRPOTrainer", "max_prompt_length"),
        ("trl:GRPOTrainer", "max_completion_length"),
    ],
)
def test_a_limit_above_the_context_is_refused(asked: Ask, trainer: str, name: str) -> None:
    request = asked(ROWS, trainer, hyperparameters={name: CONTEXT + 1})
    with pytest.raises(MlccError, match=f"context of .*: {CONTEXT} tokens") as caught:
        values_of(request)
    assert caught.value.hint == f"{lengths.FLAG_BY_LENGTH[name]} {CONTEXT}"


def test_the_forecast_says_what_is_cut(asked: Ask) -> None:
    lines = forecast.forecast(asked(ROWS))
    assert any("1 rows are longer than 64 tokens" in line for line in lines)
    assert not any("was made for" in line for line in lines)


@pytest.mark.slow
def test_a_training_within_the_context_works(train: Train, short: str) -> None:
    rows = [*ROWS, {"prompt": "z" * 200, "completion": "w"}]
    done = train(rows, model=short, hyperparameters={"num_train_epochs": 1})
    assert done.outcome.state == "completed"


def test_replies_are_capped_by_the_longest_prompt(asked: Ask) -> None:
    rows = [{"prompt": "a" * 20}, {"prompt": "b" * 40}]
    values, (note,) = values_of(asked(rows, "trl:GRPOTrainer"))
    prompt = 40 + 3
    assert values["max_completion_length"] == CONTEXT - prompt
    assert note.startswith(f"Replies end after {CONTEXT - prompt} tokens")
    assert note in forecast.forecast(asked(rows, "trl:GRPOTrainer"))


def test_a_reply_that_was_asked_for_and_does_not_fit(asked: Ask) -> None:
    rows = [{"prompt": "a" * 20}, {"prompt": "b" * 40}]
    fits = {"max_completion_length": CONTEXT - 43}
    assert values_of(asked(rows, "trl:GRPOTrainer", hyperparameters=fits))[1] == []
    too_long = {"max_completion_length": CONTEXT - 42}
    with pytest.raises(MlccError, match=r"rows.jsonl:2") as caught:
        values_of(asked(rows, "trl:GRPOTrainer", hyperparameters=too_long))
    assert caught.value.hint == f"--max-response-length {CONTEXT - 43}"


def test_a_prompt_that_fills_the_context(asked: Ask) -> None:
    rows = [{"prompt": "a"}, *[{"prompt": "b"}] * 300, {"prompt": "c" * 100}]
    with pytest.raises(MlccError, match="The prompt has 103 tokens") as caught:
        forecast.forecast(asked(rows, "trl:GRPOTrainer"))
    assert caught.value.where == "rows.jsonl:302"


def test_short_prompts_are_not_measured(asked: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"prompt": "a" * 20}]
    request = asked(rows, "trl:GRPOTrainer", model="mlcc-tiny")
    monkeypatch.setattr(lengths, "TEMPLATE", 10)
    monkeypatch.setattr(lengths, "longest_prompt", None)
    assert values_of(request)[1] == []


def test_rows_that_no_trainer_cuts(asked: Ask, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "own_trainer.py").write_text(
        "from dataclasses import dataclass\n"
        "class OwnTrainer: ...\n"
        "@dataclass\n"
        "class OwnConfig:\n"
        "    learning_rate: float = 1e-5\n"
        "    num_train_epochs: float = 1.0\n"
        "    per_device_train_batch_size: int = 8\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    rows = [*ROWS[:1] * 200, ROWS[1], *ROWS[:1] * 9]
    with pytest.raises(MlccError, match="more than the context") as caught:
        forecast.forecast(asked(rows, "own_trainer:OwnTrainer"), 0)
    assert caught.value.where == "rows.jsonl:201"


def test_replies_end_with_the_context(short: str) -> None:
    chat_model = generate.load(short)
    (reply,) = chat_model.reply([[{"role": "user", "content": "a" * 40}]], 500)
    assert isinstance(reply.content, str)
    with pytest.raises(MlccError, match="The prompt has 103 tokens"):
        generate.ask(short, "a" * 100)


def test_flags_are_checked_in_a_plan(short: str, tmp_path: Path) -> None:
    def problems(**hyperparameters: int) -> list[MlccError]:
        spec = TrainingSpec(
            project="demo",
            technique="sft",
            trainer="trl:SFTTrainer",
            model=short,
            training_type="lora",
            hyperparameters=hyperparameters,
            hyperparameter_flags={},
            trainer_settings={},
            dataset=DatasetRef("x", "abc", 1),
        )
        return list(check_hyperparameters(spec, short))

    assert problems(max_length=CONTEXT) == []
    (one,) = problems(max_length=CONTEXT + 1)
    assert f"8 to {CONTEXT}, its context" in one.what
    (sum_of_two,) = problems(max_prompt_length=40, max_completion_length=40)
    assert "make 80 tokens" in sum_of_two.what
    assert not isinstance(sum_of_two, Problems)


def test_a_check_cuts_where_training_does(short: str, tmp_path: Path) -> None:
    from mlcc_core.loader.manager import build_manager

    recipe = build_manager(disable="").technique("sft").trainer("trl")
    with token_counter(Context(tmp_path, "p"), short, recipe) as counter:
        assert counter.row_limit == CONTEXT


def test_a_limit_is_not_to_be_raised_above_the_context() -> None:
    cut = Lengths(rows=2, measured=2, longest=CONTEXT, longest_line=1, uncut=90, cut=[1])
    (_, line) = length_lines(cut, CONTEXT, None, CONTEXT)
    assert "--max-seq-length" not in line
    assert f"reads more than {CONTEXT} tokens" in line
    assert "raise --max-seq-length" in length_lines(cut, 20, None, CONTEXT)[1]
    useless = Lengths(rows=1, measured=1, longest=90, uncut=90, nothing=[1])
    with pytest.raises(MlccError) as caught:
        length_lines(useless, CONTEXT, None, CONTEXT)
    assert "--max" not in str(caught.value.hint)
