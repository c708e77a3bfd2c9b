"""The same rows and metrics give the same numbers on this machine and on the endpoint."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from statistics import fmean

import pytest

from mlcc_core import Answer, Context, Prompt, Sample, Sampling, Subject
from mlcc_engine import generate
from mlcc_local import Local
from mlcc_metrics.contains import Contains
from mlcc_metrics.ended import Ended
from mlcc_metrics.exact_match import ExactMatch, ExactMatchStrict
from mlcc_metrics.length import Length
from tests.aws_account.hub import models
from tests.plugins.mlcc_sagemaker.answering.real_model import TINY, RealModel
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, make_context

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

if find_spec("peft") is None:  # not imported here, which takes seconds wherever tests are listed
    pytest.skip("peft is not installed", allow_module_level=True)

LONGEST = 12
ROWS = 40
METRICS = (ExactMatch(), ExactMatchStrict(), Contains(), Length(), Ended())


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


def ask(answering, context: Context, subjects: list[Subject], prompts: list[Prompt]):
    """The answers of each model, in the order of the prompts."""
    with answering.open(context, subjects) as session:
        return [
            [answer for _, answer in sorted(session.replies(subject, prompts, LONGEST))]
            for subject in subjects
        ]


def measured(answers: list[Answer], prompts: list[Prompt], expected: list[str]):
    """The values of metrics that need replies alone, by row."""
    samples = [
        Sample(
            prompt.messages,
            text,
            reply=answer.text,
            reply_tokens=answer.tokens,
            ended=answer.ended,
        )
        for prompt, text, answer in zip(prompts, expected, answers, strict=True)
    ]
    return {metric.name: list(metric.score(samples)) for metric in METRICS}


def test_the_same_numbers(account, platform, tmp_path, adapter, prompts):
    models.publish(account.hubs, (models.Model(TINY),))
    context = make_context(tmp_path, account, {"MODEL_ID": TINY})
    files = {file.name: file.read_bytes() for file in adapter.iterdir()}
    put(account, "tuned/checkpoints/hf/", files)
    platform.serving.deploy(context, None)
    platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/tuned")
    account.runtime.responder = RealModel(account, tmp_path / "served")
    there = [
        platform.answering.find_subject(context, "tuned"),
        platform.answering.base_subject(context, TINY),
    ]
    local = Local().answering
    here = [local.find_subject(context, str(adapter)), local.base_subject(context, TINY)]

    remote_answers = ask(platform.answering, context, there, prompts)
    local_answers = ask(local, context, here, prompts)

    assert remote_answers == local_answers
    # Every other row expects the very reply, so that the numbers are neither 0 nor 1.
    expected = [a.text if n % 2 else "?!" for n, a in enumerate(local_answers[0])]
    numbers = [
        [measured(answers, prompts, expected) for answers in both]
        for both in (remote_answers, local_answers)
    ]
    assert numbers[0] == numbers[1]
    assert fmean(numbers[0][0]["exact_match_strict"]) == 0.5
    assert numbers[0][0] != numbers[0][1]
    assert account.runtime.at_once > 1
    assert len(account.log.calls("InvokeEndpoint")) == 2 * ROWS
    # Conversations say the same.
    with platform.answering.open_chat(context, there) as chat:
        for subject, answers in zip(there, remote_answers, strict=True):
            *pieces, end = chat.reply(subject, prompts[0], Sampling(max_new_tokens=LONGEST))
            said = "".join(piece.text for piece in pieces if not piece.thought)
            assert Answer(said, end.tokens, end.ended) == answers[0]
