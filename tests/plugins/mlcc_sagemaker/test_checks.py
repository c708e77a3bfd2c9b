"""Prerequisites: all of them looked at, none of them changed."""

from __future__ import annotations

import json

import pytest

from mlcc_sagemaker.checks import sdk_check
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, make_context, set_variable


def states(platform, context):
    return {check.name: check for check in platform.checks(context)}


def test_everything_in_place(account, context, platform):
    platform.serving.deploy(context, None)
    account.log.clear()
    found = states(platform, context)
    assert list(found) == [
        *("framework", "deployment target", "Python SDK", "region"),
        *("credentials", "role", "bucket", "endpoint"),
    ]
    assert {check.state for check in found.values()} == {"ok"}
    assert account.log.writing() == []


@pytest.mark.parametrize(
    ("settings", "name", "words", "hint"),
    [
        ({"FRAMEWORK": "vllm"}, "framework", "only transformers", "FRAMEWORK=transformers"),
        ({"DEPLOYMENT_TARGET": "batch-transform"}, "deployment target", "any target", "DEPLOY"),
        ({"AWS_REGION": "eu-north-1"}, "region", "does not support", "AWS_REGION=us-east-1"),
        ({"ROLE_ARN": ""}, "role", "no execution role is set", "mlcc bootstrap"),
        (
            {"ROLE_ARN": "arn:aws:iam::123456789012:role/gone"},
            "role",
            "does not exist",
            "mlcc bootstrap",
        ),
        (
            {"ROLE_ARN": "arn:aws:iam::999999999999:role/other"},
            "role",
            "another account",
            "mlcc bootstrap",
        ),
        ({"TUNE_S3_BUCKET": ""}, "bucket", "no tune bucket is set", "mlcc bootstrap"),
        ({"TUNE_S3_BUCKET": "gone-bucket"}, "bucket", "does not exist", "mlcc bootstrap"),
    ],
)
def test_what_is_missing(account, platform, tmp_path, settings, name, words, hint):
    check = states(platform, make_context(tmp_path, account, settings))[name]
    assert check.state == "missing"
    assert words in check.found
    assert hint in check.hint


@pytest.mark.parametrize("name", ["PRICE_PER_MILLION_TOKENS", "PRICE_PER_HOUR"])
def test_a_price_that_is_none_is_told(account, platform, tmp_path, name):
    for text in ("2,50", "-1", "nan", "$3"):
        check = states(platform, make_context(tmp_path, account, {name: text}))[f"price {name}"]
        assert check.state == "warning"
        assert check.found == f"{text!r}: expected a number of at least 0"
        assert f"set {name} to US dollars" in check.hint
    right = states(platform, make_context(tmp_path, account, {name: "2.5"}))
    assert f"price {name}" not in right


def test_a_role_that_sagemaker_may_not_take(account, platform, tmp_path):
    iam = account.account.client("iam")
    trust = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["lambda.amazonaws.com"]},
                "Action": "sts:AssumeRole",
            }
        ]
    }
    role = iam.create_role(RoleName="lambdas", AssumeRolePolicyDocument=json.dumps(trust))
    context = make_context(tmp_path, account, {"ROLE_ARN": role["Role"]["Arn"]})
    check = states(platform, context)["role"]
    assert check.state == "missing"
    assert "does not trust sagemaker.amazonaws.com" in check.found


def test_a_role_that_we_may_not_look_at(account, context, platform):
    account.inject("iam:GetRole", "denied", times=None)
    check = states(platform, context)["role"]
    assert check.state == "warning"
    assert account.role in check.found


