"""Jobs that exist, in containers that run: described, stopped, gone on with, removed."""

from __future__ import annotations

import pytest

from mlcc_core import JobNotFound, PlatformError
from tests.plugins.mlcc_sagemaker.instances.job.conftest import CHECKPOINTS, NAME, at_step, trains

pytest.importorskip("sagemaker.core")
pytestmark = pytest.mark.slow

FULL = {"code": 3, "fault": "platform", "reason": "The disk is full.", "hint": "df"}


def steps(runner, context, after=0):
    return [each.step for each in runner.progress_since(context, NAME, after)]


def test_a_job_from_start_to_end(aws, runner, context, create, watch):
    create(steps=3, warnings=["Few rows."])
    states = watch()
    last = states[-1]
    assert last.status == "completed"
    assert last.artifacts == f"s3://data/out/{NAME}/output/model"
    assert last.progress.step == last.progress.steps == 3
    assert last.progress.metrics["held_out_loss"] == 0.25
    assert last.warnings == ("Few rows.",)
    assert last.reported.model == "org/model"
    assert last.reported.dataset == "s3://data/in/"
    assert last.details["instances"] == "1 × ml.g5.xlarge"
    assert "checkpoints" not in last.details
    assert (last.reason, last.fault, last.interrupted) == (None, None, False)
    assert last.ended >= last.started
    assert steps(runner, context) == [1, 2, 3]
    assert steps(runner, context, 2) == [3]
    assert list(runner.logs(context, NAME, follow=False)) == ["people read this"]


def test_a_result_that_the_log_lacks_is_read_beside_the_output(runner, context, create, watch):
    create(steps=1, silent=True)
    assert watch()[-1].progress.metrics["held_out_loss"] == 2.5


def test_a_running_job_is_told_while_it_trains(aws, runner, context, create, watch):
    create(steps=4, waits_at=3)
    state = watch(at_step(3))[-1]
    assert (state.status, state.phase, state.final) == ("running", "Training", False)
    aws.log.clear()
    runner.describe(context, NAME)
    assert aws.log.names() == ["sagemaker:DescribeTrainingJob", "logs:GetLogEvents"]
    (aws.containers.root(NAME) / "go").touch()
    assert watch()[-1].status == "completed"


def test_spot_instances_that_are_taken_back(aws, runner, context, create, watch):
    create(steps=6, saves=[2, 4], waits_at=5, spot=True)
    watch(at_step(5))
    aws.containers.capacity("ml.g5.xlarge", available=False)
    aws.containers.interrupt(NAME)
    waiting = watch(lambda state: state.phase == "Waiting for a spot instance")[-1]
    (warning,) = waiting.warnings
    assert "taken back at" in warning
    assert warning.endswith("waiting for another one, training goes on from step 4.")
    assert waiting.progress.step == 5
    assert waiting.progress.seconds_left is None
    assert not waiting.interrupted
    aws.containers.capacity("ml.g5.xlarge", available=True)
    watch(lambda state: state.phase == "Training")
    (aws.containers.root(NAME) / "go").touch()
    last = watch()[-1]
    assert last.status == "completed"
    assert last.details["spot instances taken back"] == "1"
    assert last.details["instances"] == "1 × ml.g5.xlarge (spot)"
    assert steps(runner, context) == [1, 2, 3, 4, 5, 6]
    assert list(runner.logs(context, NAME, follow=False)) == ["people read this"] * 2


@pytest.fixture
def interrupted(aws, create, watch, saved):
    """The state of a job whose instance died after a checkpoint."""
    create(steps=6, saves=[2, 4], waits_at=5)
    watch(at_step(5))
    saved(4)
    aws.containers.lose(NAME)
    return watch()[-1]


def test_an_instance_that_dies_and_a_continuation(aws, runner, context, interrupted, watch):
    state = interrupted
    assert (state.status, state.fault, state.interrupted) == ("failed", "platform", True)
    assert state.saved_step == 4
    assert state.details["checkpoints"] == CHECKPOINTS
    assert "InternalServerError" in state.reason
    runner.resume(context, NAME)
    first, second = (job.request for job in aws.jobs.all())
    assert second["TrainingJobName"] == f"{NAME}-c2"
    assert {**second, "TrainingJobName": NAME} == first
    with pytest.raises(PlatformError, match="so it cannot go on"):
        runner.resume(context, NAME)
    watch(trains)
    (aws.containers.root(f"{NAME}-c2") / "go").touch()
    last = watch()[-1]
    assert (last.name, last.status) == (NAME, "completed")
    assert last.artifacts == f"s3://data/out/{NAME}-c2/output/model"
    assert last.details["went on as"] == f"{NAME}-c2"
    assert last.started == state.started
    assert steps(runner, context) == [1, 2, 3, 4, 5, 6]
    assert list(runner.logs(context, NAME, follow=True)) == ["people read this"] * 2
    assert runner.list_jobs(context, "demo-sft-") == [NAME]
    assert type(runner)().describe(context, NAME) == last
    assert len(aws.jobs.all()) == 2


@pytest.mark.parametrize("kind", ["lost", "cut"])
def test_a_continuation_whose_answer_is_lost(aws, runner, context, interrupted, kind):
    aws.inject("CreateTrainingJob", kind)
    runner.resume(context, NAME)
    assert [job.name for job in aws.jobs.all()] == [NAME, f"{NAME}-c2"]


