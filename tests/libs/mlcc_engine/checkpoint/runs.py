"""Trainings that are cut off, and the same ones without a break."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlcc_core import Progress
from mlcc_engine import api
from mlcc_engine.job_result import JobResult
from mlcc_engine.listener import Listener
from tests.libs.mlcc_engine.rl import DIGITS
from tests.libs.mlcc_engine.trainings import FACTS, write_rows


class CutOff(BaseException):
    """The end of a process, as far as a training can tell."""


def supervised(folder: Path, cache: Path, **changes: Any) -> dict[str, Any]:
    """A training of 24 steps: LoRA with dropout, shuffled, two forward passes a step."""
    return request(
        folder,
        cache,
        [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()],
        trainer="trl:SFTTrainer",
        lora={"lora_dropout": 0.1},
        hyperparameters={"num_train_epochs": 12, "global_batch_size": 4},
        settings={"per_device_train_batch_size": 2, "gradient_accumulation_steps": 2},
        **changes,
    )


def preferred(folder: Path, cache: Path, **changes: Any) -> dict[str, Any]:
    """A training of 10 steps of the whole model on pairs, whose reference is the base."""
    return request(
        folder,
        cache,
        [
            {"prompt": prompt, "chosen": reply, "rejected": "No idea."}
            for prompt, reply in FACTS.items()
        ],
        trainer="trl:DPOTrainer",
        training_type="full-rank",
        hyperparameters={"num_train_epochs": 5, "global_batch_size": 4},
        **changes,
    )


def sampled(folder: Path, cache: Path, **changes: Any) -> dict[str, Any]:
    """A training of 15 steps on replies that the model samples, two steps for each of them."""
    rewards = folder / "digits.py"
    rewards.write_text(DIGITS, encoding="utf-8")
    return request(
        folder,
        cache,
        [{"prompt": prompt} for prompt in FACTS],
        trainer="trl:GRPOTrainer",
        evaluator={"kind": "function", "value": str(rewards)},
        settings={"num_generations": 4, "num_iterations": 2},
        hyperparameters={
            "num_train_epochs": 3,
            "global_batch_size": 2,
            "max_completion_length": 8,
        },
        **changes,
    )


def request(folder: Path, cache: Path, rows: list[Any], **fields: Any) -> dict[str, Any]:
    """The request of a training whose output goes beside its job's folder."""
    body = {
        "job": "test",
        "technique": "test",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": write_rows(folder / "rows.jsonl", rows),
        "output": str(folder / "output"),
        "cache": str(cache),
        "checkpoint_every": "never",
    }
    return body | fields


def train(body: dict[str, Any], job: Path) -> JobResult:
    """Train to the end."""
    result = api.run(body, job)
    assert result.state == "completed", (result.reason, result.hint)
    return result


def train_until(
    body: dict[str, Any], job: Path, step: int, act: Callable[[], object] | None = None
) -> JobResult | None:
    """Train, and have something happen after ``step``: by default, the end of the process."""

    def told(progress: Progress) -> None:
        if progress.step != step:
            return
        if act is None:
            raise CutOff
        act()

    try:
        return api.train(body, job, Listener(on_progress=told))
    except CutOff:
        return None


def weights(output: str | Path) -> list[bytes]:
    """The bytes of the weights in an output folder."""
    return [file.read_bytes() for file in sorted(Path(output).glob("*.safetensors"))]


def logged(job: Path) -> list[dict[str, Any]]:
    """The lines of progress with numbers, but for times."""
    lines = [json.loads(line) for line in (job / "progress.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("time")
        line["metrics"].pop("step_time", None)
    return [line for line in lines if line["metrics"] or "loss" in line]


def warned(job: Path) -> list[str]:
    """What people were warned of."""
    file = job / "warnings.txt"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
