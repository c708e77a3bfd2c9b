"""Jobs are charged by tokens or by the hour, as the hub says, at a price that the user names."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from mlcc_core import Charge, DatasetRef, JobState, ManagedSpec, Request, TokenAmount
from mlcc_core.actions.money.bill import Bill
from mlcc_core.errors import MlccError
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import DATA, QWEN, make_context, make_order
from tests.plugins.mlcc_sagemaker.money.published import QWEN_JUDGE, publish_judge

COUNTED = TokenAmount(2_000_000, 100, 20, 1_800_000, 2_200_000, QWEN)
TO_NAME = (
    "To name yours: set PRICE_PER_MILLION_TOKENS in do/config, or pass --price-per-million-tokens "
    "USD."
)


def charges(platform, context, spec, tokens=COUNTED, **job):
    """Of a job, with further members of the request."""
    request = platform.runner.build_request(context, spec)
    if job:
        request = replace(
            request, body={"CreateTrainingJob": {**request.body["CreateTrainingJob"], **job}}
        )
    return platform.pricing.of_job(context, spec, request, tokens)


@pytest.mark.parametrize("technique", ["sft", "dpo"])
def test_tokens_are_counted_once_an_epoch(account, context, platform, technique):
    (charge,) = charges(platform, context, make_order(account, technique))
    assert charge == Charge(
        "tokens trained on",
        "million tokens",
        6.0,
        5.4,
        6.6,
        note=f"2,000,000 tokens of 100 rows × 3 epochs. {TO_NAME}",
    )


def test_the_recipes_own_epochs_count_where_none_are_given(account, context, platform):
    (charge,) = charges(platform, context, make_order(account, hyperparameters={}))
    assert charge.quantity == 4.0


def test_full_rank_is_looked_up_as_well(account, context, platform):
    (charge,) = charges(platform, context, make_order(account, training_type="full-rank"))
    assert charge.unit == "million tokens"


def test_your_price_comes_from_flag_or_variable(account, context, tmp_path, platform):
    spec = make_order(account)
    set_in_config = make_context(tmp_path, account, {"PRICE_PER_MILLION_TOKENS": "2.5"})
    flag = replace(spec, options={"price_per_million_tokens": 4.0})
    note = "2,000,000 tokens of 100 rows × 3 epochs."
    (of_config,) = charges(platform, set_in_config, spec)
    (of_flag,) = charges(platform, set_in_config, flag)
    assert (of_config.price, of_config.source, of_config.note) == (2.5, "yours", note)
    assert (of_flag.price, of_flag.cost, of_flag.most) == (4.0, 24.0, pytest.approx(26.4))


@pytest.mark.parametrize("text", ["cheap", "-1", "nan", "inf", "2,50"])
def test_a_price_that_is_none_is_said(account, tmp_path, platform, text):
    context = make_context(tmp_path, account, {"PRICE_PER_MILLION_TOKENS": text})
    (charge,) = charges(platform, context, make_order(account))
    assert charge.price is None
    assert f"PRICE_PER_MILLION_TOKENS is {text!r}, expected a number of at least 0" in charge.note


def test_rows_that_are_held_out_are_said_not_to_count(account, context, platform):
    data = DatasetRef(DATA, "f1", 12, validation="s3://data/validation.jsonl")
    (charge,) = charges(platform, context, make_order(account, dataset=data))
    assert "Those of the rows that are held out are not counted." in charge.note


def test_a_plan_before_staging_has_a_price_too(account, context, platform):
    (charge,) = charges(platform, context, make_order(account, dataset=None))
    assert charge.quantity == 6.0


def test_tokens_that_could_not_be_counted(account, context, platform):
    (charge,) = charges(platform, context, make_order(account), tokens=None)
    assert charge.quantity is None
    assert charge.note == f"The tokens of the rows could not be counted. {TO_NAME}"


def test_reinforcement_is_charged_by_the_hour(account, context, platform):
    (charge,) = charges(platform, context, make_order(account, "rlvr"))
    assert (charge.unit, charge.quantity, charge.high, charge.price) == ("hour", None, None, None)
    assert charge.note.startswith("How many hours a job takes is not known before. To name yours:")
    assert "PRICE_PER_HOUR" in charge.note


def test_a_job_that_is_stopped_after_a_while_has_an_upper_end(account, tmp_path, platform):
    context = make_context(tmp_path, account, {"PRICE_PER_HOUR": "3"})
    stopping = {"StoppingCondition": {"MaxRuntimeInSeconds": 7200}}
    (charge,) = charges(platform, context, make_order(account, "rlvr"), **stopping)
    assert (charge.cost, charge.most) == (None, 6.0)
    assert charge.note == "How many hours a job takes is not known before. It is stopped after 2 h."
    Bill((charge,)).hold_to(6.0, "mlcc tune")
    with pytest.raises(MlccError, match=r"may cost \$6.00, more than --max-cost 5"):
        Bill((charge,)).hold_to(5.0, "mlcc tune")
    (endless,) = charges(platform, context, make_order(account, "rlvr"))
    with pytest.raises(MlccError, match="cannot be kept"):
        Bill((endless,)).hold_to(1e9, "mlcc tune")


def test_a_judge_is_charged_besides(account, context, platform):
    publish_judge(account)
    spec = make_order(account, "rlaif")
    spec = replace(spec, evaluator=replace(spec.evaluator, settings={"judge_model": QWEN_JUDGE}))
    training, read, written = charges(platform, context, spec)
    assert training.unit == "hour"
    assert (read.price, written.price) == (0.15, 0.6)


@pytest.mark.parametrize("meters", [(), ("Hourly", "Token-based"), ("Weekly",)])
def test_a_hub_without_one_meter_leaves_it_open(account, context, platform, meters):
    request = platform.runner.build_request(context, make_order(account))
    put_recipes(
        account,
        *(
            {"CustomizationTechnique": "SFT", "Peft": "LORA", "ServerlessMeteringType": meter}
            for meter in meters
        ),
    )
    (charge,) = platform.pricing.of_job(context, make_order(account), request, COUNTED)
    assert charge == Charge(
        "training job",
        "job",
        1,
        note="The hub does not say by what it is charged.",
        maybe_published=True,
    )


VERSIONS = count(2)


def put_recipes(account, *recipes):
    """Let the hub have a newer version of the model, with these recipes alone."""
    document = {"RecipeCollection": list(recipes)}
    account.hubs.publish(QWEN, document, version=f"{next(VERSIONS)}.0.0")


def test_a_hub_that_cannot_be_asked_is_said(account, context, platform):
    spec = make_order(account)
    request = platform.runner.build_request(context, spec)
    account.inject("DescribeHubContent", "denied")
    (charge,) = platform.pricing.of_job(context, spec, request, COUNTED)
    assert charge.price is None
    assert "sagemaker:DescribeHubContent is missing" in charge.note


def evaluation(kind: str, **hyperparameters: str) -> Request:
    """As the SDK's pipelines send it."""
    return Request(
        {
            "CreateTrainingJob": {
                "ServerlessJobConfig": {"JobType": "Evaluation", "EvaluationType": kind},
                "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
                "HyperParameters": hyperparameters,
            }
        }
    )


