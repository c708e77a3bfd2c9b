"""``mlcc evaluate`` on SageMaker: a tuned adapter and its base, on the held-out rows of the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from threading import Event

import pytest

from mlcc_sagemaker.parts.answering import WORKERS
from tests.aws_account.serving.runtime import reply
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")

HELD_OUT = 40
PROGRAM = "import sys; from mlcc_core.cli.main import run; sys.exit(run(sys.argv[1:]))"


@pytest.fixture
def tuned(deployed, account):
    """A run of SFT with held-out rows; its name."""
    rows = [{"prompt": f"How much is {n} + 1?", "completion": str(n + 1)} for n in range(200)]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    account.account.client("s3").put_object(Bucket="data", Key="sums.jsonl", Body=data)
    ran = deployed(
        *("tune", "--technique", "sft", "--dataset", "s3://data/sums.jsonl"),
        *("--validation", str(HELD_OUT), "--poll-interval", "0.01"),
    )
    assert ran.code == 0, ran
    return account.log.only("CreateTrainingJob").params["TrainingJobName"]


@pytest.fixture
def added(deployed, account, tuned):
    """The run's adapter deployed; before, it cannot be asked."""
    ran = deployed("evaluate")
    assert ran.code == 1, ran
    assert f"❌ The output of the run {tuned} is not deployed on the endpoint" in ran.err
    assert f"./do/adapter add NAME --from-tune {tuned}" in ran.err
    ran = deployed("adapter", "add", "tuned-sft", "--from-tune")
    assert ran.code == 0, ran
    account.runtime.responder = learned
    account.log.clear()
    return tuned


def learned(component, document):
    """The tuned adapter knows sums; the base says something about every question."""
    if component != "tuned-sft":
        return reply(component, document)
    question = document["messages"][-1]["content"]
    number = int(question.removeprefix("How much is ").removesuffix(" + 1?"))
    message = {"role": "assistant", "content": str(number + 1)}
    return {"choices": [{"message": message, "finish_reason": "stop"}]}


def asked(account):
    calls = account.log.calls("InvokeEndpoint")
    return Counter(c.params["InferenceComponentName"] for c in calls if c.status == 200)


def test_a_tuned_adapter_is_better_than_its_base(deployed, account, added):
    ran = deployed("evaluate", "--metric", "exact_match", "--require", "better")
    assert ran.code == 0, ran
    assert f"📋 {2 * HELD_OUT} requests to the endpoint demo-endpoint ({added}, base)" in ran.err
    assert f"at most {2 * HELD_OUT * 256:,} of replies" in ran.err
    assert f"{added} against base: better, by Exact match 0 → 1 on {HELD_OUT} rows." in ran.out
    assert asked(account) == {"tuned-sft": HELD_OUT, "demo-endpoint-base": HELD_OUT}
    calls = account.log.calls("InvokeEndpoint")[:HELD_OUT]
    assert len({call.params["InferenceComponentName"] for call in calls}) == 2  # at the same time
    account.log.clear()
    again = deployed("evaluate", "--metric", "exact_match", "--require", "better")
    assert again.code == 0, again
    assert asked(account) == {}  # all answers are stored
    lacking = deployed("evaluate", "--metric", "loss")
    assert lacking.code == 1, lacking
    assert "mlcc runs show RUN" in lacking.err
    assert asked(account) == {}
    assert account.trap.hosts == []


def test_another_adapter_under_the_same_name_is_asked_anew(deployed, account, added):
    words = ("evaluate", "tuned-sft", "--dataset", "s3://data/sums.jsonl", "--technique", "sft")
    more = ("--metric", "exact_match", "--samples", "20")
    first = deployed(*words, *more)
    assert first.code == 0, first
    assert asked(account) == {"tuned-sft": 20, "demo-endpoint-base": 20}
    for command in (("remove", "tuned-sft"), ("add", "tuned-sft", "--from-tune")):
        assert deployed("adapter", *command).code == 0
    account.log.clear()
    second = deployed(*words, *more)
    assert second.code == 0, second
    assert asked(account) == {"tuned-sft": 20}


def test_an_endpoint_that_goes_away_half_way(deployed, account, added):
    """The answers so far are kept, and only the others are asked again."""
    answered = []
    record = account.components.components["tuned-sft"]

    def answer(component, document):
        answered.append(component)
        if len(answered) == 25:
            account.components.components.pop("tuned-sft")
        return learned(component, document)

    account.runtime.responder = answer
    account.inject("InvokeEndpoint", "throttled", times=12, after=5)
    ran = deployed("evaluate", "--metric", "exact_match")
    assert ran.code == 3, ran
    assert 1 <= ran.err.count("AWS throttles requests") <= 2  # once for each model
    [line] = [line for line in ran.err.splitlines() if line.startswith("❌")]
    assert "'tuned-sft' does not answer on the endpoint demo-endpoint" in line
    account.components.components["tuned-sft"] = record
    again = deployed("evaluate", "--metric", "exact_match")
    assert again.code == 0, again
    times = asked(account)
    assert times["tuned-sft"] == HELD_OUT
    assert HELD_OUT <= times["demo-endpoint-base"] <= HELD_OUT + WORKERS  # those under way


def test_a_judge_of_the_account(deployed, account, added):
    put(account, "out/judge/", outputs.adapter(QWEN, rank=16, under=""))
    weights = f"s3://{BUCKET}/out/judge"
    assert deployed("adapter", "add", "judge", "--weights", weights).code == 0

    def answer(component, document):
        if component == "judge":
            return {"choices": [{"message": {"content": "A"}, "finish_reason": "stop"}]}
        return learned(component, document)

    account.runtime.responder = answer
    words = ("evaluate", "--metric", "judge", "--samples", "20", "--judge")
    ran = deployed(*words, "judge")
    assert ran.code == 0, ran
    both_orders = 2 * 20
    assert asked(account) == {"tuned-sft": 20, "demo-endpoint-base": 20, "judge": both_orders}
    unknown = deployed(*words, "nobody")
    assert "'nobody' is neither an inference component nor an endpoint" in unknown.err


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_what_was_answered_before_the_end_is_not_asked_again(deployed, account, added, ending):
    """The endpoint hangs at the end: Ctrl-C does not wait for it."""
    hangs = Event()

    def answer(component, document):
        if sum(asked(account).values()) >= 50:
            hangs.wait(60)
        time.sleep(0.02)
        return learned(component, document)

    account.runtime.responder = answer
    process = start(deployed.project, "evaluate", "--metric", "exact_match")
    try:
        while process.poll() is None and sum(asked(account).values()) < 50:
            time.sleep(0.01)
        os.killpg(process.pid, ending)
        out, err = process.communicate(timeout=100)
    finally:
        hangs.set()
    assert process.returncode == (130 if ending is signal.SIGINT else -ending), (out, err)
    assert "Traceback" not in out + err
    account.traffic.settle()
    account.log.clear()
    account.runtime.responder = learned
    again = deployed("evaluate", "--metric", "exact_match", "--require", "better")
    assert again.code == 0, again
    in_flight = 2 * WORKERS  # of each model, of which it answers or has answered as many
    assert sum(asked(account).values()) <= 2 * HELD_OUT - 50 + in_flight


def start(project, *words):
    folders = [folder for folder in sys.path if folder]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        env={**os.environ, "MLCC_PROJECT": str(project), "PYTHONPATH": ":".join(folders)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
