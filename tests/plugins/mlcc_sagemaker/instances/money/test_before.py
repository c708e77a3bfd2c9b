"""Jobs are charged by the hour of their instances, up to the hour at which they are stopped."""

from __future__ import annotations

import pytest

from mlcc_core import Charge, Request
from mlcc_sagemaker.instances.money.before import NOT_COUNTED, job_charges
from tests.plugins.mlcc_sagemaker.conftest import make_context
from tests.plugins.mlcc_sagemaker.money.published import GPU, publish_instance

NAME_YOURS = "To name yours: set PRICE_PER_HOUR in do/config, or pass --price-per-hour USD."


def request(count=1, runs=86_400, waits=None):
    job = {
        "ResourceConfig": {"InstanceType": GPU, "InstanceCount": count, "VolumeSizeInGB": 100},
        "StoppingCondition": {"MaxRuntimeInSeconds": runs},
    }
    if waits is not None:
        job["EnableManagedSpotTraining"] = True
        job["StoppingCondition"]["MaxWaitTimeInSeconds"] = waits
    return Request({"CreateTrainingJob": job})


def test_the_price_of_training_and_not_that_of_serving(account, context):
    publish_instance(account, "1.5150000000")
    (charge,) = job_charges(context, request(count=2), {})
    assert charge == Charge(
        f"training on 2 × {GPU}",
        "hour",
        high=24.0,
        price=2 * 9.1,
        source=charge.source,
        note="How many hours a job takes is not known before. It is stopped after 24 h at the "
        f"latest. {NOT_COUNTED}",
    )
    assert charge.source.startswith("AWS price list, 20")
    assert charge.cost is None
    assert charge.most == pytest.approx(24 * 2 * 9.1)


def test_no_price_is_published(account, context):
    (charge,) = job_charges(context, request(), {})
    assert charge.price is None
    assert f"The AWS price list has no price of {GPU} in us-east-1. {NAME_YOURS}" in charge.note


def test_yours_beats_the_list(account, tmp_path):
    publish_instance(account, "1.5150000000")
    context = make_context(tmp_path, account, {"PRICE_PER_HOUR": "3"})
    (charge,) = job_charges(context, request(), {})
    assert (charge.price, charge.source) == (3.0, "yours")
    (charge,) = job_charges(context, request(), {"price_per_hour": 2.5})
    assert (charge.price, charge.source) == (2.5, "yours")


def test_spot_instances_have_no_published_price(account, context):
    publish_instance(account, "1.5150000000")
    (charge,) = job_charges(context, request(waits=172_800), {})
    assert charge.what == f"training on {GPU} (spot)"
    assert (charge.price, charge.high, charge.maybe_published) == (None, 48.0, False)
    assert "AWS publishes no price of spot instances for training; on demand" in charge.note
    assert f"{GPU} is $9.1 an hour (AWS price list, 20" in charge.note
    assert NAME_YOURS in charge.note
    (charge,) = job_charges(context, request(waits=172_800), {"price_per_hour": 3.0})
    assert (charge.price, charge.source, charge.most) == (3.0, "yours", 48 * 3.0)


def test_a_list_that_cannot_be_asked_is_no_error(account, context):
    account.inject("pricing:GetProducts", "denied", times=None)
    (charge,) = job_charges(context, request(), {})
    assert charge.price is None
    assert charge.maybe_published
    assert "pricing:GetProducts" in charge.note
