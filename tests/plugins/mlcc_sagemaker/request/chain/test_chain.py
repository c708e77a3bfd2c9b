"""Jobs that go on from an earlier one: by run, by package, in the pairs that AWS takes."""

from __future__ import annotations

import json

import pytest

from mlcc_core.errors import MlccError
from mlcc_sagemaker.request.chain.pairs import FOLLOWERS
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import LLAMA, QWEN, make_order
from tests.plugins.mlcc_sagemaker.request.test_request import problems

pytest.importorskip("sagemaker.core")

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/mlcc-demo/1"


def finished(account, context, platform, technique="sft", training_type="lora", **changes):
    """Run a job to its end; return what it left in S3."""
    account.jobs.course = courses.at_once()
    spec = make_order(account, technique, training_type=training_type, **changes)
    name = f"demo-{technique}-0badcafe-1"
    platform.runner.submit(context, name, platform.runner.build_request(context, spec))
    while not (state := platform.runner.describe(context, name)).final:
        pass
    assert state.artifacts, state
    return state.artifacts


def test_an_output_leads_to_its_package(account, context, platform):
    path = finished(account, context, platform)
    start = platform.runner.find_start(context, path, None)
    assert (start.model, start.output.kind, start.output.path) == (QWEN, "adapter", PACKAGE)
    for other in (f"{path}/", f"{path}/checkpoints/hf/", PACKAGE):
        assert platform.runner.find_start(context, other, None) == start


def test_the_fingerprint_changes_with_the_adapter(account, context, platform):
    path = finished(account, context, platform)
    before = platform.runner.find_start(context, path, None).fingerprint
    bucket, _, key = path.removeprefix("s3://").partition("/")
    file = {"Bucket": bucket, "Key": f"{key}/checkpoints/hf/adapter_model.safetensors"}
    account.account.client("s3").put_object(**file, Body=b"other weights")
    assert platform.runner.find_start(context, path, None).fingerprint != before
    account.account.client("s3").delete_objects(
        Bucket=bucket,
        Delete={"Objects": [{"Key": key} for key in account.objects(bucket, key)]},
    )
    assert "The adapter of" in refused(context, platform, path)


def refused(context, platform, path):
    """The one line that says why a job cannot go on from there."""
    with pytest.raises(MlccError) as caught:
        platform.runner.find_start(context, path, None)
    return caught.value.what


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("adapter", "neither the output of a SageMaker job nor the ARN of a model package"),
        ("s3://data/demo-sft-1/output/model", "there is none named demo-sft-1"),
        (PACKAGE.replace("/1", "/7"), "There is no model package"),
        (PACKAGE.replace("us-east-1", "us-west-2"), "is not in us-east-1, where the job runs"),
    ],
)
def test_what_is_no_start(context, platform, path, words):
    assert words in refused(context, platform, path)


def test_another_place_than_that_of_the_job(account, context, platform):
    path = finished(account, context, platform)
    other = path.replace("/demo/", "/copied/")
    assert f"is not what the job demo-sft-0badcafe-1 left: that is {path}" in refused(
        context, platform, other
    )


def test_full_rank_is_no_start(account, context, platform):
    path = finished(account, context, platform, training_type="full-rank")
    for named in (path, PACKAGE):
        assert "SageMaker goes on from LoRA adapters only" in refused(context, platform, named)


def test_a_package_without_its_job_is_known_by_its_recipe(account, context, platform):
    path = finished(account, context, platform)
    before = platform.runner.find_start(context, PACKAGE, None)
    account.client("sagemaker").delete_training_job(TrainingJobName="demo-sft-0badcafe-1")
    assert platform.runner.find_start(context, PACKAGE, None) == before
    assert "there is none named" in refused(context, platform, path)
    follower = make_order(account, "dpo", start=before)
    assert platform.runner.build_request(context, follower).body["fingerprints"]["start"]


def test_a_package_of_another_make(account, context, platform):
    sagemaker = account.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="mlcc-demo")
    sagemaker.create_model_package(ModelPackageGroupName="mlcc-demo")
    assert "names no model of the hub" in refused(context, platform, PACKAGE)


@pytest.mark.parametrize("before", FOLLOWERS)
def test_every_pair(account, context, platform, before):
    path = finished(account, context, platform, before.lower())
    start = platform.runner.find_start(context, path, None)
    for after in FOLLOWERS:
        spec = make_order(account, after.lower(), start=start)
        if after in FOLLOWERS[before]:
            goes_on(account, context, platform, spec, f"demo-{after.lower()}-0badcafe-2")
            continue
        (problem,) = problems(platform, context, spec)
        after_it = " or ".join([", ".join(FOLLOWERS[before][:-1]), FOLLOWERS[before][-1]])
        assert problem.what == (
            f"SageMaker does not go on from {before} with {after}: after {before} it takes "
            f"{after_it}."
        )
        assert problem.hint.startswith("mlcc runs list   # name a run of SFT")


def goes_on(account, context, platform, spec, name):
    """The job begins with the start of ``spec``, and says so."""
    request = platform.runner.build_request(context, spec)
    platform.runner.submit(context, name, request)
    config = account.jobs[name].request["ModelPackageConfig"]
    assert config["SourceModelPackageArn"] == PACKAGE
    reported = platform.runner.read_spec(request.body)
    assert (reported.start, reported.start_fingerprint) == (PACKAGE, spec.start.fingerprint)
    state = platform.runner.describe(context, name)
    assert state.reported.start == PACKAGE
    assert state.reported.start_fingerprint == spec.start.fingerprint


