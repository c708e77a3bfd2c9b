"""What is said before a training, and how rows become steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import JobError, MlccError
from mlcc_engine.forecast import memory
from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.request import parse
from mlcc_engine.train import defaults, trainers
from tests.libs.mlcc_engine.trainings import FACTS, write_rows

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]

Forecast = Callable[..., list[str]]


@pytest.fixture
def told(tmp_path: Path, cache: Path) -> Forecast:
    def run(rows: list[dict[str, Any]], seconds: float = 10, **request: Any) -> list[str]:
        body = {
            "job": "test",
            "technique": "test",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "lora",
            "dataset": write_rows(tmp_path / "rows.jsonl", rows),
            "output": str(tmp_path / "output"),
            "cache": str(cache),
            **request,
        }
        return forecast(parse(body), seconds)

    return run


@pytest.mark.slow
def test_says_device_memory_and_schedule(told: Forecast) -> None:
    device, schedule, form, trained, needed, longest, learned = told(PAIRS)
    assert form.startswith("Rows of a batch are p")
    assert learned.startswith("Trained: ")
    assert trained.startswith(
        "LoRA trains 0.156 of 1.873 million parameters (8.3 %): 2 × down_proj"
    )
    assert device.startswith("Device: ")
    assert schedule == "6 rows, 54 epochs, 108 steps of 4 rows, learning rate 0.005"
    assert " needed, " in needed
    assert longest == "Longest row: 43 tokens"


def test_counts_one_of_a_thing_as_one(told: Forecast) -> None:
    _, schedule, *_ = told(PAIRS[:1], hyperparameters={"num_train_epochs": 1})
    assert schedule.startswith("1 row, 1 epoch, 1 step of ")


def test_names_rows_that_are_cut(told: Forecast) -> None:
    rows = [*PAIRS, {"prompt": "Hi", "completion": "x" * 100}]
    assert told(rows, hyperparameters={"max_length": 64})[-1].startswith(
        "⚠️  1 rows are longer than 64 tokens and lose their end (line 7)"
    )


def test_names_rows_that_train_nothing(told: Forecast) -> None:
    rows = [*PAIRS, {"prompt": "x" * 100, "completion": "y"}]
    assert told(rows, hyperparameters={"max_length": 64})[-1].startswith(
        "⚠️  1 rows train nothing, their prompts alone fill 64 tokens (line 7)"
    )


def test_refuses_when_nothing_would_be_learned(told: Forecast) -> None:
    with pytest.raises(JobError, match="No row has anything to learn"):
        told(PAIRS, hyperparameters={"max_length": 8})


def test_refuses_long_prompts(told: Forecast) -> None:
    prompts = [{"prompt": row["prompt"]} for row in PAIRS]
    with pytest.raises(MlccError, match=r"longer than 20 tokens \(lines 1, 2, 3, 4, 6, …\)|lines"):
        told(prompts, trainer="trl:GRPOTrainer", hyperparameters={"max_prompt_length": 20})


def test_measures_no_longer_than_it_may(told: Forecast) -> None:
    lines = told(PAIRS * 20, seconds=0)
    assert lines[1].startswith("120 rows")
    assert lines[-2].startswith("Longest row of the first 64: ")


def test_names_the_line_that_is_wrong(told: Forecast) -> None:
    with pytest.raises(MlccError) as caught:
        told([*PAIRS, {"prompt": 3}])
    assert str(caught.value.where).startswith("rows.jsonl:7")


def test_full_rank_needs_more_memory_than_lora() -> None:
    shape = memory.Shape(7_000_000_000, 6_500_000_000, 2_000_000, 2_000_000, 4096, 32, 32_000, 4096)
    needs = [
        memory.needed(
            shape, kind, {}, bits16=True, tokens=8192, checkpointing=True, reference=False
        )
        for kind in ("lora", "full-rank")
    ]
    assert 14e9 < needs[0] < 30e9
    assert needs[1] - needs[0] > 90e9


@pytest.mark.parametrize(
    ("rows", "batch", "epochs", "steps", "micro", "accumulation"),
    [(12, 4, 3, 9, 4, 1), (10, 4, 1, 3, 4, 1), (100, 24, 1, 5, 8, 3), (5, 13, 2, 2, 1, 13)],
)
def test_rows_become_steps(
    rows: int, batch: int, epochs: int, steps: int, micro: int, accumulation: int
) -> None:
    fields = {"per_device_train_batch_size": 8, "num_train_epochs": 3.0}
    values = {"global_batch_size": batch, "num_train_epochs": epochs}
    plan = trainers.schedule(values, fields, rows)
    assert (plan.steps, plan.micro_batch, plan.accumulation) == (steps, micro, accumulation)


def test_sampling_counts_rows_not_replies() -> None:
    fields = {"per_device_train_batch_size": 8, "num_train_epochs": 1.0, "num_generations": 8}
    plan = trainers.schedule({"global_batch_size": 4}, fields, 12)
    assert (plan.batch, plan.samples, plan.micro_batch, plan.accumulation) == (4, 8, 8, 4)
    assert plan.steps == 3
    assert trainers.schedule({"global_batch_size": 64}, fields, 12).batch == 12


def test_rows_that_wait_are_told() -> None:
    fields = {"per_device_train_batch_size": 8, "num_train_epochs": 1.0, "num_generations": 8}
    plan = trainers.schedule({"global_batch_size": 4}, fields, 10)
    assert "2 steps of 4 rows, 8 replies each (2 rows, drawn anew, wait out each epoch)" in (
        trainers.in_words(plan, 10, 1e-3)
    )


def test_lora_learns_ten_times_as_fast() -> None:
    chosen = defaults.hyperparameters("org/model", "lora", 100, 2e-5)
    assert chosen == {"learning_rate": pytest.approx(2e-4)}
    assert defaults.hyperparameters("org/model", "full-rank", 100, 2e-5) == {}


@pytest.mark.parametrize(("rows", "epochs"), [(1, 80), (6, 54), (150, 40), (600, 10), (100_000, 1)])
def test_tiny_sees_few_rows_often(rows: int, epochs: int) -> None:
    assert defaults.tiny_hyperparameters("lora", rows)["num_train_epochs"] == epochs


def test_alpha_follows_rank() -> None:
    assert defaults.lora({"r": 8})["lora_alpha"] == 16
    assert defaults.lora({"r": 8, "lora_alpha": 4})["lora_alpha"] == 4


@pytest.mark.parametrize(
    ("trainer_rate", "rate"),
    [(1e-6, 5e-5), (5e-6, 5e-5), (2e-5, 2e-4), (5e-5, 5e-4)],
)
def test_lora_learns_at_a_rate_that_teaches(trainer_rate: float, rate: float) -> None:
    chosen = defaults.hyperparameters("org/model", "lora", 24, trainer_rate)
    assert chosen == {"learning_rate": pytest.approx(rate)}
    assert defaults.hyperparameters("org/model", "full-rank", 24, trainer_rate) == {}


def test_counts_what_is_not_rendered(told: Forecast) -> None:
    assert told([{**PAIRS[0], "tags": ["a"]}, PAIRS[1]])[-1] == (
        "ℹ️  Column 'tags' of 1 row does not reach the trainer."
    )


def test_refuses_what_would_be_lost(told: Forecast) -> None:
    with pytest.raises(MlccError, match="Column 'tools' would reach neither"):
        told([{**PAIRS[0], "tools": [{"name": "f"}]}])


def test_rows_as_they_are_are_measured_as_text(told: Forecast) -> None:
    rows = [{"question": ["a", None]}, {"question": {"b": 1}}]
    lines = told(rows, row_form="as-is")
    assert lines[-2:] == [
        "Rows reach the trainer as they are; it renders them itself.",
        "Longest row: 25 tokens as JSON text",
    ]


def test_rows_as_they_are_are_all_read(told: Forecast) -> None:
    with pytest.raises(MlccError, match="exactly"):
        told([{"n": [1]}, {"n": [10**30]}], row_form="as-is")
