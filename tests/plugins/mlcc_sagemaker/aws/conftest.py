"""A project whose user has the rights that bootstrap's stack gives, and no others."""

from __future__ import annotations

import io
import json
import shlex
import sys

import pytest

from mlcc_engine.container.layout import TOKEN_SECRET
from mlcc_engine.container.token import token_for
from mlcc_sagemaker.request.options.notifications import Notification
from tests.aws_account.account import ACCOUNT_ID
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.aws.flows import TOKEN, TOKEN_OF_HUB, Step
from tests.plugins.mlcc_sagemaker.conftest import (
    BUCKET,
    QWEN,
    Ran,
    lines,
    reward,
    role_of,
    set_variable,
)

WHOLE = f"s3://{BUCKET}/whole"
"""A whole model."""

OTHER = f"s3://{BUCKET}/other"
"""Another adapter."""

JUDGE = "openai.gpt-oss-120b-1:0"
"""A judge of evaluations that the role may ask without more ado."""

LARGE_ROWS = 180
LARGE_TEXT = "a word " * 15_000


@pytest.fixture
def user(hub, mlcc, account, monkeypatch):
    """Runs commands as somebody who has nothing but the stack's policies of users."""
    hub.users[TOKEN] = "alice"
    hub.add("org/sums", {"train.jsonl": lines("sft")}, private=True, readers=["alice"])
    return make_user(mlcc, account, monkeypatch)


def make_user(mlcc, account, monkeypatch):
    """Bootstrap as an administrator; from then on the caller has the stack's policies."""
    account.account.client("s3").delete_bucket(Bucket=BUCKET)
    function = account.functions.add("mlcc-reward", reward)
    set_variable(mlcc, ROLE_ARN="", TUNE_S3_BUCKET="", TUNE_DATASET_BUCKETS="data")
    ran = mlcc("bootstrap", "--yes")
    assert ran.code == 0, ran
    furnish(account, mlcc.project)
    monkeypatch.chdir(mlcc.project)
    iam = account.account.client("iam")
    made = iam.list_policies(Scope="Local")["Policies"]
    account.caller.take(*(account.caller.managed(policy["Arn"]) for policy in made))
    account.imports.looks = 0
    account.log.clear()

    account.containers.runs = False
    topic = make_topic(account)
    arns = {
        "reward": function,
        "topic": topic,
        "rule": Notification.of(topic, "demo").name,
        "judge": JUDGE,
        "server": account.mlflow.add_server("server", BUCKET, account.role),
        "app": account.mlflow.add_app("app", BUCKET, account.role),
    }

    def run(step: Step):
        account.jobs.course = step.course
        stdin = io.TextIOWrapper(io.BytesIO(step.typed.encode()))
        of_dpo = [job.artifacts for job in account.jobs.all() if "-dpo-" in job.name]
        names = {**arns, "other": OTHER, "whole": WHOLE, "dpo": "".join(of_dpo[:1])}
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", stdin)
            for name, value in step.variables.items():
                patch.setenv(name, value.format(**names))
            words = shlex.split(step.line.format(**names))
            if words[0] == "aws":
                return run_aws(account, *words[1:])
            if step.line == TOKEN_OF_HUB:
                return read_token(account, run.role, patch)
            if "--expired" in words:
                expire(account)
            return mlcc(*words)

    run.policies, run.role = account.caller.policies, role_of(account)
    run.import_role = role_of(account, "ImportRole")
    run.import_policies = lambda: account.identity.inline(run.import_role)
    run.role_policies = lambda: account.identity.inline(run.role)
    run.role_used = account.identity.used
    return run


def make_topic(account):
    """A topic that EventBridge may publish to."""
    allowing = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowing]})
    sns = account.account.client("sns")
    return sns.create_topic(Name="ends", Attributes={"Policy": policy})["TopicArn"]


def run_aws(account, service, command, *flags):
    """A command of AWS's own program, as the user types what mlcc printed for them."""
    params = {
        flag.removeprefix("--").title(): [value] if flag == "--ids" else value
        for flag, value in zip(flags[::2], flags[1::2], strict=True)
    }
    getattr(account.client(service), command.replace("-", "_"))(**params)
    return Ran(0, "", "")


def read_token(account, role, patch):
    """What a job's container does that has been told of the secret with the token of the Hub."""
    arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{role.rpartition('/')[2]}"
    sts = account.account.client("sts")
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="SageMaker")["Credentials"]
    account.caller.roles[keys["AccessKeyId"]] = arn
    for name, key in {
        "AWS_ACCESS_KEY_ID": "AccessKeyId",
        "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
        "AWS_SESSION_TOKEN": "SessionToken",
    }.items():
        patch.setenv(name, keys[key])
    patch.setattr("boto3.DEFAULT_SESSION", None)  # a container's process has none from before
    _, line = token_for({TOKEN_SECRET: "mlcc/HF_TOKEN"})
    return Ran(0, "", f"⚠️  {line}\n" if line else "")


def expire(account):
    """Let the project's endpoint have expired."""
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT_ID}:endpoint/demo-endpoint"
    past = {"Key": "mlcc:expires", "Value": "2026-01-01T00:00:00Z"}
    account.client("sagemaker").add_tags(ResourceArn=arn, Tags=[past])


def furnish(account, project):
    """Datasets in S3 and beside the project."""
    rows = [{"prompt": f"How much is {n} + 1?", "completion": str(n + 1)} for n in range(100)]
    sums = "".join(json.dumps(row) + "\n" for row in rows).encode()
    s3 = account.account.client("s3")
    s3.put_object(Bucket="data", Key="sums.jsonl", Body=sums)
    other = {"prompt": [{"role": "user", "content": "3 + 3 ="}], "reference_answer": "6"}
    s3.put_object(Bucket="data", Key="other.jsonl", Body=(json.dumps(other) + "\n").encode() * 3)
    put(account, "whole/", outputs.full_model(QWEN, ""))
    put(account, "other/", outputs.adapter(QWEN, rank=16, under=""))
    (project / "dpo.jsonl").write_bytes(lines("dpo"))
    large = json.dumps({"prompt": LARGE_TEXT, "completion": "4"}) + "\n"
    (project / "large.jsonl").write_text(large * LARGE_ROWS + '{"prompt": "no completion"}\n')
