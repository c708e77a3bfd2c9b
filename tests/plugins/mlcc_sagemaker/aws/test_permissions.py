"""What bootstrap's role may not do is refused before the job, or at least warned of."""

from __future__ import annotations

import pytest

from mlcc_core.contract.options import Evaluator, EvaluatorKind
from tests.aws_account.services.foundations import NOVA
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import (
    BUCKET,
    QWEN,
    make_order,
    reward,
    role_of,
    set_variable,
)

pytest.importorskip("sagemaker.core")
# moto has no bucket policies in its CloudFormation; cfn-lint looks at that resource.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning"),
]

MINE = "s3://my-bucket/train.jsonl"
TUNE = ("tune", "--poll-interval", "0.01", "--technique")


def test_a_function_that_the_role_may_not_invoke_is_refused_before_the_job(bootstrapped, account):
    function = account.functions.add("my-reward", reward)
    words = (*TUNE, "rlvr", "--dataset", "s3://data/rlvr.jsonl", "--reward-function", function)
    for more in ((), ("--dry-run",)):
        ran = bootstrapped(*words, *more)
        assert ran.code == 3, ran
        name = role_of(account).rpartition("/")[2]
        assert f"❌ The role {name} may not invoke the reward function {function}" in ran.err
        assert f"set TUNE_REWARD_FUNCTIONS={function} in do/config, then: mlcc boot" in ran.err
    assert account.log.writing() == []
    set_variable(bootstrapped, TUNE_REWARD_FUNCTIONS=function)
    assert bootstrapped("bootstrap", "--yes").code == 0
    ran = bootstrapped(*words)
    assert ran.code == 0, ran
    assert account.jobs.all()[-1].status == "Completed"
    other = account.functions.add("other", reward)
    ran = bootstrapped(*words[:-1], other)
    assert f"set TUNE_REWARD_FUNCTIONS={function},{other} in do/config" in ran.err


def test_a_role_of_the_users_own_is_only_warned_of(account, context, platform):
    account.identity.denied |= {"lambda:InvokeFunction", "s3:PutObject"}
    request = platform.runner.build_request(context, make_order(account, "rlvr"))
    function, output = request.warnings
    assert function == (
        f"The role SageMakerExecution may not invoke the reward function {account.reward_arn} "
        "(lambda:InvokeFunction); the job fails unless the function's policy lets it."
    )
    assert output == (
        f"The role SageMakerExecution may not write to s3://{BUCKET} (s3:PutObject); the job "
        "fails after its training unless the bucket's policy lets it."
    )
    registered = account.hubs.register("math", account.reward_arn)
    evaluator = Evaluator(
        EvaluatorKind.FUNCTION, registered, "--reward-function", {}, "--reward-function"
    )
    spec = make_order(account, "rlvr", evaluator=evaluator)
    assert platform.runner.build_request(context, spec).warnings == request.warnings
    account.identity.denied.clear()
    assert platform.runner.build_request(context, spec).warnings == ()


def test_weights_that_the_role_may_not_read_are_refused_before_anything_is_created(
    bootstrapped, account
):
    put(account, "model/", outputs.full_model(QWEN, ""), bucket="my-bucket")
    put(account, "", {"adapter.tar.gz": b"archive"}, bucket="my-bucket")
    name = role_of(account).rpartition("/")[2]
    for words, uri in (
        (("deploy", "--force-ic", "--yes", "--model-data"), "s3://my-bucket/model/"),
        (("add-ic", "whole", "--model-data"), "s3://my-bucket/model/"),
        (("adapter", "add", "tuned", "--weights"), "s3://my-bucket/adapter.tar.gz"),
    ):
        ran = bootstrapped(*words, uri)
        assert ran.code == 3, ran
        assert f": The role {name} may not read {uri} (s3:GetObject)." in ran.err
        assert "set TUNE_DATASET_BUCKETS=my-bucket in do/config, then: mlcc bootstrap" in ran.err
    assert account.log.writing() == []
    set_variable(bootstrapped, TUNE_DATASET_BUCKETS="my-bucket")
    assert bootstrapped("bootstrap", "--yes").code == 0
    ran = bootstrapped("deploy", "--force-ic", "--yes", "--model-data", "s3://my-bucket/model/")
    assert ran.code == 0, ran


def test_an_output_bucket_that_bootstraps_role_may_not_write_to(bootstrapped, account):
    account.bucket("elsewhere")
    words = (*TUNE, "sft", "--dataset", MINE, "--dry-run")
    assert "⚠️" not in bootstrapped(*words).out
    ran = bootstrapped(*words, "--output-bucket", "elsewhere")
    assert ran.code == 0, ran
    assert "⚠️  The role mlcc-tune-ExecutionRole-" in ran.out
    assert "may not write to s3://elsewhere (s3:PutObject)" in ran.out


def test_a_judge_that_the_role_may_not_ask_is_refused_before_the_evaluation(bootstrapped, account):
    ran = bootstrapped(*TUNE, "sft", "--dataset", MINE)
    assert ran.code == 0, ran
    account.log.clear()
    rows = b'{"prompt": "3 + 3 =", "completion": "6"}\n'
    account.account.client("s3").put_object(Bucket="my-bucket", Key="other.jsonl", Body=rows)
    words = ("evaluate", "sft", "--managed", "--judge", NOVA, "--poll-interval", "0.01")
    words = (*words, "--dataset", "s3://my-bucket/other.jsonl")
    ran = bootstrapped(*words)
    assert ran.code == 3, ran
    name = role_of(account).rpartition("/")[2]
    assert f"The role {name} may not ask the judge {NOVA} (bedrock:InvokeModel)" in ran.err
    assert f"set TUNE_JUDGE_MODELS={NOVA} in do/config, then: mlcc bootstrap" in ran.err
    assert account.log.calls("CreateTrainingJob") == []
    set_variable(bootstrapped, TUNE_JUDGE_MODELS=NOVA)
    assert bootstrapped("bootstrap", "--yes").code == 0
    ran = bootstrapped(*words)
    assert ran.code == 0, ran
