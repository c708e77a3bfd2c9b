"""From a training in a container to its adapter on the base, by the commands of a user.

The project's platform is ``sagemaker``; the run's is ``sagemaker_jobs``, which trains any model.
"""

from __future__ import annotations

import json

import pytest

from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, set_variable

pytest.importorskip("sagemaker.core")
pytest.importorskip("trl")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ON_HUB, IN_S3 = "org/small", f"s3://{BUCKET}/models/small/"
TRAIN = ("train", "--technique", "sft", "--dataset", "s3://data/sft.jsonl", "--epochs", "2")


@pytest.mark.parametrize(
    ("model", "flags"),
    [(ON_HUB, ()), pytest.param(IN_S3, ("--network-isolation",), marks=pytest.mark.full)],
)
def test_what_was_trained_is_deployed_and_asked(account, on_hub, mlcc, tmp_path, model, flags):
    from mlcc_engine.model import tiny

    folder = tiny.ensure(tmp_path / "models")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    on_hub.add(ON_HUB, files, kind="model")
    put(account, "models/small/", files)
    set_variable(mlcc, MODEL_ID=model, TRAIN_INSTANCE_TYPE="ml.g5.xlarge", PLATFORM="sagemaker")
    ran = mlcc(*TRAIN, "--poll-interval", "0.02")
    assert ran.code == 0, ran
    (job,) = account.jobs.all()
    ran = mlcc("deploy", "--yes", "--instance-type", "ml.g6.2xlarge", *flags)
    assert ran.code == 0, ran
    ran = mlcc("adapter", "add", "tuned", "--from-tune", "sft")
    assert ran.code == 0, ran
    assert job.name in ran.out
    ran = mlcc("test", "2 + 2 =", "--adapter", "tuned")
    assert ran.code == 0, ran
    rows = tmp_path / "rows.jsonl"
    unseen = [{"prompt": f"{n} + 7 =", "completion": f"{n + 7}"} for n in range(3)]
    rows.write_text("".join(json.dumps(row) + "\n" for row in unseen))
    ran = mlcc("evaluate", job.name, "--dataset", str(rows), "--metric", "exact_match")
    assert ran.code == 0, ran
    assert mlcc("undeploy", "--yes").code == 0
    assert account.serving.endpoints == {}
    assert account.trap.hosts == []
