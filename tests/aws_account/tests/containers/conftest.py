"""A client, and a job that is made and waited for."""

from __future__ import annotations

import pytest

from tests.aws_account.containers.job_requests import instance_request, until


@pytest.fixture
def sagemaker(aws):
    return aws.client("sagemaker")


@pytest.fixture
def ran(aws, sagemaker):
    """``(code, until="Completed", **members) -> description``: run ``job-1``."""

    def run(code, secondary="Completed", **members):
        sagemaker.create_training_job(**instance_request(aws, code, **members))
        return until(sagemaker, secondary)

    return run


@pytest.fixture
def lines(aws):
    """``(job="job-1") -> lines`` of its log, with the stream of each."""

    def read(name="job-1"):
        logs = aws.account.client("logs")
        found = logs.filter_log_events(
            logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{name}/"
        )
        return [(row["logStreamName"], row["message"]) for row in found["events"]]

    return read
