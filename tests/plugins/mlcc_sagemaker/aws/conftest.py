"""A project whose user has the rights that bootstrap's stack gives, and no others."""

from __future__ import annotations

import io
import json
import shlex
import sys

import pytest

from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.aws.flows import TOKEN, Step
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN, lines, reward, role_of, set_variable

OTHER = f"s3://{BUCKET}/other"
"""Another adapter."""

LARGE_ROWS = 180
LARGE_TEXT = "a word " * 15_000


@pytest.fixture
def user(hub, mlcc, account, monkeypatch):
    """Runs commands as somebody who has nothing but the stack's user policy."""
    hub.users[TOKEN] = "alice"
    hub.add("org/sums", {"train.jsonl": lines("sft")}, private=True, readers=["alice"])
    return make_user(mlcc, account, monkeypatch)


def make_user(mlcc, account, monkeypatch):
    """Bootstrap as an administrator; from then on the caller has the stack's user policy."""
    account.account.client("s3").delete_bucket(Bucket=BUCKET)
    function = account.functions.add("mlcc-reward", reward)
    set_variable(mlcc, ROLE_ARN="", TUNE_S3_BUCKET="", TUNE_DATASET_BUCKETS="data")
    ran = mlcc("bootstrap", "--yes")
    assert ran.code == 0, ran
    furnish(account, mlcc.project)
    monkeypatch.chdir(mlcc.project)
    iam = account.account.client("iam")
    [policy] = iam.list_policies(Scope="Local")["Policies"]
    account.caller.take(account.caller.managed(policy["Arn"]))
    account.log.clear()

    arns = {
        "reward": function,
        "server": account.mlflow.add_server("server", BUCKET, account.role),
        "app": account.mlflow.add_app("app", BUCKET, account.role),
    }

    def run(step: Step):
        account.jobs.course = step.course
        stdin = io.TextIOWrapper(io.BytesIO(step.typed.encode()))
        of_dpo = [job.artifacts for job in account.jobs.all() if "-dpo-" in job.name]
        names = {**arns, "other": OTHER, "dpo": "".join(of_dpo[:1])}
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", stdin)
            for name, value in step.variables.items():
                patch.setenv(name, value.format(**names))
            return mlcc(*shlex.split(step.line.format(**names)))

    run.policy, run.role = account.caller.policies[0], role_of(account)
    run.role_policies = lambda: account.identity.inline(run.role)
    run.role_used = account.identity.used
    return run


def furnish(account, project):
    """Datasets in S3 and beside the project."""
    rows = [{"prompt": f"How much is {n} + 1?", "completion": str(n + 1)} for n in range(100)]
    sums = "".join(json.dumps(row) + "\n" for row in rows).encode()
    account.account.client("s3").put_object(Bucket="data", Key="sums.jsonl", Body=sums)
    put(account, "other/", outputs.adapter(QWEN, rank=16, under=""))
    (project / "dpo.jsonl").write_bytes(lines("dpo"))
    large = json.dumps({"prompt": LARGE_TEXT, "completion": "4"}) + "\n"
    (project / "large.jsonl").write_text(large * LARGE_ROWS + '{"prompt": "no completion"}\n')
