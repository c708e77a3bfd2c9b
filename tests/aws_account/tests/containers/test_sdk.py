"""The SDK's ModelTrainer: its request for a job on instances is one that the account takes."""

from __future__ import annotations

import pytest

from tests.aws_account.containers.job_requests import IMAGE, INSTANCE
from tests.aws_account.training import courses

pytest.importorskip("sagemaker.train")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.full,
    pytest.mark.usefixtures("quick_sdk"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    # The SDK forgets its temporary folders.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\) is deprecated:UserWarning"),
]

DEFAULTS = """\
SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
      Session:
        DefaultS3Bucket: data
"""


def test_a_model_trainer_starts_a_job(aws, tmp_path, monkeypatch):
    from sagemaker.core.shapes import CheckpointConfig, OutputDataConfig, StoppingCondition
    from sagemaker.train import ModelTrainer
    from sagemaker.train.configs import Compute, InputData, SourceCode

    defaults = tmp_path / "defaults.yaml"
    defaults.write_text(DEFAULTS)
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(defaults))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    aws.bucket("data", {"in/train.jsonl": b"{}\n"})
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text("print('hello')\n")
    aws.containers.runs = False
    aws.jobs.course = courses.at_once()
    trainer = ModelTrainer(
        training_image=IMAGE,
        role=aws.role,
        source_code=SourceCode(source_dir=str(tmp_path / "code"), entry_script="train.py"),
        compute=Compute(
            instance_type=INSTANCE,
            instance_count=2,
            volume_size_in_gb=50,
            enable_managed_spot_training=True,
        ),
        stopping_condition=StoppingCondition(
            max_runtime_in_seconds=3600, max_wait_time_in_seconds=7200
        ),
        checkpoint_config=CheckpointConfig(s3_uri="s3://data/checkpoints"),
        output_data_config=OutputDataConfig(
            s3_output_path="s3://data/out", compression_type="NONE"
        ),
        hyperparameters={"epochs": 1},
    )
    data = InputData(channel_name="train", data_source="s3://data/in/")
    trainer.train(input_data_config=[data], wait=False)
    (job,) = aws.jobs.all()
    assert job.request["EnableManagedSpotTraining"] is True
    described = aws.client("sagemaker").describe_training_job(TrainingJobName=job.name)
    assert described["TrainingJobStatus"] == "Completed"
    assert aws.trap.hosts == []
