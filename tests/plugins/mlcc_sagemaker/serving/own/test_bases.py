"""Adapters and models on such a base: only what belongs to it, asked and compared as always."""

from __future__ import annotations

import json

import pytest

from mlcc_core.actions.chat.listening import listen
from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.contract.platform.chatting import Sampling
from mlcc_core.errors import MlccError, PlatformError
from mlcc_sagemaker.serving.own.names import contradicts, same_model
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN
from tests.plugins.mlcc_sagemaker.serving.own.conftest import FILES, IN_S3, TINY, adapter_of

CATALOG = {"hub-qwen": "Qwen/Qwen3-0.6B"}


@pytest.fixture
def names(project):
    """The surroundings of a catalog with one model."""
    context = project()
    ids = {hub_id.casefold(): name for name, hub_id in CATALOG.items()}
    object.__setattr__(context, "catalog_id", lambda name: ids.get(name.casefold(), name))
    object.__setattr__(context, "hub_id", CATALOG.get)
    return context


@pytest.mark.parametrize(
    ("trained_on", "serves", "wrong"),
    [
        (TINY, TINY, False),
        ("ORG/Tiny", TINY, False),
        ("mirror/tiny", TINY, False),
        ("org/other", TINY, True),
        ("hub-qwen", TINY, True),
        ("Qwen/Qwen3-0.6B", "hub-qwen", False),
        ("unsloth/Qwen3-0.6B", "hub-qwen", False),
        ("org/other", "hub-qwen", True),
        ("another-model", "hub-qwen", True),
        ("s3://b/models/base", "s3://b/models/base/", False),
        ("s3://b/models/base/checkpoints/hf_merged/", "s3://b/models/base", False),
        ("s3://b/models/base", "s3://b/models/other", True),
        ("s3://b/models/base", "s3://b/models/base-2", True),
        (f"{TINY}@{'a' * 40}", TINY, False),
        ("s3://b/models/base", TINY, False),
        (TINY, "s3://b/models/tiny/", False),
        ("/opt/ml/input/data/model", TINY, False),
        ("", TINY, False),
        (TINY, "", False),
    ],
)
def test_an_adapter_belongs_to_its_base(names, trained_on, serves, wrong):
    assert contradicts(names, trained_on, serves) is wrong


def test_names_of_one_model(names):
    assert same_model(names, "qwen/qwen3-0.6b", "hub-qwen")
    assert same_model(names, f"{TINY}@main", TINY)
    assert same_model(names, "s3://b/k", "s3://b/k/")
    assert not same_model(names, TINY, "s3://b/k")


@pytest.mark.parametrize(("model", "base"), [(TINY, TINY), (IN_S3, IN_S3), (IN_S3, TINY)])
def test_adapter_and_model_are_put_beside_it_and_asked(account, project, platform, model, base):
    context = project(model)
    put(account, "out/on-it/", adapter_of(base))
    platform.serving.deploy(context, None)
    added = platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/on-it")
    assert (added.kind, added.status) == ("adapter", "InService")
    platform.serving.add_component(context, "whole", f"s3://{BUCKET}/out/model")
    whole = account.log.calls("CreateModel")[-1].params["PrimaryContainer"]
    assert whole["Environment"]["HF_MODEL_ID"] == "/opt/ml/model"
    assert "HF_REVISION" not in whole["Environment"]
    kept = platform.serving.update(context, "whole", f"s3://{BUCKET}/out/model")
    assert kept.status == "InService"
    base_subject = platform.answering.base_subject(context, model)
    assert platform.answering.find_subject(context, model) == base_subject
    assert platform.answering.find_subject(context, "tuned").output.kind == "adapter"
    prints = {
        base_subject.fingerprint,
        platform.answering.find_subject(context, "tuned").fingerprint,
        platform.answering.find_subject(context, "whole").fingerprint,
    }
    assert len(prints) == 3
    assert platform.serving.base_command(context, model) is None
    assert platform.serving.holds(context, "tuned", f"s3://{BUCKET}/out/on-it")


def test_an_adapter_of_another_base(account, project, platform):
    context = project()
    platform.serving.deploy(context, None)
    account.log.clear()
    put(account, "out/other/", adapter_of("org/other"))
    with pytest.raises(MlccError) as caught:
        platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/other")
    assert caught.value.what.endswith(f"belongs to org/other, the project deploys {TINY}.")
    assert caught.value.hint == "set MODEL_ID=org/other in do/config, and deploy it"
    assert account.log.writing() == []


def test_an_adapter_of_too_high_a_rank(account, project, platform):
    context = project()
    platform.serving.deploy(context, None)
    put(account, "out/high/", adapter_of(TINY, rank=256))
    put(account, "out/low/", adapter_of(TINY))
    with pytest.raises(MlccError, match="has the rank 256, the deployed base takes") as caught:
        platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/high")
    assert caught.value.hint == "mlcc deploy --max-lora-rank 256"
    platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/low")
    with pytest.raises(MlccError, match="has the rank 256"):
        platform.serving.update(context, "tuned", f"s3://{BUCKET}/out/high")
    platform.serving.deploy(project(max_lora_rank=256), None)
    platform.serving.update(context, "tuned", f"s3://{BUCKET}/out/high")
    put(account, "out/highest/", adapter_of(TINY, rank=1024))
    with pytest.raises(MlccError) as caught:
        platform.serving.add_adapter(context, "more", f"s3://{BUCKET}/out/highest")
    assert caught.value.hint == "tune with a lower --lora-rank"


def test_a_model_that_the_role_may_not_read(account, project, platform):
    account.bucket("elsewhere", {f"tiny/{name}": data for name, data in FILES.items()})
    allowed = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": allowed}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = account.identity.add_role("mlcc-tune-ExecutionRole-narrow", policy)
    context = project("s3://elsewhere/tiny/", settings={"ROLE_ARN": role})
    account.log.clear()
    with pytest.raises(PlatformError) as caught:
        platform.serving.deploy_notice(context, None)
    assert caught.value.where == "MODEL_ID"
    assert "may not read s3://elsewhere/tiny/" in caught.value.what
    assert (caught.value.hint or "").startswith("set TUNE_DATASET_BUCKETS=elsewhere in do/config")
    assert account.log.writing() == []


def test_a_catalog_model_is_served_as_before(account, project, platform):
    platform.serving.deploy(project(QWEN, instance=""), None)
    base = account.log.only("CreateInferenceComponent").params["Specification"]
    assert "StartupParameters" not in base
    container = account.log.only("CreateModel").params["PrimaryContainer"]
    assert "OPTION_MAX_MODEL_LEN" not in container["Environment"]


def test_it_talks(account, project, platform):
    context = project()
    platform.serving.deploy(context, None)
    subject = platform.answering.deployed_base(context, TINY)
    prompt = Prompt([{"role": "user", "content": "2 + 2 ="}])
    with platform.answering.open_chat(context, [subject]) as talk:
        (spoken,) = listen([lambda: talk.reply(subject, prompt, Sampling(max_new_tokens=8))])
    assert spoken.in_words == "demo-endpoint-base says: 2 + 2 ="
