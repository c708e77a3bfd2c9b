"""Prices of imported models: before the import, while they stand, and where none is published."""

from __future__ import annotations

import json

import pytest

from mlcc_sagemaker.bedrock.prices import import_charges, standing_charges
from tests.plugins.mlcc_sagemaker.artifacts import MODEL

TO = ("deploy", "--to", "bedrock", "--model-data", MODEL, "--name", "tuned-v1", "--yes")


@pytest.fixture(autouse=True)
def no_kept_prices(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def publish(account, family="Llama", version="v1:0", use="0.05718", storage="1.95"):
    for kind, amount, unit in (
        ("Inference", use, "Custom Model Unit per Min"),
        ("Storage", storage, "Model/month"),
    ):
        usage = f"USE1-{family}-CustomModelImport-{kind}-{version}"
        about = {"regionCode": "us-east-1", "feature": "Custom Model Import", "usagetype": usage}
        account.prices.publish("AmazonBedrock", about, amount, unit=unit)


def test_the_price_is_told_before_and_while_it_stands(project, stored):
    publish(stored)
    publish(stored, family="OSS", use="0.1433", storage="9.99")
    ran = project(*TO)
    assert ran.code == 0, ran
    assert "💰 storage of the model: $1.95 a custom model unit and month (AWS price list" in ran.err
    window = "💰 each copy, in windows of 5 minutes while it is asked: $0.2859 a custom model unit"
    assert window in ran.err
    assert "Bedrock tells at the import how many units the model has." in ran.err
    out = project("doctor").out
    assert "storage, 2 custom model units: $0.00534247 an hour" in out
    assert "each copy of 2 custom model units while it is asked: $0.5718 a window of 5 min" in out
    [thing] = json.loads(project("runs", "list", "--json").out)["standing"]
    assert (thing["name"], thing["kind"], thing["current"]) == ("tuned-v1", "imported model", True)


def test_a_limit_that_cannot_be_kept(project, stored):
    publish(stored)
    ran = project(*TO, "--max-cost", "5")
    assert ran.code == 1
    assert "--max-cost 5 cannot be kept: the cost is not known" in ran.err
    assert stored.log.calls("CreateModelImportJob") == []


def test_no_price_is_published(project, stored):
    ran = project(*TO)
    assert "💰 storage of the model: no price is published" in ran.err


def test_families_and_versions_are_told_apart(around, stored):
    publish(stored)
    publish(stored, version="v2:0", use="0.1433")
    first, second = standing_charges(around, "LlamaForCausalLM", 2, "v2.0")
    assert (first.unit, round(second.price, 4)) == ("hour", 1.433)
    _, use = import_charges(around, "LlamaForCausalLM")
    assert "several prices" in use.note
    storage, _ = import_charges(around, None)
    assert "depends on the architecture" in storage.note