def of_evaluation(platform, context, request):
    spec = ManagedSpec("demo", "benchmark", QWEN)
    return platform.pricing.of_evaluation(context, spec, request, None)


KINDS = ("BenchmarkEvaluation", "CustomScorerEvaluation", "LLMAJEvaluation")


@pytest.mark.parametrize("kind", KINDS)
def test_an_evaluation_is_charged_as_the_hub_says(account, tmp_path, platform, kind):
    context = make_context(
        tmp_path, account, {"PRICE_PER_MILLION_TOKENS": "2", "PRICE_PER_HOUR": "3"}
    )
    (unknown,) = of_evaluation(platform, context, evaluation(kind))
    assert (unknown.what, unknown.price) == ("evaluation job", None)
    put_recipes(account, {"Type": "Evaluation", "ServerlessMeteringType": "Token-based"})
    (tokens,) = of_evaluation(platform, context, evaluation(kind))
    assert (tokens.unit, tokens.quantity, tokens.price) == ("million tokens", None, None)
    put_recipes(account, {"Type": "Evaluation", "ServerlessMeteringType": "Hourly"})
    (hours,) = of_evaluation(platform, context, evaluation(kind))
    assert (hours.unit, hours.high, hours.price) == ("hour", 24.0, None)


def test_the_judge_of_an_evaluation_is_charged_besides(account, context, platform):
    publish_judge(account)
    request = evaluation("LLMAJEvaluation", judge_model_id=QWEN_JUDGE)
    _, read, written = of_evaluation(platform, context, request)
    assert (read.price, written.price) == (0.15, 0.6)


def test_what_was_charged_is_the_services_own_count(account, tmp_path, platform):
    context = make_context(tmp_path, account, {"PRICE_PER_MILLION_TOKENS": "2"})
    account.jobs.course = courses.at_once()
    request = platform.runner.build_request(context, make_order(account))
    platform.runner.submit(context, "demo-1", request)
    state = platform.runner.describe(context, "demo-1")
    assert state.billable_tokens
    assert state.details["billable tokens"] == f"{state.billable_tokens:,}"
    (charge,) = platform.pricing.spent(context, state)
    assert charge.quantity == state.billable_tokens / 1e6
    assert (charge.price, charge.source) == (2.0, "yours")


def test_nothing_is_said_where_the_service_tells_nothing(context, platform):
    assert platform.pricing.spent(context, JobState("demo-1", "completed")) == ()


def test_a_price_of_what_was_charged_is_named_in_the_project(context, platform):
    state = JobState("demo-1", "completed", billable_tokens=1)
    (charge,) = platform.pricing.spent(context, state)
    assert charge.note == "To name yours: set PRICE_PER_MILLION_TOKENS in do/config."
