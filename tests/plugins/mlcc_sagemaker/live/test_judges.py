"""Judges of a region: the SDK's table, AWS's list, and what Bedrock still serves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlcc_core.errors import MlccError, PlatformError
from mlcc_sagemaker.live.judges import KEY, listed_judges
from mlcc_sagemaker.live.known_judges import DEFAULT, REGIONS_BY_JUDGE
from tests.aws_account.services.foundations import EVALUATION, judges_bucket, judges_document
from tests.plugins.mlcc_sagemaker.conftest import make_context, make_order, role_of, set_variable

pytest.importorskip("sagemaker.core")

LISTED = "anthropic.claude-sonnet-4-6"
BUCKET = judges_bucket("us-east-1")
KINDS = ("throttled", "expired", "denied", "failed", "lost", "cut", "truncated", "empty", "page")


def order(account, judge=None):
    spec = make_order(account, "rlaif")
    settings = {"judge_model": judge} if judge else {}
    return replace(spec, evaluator=replace(spec.evaluator, settings=settings))


def put_list(account, body):
    account.account.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=body)


@pytest.mark.slow
def test_the_table_is_the_sdks():
    constants = pytest.importorskip("sagemaker.train.constants")
    theirs = {judge: set(regions) for judge, regions in constants._ALLOWED_REWARD_MODEL_IDS.items()}
    assert {judge: set(regions) for judge, regions in REGIONS_BY_JUDGE.items()} == theirs


@pytest.mark.slow
def test_the_list_is_the_one_that_the_sdk_reads(account, context):
    theirs = pytest.importorskip("sagemaker.train.evaluate.llm_as_judge_evaluator")
    from sagemaker.core.helper.session_helper import Session

    assert listed_judges(context) == EVALUATION
    assert theirs._fetch_supported_judge_model_ids(Session(), "us-east-1") == set(EVALUATION)


def test_a_known_judge_is_taken_without_a_word(account, context, platform):
    request = platform.runner.build_request(context, order(account))
    assert request.warnings == ()
    sent = request.body["CreateTrainingJob"]["HyperParameters"]["judge_model_id"]
    assert sent == f"bedrock/{DEFAULT}"


def test_the_list_is_read_once_a_command(account, context, platform, tmp_path):
    platform.runner.build_request(context, order(account))
    put_list(account, judges_document(["acme.judge-1"]))
    platform.runner.build_request(context, order(account))
    reads = [call for call in account.log.calls("s3:GetObject") if call.params["Key"] == KEY]
    assert len(reads) == 1
    assert listed_judges(make_context(tmp_path, account)) == ("acme.judge-1",)


def test_a_judge_of_the_list_is_taken_with_a_warning(account, context, platform):
    request = platform.runner.build_request(context, order(account, LISTED))
    [warning] = request.warnings
    assert f"The judge {LISTED} is on the list for evaluations in us-east-1." in warning
    sent = request.body["CreateTrainingJob"]["HyperParameters"]["judge_model_id"]
    assert sent == f"bedrock/{LISTED}"


def test_other_judges_are_refused_and_all_are_listed(account, context, platform):
    with pytest.raises(MlccError, match=r"'acme.judge-1' cannot be used in us-east-1") as caught:
        platform.runner.build_request(context, order(account, "acme.judge-1"))
    assert LISTED in caught.value.detail[0]
    assert DEFAULT in caught.value.detail[0]
    put_list(account, judges_document(["acme.judge-1"]))
    account.foundations.models.append("acme.judge-1")
    later = replace(context, settings=dict(context.settings))
    assert platform.runner.build_request(later, order(account, "acme.judge-1")).warnings


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b"{}", b'{"supported_judge_models": [{"id": 1}, 2]}', b"\xff", None],
)
def test_a_list_that_cannot_be_read_leaves_the_known_judges(account, context, platform, body):
    if body is None:
        account.account.client("s3").delete_object(Bucket=BUCKET, Key=KEY)
    else:
        put_list(account, body)
    [warning] = platform.runner.build_request(context, order(account)).warnings
    assert f"s3://{BUCKET}/{KEY}" in warning
    assert "Judges are taken from the list of the SageMaker SDK 3.27." in warning
    with pytest.raises(MlccError, match="no judge that SageMaker takes"):
        platform.runner.build_request(context, order(account, LISTED))


def test_a_judge_that_bedrock_does_not_serve_is_refused(account, context, platform):
    account.foundations.end(DEFAULT, days=-3)
    with pytest.raises(MlccError, match="Bedrock does not serve it there") as caught:
        platform.runner.build_request(context, order(account))
    assert "Its life ended on" in caught.value.detail[0]
    account.foundations.ends.clear()
    account.foundations.models.remove(DEFAULT)
    with pytest.raises(MlccError, match="Bedrock does not serve it there"):
        platform.runner.build_request(context, order(account))
    account.foundations.models.append(DEFAULT)
    account.foundations.end(DEFAULT, days=3)
    [warning] = platform.runner.build_request(context, order(account)).warnings
    assert f"Bedrock serves the judge {DEFAULT} in us-east-1 until " in warning


@pytest.mark.slow
def test_aws_that_cannot_be_asked_stops_nothing(account, platform, tmp_path):
    for kind in KINDS:
        context = make_context(tmp_path, account, {"AWS_MAX_ATTEMPTS": "1"})
        fault = account.inject("bedrock:GetFoundationModel", kind, times=None)
        [warning] = platform.runner.build_request(context, order(account)).warnings
        assert f"Bedrock did not say that it serves the judge {DEFAULT}" in warning
        assert fault.struck
        account.faults.clear()
        fault = account.inject("s3:GetObject", kind, times=None)
        with pytest.raises(PlatformError):
            listed_judges(make_context(tmp_path, account, {"AWS_MAX_ATTEMPTS": "1"}))
        assert fault.struck
        account.faults.clear()


@pytest.mark.slow
# moto has no bucket policies in its CloudFormation; cfn-lint looks at that resource.
@pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning")
def test_bootstraps_role_is_let_ask_a_judge_of_the_list(bootstrapped, account):
    words = ("tune", "--technique", "rlaif", "--dataset", "s3://data/rlaif.jsonl", "--dry-run")
    flags = ("--reward-prompt", "s3://data/judge.txt", "--judge-model", LISTED)
    ran = bootstrapped(*words, *flags)
    assert ran.code == 3, ran
    name = role_of(account).rpartition("/")[2]
    assert f"❌ The role {name} may not ask the judge {LISTED} (bedrock:InvokeModel)" in ran.err
    assert f"set TUNE_JUDGE_MODELS={LISTED} in do/config, then: mlcc bootstrap" in ran.err
    set_variable(bootstrapped, TUNE_JUDGE_MODELS=LISTED)
    assert bootstrapped("bootstrap", "--yes").code == 0
    assert bootstrapped(*words, *flags).code == 0


def test_a_role_of_the_users_own_is_warned_of(account, context, platform):
    account.identity.denied.add("bedrock:InvokeModel")
    warnings = platform.runner.build_request(context, order(account, LISTED)).warnings
    assert any("may not ask the judge" in warning for warning in warnings)
