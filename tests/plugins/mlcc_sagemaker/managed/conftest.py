"""A run that completed, and the specs of evaluations of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlcc_core.contract.job import DatasetRef, Output
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.options import Evaluator, EvaluatorKind
from tests.aws_account.services.foundations import NOVA
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN, make_order

RUN = "demo-sft-0badcafe-1"
ROWS = "s3://data/rows.jsonl"
QUESTIONS = [
    {"system": "Be brief.", "query": "2 + 2 =", "response": "4", "category": "sums"},
    {"query": "It's 3, isn't it?", "response": "yes"},
    {"query": "2 + 2 =", "response": "4"},
    {"query": "2 + 2 =", "response": "4"},
]


@pytest.fixture
def tuned(account, context, platform):
    """The account with a run of SFT that completed, and rows to ask its model."""
    lines = "".join(f"{json.dumps(row)}\n" for row in QUESTIONS)
    account.account.client("s3").put_object(Bucket="data", Key="rows.jsonl", Body=lines)
    account.jobs.course = courses.at_once()
    train(account, context, platform, RUN)
    account.log.clear()
    return account


def train(account, context, platform, name, training_type="lora"):
    """Run a training job until it has completed."""
    given = {"max_epochs": 1, "learning_rate": 5e-05}
    spec = make_order(account, training_type=training_type, hyperparameters=given)
    platform.runner.submit(context, name, platform.runner.build_request(context, spec))
    assert platform.runner.describe(context, name).status == "completed"


def make_spec(kind, *, base=False, **changes):
    """A spec of an evaluation of the run, or of the base model beside it."""
    dataset = DatasetRef(ROWS, "f1", len(QUESTIONS))
    more = {
        "benchmark": {"benchmark": "mmlu"},
        "scorer": {"evaluator": scorer("prime_math"), "dataset": dataset},
        "judge": {"judge": NOVA, "dataset": dataset},
        "replies": {"dataset": dataset},
    }[kind]
    spec = ManagedSpec("demo", kind, QWEN, RUN, Output("adapter", f"s3://{BUCKET}/x"), **more)
    if base:
        spec = replace(spec, job=None, output=None)
    return replace(spec, **changes)


def scorer(value, kind=EvaluatorKind.FUNCTION):
    return Evaluator(kind, value, "--metric", {}, "--metric")


def evaluate(platform, context, spec, name="demo-eval-0badcafe-1"):
    """Run an evaluation to its end as the core does, with the job that comes before it."""
    part = platform.managed
    spec = part.check(context, spec)
    if (first := part.before(spec)) is not None:
        evaluate(platform, context, first, f"{name}-replies")
        spec = replace(spec, replies=f"{name}-replies")
    platform.runner.submit(context, name, part.build_request(context, spec))
    state = platform.runner.describe(context, name)
    assert state.status == "completed", state
    assert state.reported is None
    return spec


@pytest.fixture
def run(mlcc, account):
    """A run of SFT that completed."""
    account.jobs.course = courses.at_once()
    ran = mlcc("tune", "s3://data/sft.jsonl", "--technique", "sft", "--json")
    assert ran.code == 0, ran
    account.log.clear()
    return json.loads(ran.out)["job"]
