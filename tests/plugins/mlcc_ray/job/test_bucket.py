"""Jobs whose storage is a bucket: created, described, fetched and removed alike."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core import DatasetRef, JobNotFound
from mlcc_ray import plugin
from mlcc_ray.settings import storage_of

runner = plugin.runner

NAME = "demo-sft-12345678-1"


@pytest.fixture
def bucket(place, s3):
    """The surroundings of a project whose storage is a bucket."""
    s3.bucket("shared")
    settings = {**os.environ, **place.settings, "RAY_STORAGE": "s3://shared/mlcc"}
    return replace(place, settings=settings)


def test_a_job_from_its_request_to_its_removal(bucket, spec, dashboard, tmp_path):
    with plugin.store.stage(bucket, "rows") as sink:
        sink.file.write(b"{}\n")
        uri = sink.commit({"rows": 1})
    request = runner.build_request(bucket, spec(dataset=DatasetRef(uri, "f1", 1)))
    runner.submit(bucket, NAME, request)
    job = dashboard.jobs[NAME]
    assert job["entrypoint"].endswith(f"mlcc_ray.cluster s3://shared/mlcc {NAME}")
    assert job["runtime_env"]["env_vars"]["AWS_ENDPOINT_URL"] == os.environ["AWS_ENDPOINT_URL"]
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in json.dumps(job)
    assert list(runner.list_jobs(bucket, "demo")) == [NAME]
    assert runner.describe(bucket, NAME).status == "running"
    storage = storage_of(bucket)
    left = tmp_path / "left"
    left.mkdir()
    (left / "adapter_config.json").write_text("{}")
    storage.upload(left, f"jobs/{NAME}/output")
    result = {"state": "completed", "output": storage.address(f"jobs/{NAME}/output")}
    storage.write(f"jobs/{NAME}/result.json", json.dumps(result).encode())
    state = runner.describe(bucket, NAME)
    assert state.status == "completed"
    assert (Path(str(state.artifacts)) / "adapter_config.json").read_text() == "{}"
    assert state.reported == runner.read_spec(request.body)
    runner.remove(bucket, NAME)
    assert storage.names("jobs") == []
    with pytest.raises(JobNotFound):
        runner.describe(bucket, NAME)
