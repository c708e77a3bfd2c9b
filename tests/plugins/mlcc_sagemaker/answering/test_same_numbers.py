"""The same rows and metrics give the same numbers on this machine and on the endpoint."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

import pytest

from mlcc_core import Answer, Prompt
from mlcc_engine import generate
from mlcc_sagemaker.parts.answering import EndpointAnswering
from tests.aws_account.hub import models
from tests.plugins.mlcc_sagemaker.answering.real_model import TINY, RealModel
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, make_context

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

pytest.importorskip("peft")

LONGEST = 12
ROWS = 40


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """An adapter that changes every reply."""
    import torch
    from peft import LoraConfig, get_peft_model

    model = generate.load(TINY).model
    torch.manual_seed(0)
    tuned = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear"))
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if "lora_" in name:
                weight.normal_(0, 1)
    tuned.peft_config["default"].base_model_name_or_path = TINY
    tuned.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


@pytest.fixture
def prompts() -> list[Prompt]:
    return [
        Prompt(
            (
                {"role": "system", "content": "Answer briefly."},
                {"role": "user", "content": f"How much is {n} + {n * n}?"},
            )
        )
        for n in range(ROWS)
    ]


def here(adapter: Path | None, prompts: list[Prompt]) -> list[Answer]:
    """Replies of the engine on this machine, in batches."""
    model = generate.load(TINY, adapter=adapter)
    replies = []
    for start in range(0, len(prompts), 8):
        batch = [prompt.messages for prompt in prompts[start : start + 8]]
        replies += model.reply(batch, LONGEST)
    return [Answer(reply.content, reply.tokens, reply.ended) for reply in replies]


def scores(answers: list[Answer], expected: list[str]) -> dict[str, float]:
    pairs = list(zip(answers, expected, strict=True))
    return {
        "exact_match": fmean(float(answer.text == text) for answer, text in pairs),
        "contains": fmean(float(text[:2] in answer.text) for answer, text in pairs),
        "length": fmean(float(answer.tokens) for answer in answers),
        "ended": fmean(float(answer.ended) for answer in answers),
    }


def test_the_same_numbers(account, platform, tmp_path, adapter, prompts):
    models.publish(account.hubs, (models.Model(TINY),))
    context = make_context(tmp_path, account, {"MODEL_ID": TINY})
    files = {file.name: file.read_bytes() for file in adapter.iterdir()}
    put(account, "tuned/checkpoints/hf/", files)
    platform.serving.deploy(context, None)
    platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/tuned")
    account.runtime.responder = RealModel(account, tmp_path / "served")

    answering = EndpointAnswering()
    subjects = [answering.find_subject(context, "tuned"), answering.base_subject(context, TINY)]
    with answering.open(context, subjects) as session:
        streams = [session.replies(subject, prompts, LONGEST) for subject in subjects]
        there = [[answer for _, answer in sorted(stream)] for stream in streams]
    local = [here(adapter, prompts), here(None, prompts)]

    assert there == local
    # Every other row expects the very reply, so that the numbers are neither 0 nor 1.
    expected = [a.text if n % 2 else "?!" for n, a in enumerate(local[0])]
    numbers = [[scores(answers, expected) for answers in both] for both in (there, local)]
    assert numbers[0] == numbers[1]
    assert numbers[0][0]["exact_match"] == 0.5
    assert numbers[0][0] != numbers[0][1]
    assert account.runtime.at_once > 1
    assert len(account.log.calls("InvokeEndpoint")) == 2 * ROWS
