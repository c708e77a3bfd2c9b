"""Jobs on instances: a container's command runs, with the files and variables of SageMaker's."""

from __future__ import annotations

import io
import json
import re
import tarfile

import pytest

from tests.aws_account.containers.job_requests import INSTANCE, channel, instance_request, until

pytestmark = pytest.mark.slow

TELL = """
import json, os, pathlib
root = pathlib.Path(ML)
told = {
    "files": sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()),
    "config": {p.stem: json.loads(p.read_text()) for p in (root / "input/config").iterdir()},
    "environment": dict(os.environ),
    "folders": sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_dir()),
}
(root / "model/told.json").write_text(json.dumps(told))
"""


def told(aws):
    key = "out/job-1/output/model/told.json"
    return json.loads(aws.objects("data", key)[key])


def test_a_container_finds_its_channels_its_configuration_and_its_folders(aws, ran):
    ran(TELL, HyperParameters={"epochs": "3", "text": "a b"})
    found = told(aws)
    assert "input/data/train/train.jsonl" in found["files"]
    assert {"model", "output/data", "input/data/train"} <= set(found["folders"])
    assert "checkpoints" not in found["folders"]
    config = found["config"]
    assert config["hyperparameters"] == {"epochs": "3", "text": "a b"}
    as_files = {
        "TrainingInputMode": "File",
        "S3DistributionType": "FullyReplicated",
        "RecordWrapperType": "None",
    }
    assert config["inputdataconfig"] == {"train": as_files, "code": as_files}
    resources = config["resourceconfig"]
    (host,) = resources["hosts"]
    assert resources == {
        "current_host": host,
        "current_instance_type": INSTANCE,
        "current_group_name": "homogeneousCluster",
        "hosts": [host],
        "instance_groups": [
            {
                "instance_group_name": "homogeneousCluster",
                "instance_type": INSTANCE,
                "hosts": [host],
            }
        ],
        "network_interface_name": resources["network_interface_name"],
    }


def test_a_container_has_its_own_environment_and_nothing_of_the_tests(aws, ran, monkeypatch):
    monkeypatch.setenv("SOMETHING_OF_THE_TEST", "1")
    aws.containers.environment["FROM_THE_TEST"] = "2"
    job = ran(TELL, Environment={"CHOSEN": "/opt/ml/x"})
    found = told(aws)["environment"]
    assert found["TRAINING_JOB_NAME"] == "job-1"
    assert found["TRAINING_JOB_ARN"] == job["TrainingJobArn"]
    assert found["AWS_REGION"] == "us-east-1"
    assert found["AWS_ENDPOINT_URL"] == aws.endpoint
    assert (found["CHOSEN"], found["FROM_THE_TEST"]) == ("/opt/ml/x", "2")
    assert "SOMETHING_OF_THE_TEST" not in found
    assert "PYTHONPATH" not in found
    assert "/opt/ml" not in found["HOME"] + found["TMPDIR"]


def test_arguments_are_given_with_the_containers_root(aws, sagemaker, ran):
    code = "import sys; open(ML + '/model/words', 'w').write(' '.join(sys.argv[1:]))"
    request = instance_request(aws, code)
    words = ["/opt/ml/model", "--a=/opt/ml", "/opt/mlx", "x"]
    request["AlgorithmSpecification"]["ContainerArguments"] = words
    sagemaker.create_training_job(**request)
    until(sagemaker, "Completed")
    first, second, *rest = aws.objects("data", "out/").popitem()[1].decode().split()
    assert first.endswith("/ml/model")
    assert f"{second}/model" == f"--a={first}"
    assert rest == ["/opt/mlx", "x"]


def test_a_job_goes_through_its_statuses_in_real_time(ran, sagemaker):
    job = ran("import time; time.sleep(1.1)")
    states = [one["Status"] for one in job["SecondaryStatusTransitions"]]
    assert states == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(one["EndTime"] >= one["StartTime"] for one in job["SecondaryStatusTransitions"])
    assert job["TrainingJobStatus"] == "Completed"
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] >= 1
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == "s3://data/out/job-1/output/model"
    (row,) = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    assert row["TrainingEndTime"] == job["TrainingEndTime"]