def test_a_continuation_that_another_terminal_made(aws, runner, context, interrupted, watch):
    before = type(runner)()
    before.known(NAME).look(context, NAME)
    runner.resume(context, NAME)
    with pytest.raises(PlatformError, match="so it cannot go on"):
        before.resume(context, NAME)
    assert len(aws.jobs.all()) == 2


def test_a_continuation_that_is_refused(aws, runner, context, interrupted, watch):
    aws.containers.quotas["ml.g5.xlarge", "training"] = 0
    with pytest.raises(PlatformError) as caught:
        runner.resume(context, NAME)
    assert "a quota of the account is exhausted" in caught.value.what
    assert caught.value.hint.startswith("aws service-quotas request-service-quota-increase")
    assert runner.describe(context, NAME).interrupted


def test_no_capacity(aws, runner, context, create, watch):
    aws.containers.capacity("ml.g5.xlarge", available=False)
    create(steps=1)
    state = watch()[-1]
    assert state.interrupted
    assert state.saved_step is None
    assert state.reason.startswith("AWS has no ml.g5.xlarge free right now")
    aws.containers.capacity("ml.g5.xlarge", available=True)
    runner.resume(context, NAME)
    assert watch()[-1].status == "completed"


@pytest.mark.parametrize(
    ("fault", "code", "goes_on"), [("input", 1, False), ("job", 2, False), ("platform", 3, True)]
)
def test_the_containers_result_says_whose_fault_it_is(
    runner, context, create, watch, fault, code, goes_on
):
    failure = {"code": code, "fault": fault, "reason": "It broke.", "hint": "--epochs 2"}
    create(steps=3, saves=[1], fails_at=2, failure=failure)
    state = watch()[-1]
    assert (state.status, state.fault, state.interrupted) == ("failed", fault, goes_on)
    assert state.reason == "It broke.\n--epochs 2"
    assert state.saved_step == (1 if goes_on else None)


def test_a_job_that_is_stopped(aws, runner, context, create, watch):
    create(steps=3, waits_at=2)
    watch(at_step(2))
    aws.containers.grace = 0.2
    runner.stop(context, NAME)
    state = watch()[-1]
    assert (state.status, state.reason) == ("stopped", "it was asked to stop")
    runner.stop(context, NAME)
    assert len(aws.log.calls("StopTrainingJob")) == 1


def test_the_newest_continuation_is_stopped(aws, runner, context, interrupted, watch):
    runner.resume(context, NAME)
    aws.containers.grace = 0.2
    watch(trains)
    runner.stop(context, NAME)
    assert watch()[-1].status == "stopped"
    assert aws.log.only("StopTrainingJob").params["TrainingJobName"] == f"{NAME}-c2"


def test_a_log_that_may_not_be_read(aws, runner, context, create, watch):
    aws.inject("logs:", "denied", times=None)
    create(steps=2)
    states = watch()
    assert states[-1].status == "completed"
    assert states[-1].warnings == ()
    (warning,) = {warning for state in states for warning in state.warnings}
    assert warning.startswith("The progress is not known: ")
    assert "logs:DescribeLogStreams" in warning
    assert warning.endswith("Mend it with: mlcc bootstrap")


def test_checkpoints_are_forgotten_once_the_job_is_over(aws, runner, context, create, watch, saved):
    create(steps=6, saves=[2], waits_at=5)
    watch(at_step(5))
    saved(2)
    runner.forget(context, NAME)
    assert aws.log.calls("s3:DeleteObjects") == []
    aws.containers.lose(NAME)
    assert watch()[-1].saved_step == 2
    runner.forget(context, NAME)
    assert aws.objects("data", "out/") == {}
    assert runner.describe(context, NAME).saved_step is None


def test_a_job_that_is_removed(aws, runner, context, interrupted, watch):
    assert interrupted.saved_step == 4
    runner.resume(context, NAME)
    with pytest.raises(PlatformError, match="is not over"):
        runner.remove(context, NAME)
    watch(trains)
    (aws.containers.root(f"{NAME}-c2") / "go").touch()
    watch()
    aws.account.client("s3").put_object(Bucket="data", Key=f"out/{NAME}0/kept", Body=b"")
    lines = runner.remove(context, NAME)
    assert lines[:2] == (
        f"Removed s3://data/out/{NAME}/ (2 objects).",
        f"Removed s3://data/out/{NAME}-c2/ (1 object).",
    )
    assert list(aws.objects("data", "out/")) == [f"out/{NAME}0/kept"]


def test_objects_that_may_not_be_removed(aws, runner, context, create, watch):
    create(steps=1)
    watch()
    aws.inject("s3:DeleteObjects", "denied", times=None)
    with pytest.raises(PlatformError) as caught:
        runner.remove(context, NAME)
    assert "s3:DeleteObject" in str(caught.value.what) + str(caught.value.detail)
    assert caught.value.hint == "mlcc bootstrap"


def test_a_job_that_there_is_none_of(runner, context, aws):
    for step in (
        lambda: runner.describe(context, NAME),
        lambda: runner.stop(context, NAME),
        lambda: runner.logs(context, NAME, follow=False),
        lambda: runner.forget(context, NAME),
        lambda: runner.remove(context, NAME),
        lambda: runner.resume(context, NAME),
        lambda: runner.progress_since(context, NAME, 0),
    ):
        with pytest.raises(JobNotFound):
            step()


def test_another_job_that_took_the_name_is_not_mixed_up_with_the_first(
    aws, runner, context, create, watch
):
    create(steps=2)
    watch()
    aws.client("sagemaker").delete_training_job(TrainingJobName=NAME)
    aws.clock.forward(60)
    create(steps=1)
    assert watch()[-1].progress.steps == 1
