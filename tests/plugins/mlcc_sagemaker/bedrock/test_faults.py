"""Faults, kills, quotas and names: one import, and one line that says what is wrong."""

from __future__ import annotations

import pytest

from mlcc_core.errors import ExitCode, MlccError, PlatformError
from mlcc_sagemaker.bedrock import importing
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import MODEL, put
from tests.plugins.mlcc_sagemaker.bedrock.conftest import begun, config_of, jobs, models
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN, make_context, set_variable

CONFIG = "out/model/checkpoints/hf_merged/config.json"


def deploy(platform, context, name="tuned-v1", weights=MODEL):
    platform.serving.deploy_to_notice(context, "bedrock", name, weights)
    return platform.serving.deploy_to(context, "bedrock", name, weights)


def refused(platform, context, **more):
    with pytest.raises(MlccError) as caught:
        deploy(platform, context, **more)
    assert "\n" not in caught.value.what
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("kind", ["lost", "cut", "truncated", "empty", "throttled", "failed"])
def test_one_import_whatever_becomes_of_the_answer(around, platform, stored, kind):
    stored.inject("CreateModelImportJob", kind)
    assert deploy(platform, around).status == "Imported"
    assert len(jobs(stored)) == 1


@pytest.mark.parametrize("kind", ["lost", "refused", "throttled", "failed"])
@pytest.mark.parametrize("operation", ["GetModelImportJob", "GetImportedModel"])
def test_looks_that_fail_are_made_again(around, platform, stored, operation, kind):
    stored.inject(operation, kind, times=2)
    assert deploy(platform, around).status == "Imported"
    assert len(jobs(stored)) == 1


def test_a_command_that_was_killed_is_gone_on_with(around, platform, stored):
    stored.imports.looks = 6
    job = begun(around)
    assert list(platform.serving.deploy_to_notice(around, "bedrock", "tuned-v1", MODEL)) == []
    assert deploy(platform, around).name == "tuned-v1"
    assert jobs(stored) == [job]
    assert any("Bedrock imports tuned-v1" in line for line in around.said)


def test_a_watched_import_goes_on_after_an_interruption(around, platform, stored, monkeypatch):
    def interrupted(seconds):
        raise KeyboardInterrupt

    stored.imports.looks = 4
    with monkeypatch.context() as patch:
        patch.setattr(importing.time, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            deploy(platform, around)
    assert deploy(platform, around).status == "Imported"
    assert len(jobs(stored)) == 1


def test_an_import_that_takes_too_long_is_told_still(around, platform, stored, monkeypatch):
    stored.imports.looks = 4
    monkeypatch.setattr(importing, "PATIENCE", 0.0)
    assert "has not ended" in refused(platform, around).what
    assert around.settings["BEDROCK_MODELS"] == "tuned-v1"
    assert [item.status for item in platform.serving.deployed(around)] == ["Importing"]


def test_an_import_that_cannot_be_looked_at_any_more_is_told_still(around, platform, stored):
    stored.imports.looks = 1000
    looks = len(stored.log.calls("GetModelImportJob"))
    stored.inject("GetModelImportJob", "denied", times=None, after=looks + 4)
    assert "GetModelImportJob" in refused(platform, around).what
    assert len(jobs(stored)) == 1
    assert around.settings["BEDROCK_MODELS"] == "tuned-v1"


def test_an_import_that_failed_is_named_no_longer(around, platform, stored):
    stored.imports.failure = "The weights do not fit to config.json."
    refused(platform, around)
    assert around.settings["BEDROCK_MODELS"] == ""


def test_a_failed_import_is_tried_again_by_the_next_command(around, platform, stored):
    stored.imports.failure = "Internal error, try again."
    error = refused(platform, around)
    assert error.exit_code == ExitCode.PLATFORM
    stored.imports.failure = ""
    assert deploy(platform, around).status == "Imported"
    first, second = jobs(stored)
    assert second == f"{first}-2"


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Access denied to s3://bucket/key.", ExitCode.PLATFORM),
        ("The quota of your account is exhausted.", ExitCode.PLATFORM),
        ("The weights do not fit to config.json.", ExitCode.INPUT),
    ],
)
def test_the_reason_says_whose_fault_it_is(around, platform, stored, reason, code):
    stored.imports.failure = reason
    error = refused(platform, around)
    assert error.exit_code == code
    assert reason in error.what