def test_output_comes_as_lines_while_the_job_runs(aws, sagemaker, lines):
    code = (
        "import sys, time; print('one'); print('loss=0.5', file=sys.stderr); print();"
        "print('loss=0.25\\r'); print('no end', end='', flush=True); time.sleep(60)"
    )
    request = instance_request(aws, code)
    definition = {"Name": "train:loss", "Regex": r"loss=([0-9.]+)"}
    request["AlgorithmSpecification"]["MetricDefinitions"] = [definition]
    sagemaker.create_training_job(**request)
    until(sagemaker, "Training")
    while "FinalMetricDataList" not in (job := until(sagemaker, "Training")):
        pass
    assert [text for _, text in lines()] == ["one", "loss=0.5", "loss=0.25"]
    assert re.fullmatch(r"job-1/algo-1-\d+", lines()[0][0])
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("train:loss", 0.25)
    aws.containers.grace = 0.1
    sagemaker.stop_training_job(TrainingJobName="job-1")
    until(sagemaker, "Stopped")
    assert [text for _, text in lines()][-1] == "no end"


def test_a_container_that_fails_says_why(aws, ran):
    code = (
        "import sys; open(ML + '/output/failure', 'w').write('out of memory\\n');"
        "open(ML + '/output/data/trace', 'w').write('t'); sys.exit(3)"
    )
    job = ran(code, "Failed")
    assert job["FailureReason"] == "AlgorithmError: out of memory, exit code: 3"
    states = [one["Status"] for one in job["SecondaryStatusTransitions"]]
    assert states[-2:] == ["Uploading", "Failed"]
    assert aws.objects("data", "out/") == {"out/job-1/output/data/trace": b"t"}


def test_a_reason_keeps_its_end_when_it_is_long(ran):
    code = "open(ML + '/output/failure', 'w').write('x' * 5000); import os; os.abort()"
    reason = ran(code, "Failed")["FailureReason"]
    assert len(reason) == 1024
    assert reason.endswith("x, exit code: 134")


def test_a_program_that_is_not_in_the_image_fails_the_job(aws, sagemaker, lines):
    request = instance_request(aws, "")
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["no-such-program"]
    sagemaker.create_training_job(**request)
    job = until(sagemaker, "Failed")
    assert job["FailureReason"] == "AlgorithmError: , exit code: 127"
    assert "no-such-program" in lines()[0][1]


def test_output_is_an_archive_unless_the_request_says_otherwise(aws, sagemaker):
    code = (
        "import os; os.mkdir(ML + '/model/a'); open(ML + '/model/a/w', 'w').write('1');"
        "open(ML + '/output/data/d', 'w').write('2')"
    )
    request = instance_request(aws, code, OutputDataConfig={"S3OutputPath": "s3://data/out"})
    sagemaker.create_training_job(**request)
    job = until(sagemaker, "Completed")
    artifacts = "s3://data/out/job-1/output/model.tar.gz"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == artifacts
    found = aws.objects("data", "out/")
    assert [key.rpartition("/")[2] for key in found] == ["model.tar.gz", "output.tar.gz"]
    with tarfile.open(fileobj=io.BytesIO(found["out/job-1/output/model.tar.gz"])) as tar:
        assert tar.getnames() == ["a/w"]


def test_each_host_has_its_address_its_folder_and_its_stream(aws, ran, lines):
    code = """
import json, socket
config = json.load(open(ML + "/input/config/resourceconfig.json"))
me, hosts = config["current_host"], config["hosts"]
server = socket.create_server((me, 7777))
print(me, hosts.index(me), sorted(p for p in __import__("os").listdir(ML + "/input/data/train")))
others = [host for host in hosts if host != me]
import time
for host in others:
    while True:
        try:
            socket.create_connection((host, 7777)); break
        except OSError:
            time.sleep(0.05)
server.accept()
open(ML + f"/model/{hosts.index(me)}", "w").write(me)
"""
    aws.bucket("shards", {"a/1": b"1", "a/2": b"2", "a/3": b"3"})
    shards = channel("train", "s3://shards/a", S3DataDistributionType="ShardedByS3Key")
    ran(
        code,
        ResourceConfig={"InstanceType": INSTANCE, "InstanceCount": 2, "VolumeSizeInGB": 30},
        InputDataConfig=[shards],
    )
    found = {
        key.rpartition("/")[2]: body.decode() for key, body in aws.objects("data", "out/").items()
    }
    assert sorted(found) == ["0", "1"]
    assert found["0"] != found["1"]
    said = {stream.split("-")[2]: text for stream, text in lines()}
    assert said["1"] == f"{found['0']} 0 ['1', '3']"
    assert said["2"] == f"{found['1']} 1 ['2']"


def test_one_host_that_fails_ends_all(aws, ran):
    code = """
import json, sys, time
config = json.load(open(ML + "/input/config/resourceconfig.json"))
if config["current_host"] == config["hosts"][1]:
    sys.exit(5)
time.sleep(600)
"""
    resources = {"InstanceType": INSTANCE, "InstanceCount": 2, "VolumeSizeInGB": 30}
    job = ran(code, "Failed", ResourceConfig=resources)
    assert job["FailureReason"] == "AlgorithmError: , exit code: 5"
