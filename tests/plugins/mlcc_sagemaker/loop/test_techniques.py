"""From ``tune`` to ``undeploy``, over HTTP with the real clients, for every technique."""

from __future__ import annotations

import pytest

from tests.plugins.mlcc_sagemaker.loop.steps import assert_request, deploy_and_ask, tune

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")


@pytest.mark.parametrize("training_type", ["lora", "full-rank"])
@pytest.mark.parametrize("technique", ["sft", "dpo", "rlvr", "rlaif"])
def test_the_loop(mlcc, account, technique, training_type):
    lora = training_type == "lora"
    ran = tune(mlcc, account, technique, "--training-type", training_type)
    assert ran.code == 0, ran
    request = account.log.only("CreateTrainingJob").params
    assert_request(account, request, technique, lora)
    job = request["TrainingJobName"]
    assert account.jobs[job].status == "Completed"
    assert mlcc("deploy", "--yes").code == 0
    deploy_and_ask(mlcc, account, technique, job, lora)
    gone = mlcc("undeploy", "--yes")
    assert gone.code == 0, gone
    assert (account.components.components, account.serving.endpoints) == ({}, {})
    assert account.trap.hosts == []
