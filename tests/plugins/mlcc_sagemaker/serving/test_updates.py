"""Other weights in place: swapped, refused, put back where they fail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mlcc_core.errors import MlccError, PlatformError
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER, MODEL, archive, put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN, make_context

BETTER = f"s3://{BUCKET}/better"


class Once(dict):
    """Reasons for failures that happen once."""

    def get(self, name):
        return self.pop(name, None)


@pytest.fixture
def tuned(served, context, platform):
    """An adapter that is deployed, and another one in S3."""
    put(served, "better/", outputs.adapter(QWEN, rank=16, under=""))
    put(served, "better-model/", outputs.full_model(QWEN, ""))
    added = platform.serving.add_adapter(context, "tuned", ADAPTER)
    served.log.clear()
    return added


def artifact(account, name="tuned"):
    return account.components.components[name]["Specification"]["Container"]["ArtifactUrl"]


def test_an_adapter_gets_other_weights_under_its_name(served, context, platform, tuned):
    updated = platform.serving.update(context, "tuned", BETTER)
    assert updated.source == artifact(served) != tuned.source
    assert updated.status == "InService"
    assert served.log.only("UpdateInferenceComponent").params == {
        "InferenceComponentName": "tuned",
        "Specification": {
            "BaseInferenceComponentName": "demo-endpoint-base",
            "Container": {"ArtifactUrl": updated.source},
        },
    }
    assert platform.serving.holds(context, "tuned", BETTER)
    assert not platform.serving.holds(context, "tuned", ADAPTER)
    assert not platform.serving.holds(context, "other", BETTER)


def test_an_archive_of_the_users_own_that_was_replaced(served, context, platform, tuned):
    """Its content is another one under the same address."""
    uri, files = f"s3://{BUCKET}/out/a.tar.gz", outputs.adapter(QWEN, under="")
    put(served, "out/", {"a.tar.gz": archive(files)})
    served.clock.forward(60)
    assert platform.serving.update(context, "tuned", uri).source == uri
    assert platform.serving.holds(context, "tuned", uri)
    served.components.components["tuned"]["LastModifiedTime"] -= timedelta(minutes=5)
    assert not platform.serving.holds(context, "tuned", uri)
    assert platform.serving.update(context, "tuned", uri).source == uri


def test_a_whole_model_gets_other_weights(served, context, platform, tuned):
    platform.serving.add_component(context, "whole", MODEL)
    assert platform.serving.holds(context, "whole", f"{MODEL}/")
    updated = platform.serving.update(context, "whole", f"{BETTER}-model")
    assert not platform.serving.holds(context, "whole", MODEL)
    assert (updated.kind, updated.source) == ("model", f"{BETTER}-model/")
    with pytest.raises(MlccError, match="a LoRA adapter, not a full model"):
        platform.serving.update(context, "whole", BETTER)
    with pytest.raises(MlccError, match="a full model, not a LoRA adapter"):
        platform.serving.update(context, "tuned", f"{BETTER}-model")


def test_what_cannot_be_updated(served, context, platform, tuned, tmp_path):
    with pytest.raises(MlccError, match="Unknown adapter"):
        platform.serving.update(context, "tunde", BETTER)
    other = make_context(tmp_path, served, project="other")
    with pytest.raises(MlccError, match="Unknown adapter"):
        platform.serving.update(other, "tuned", BETTER)
    with pytest.raises(MlccError, match="is the base model") as caught:
        platform.serving.update(context, "demo-endpoint-base", BETTER)
    assert caught.value.hint == f"mlcc deploy --force-ic --model-data {BETTER}"
    with pytest.raises(MlccError, match="holds no LoRA adapter"):
        platform.serving.update(context, "tuned", f"s3://{BUCKET}/nothing")
    assert served.log.writing() == []


def test_weights_that_do_not_load_are_taken_back(served, context, platform, tuned):
    served.changes.failures = Once(tuned="the rank is too high")
    with pytest.raises(PlatformError) as caught:
        platform.serving.update(context, "tuned", BETTER)
    assert caught.value.what == (
        "The inference component tuned is Failed: the rank is too high. "
        "The weights from before serve again."
    )
    assert "Its log: https://" in caught.value.detail[0]
    assert artifact(served) == tuned.source
    assert served.components.serves("tuned")


def test_weights_that_sagemaker_took_back_itself(served, context, platform, tuned):
    served.changes.failures["tuned"] = "the rank is too high"
    served.changes.rolls_back = True
    with pytest.raises(PlatformError) as caught:
        platform.serving.update(context, "tuned", BETTER)
    assert caught.value.what == (
        "The new weights of tuned did not load: the rank is too high. Those from before serve on."
    )
    assert artifact(served) == tuned.source


def test_nothing_helps(served, context, platform, tuned):
    served.changes.failures["tuned"] = "the disk is full"
    with pytest.raises(PlatformError, match="could not be put back") as caught:
        platform.serving.update(context, "tuned", BETTER)
    assert caught.value.hint.startswith("mlcc adapter remove tuned")


@pytest.mark.parametrize("kind", ["lost", "failed", "denied"])
def test_an_update_whose_answer_is_lost_or_that_is_refused(served, context, platform, tuned, kind):
    served.inject("UpdateInferenceComponent", kind)
    if kind == "denied":
        with pytest.raises(PlatformError, match="access denied"):
            platform.serving.update(context, "tuned", BETTER)
        assert artifact(served) == tuned.source
    else:
        assert platform.serving.update(context, "tuned", BETTER).source != tuned.source
