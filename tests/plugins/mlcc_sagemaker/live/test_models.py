"""The hub's models that can be tuned: listed, compared, added and tuned."""

from __future__ import annotations

import json

import pytest

from mlcc_core.errors import MlccError, PlatformError
from mlcc_sagemaker.live import models as live
from tests.aws_account.hub.models import Model, publish_one
from tests.aws_account.hub.recipes import BUCKET
from tests.plugins.mlcc_sagemaker.conftest import QWEN, make_context

pytest.importorskip("sagemaker.core")

NEW = Model("huggingface-vlm-qwen3-6-35b-a3b", engine="verl", gated=True, types={"SFT": ("lora",)})
TITLE = "Qwen3.6 35B A3B"
KINDS = ("throttled", "expired", "denied", "failed", "lost", "cut", "truncated", "empty", "page")


@pytest.fixture
def added(account):
    """A hub with one more model, and one of Amazon's own."""
    s3 = account.account.client("s3")
    for key, body in publish_one(account.hubs, NEW, TITLE).items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    publish_one(account.hubs, Model("nova-textgeneration-lite"))
    account.hubs.publish("huggingface-text2text-old", {"RecipeCollection": []})
    account.log.clear()
    return account


def test_every_model_with_recipes_is_listed(added, context, platform):
    found = {model.id: model for model in platform.live_models(context)}
    assert len(found) == 8
    assert found[NEW.id].name == TITLE
    assert found[NEW.id].techniques == {"sft": ("lora",)}
    assert (found[NEW.id].licence, found[NEW.id].vision_language) == (True, True)
    assert found[NEW.id].place == "SageMakerPublicHub of us-east-1"
    assert found["huggingface-llm-qwen2-5-72b-instruct"].techniques == {
        "sft": ("lora", "full-rank"),
        **dict.fromkeys(("dpo", "rlaif", "rlvr"), ("lora",)),
    }
    assert found[QWEN].licence is False
    assert found[QWEN].vision_language is None
    assert "1 Amazon Nova model left out" in context.said[0]
    names = added.log.names()
    assert names.count("sagemaker:ListHubContents") == 1
    assert names.count("sagemaker:DescribeHubContent") == 8


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:::sagemaker", "ignore:::omegaconf", "ignore:::antlr4")
def test_the_list_has_the_models_that_the_sdk_lists(added, context, platform):
    pytest.importorskip("sagemaker.train")
    from sagemaker.train import DPOTrainer, RLAIFTrainer, RLVRTrainer, SFTTrainer

    found = platform.live_models(context)
    trainers = {"sft": SFTTrainer, "dpo": DPOTrainer, "rlaif": RLAIFTrainer, "rlvr": RLVRTrainer}
    for technique, trainer in trainers.items():
        theirs = {name for name in trainer.list_supported_models() if "nova" not in name}
        assert {model.id for model in found if technique in model.techniques} == theirs


def test_every_page_is_read_and_not_without_end(added, context, platform, monkeypatch):
    monkeypatch.setattr(live, "PAGE", 2)
    assert len(platform.live_models(context)) == 8
    assert added.log.names().count("sagemaker:ListHubContents") == 5
    monkeypatch.setattr(live, "PAGES", 3)
    with pytest.raises(PlatformError, match="there are more than 6"):
        platform.live_models(context)


@pytest.mark.parametrize(
    "name", ["no-such-model", "Qwen/Qwen3-0.6B", "", "nova-textgeneration-lite"]
)
def test_one_model_is_asked_for_alone(added, context, platform, name):
    assert platform.live_model(context, name) is None
    assert len(added.log.calls()) <= 1
    added.log.clear()
    assert platform.live_model(context, NEW.id).techniques == {"sft": ("lora",)}
    assert added.log.names() == ["sagemaker:DescribeHubContent"]


def test_a_hub_that_is_not_there(account, platform, tmp_path):
    context = make_context(tmp_path, account, {"SAGEMAKER_HUB_NAME": "mine"})
    with pytest.raises(MlccError, match="There is no hub mine in us-east-1"):
        platform.live_models(context)


def test_a_document_that_is_none_names_its_model(account, context, platform):
    account.hubs.publish("odd", [1], keywords=["@recipe:finetuning_sft_lora"])
    with pytest.raises(PlatformError, match="document of odd is not a JSON object"):
        platform.live_models(context)


@pytest.mark.slow
def test_a_model_is_found_added_and_tuned(added, ready):
    tune = ("tune", "--technique", "sft", "--dataset", "s3://data/train.jsonl", "--accept-eula")
    refused = ready(*tune, "--model", NEW.id)
    assert refused.code == 1
    assert "SageMakerPublicHub of us-east-1 has it: sft (lora)." in refused.err
    hint = f"mlcc catalog add {NEW.id}"
    assert hint in refused.err
    assert "catalog add" not in ready(*tune, "--model", "no-such-model").err
    found = json.loads(ready("catalog", "list", "--discover", "--json").out)["discovered"]
    assert [model["id"] for model in found] == [NEW.id]
    assert ready(*hint.split()[1:]).code == 0
    assert ready("catalog", "validate").code == 0
    differences = json.loads(ready("catalog", "diff", "--json").out)["differences"]
    assert NEW.id not in {each["model"] for each in differences}
    changed = {d["model"]: d["changes"] for d in differences if d["state"] == "changed"}
    assert changed == {"huggingface-vlm-qwen3-5-4b": ["- dpo (lora, full-rank)"]}
    ran = ready(*tune, "--model", NEW.id, "--poll-interval", "0.01")
    assert ran.code == 0, ran
    sent = added.log.only("CreateTrainingJob").params["ServerlessJobConfig"]
    assert sent["BaseModelArn"].endswith(f"/Model/{NEW.id}/1.0.0")


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["ListHubContents", "DescribeHubContent"])
def test_a_list_that_cannot_be_read_is_told(account, platform, tmp_path, operation):
    context = make_context(tmp_path, account, {"AWS_MAX_ATTEMPTS": "1"})
    for kind in KINDS:
        fault = account.inject(operation, kind, times=None)
        with pytest.raises(PlatformError):
            platform.live_models(context)
        assert fault.struck
        account.faults.clear()
        assert len(platform.live_models(context)) == 7


@pytest.mark.slow
def test_a_list_that_cannot_be_read_is_one_line(account, mlcc):
    account.inject("ListHubContents", "denied", times=None)
    for words in (("diff",), ("list", "--discover"), ("add", "x")):
        ran = mlcc("catalog", *words)
        assert ran.code == 3, ran
        assert ran.err.count("❌") == 1
        assert "sagemaker:ListHubContents is missing" in ran.err
