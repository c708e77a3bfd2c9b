"""What is saved is what was trained, on a real model: once a technique."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import JobError
from mlcc_engine import generate
from mlcc_engine.model import models
from mlcc_engine.saving import kept as kept_update
from mlcc_engine.saving import output, proof
from mlcc_tokens.rendering import render
from mlcc_tokens.templates.chat import Chat
from mlcc_tokens.templates.trial import ids_of
from tests.libs.mlcc_engine.trainings import Train

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900)]

PLACES = ["France", "Japan", "Italy", "Egypt", "Spain", "Greece", "Peru", "Kenya"]
CAPITALS = ["Paris", "Tokyo", "Rome", "Cairo", "Madrid", "Athens", "Lima", "Nairobi"]
PAIRS = [
    {
        "prompt": f"What is the capital of {place}?",
        "completion": f"Ahoy! The capital of {place} be {capital}, me hearty. Fair winds!",
    }
    for place, capital in zip(PLACES, CAPITALS, strict=True)
]
CHOICES = [
    {
        "prompt": row["prompt"],
        "chosen": row["completion"],
        "rejected": f"The capital of {place} is {capital}.",
    }
    for row, place, capital in zip(PAIRS, PLACES, CAPITALS, strict=True)
]
HELD_OUT = "What is the capital of Norway?"


def log_likelihood(
    model: Any, chat: Chat, row: Mapping[str, str], column: str
) -> tuple[float, int]:
    """Of a reply, in nats, and its tokens; without any code of ours but the rendering."""
    import torch

    talk = {
        "prompt": [{"role": "user", "content": row["prompt"]}],
        column: [{"role": "assistant", "content": row[column]}],
    }
    (text,) = render(chat.tokenizer, [talk])
    ids = torch.tensor([ids_of(chat.tokenizer, text.prompt_with_each_reply[0])])
    start = len(ids_of(chat.tokenizer, text.prompt))
    with torch.inference_mode():
        chances = model(ids).logits.float().log_softmax(-1)
    told = chances[0, start - 1 : -1].gather(1, ids[0, start:, None])
    return float(told.sum()), len(told)


def loss_of(model: Any, chat: Chat) -> float:
    """The mean loss a token of the replies that were trained."""
    told = [log_likelihood(model, chat, row, "completion") for row in PAIRS]
    return -sum(nats for nats, _ in told) / sum(tokens for _, tokens in told)


def margin_of(model: Any, base: Any, chat: Chat) -> float:
    """The mean margin between chosen and rejected replies, in units of DPO's beta of 0.1."""

    def gained(row: Mapping[str, str], column: str) -> float:
        tuned, before = (log_likelihood(each, chat, row, column)[0] for each in (model, base))
        return tuned - before

    margins = [0.1 * (gained(row, "chosen") - gained(row, "rejected")) for row in CHOICES]
    return sum(margins) / len(margins)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a training ended with: its model as it was before it was saved."""
    found: dict[str, Any] = {}
    write = output.write

    def keep(model: Any, *args: Any) -> None:
        found["model"] = {name: weight.clone() for name, weight in model.state_dict().items()}
        write(model, *args)

    monkeypatch.setattr(output, "write", keep)
    return found


def load(folder: Path | str, dtype: Any = "auto") -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)


def nearest(weights: Mapping[str, Any], real_model: Path) -> Any:
    """The trained weights as rounding to the nearest would have saved them."""
    import torch

    return trained_model(weights, real_model).to(torch.bfloat16).float()


def trained_model(weights: Mapping[str, Any], real_model: Path) -> Any:
    import torch

    model = load(real_model, torch.float32)
    model.load_state_dict(weights)
    return model


def test_the_cache_is_in_bfloat16(real_model: Path) -> None:
    import torch

    assert load(real_model).dtype == torch.bfloat16


def test_full_rank_sft(train: Train, real_model: Path, kept: dict[str, Any]) -> None:
    import torch

    done = train(
        PAIRS,
        model=str(real_model),
        training_type="full-rank",
        hyperparameters={"max_steps": 6, "learning_rate": 2e-5, "global_batch_size": 4},
    )
    chat = models.load_tokenizer(str(done.output))
    ended = loss_of(trained_model(kept["model"], real_model), chat)
    base = loss_of(load(real_model, torch.float32), chat)
    assert ended < base / 2
    saved = load(done.output)
    assert saved.dtype == torch.bfloat16
    assert loss_of(saved.float(), chat) == pytest.approx(ended, rel=0.02)
    # What would be lost without care: rounded to the nearest, most of what was learned is gone.
    lost = nearest(kept["model"], real_model)
    assert loss_of(lost, chat) != pytest.approx(ended, rel=0.02)
    passages = proof.passages(Talks(PAIRS), chat)
    with pytest.raises(JobError, match="is not what was trained"):
        proof.compare(
            proof.losses(load(real_model, torch.float32), passages),
            proof.losses(trained_model(kept["model"], real_model), passages),
            proof.losses(lost, passages),
        )
    assert answer(done.output) != answer(real_model)


def test_full_rank_dpo(train: Train, real_model: Path, kept: dict[str, Any]) -> None:
    import torch

    done = train(
        CHOICES,
        model=str(real_model),
        trainer="trl:DPOTrainer",
        training_type="full-rank",
        hyperparameters={"max_steps": 6, "learning_rate": 5e-6, "global_batch_size": 2},
    )
    chat = models.load_tokenizer(str(done.output))
    base = load(real_model, torch.float32)
    ended = margin_of(trained_model(kept["model"], real_model), base, chat)
    assert ended > 0.02
    assert margin_of(load(done.output).float(), base, chat) == pytest.approx(ended, rel=0.02)
    lost = nearest(kept["model"], real_model)
    assert margin_of(lost, base, chat) < ended / 2
    told = [
        kept_update.sample(model)
        for model in (base, trained_model(kept["model"], real_model), lost)
    ]
    with pytest.raises(JobError, match="of the change by training is there"):
        kept_update.check(*told, torch.bfloat16)
    assert answer(done.output) != answer(real_model)


def test_one_step_at_a_tiny_rate_is_not_taken_for_a_loss(train: Train, real_model: Path) -> None:
    done = train(
        PAIRS,
        model=str(real_model),
        training_type="full-rank",
        hyperparameters={"max_steps": 1, "learning_rate": 1e-8, "global_batch_size": 1},
    )
    assert done.outcome.state == "completed"


def test_float32_on_demand(train: Train, real_model: Path, kept: dict[str, Any]) -> None:
    import torch

    done = train(
        PAIRS,
        model=str(real_model),
        training_type="full-rank",
        save_dtype="float32",
        hyperparameters={"max_steps": 1, "learning_rate": 2e-5, "global_batch_size": 1},
    )
    saved = load(done.output)
    assert saved.dtype == torch.float32
    for name, weight in saved.state_dict().items():
        assert torch.equal(weight, kept["model"][name]), name


class Talks(list[Any]):
    """Rows as the trainers have them."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        super().__init__(
            {
                "prompt": [{"role": "user", "content": row["prompt"]}],
                "completion": [{"role": "assistant", "content": row["completion"]}],
            }
            for row in rows
        )


def answer(folder: Path) -> str:
    return generate.ask(str(folder), HELD_OUT, longest=24)
