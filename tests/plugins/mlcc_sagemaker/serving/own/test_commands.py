"""The commands of a project whose model is of the Hub: deployed, asked, compared, taken down."""

from __future__ import annotations

import json

import pytest

from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, set_variable
from tests.plugins.mlcc_sagemaker.installed import make_installable
from tests.plugins.mlcc_sagemaker.serving.own.conftest import IN_S3, TINY, adapter_of
from tests.plugins.mlcc_sagemaker.serving.test_deploy_faults import killed_at

ROWS = "".join(
    json.dumps({"prompt": f"{n} + 1 =", "completion": f"{n + 1}"}) + "\n" for n in range(5)
)

LASTING = ("denied", "expired")
"""Faults that strike every time."""


@pytest.fixture
def shell(mlcc):
    """The project of ``mlcc``, for a model of the user's own."""

    def prepare(model, platform):
        set_variable(mlcc, MODEL_ID=model, PLATFORM=platform)
        return mlcc

    return prepare


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "platform"),
    [
        (TINY, "sagemaker_jobs"),
        pytest.param(IN_S3, "sagemaker_jobs", marks=pytest.mark.full),
        pytest.param(TINY, "sagemaker", marks=pytest.mark.full),
    ],
)
def test_the_commands_in_their_order(account, shell, tmp_path, model, platform):
    pytest.importorskip("sagemaker.core")
    mlcc = shell(model, platform)
    put(account, "out/on-it/", adapter_of(model))
    attributes = {"regionCode": "us-east-1", "instanceName": "ml.g6.2xlarge"}
    account.prices.publish("AmazonSageMaker", {**attributes, "component": "Hosting"}, "1.2221")
    refused = mlcc("deploy", "--yes")
    assert refused.code == 1, refused
    assert f"❌ INSTANCE_TYPE: No instance is named to serve {model}" in refused.err
    assert account.log.writing() == []
    hint = refused.err.rpartition("💡")[2].strip() or refused.err
    assert "mlcc deploy --instance-type ml.g6.2xlarge" in hint
    ran = mlcc("deploy", "--yes", "--instance-type", "ml.g6.2xlarge")
    assert ran.code == 0, ran
    assert "$1.22" in ran.out + ran.err
    assert "export INSTANCE_TYPE=ml.g6.2xlarge" in mlcc.config.read_text()
    ran = mlcc("adapter", "add", "tuned", "--weights", f"s3://{BUCKET}/out/on-it")
    assert ran.code == 0, ran
    ran = mlcc("test", "2 + 2 =", "--adapter", "tuned")
    assert ran.code == 0, ran
    assert "answers differently" in ran.out
    rows = tmp_path / "rows.jsonl"
    rows.write_text(ROWS)
    ran = mlcc(
        *("evaluate", "tuned", "--dataset", str(rows), "--metric", "exact_match"),
        *("--technique", "sft"),
    )
    assert ran.code == 0, ran
    assert "demo-endpoint" in mlcc("doctor").out
    ran = mlcc("undeploy", "--yes")
    assert ran.code == 0, ran
    assert (account.components.components, account.serving.endpoints) == ({}, {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("CreateModel", "denied"),
        ("UpdateInferenceComponent", "lost"),
        *(
            pytest.param(operation, kind, marks=pytest.mark.full)
            for operation in ("CreateModel", "CreateEndpoint", "UpdateInferenceComponent")
            for kind in ("lost", "cut", "throttled", "denied", "expired")
        ),
    ],
)
def test_a_fault_ends_in_a_line_and_one_endpoint(account, shell, operation, kind):
    mlcc = shell(TINY, "sagemaker_jobs")
    assert mlcc("deploy", "--yes", "--instance-type", "ml.g6.2xlarge").code == 0
    if operation != "UpdateInferenceComponent":
        assert mlcc("undeploy", "--yes").code == 0
    account.log.clear()
    account.inject(f"sagemaker:{operation}", kind, times=None if kind in LASTING else 1)
    ran = mlcc("deploy", "--yes", "--max-model-len", "2048")
    assert "Traceback" not in ran.out + ran.err
    assert (ran.code == 0) == (kind not in LASTING), ran
    assert len(account.serving.endpoints) <= 1
    if account.serving.endpoints and ran.code:
        assert "costs money by the hour until you run: mlcc undeploy" in ran.out + ran.err
    account.log.clear()
    assert mlcc("undeploy", "--yes").code == 0
    assert account.serving.endpoints == {}


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.timeout(600)
def test_killed_at_each_thing_that_is_created(account, shell, tmp_path):
    mlcc = shell(TINY, "sagemaker_jobs")
    site = make_installable(tmp_path / "site")
    words = ("deploy", "--yes", "--instance-type", "ml.g6.2xlarge")
    for operation in (
        *("CreateModel", "CreateEndpointConfig", "CreateEndpoint"),
        "CreateInferenceComponent",
    ):
        killed_at(mlcc, account, site, operation, *words)
        if account.serving.endpoints:
            assert "💰 endpoint demo-endpoint" in mlcc("runs", "list").out
    assert mlcc(*words).code == 0
    killed_at(mlcc, account, site, "UpdateInferenceComponent", *words, "--max-lora-rank", "256")
    assert mlcc("deploy", "--yes").code == 0
    assert [*account.serving.endpoints] == ["demo-endpoint"]
    assert [*account.components.components] == ["demo-endpoint-base"]
