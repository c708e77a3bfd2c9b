"""A client, and a job that is made and waited for."""

from __future__ import annotations

import pytest

from tests.aws_account.containers.job_requests import instance_request, until
from tests.aws_account.services.storage import LOG_GROUP


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
        where = {"logGroupName": LOG_GROUP, "logStreamNamePrefix": f"{name}/"}
        try:
            found = logs.filter_log_events(**where)
        except logs.exceptions.ResourceNotFoundException:
            return []  # no container has run yet
        return [(row["logStreamName"], row["message"]) for row in found["events"]]

    return read
