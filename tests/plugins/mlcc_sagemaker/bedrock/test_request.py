"""The request of an import, in full, beside the one that the SageMaker SDK sends."""

from __future__ import annotations

import sys

import pytest

from mlcc_sagemaker.aws.account import import_role_of
from mlcc_sagemaker.bedrock.importing import Import, request_of
from mlcc_sagemaker.bedrock.weights.placing import Placed
from mlcc_sagemaker.request.options.values import Surroundings
from tests.plugins.mlcc_sagemaker.artifacts import MODEL
from tests.plugins.mlcc_sagemaker.bedrock.conftest import begun

URI = f"{MODEL}/checkpoints/hf_merged/"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"


def by_key(tags):
    return {tag["key"]: tag["value"] for tag in tags}


def test_the_request_in_full(around, stored, importer):
    job = begun(around)
    sent = dict(stored.log.only("CreateModelImportJob").params)
    tags = by_key(sent.pop("importedModelTags"))
    assert by_key(sent.pop("jobTags")) == tags
    digest = tags.pop("mlcc:weights")
    assert len(digest) == 16
    assert tags == {
        "mlcc:project": "demo",
        "mlcc:architecture": "LlamaForCausalLM",
        "sagemaker.amazonaws.com/model-source": URI,
    }
    assert job.startswith("mlcc-tuned-v1-")
    assert sent == {
        "jobName": job,
        "importedModelName": "tuned-v1",
        "roleArn": importer,
        "modelDataSource": {"s3DataSource": {"s3Uri": URI}},
        "clientRequestToken": job,
    }


def test_a_key_and_a_network_are_sent_and_make_another_job(around):
    network = Surroundings(kms_key=KEY, subnets=("subnet-1",), security_groups=("sg-1",))
    order, plain = Import("tuned-v1", "d", network), Import("tuned-v1", "d")
    placed, role = Placed("s3://b/odd!name/", "LlamaForCausalLM"), import_role_of(around)
    request = request_of(around, order, order.stem(around), placed, role)
    assert request["importedModelKmsKeyId"] == KEY
    assert request["vpcConfig"] == {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
    assert "sagemaker.amazonaws.com/model-source" not in by_key(request["jobTags"])
    assert order.stem(around) != plain.stem(around)


def test_names_of_jobs_fit_whatever_the_model_is_called(around):
    long = Import("a" * 39 + "-" + "b" * 23, "d").stem(around)
    assert len(f"{long}-100") <= 63
    assert "--" not in long


DIFFERENCES = {
    "jobName": "ours follows from what is imported, so that the same command finds it again; the "
    "SDK's has the time",
    "clientRequestToken": "ours is the job's name: a lost answer, tried again, makes one job; the "
    "SDK sends none of its own",
    "tags": "ours say whose the model is, of which weights and which architecture",
}


@pytest.mark.slow
def test_the_sdk_sends_the_same_but_for_what_is_listed(
    around, stored, importer, monkeypatch, tmp_path
):
    pytest.importorskip("sagemaker.serve")
    begun(around, "ours")
    [ours] = stored.log.calls("CreateModelImportJob")
    stored.imports.clear()
    stored.imports.looks = 0
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    from sagemaker.serve import bedrock_model_builder as sdk

    monkeypatch.setattr(sdk, "_BEDROCK_API_LOG_DIR", str(tmp_path / "logs"))
    sdk.BedrockModelBuilder(model=URI).deploy(imported_model_name="ours", role_arn=importer)
    theirs = stored.log.calls("CreateModelImportJob")[-1]
    assert stored.trap.hosts == []
    ours, theirs = dict(ours.params), dict(theirs.params)
    different = {name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)}
    assert different == {
        *("jobName", "clientRequestToken", "jobTags", "importedModelTags", "modelDataSource"),
    }
    # The SDK leaves the slash out at the end of a folder that it was given itself.
    assert ours["modelDataSource"]["s3DataSource"]["s3Uri"].rstrip("/") == (
        theirs["modelDataSource"]["s3DataSource"]["s3Uri"].rstrip("/")
    )
    for tags in ("jobTags", "importedModelTags"):
        assert by_key(theirs[tags]).items() <= by_key(ours[tags]).items()
    assert set(DIFFERENCES) == {"jobName", "clientRequestToken", "tags"}


def test_the_sdk_is_not_imported_for_an_import(around):
    begun(around)
    assert "sagemaker.serve" not in sys.modules or "sagemaker" in sys.modules
