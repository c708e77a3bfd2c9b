"""The loop with its prices: told before money, at the question, in the record, and what stands."""

from __future__ import annotations

import json
import re

import pytest

from tests.aws_account.services.foundations import NOVA
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import set_variable
from tests.plugins.mlcc_sagemaker.money.published import publish_instance, publish_tokens
from tests.plugins.mlcc_sagemaker.test_whole_loop import assert_request, deploy_and_ask, tune

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")

HOURLY = "endpoint ml.g5.2xlarge: $1.515 an hour (AWS price list, "
REMINDER = "The deployment on sagemaker costs $1.515 an hour since "
TRAINED = re.compile(r"tokens trained on: 0\.\d+ million tokens × \$2\.00 \(yours\) = \$0\.00\d+")
CHARGED = "spent: tokens charged: 0.001024 million tokens × $2.00 (yours) = $0.002"
MANAGED = ("--managed", "--poll-interval", "0.01")
QUESTIONS = {
    "dpo": lambda n: {"prompt": f"{n} + 9 =", "chosen": str(n + 9), "rejected": "0"},
    "rlvr": lambda n: {
        "prompt": [{"role": "user", "content": f"{n} + 9 ="}],
        "reference_answer": str(n + 9),
    },
}


@pytest.fixture
def priced(mlcc, account, in_cache):
    """Runs commands where endpoints and a judge have a price, and trainings one of yours."""
    account.jobs.course = courses.at_once()
    publish_instance(account, "1.5150000000")
    publish_tokens(account, "NovaPro-input-tokens", amount="0.0008")
    publish_tokens(account, "NovaPro-output-tokens", "Output tokens", amount="0.0032")
    set_variable(mlcc, PRICE_PER_MILLION_TOKENS="2", PRICE_PER_HOUR="12")

    def command(*words):
        ran = mlcc(*words)
        assert ran.code == 0, ran
        return ran.err + ran.out

    command.config, command.asked = mlcc.config, mlcc
    return command


@pytest.fixture
def rows(tmp_path, request):
    """Words that name a file of 40 rows that no run was trained on."""
    path = tmp_path / "questions.jsonl"
    make = QUESTIONS[request.param]
    path.write_text("".join(json.dumps(make(n)) + "\n" for n in range(40)))
    return ("--dataset", str(path))


def managed(account):
    """What kind of evaluation each job was, of those that were created."""
    jobs = [call.params for call in account.log.calls("CreateTrainingJob")]
    found = [job["ServerlessJobConfig"].get("EvaluationType") for job in jobs]
    return sorted(filter(None, found))


@pytest.mark.parametrize("rows", ["dpo"], indirect=True)
def test_from_sft_to_dpo_and_away(priced, account, rows):
    planned = TRAINED.search(
        priced("tune", "s3://data/sft.jsonl", "--technique", "sft", "--dry-run")
    )
    assert planned is not None
    assert account.log.calls("CreateTrainingJob") == []
    told = tune(priced.asked, account, "sft")
    assert f"💰 {CHARGED}" in told.out
    assert TRAINED.search(told.err)
    assert "$0.002" in priced("runs", "list")

    asked = priced.asked("deploy")
    assert asked.code == 1
    assert f"💰 {HOURLY}" in asked.err
    priced("deploy", "--yes", "--expires", "4h", "--max-cost", "20")
    assert REMINDER in priced("adapter", "add", "first", "--from-tune", "sft")

    [first] = account.jobs.all()
    assert tune(priced.asked, account, "dpo", "--from-tune", "sft").code == 0
    second = account.jobs.all()[-1]
    assert_request(account, second.request, "dpo", source=first.record["OutputModelPackageArn"])
    deploy_and_ask(priced.asked, account, "dpo", second.name, lora=True)

    priced("evaluate", "dpo", *MANAGED, "--benchmark", "mmlu")
    judged = priced("evaluate", "dpo", *MANAGED, "--judge", NOVA, *rows)
    assert managed(account) == ["BenchmarkEvaluation"] * 4 + ["LLMAJEvaluation"] * 2
    for word, price in (("read", "$0.80"), ("written", "$3.20")):
        line = f"judge {NOVA}, tokens {word}, for base: {price} a million tokens (AWS price list, "
        assert f"💰 {line}" in judged
    shown = priced("runs", "show", "dpo")
    assert TRAINED.search(shown)
    assert f"💰 {CHARGED}" in shown
    assert "accuracy 0.5 → 0.625, better (difference +" in shown
    assert "by 95 %; benchmark mmlu)" in shown
    assert "correctness 0.5 → 1, better" in shown

    for words in (("doctor",), ("runs", "list")):
        said = priced(*words)
        assert f"   {HOURLY}" in said
        assert "holds: demo-endpoint-base, first" in said
    assert "it costs nothing any more" in priced("undeploy", "--yes")
    said = priced("doctor")
    assert "demo-endpoint is not deployed" in said
    assert "💰" not in said
    assert "💰" not in priced("runs", "list")
    assert json.loads(priced("runs", "list", "--json"))["standing"] == []
    assert (account.components.components, account.serving.endpoints) == ({}, {})
    assert account.trap.hosts == []


@pytest.mark.parametrize("rows", ["rlvr"], indirect=True)
def test_the_reward_of_the_run_scores_in_jobs(priced, account, rows):
    ran = tune(priced.asked, account, "rlvr")
    assert "💰 training: $12.00 an hour (yours); how many is not known yet" in ran.err
    [job] = account.jobs.all()
    said = priced("evaluate", "rlvr", *MANAGED, "--metric", "reward", *rows)
    assert managed(account) == ["CustomScorerEvaluation"] * 2
    scorers = {
        call.params["ServerlessJobConfig"]["EvaluatorArn"]
        for call in account.log.calls("CreateTrainingJob")
    }
    assert scorers == {job.request["ServerlessJobConfig"]["EvaluatorArn"]}
    assert "better, by aggregate reward score 0 → 1 on 40 rows" in said
    assert "the price is not known" in said
    shown = priced("runs", "show", "rlvr")
    assert "💰 planned: training: $12.00 an hour (yours)" in shown
    assert "aggregate reward score 0 → 1, better" in shown
    assert account.serving.endpoints == {}, "neither took an endpoint"
    assert account.trap.hosts == []