def test_a_name_with_other_weights(around, platform, stored):
    deploy(platform, around)
    put(
        stored,
        "out/model/",
        outputs.full_model(QWEN, "checkpoints/hf_merged/")
        | {"checkpoints/hf_merged/model.safetensors": outputs.safetensors({"w": (3, 3)})},
    )
    error = refused(platform, around)
    assert "The name 'tuned-v1' is taken by the imported model made of" in error.what
    assert len(jobs(stored)) == 1
    assert not platform.serving.holds(around, "tuned-v1", MODEL)


def test_a_name_of_another_project(around, platform, stored, tmp_path):
    deploy(platform, around)
    settings = {"IMPORT_ROLE_ARN": around.settings["IMPORT_ROLE_ARN"]}
    other = make_context(tmp_path, stored, settings, project="other")
    error = refused(platform, other)
    assert "by an imported model of the project 'demo'" in error.what
    other.settings["BEDROCK_MODELS"] = "tuned-v1"
    with pytest.raises(MlccError, match="belongs to the project 'demo'"):
        platform.serving.remove_adapter(other, "tuned-v1")
    assert models(stored) == ["tuned-v1"]


def test_a_name_under_which_something_is_imported_now(around, platform, stored, tmp_path):
    stored.imports.looks = 50
    begun(around)
    settings = {"IMPORT_ROLE_ARN": around.settings["IMPORT_ROLE_ARN"]}
    other = make_context(tmp_path, stored, settings, project="other")
    assert "makes a model of other weights under it" in refused(platform, other).what


def test_a_name_that_is_taken_between_the_look_and_the_call(around, platform, stored, importer):
    request = {
        "jobName": "theirs",
        "importedModelName": "tuned-v1",
        "roleArn": importer,
        "modelDataSource": {"s3DataSource": {"s3Uri": f"s3://{BUCKET}/out/model/"}},
    }
    stored.client("bedrock").create_model_import_job(**request)
    with pytest.raises(MlccError, match="The name 'tuned-v1' is taken in Bedrock"):
        importing.create(around, {**request, "jobName": "ours"})
    assert jobs(stored) == ["theirs"]


def test_quotas(around, platform, stored):
    stored.imports.most_models = 0
    error = refused(platform, around)
    assert around.settings["BEDROCK_MODELS"] == ""  # nothing was made, and nothing is named
    assert isinstance(error, PlatformError)
    assert "a quota of Bedrock is exhausted" in error.what


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"architectures": ["PhiForCausalLM"]}, "its architecture is PhiForCausalLM, expected"),
        ({"architectures": None}, "its architecture is not named in config.json"),
        ({"torch_dtype": "float8_e4m3fn"}, "its weights are float8_e4m3fn"),
        ({"quantization_config": {"quant_method": "awq"}}, "it is quantized (awq)"),
    ],
)
def test_models_that_bedrock_does_not_take(around, platform, stored, changes, what):
    put(stored, "", {CONFIG: config_of(**changes)})
    assert what in refused(platform, around).what
    assert stored.log.calls("CreateModelImportJob") == []


def test_a_model_without_a_tokenizer(around, platform, stored):
    s3 = stored.account.client("s3")
    s3.delete_object(Bucket=BUCKET, Key=CONFIG.replace("config.json", "tokenizer.json"))
    assert "its tokenizer is missing" in refused(platform, around).what


def test_a_region_without_imports(around, platform, stored):
    object.__setattr__(around, "settings", {**around.settings, "AWS_REGION": "eu-west-1"})
    error = refused(platform, around)
    assert "Bedrock imports no models in eu-west-1, expected one of us-east-1" in error.what
    assert stored.log.calls("CreateModelImportJob") == []


@pytest.mark.parametrize("name", ["a b", "a--b", "-a", "a" * 64, "demo-endpoint"])
def test_names_that_do_not_fit(around, platform, name):
    assert f"{name!r}" in refused(platform, around, name=name).what


@pytest.mark.parametrize("kind", ["denied", "failed", "refused"])
def test_endpoints_are_told_and_taken_down_whatever_bedrock_says(mlcc, stored, kind):
    assert mlcc("deploy", "--yes").code == 0
    for operation in ("ListImportedModels", "GetImportedModel", "ListModelImportJobs"):
        stored.inject(operation, kind, times=None)
    ran = mlcc("doctor")
    assert "endpoint demo-endpoint (InService)" in ran.out
    assert "Imported models of Bedrock are not looked for: Cannot list" in ran.err + ran.out
    set_variable(mlcc, ENDPOINT_NAME="another")
    ran = mlcc("undeploy", "--orphans", "--yes")
    assert ran.code == 0, ran
    assert "✅ Removed the endpoint demo-endpoint" in ran.out