def test_another_shape_than_that_of_the_start(account, context, platform):
    given = {"max_epochs": 1, "lora_rank": 8, "lora_alpha": 16}
    path = finished(account, context, platform, hyperparameters=given)
    start = platform.runner.find_start(context, path, None)
    same = make_order(account, "dpo", start=start, hyperparameters=given)
    assert platform.runner.build_request(context, same).warnings == ()
    (warning,) = platform.runner.build_request(
        context, make_order(account, "dpo", start=start)
    ).warnings
    assert "The start was trained with lora_rank 8 and lora_alpha 16, and this job asks for " in (
        warning
    )
    assert warning.endswith("To keep the shape: --lora-rank 8 --lora-alpha 16")


def test_a_licence_is_accepted_for_each_job(account, context, platform):
    path = finished(account, context, platform, model=LLAMA, options={"accept_eula": True})
    start = platform.runner.find_start(context, path, None)
    (problem,) = problems(platform, context, make_order(account, "dpo", model=LLAMA, start=start))
    assert problem.where == "--accept-eula"


# --- as typed ----------------------------------------------------------------------------------


def tune(mlcc, technique, *more):
    data = ("--dataset", f"s3://data/{technique}.jsonl")
    return mlcc("tune", "--technique", technique, *data, "--poll-interval", "0.01", *more)


@pytest.mark.slow
def test_a_chain_from_tune_to_an_adapter_that_answers(deployed, account):
    first = json.loads(tune(deployed, "sft", "--json").out)
    account.log.clear()
    ran = tune(deployed, "dpo", "--from-tune", "sft", "--json")
    assert ran.code == 0, ran
    second = json.loads(ran.out)
    sent = account.log.only("CreateTrainingJob").params
    assert sent["ModelPackageConfig"]["SourceModelPackageArn"] == PACKAGE
    assert second["record"]["submission"] == "proved"
    (ancestor,) = second["record"]["lineage"]
    assert (ancestor["job"], ancestor["technique"]) == (first["job"], "sft")
    assert second["output"]["kind"] == "adapter"
    shown = deployed("runs", "show", second["job"])
    assert first["job"] in shown.out
    added = deployed("adapter", "add", "chained", "--from-tune", second["job"])
    assert added.code == 0, added
    assert "chained says" in deployed("test", "--adapter", "chained").out


@pytest.mark.slow
def test_asked_again_the_chain_is_the_same_job_by_run_and_by_file(ready, account):
    first = json.loads(tune(ready, "sft", "--json").out)["job"]
    second = json.loads(tune(ready, "dpo", "--from-tune", "sft", "--json").out)["job"]
    again = json.loads(tune(ready, "dpo", "--from-tune", first, "--json").out)
    assert (again["job"], again["created"]) == (second, False)
    run_file = ready.project / "run.yaml"
    run_file.write_text(ready("runs", "show", second, "--as-file").out)
    again = json.loads(ready("tune", "--file", str(run_file), "--json").out)
    assert (again["job"], again["created"]) == (second, False)
    assert len(account.jobs.all()) == 2


@pytest.mark.slow
def test_a_package_is_gone_on_from_by_its_arn(ready, account):
    tune(ready, "sft", "--json")
    ran = tune(ready, "sft", "--from-weights", PACKAGE, "--json", "--force")
    assert ran.code == 0, ran
    record = json.loads(ran.out)["record"]
    assert record["given"]["from_weights"] == PACKAGE
    run_file = ready.project / "run.yaml"
    run_file.write_text(ready("runs", "show", record["job"], "--as-file").out)
    again = json.loads(ready("tune", "--file", str(run_file), "--json").out)
    assert (again["job"], again["created"]) == (record["job"], False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "line", "hint"),
    [
        (("sft", "--training-type", "full-rank"), "cannot go on from a LoRA adapter", "--training"),
        (("sft", "--model", LLAMA), f"--model {LLAMA} is not the model of the start", "--model"),
        (("rlaif", "--reward-prompt", "s3://data/judge.txt"), "from RLVR with RLAIF", "runs list"),
    ],
)
def test_a_refusal_is_one_line_before_anything_is_staged(ready, account, words, line, hint):
    before = "rlvr" if words[0] == "rlaif" else "sft"
    more = ("--reward-function", account.reward_arn) if before == "rlvr" else ()
    assert tune(ready, before, *more).code == 0
    account.log.clear()
    ran = tune(ready, words[0], "--from-tune", before, *words[1:])
    assert ran.code == 1, ran
    (cross,) = (text for text in ran.err.splitlines() if text.startswith("❌"))
    assert line in cross
    assert hint in ran.err
    assert account.log.writing() == []


@pytest.mark.slow
def test_a_killed_process_leaves_a_job_that_is_proved_later(ready, account, monkeypatch):
    """What the description does not say of a job is read from the request on record."""
    from mlcc_sagemaker import plugin

    tune(ready, "sft", "--json")
    account.jobs.course = courses.completes(looks=50)
    flags = ("--from-tune", "sft", "--reward-function", account.reward_arn)
    account.inject("DescribeTrainingJob", "denied", after=4, times=None)
    assert tune(ready, "rlvr", *flags).code == 3
    account.faults.clear()
    plugin.runner._sent.clear()
    account.jobs.all()[-1].proceed(*courses.at_once())
    ran = tune(ready, "rlvr", *flags, "--json")
    assert ran.code == 0, ran
    assert json.loads(ran.out)["record"]["submission"] == "proved"
    assert len(account.jobs.all()) == 2
