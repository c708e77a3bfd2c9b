"""What a job has cost: the service's seconds, of all its continuations, times its instances."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mlcc_core import JobState
from mlcc_sagemaker.instances.job.chain import Chain, Link
from mlcc_sagemaker.instances.money.after import DISCOUNTED
from mlcc_sagemaker.instances.platform import SageMakerJobs
from tests.plugins.mlcc_sagemaker.conftest import make_context
from tests.plugins.mlcc_sagemaker.money.published import GPU, publish_instance

NAME = "demo-sft-1a2b3c4d-1"


def spent(context, *seconds, count=1, spot=False):
    """The charges of a job whose links the service counts so many seconds of."""
    platform = SageMakerJobs()
    links = []
    for number, billed in enumerate(seconds, start=1):
        description = {
            "ResourceConfig": {"InstanceType": GPU, "InstanceCount": count},
            "CreationTime": datetime(2026, 11, 30, tzinfo=UTC),
            "EnableManagedSpotTraining": spot,
            **({} if billed is None else {"BillableTimeInSeconds": billed}),
        }
        links.append(Link(f"{NAME}-c{number}", description))
    platform.runner.known(NAME).chain = Chain(NAME, tuple(links))
    return platform.pricing.spent(context, JobState(NAME, "completed"))


def test_continuations_and_instances_are_counted(account, context):
    publish_instance(account, "1.5150000000")
    (charge,) = spent(context, 1800, None, 900, count=2)
    assert (charge.what, charge.quantity) == (f"training on 2 × {GPU}", 0.75)
    assert charge.cost == pytest.approx(0.75 * 2 * 9.1)
    assert charge.source.startswith("AWS price list, 20")


def test_a_job_that_never_got_an_instance_has_cost_nothing(account, context):
    assert spent(context, None) == ()


def test_spot_seconds_are_discounted_already(account, tmp_path):
    publish_instance(account, "1.5150000000")
    context = make_context(tmp_path, account, {"PRICE_PER_HOUR": "3"})
    (charge,) = spent(context, 3600, spot=True)
    assert charge.cost == pytest.approx(9.1)  # the price on demand, for fewer hours
    assert DISCOUNTED in charge.note


def test_your_price_of_instances_on_demand(account, tmp_path):
    context = make_context(tmp_path, account, {"PRICE_PER_HOUR": "3"})
    (charge,) = spent(context, 7200)
    assert (charge.cost, charge.source) == (6.0, "yours")
