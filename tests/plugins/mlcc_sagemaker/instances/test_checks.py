"""Prerequisites of jobs on instances: as of serverless ones, in any region."""

from __future__ import annotations

from mlcc_sagemaker.instances.platform import SageMakerJobs
from tests.plugins.mlcc_sagemaker.conftest import make_context


def checks_of(account, tmp_path, **settings):
    context = make_context(tmp_path, account, settings)
    return {check.name: check for check in SageMakerJobs().checks(context)}


def test_any_region_will_do(account, tmp_path):
    checks = checks_of(account, tmp_path)
    assert (checks["region"].state, checks["region"].found) == ("ok", "us-east-1")
    assert "instance type" not in checks
    account.clear("eu-central-1")
    assert checks_of(account, tmp_path)["region"].found == "eu-central-1"


def test_no_region_is_told(account, tmp_path, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    checks = checks_of(account, tmp_path, AWS_REGION="", AWS_DEFAULT_REGION="")
    assert checks["region"].state == "missing"


def test_the_instances_that_the_project_names(account, tmp_path):
    checks = checks_of(account, tmp_path, TRAIN_INSTANCE_TYPE="ml.g5.2xlarge")
    assert (checks["instance type"].state, checks["instance type"].found) == (
        *("ok", "ml.g5.2xlarge"),
    )
    wrong = checks_of(account, tmp_path, TRAIN_INSTANCE_TYPE="g5.2xlarge")["instance type"]
    assert wrong.state == "warning"
    assert "'g5.2xlarge' is not an instance type of SageMaker" in wrong.found
    assert wrong.hint == "set TRAIN_INSTANCE_TYPE in do/config"
