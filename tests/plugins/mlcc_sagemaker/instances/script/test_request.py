"""Requests of jobs that run scripts of users."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.actions.tune.job.proof import script_differences
from mlcc_core.contract.script.files import files_checksum
from mlcc_core.errors import Problems
from mlcc_sagemaker.instances.code.upload import upload_code
from mlcc_sagemaker.instances.script import hyperparameters
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, DATA

pytest.importorskip("sagemaker.core")


@pytest.fixture
def build(place, jobs, script):
    def of(**changes):
        return jobs.scripts.build_request(place, script(**changes)).body

    return of


def channels(body):
    return {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in body["CreateTrainingJob"]["InputDataConfig"]
    }


def test_a_script_has_its_own_hyperparameters_and_place(build):
    body = build()
    job = body["CreateTrainingJob"]
    assert job["HyperParameters"] == {"mlcc_entry": "script:train.py", "epochs": "3"}
    assert job["OutputDataConfig"]["S3OutputPath"] == f"s3://{BUCKET}/demo/tune/script/"
    assert job["CheckpointConfig"]["LocalPath"] == "/opt/ml/checkpoints"
    assert "MetricDefinitions" not in job["AlgorithmSpecification"]
    assert {tag["Value"] for tag in job["Tags"]} == {"demo", "script"}
    assert "script/train.py" in body["creates"]["Code"]["files"]


def test_the_body_alone_gives_back_the_script(place, jobs, script, tmp_path):
    (tmp_path / "rows.csv").write_text("a\n1\n")
    own = tmp_path / "mine.txt"
    own.write_text("evaluate\n")
    spec = script(
        requirements=str(own),
        requirements_checksum=files_checksum({"": own}),
        inputs={"train": DATA, "held": str(tmp_path / "rows.csv")},
    )
    body = json.loads(json.dumps(jobs.scripts.build_request(place, spec).body))
    assert script_differences(spec, jobs.scripts.read_spec(body)) == []


def test_a_script_with_its_folder(account, place, jobs, script, tmp_path):
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "a.py").write_text("A = 1\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("secret\n")
    spec = script(folder=True)
    body = jobs.scripts.build_request(place, spec).body
    names = {name for name in body["creates"]["Code"]["files"] if name.startswith("script/")}
    assert {"script/train.py", "script/helpers/a.py"} <= names
    assert not any(".git" in name for name in names)


def test_files_of_this_machine_become_channels_by_their_content(account, place, build, tmp_path):
    folder = tmp_path / "rows"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.csv").write_text("a\n")
    (folder / "b.csv").write_text("b\n")
    body = build(inputs={"train": str(folder), "same": f"file://{folder}", "far": DATA})
    uris = channels(body)
    assert uris["train"] == uris["same"]
    assert uris["far"] == DATA
    upload_code(place, body["creates"]["Code"])
    prefix = uris["train"].removeprefix(f"s3://{BUCKET}/")
    kept = account.objects(BUCKET, prefix)
    assert kept == {f"{prefix}deep/a.csv": b"a\n", f"{prefix}b.csv": b"b\n"}


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"train": "s3://data/nothing-here"}, "there is nothing at"),
        ({"train": "s3://no-such-bucket-here/x"}, "there is nothing at"),
        ({"train": "/no/such/folder"}, "does not exist"),
        ({"train": "hf://org/rows"}, "reads data from S3"),
        ({"code": DATA}, "holds the script itself"),
        ({f"c{n}": DATA for n in range(20)}, "20 channels at most"),
    ],
)
def test_data_that_no_job_reads(place, jobs, script, refusal, inputs, words):
    assert words in refusal(jobs.scripts.build_request, place, script(inputs=inputs)).what


def test_everything_wrong_is_said_at_once(place, jobs, script):
    spec = script(
        hyperparameters={"mlcc_entry": "x", "long": "x" * 2501, "lines": "a\nb", "n" * 257: ""},
        options={"thinking": "on", "max_wait": "1h"},
    )
    with pytest.raises(Problems) as caught:
        jobs.scripts.build_request(place, spec)
    said = [problem.what for problem in caught.value.problems]
    assert all("\n" not in line for line in said)
    for words in ("mlcc's own", "2,501", "several lines", "257", "--thinking", "--spot"):
        assert any(words in line for line in said), words


def test_a_hundred_hyperparameters_are_one_too_many(place, jobs, script, refusal):
    most = {f"p{n}": "1" for n in range(99)}
    jobs.scripts.build_request(place, script(hyperparameters=most))
    spec = script(hyperparameters={**most, "p99": "1"})
    assert "SageMaker takes 100" in refusal(jobs.scripts.build_request, place, spec).what


NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)


@given(st.dictionaries(NAMES, st.text(max_size=40), max_size=5))
def test_hyperparameters_come_as_they_are(given):
    if any(hyperparameters.check(given)):
        return
    sent = hyperparameters.values("train.py", given)
    assert hyperparameters.script_of(sent) == "train.py"
    assert {name: value for name, value in sent.items() if name != "mlcc_entry"} == given


def test_scripts_that_need_an_index_bring_wheels(place, jobs, script, tmp_path, refusal):
    (tmp_path / "wheels").mkdir()
    spec = script(options={"wheels": str(tmp_path / "wheels")})
    error = refusal(jobs.scripts.build_request, place, spec)
    assert "pydantic" in error.hint
    for line in error.hint.split(" -d ")[1].split()[1:]:
        name, _, version = line.partition("==")
        path = tmp_path / "wheels" / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        path.write_bytes(b"")
    body = jobs.scripts.build_request(place, spec).body
    assert body["CreateTrainingJob"]["Environment"]["MLCC_OFFLINE"] == "1"
    files = body["creates"]["Code"]["files"]
    assert len([name for name in files if name.startswith("wheels/")]) == 5