def test_a_bucket_in_another_region(account, platform, tmp_path):
    s3 = account.account.client("s3")
    s3.create_bucket(
        Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    context = make_context(tmp_path, account, {"TUNE_S3_BUCKET": "far-away"})
    check = states(platform, context)["bucket"]
    assert check.state == "missing"
    assert "far-away is in eu-west-1, jobs run in us-east-1" in check.found


def test_an_endpoint_on_its_way(account, context, platform):
    account.changes.looks = 3
    client = account.client("sagemaker")
    variant = {"VariantName": "v", "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1}
    client.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[variant], ExecutionRoleArn=account.role
    )
    client.create_endpoint(EndpointName="demo-endpoint", EndpointConfigName="c")
    check = states(platform, context)["endpoint"]
    assert check.state == "warning"
    assert check.found.startswith("demo-endpoint is Creating; to use an adapter it must be InS")


def test_an_endpoint_that_we_may_not_look_at(account, context, platform):
    account.inject("sagemaker:DescribeEndpoint", "denied", times=None)
    check = states(platform, context)["endpoint"]
    assert (check.state, check.hint) == ("warning", "mlcc bootstrap")
    assert "the permission sagemaker:DescribeEndpoint is missing" in check.found


def test_no_credentials(account, context, platform, monkeypatch):
    from mlcc_aws.sessions import forget_credentials

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    settings = {k: v for k, v in context.settings.items() if "KEY" not in k}
    forget_credentials()
    found = states(platform, type(context)(root=context.root, project="demo", settings=settings))
    assert list(found)[-1] == "credentials"
    assert found["credentials"].state == "missing"
    assert "aws configure" in found["credentials"].hint


def test_no_region(account, platform, tmp_path, monkeypatch):
    from mlcc_aws.sessions import forget_credentials

    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    forget_credentials()
    context = make_context(tmp_path, account, {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""})
    found = states(platform, context)
    assert found["region"].found == "No AWS region is set"
    assert "credentials" not in found


@pytest.mark.parametrize(("version", "state"), [(None, "missing"), ("2.232.0", "missing")])
def test_the_sdk(monkeypatch, version, state):
    monkeypatch.setattr("mlcc_sagemaker.checks.installed", lambda: version)
    check = sdk_check()
    assert check.state == state
    assert "sagemaker>=3" in check.found
    assert "pip install" in check.hint


def test_before_a_job_everything_is_said_at_once(mlcc, account):
    text = mlcc.config.read_text().replace(f"TUNE_S3_BUCKET={BUCKET}", "TUNE_S3_BUCKET=gone-bucket")
    mlcc.config.write_text(text + "export FRAMEWORK=vllm\nexport ROLE_ARN=\n")
    words = ("--technique", "sft", "--dataset", "s3://data/sft.jsonl", "--epochs", "1000")
    ran = mlcc("tune", *words)
    assert ran.code == 1  # the flag is wrong, whatever becomes of the account
    for problem in (
        "framework: vllm",
        "role: no execution role is set",
        "bucket: gone-bucket does not exist",
        "--epochs 1000 is out of range",
    ):
        assert ran.err.count(problem) == 1, ran.err
    assert account.log.writing() == []


def test_a_flag_that_makes_no_sense_is_said_once(ready):
    words = ("--technique", "sft", "--dataset", "s3://data/sft.jsonl", "--role", "me")
    ran = ready("tune", *words, "--output-bucket", "Not_One", "--dry-run")
    assert ran.code == 1, ran
    assert ran.err.count("❌") == 2
    assert "❌ --role: 'me' is not an IAM role, expected arn:aws:iam::<account>:role/" in ran.err
    assert "❌ --output-bucket: 'Not_One' is not a bucket's name" in ran.err


def test_bootstrap_mends_nothing_that_a_flag_names(ready):
    words = ("--technique", "sft", "--dataset", "s3://data/sft.jsonl", "--dry-run")
    role = "arn:aws:iam::123456789012:role/gone"
    ran = ready("tune", *words, "--role", role, "--output-bucket", "gone-bucket")
    assert ran.code == 3, ran
    assert f"❌ role: {role} does not exist\n   leave out --role, or name another" in ran.err
    assert "   leave out --output-bucket, or: aws s3 mb s3://gone-bucket\n" in ran.err
    assert "mlcc bootstrap" not in ran.err


def test_doctor_shows_every_prerequisite(ready, account):
    ran = ready("doctor")
    for name in ("Python SDK", "credentials", "role", "bucket", "endpoint"):
        assert name in ran.out
    assert account.log.writing() == []


ENDPOINT = "endpoint: demo-endpoint is not deployed; to use an adapter it must be InService"


def test_a_job_needs_no_endpoint_and_says_who_does(mlcc, account):
    words = ("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl")
    planned = mlcc(*words, "--dry-run")
    assert planned.code == 0, planned
    assert f"⚠️  {ENDPOINT} (a job needs no endpoint)\n   ./do/deploy\n" in planned.out
    [warning] = json.loads(mlcc(*words, "--dry-run", "--json").out)["plan"]["warnings"]
    assert warning.startswith(ENDPOINT)
    ran = mlcc(*words, "--poll-interval", "0.01")
    assert ran.code == 0, ran
    assert ran.err.count(ENDPOINT) == 1
    refused = mlcc("adapter", "add", "tuned", "--from-tune")
    assert refused.code == 1
    assert "❌ No base model is deployed on the endpoint demo-endpoint.\n   ./do/dep" in refused.err
    assert mlcc("deploy", "--yes").code == 0
    assert mlcc("adapter", "add", "tuned", "--from-tune").code == 0
    assert ENDPOINT not in mlcc(*words, "--dry-run").out


def test_doctor_warns_of_the_endpoint_alone_and_finds_the_platform_usable(mlcc):
    ran = mlcc("doctor")
    assert ran.code == 0, ran
    assert "platform sagemaker: usable (this project's platform)" in ran.out
    assert f"   ⚠️  {ENDPOINT} (a job needs no endpoint)\n      ./do/deploy\n" in ran.out


def test_an_output_bucket_is_bucket_enough(mlcc, account):
    set_variable(mlcc, TUNE_S3_BUCKET="")
    account.bucket("my-output")
    words = ("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl")
    ran = mlcc(*words, "--output-bucket", "my-output", "--poll-interval", "0.01")
    assert ran.code == 0, ran
    assert mlcc("deploy", "--yes").code == 0
    added = mlcc("adapter", "add", "tuned", "--from-tune")
    assert added.code == 0, added
    source = account.components.components["tuned"]["Specification"]["Container"]["ArtifactUrl"]
    assert source.startswith("s3://my-output/demo/adapters/")
