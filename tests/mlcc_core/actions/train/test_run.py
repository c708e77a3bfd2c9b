"""A script run from its request to its end: one job, whatever is lost, killed or asked again."""

from __future__ import annotations

import dataclasses

import pytest

from mlcc_core.actions.deploy.weights import WeightsRequest, find_weights
from mlcc_core.actions.jobs import JobRequest, logs, stop
from mlcc_core.actions.named_models import run_named
from mlcc_core.actions.runs.remove import RemoveRunsRequest, remove_runs
from mlcc_core.actions.runs.rows import RunsRequest, list_runs
from mlcc_core.actions.runs.run_file.writing import run_file_text
from mlcc_core.actions.runs.show import RunRequest, show_run
from mlcc_core.actions.runs.wait import WaitRequest, wait
from mlcc_core.actions.train.dry_run import dry_run_script
from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.tune.job.status import job_rows
from mlcc_core.errors import JobError, MlccError, PlatformError
from mlcc_core.testing.parts.pricing import FakePricing
from tests.mlcc_core.actions.train.conftest import Refused, Train
from tests.mlcc_core.world import World

LOST = PlatformError("the line went dead")


class Killed(BaseException):
    """The process ends here, as far as anything above it can tell."""


def test_a_run_is_recorded_with_all_that_decided_it(world: World, train: Train):
    data = world.write("rows.jsonl", [{"a": 1}])
    result = train(
        hyperparameters={"epochs": "3"},
        inputs={"train": data},
        values={"queue": "fast"},
        platform="elsewhere",
    )
    record = world.record(result.job)
    assert result.created
    assert result.output is None
    assert result.job.startswith("proj-script-")
    assert record.technique == "script"
    assert record.submission == "proved"
    assert record.script is not None
    assert record.script.model_dump() == {
        "script": "train.py",
        "hyperparameters": {"epochs": "3"},
        "inputs": {"train": data},
        "output": f"fake://artifacts/{result.job}",
    }
    assert record.asked["--hyperparameter epochs"] == "3"
    assert record.asked["--input train"] == "./rows.jsonl"
    assert record.asked["--queue"] == "fast"
    assert record.command == (
        f"./do/train --script {world.root}/train.py --hyperparameter epochs=3 "
        f"--input train={data} --platform elsewhere --queue fast"
    )
    assert world.variable("TUNE_JOB_NAME_SCRIPT") == result.job
    assert world.variable("TUNE_OUTPUT_PATH_LATEST") is None


def test_run_again_it_is_the_same_job(world: World, train: Train):
    first, again = train(), train()
    assert (first.created, again.created) == (True, False)
    assert again.job == first.job
    assert world.jobs() == [first.job]


def test_the_place_of_a_script_does_not_matter_its_content_does(world: World, train: Train):
    first = train()
    (world.root / "src").mkdir()
    moved = (world.root / "train.py").rename(world.root / "src" / "train.py")
    assert train(script=str(moved)).job == first.job
    moved.write_text("print('other')\n")
    with pytest.raises(MlccError) as caught:
        train(script=str(moved))
    assert caught.value.what == (
        f"The tracked script job {first.job} is not what is asked for now."
    )
    assert caught.value.hint.startswith(f"./do/train --script {moved} --force   #")
    assert train(script=str(moved), force=True).job != first.job


@pytest.mark.parametrize(
    "change",
    [
        {"hyperparameters": {"lr": "2"}},
        {"inputs": {"train": "s3://b/other"}},
        {"folder": True},
        {"requirements": "r.txt"},
    ],
)
def test_whatever_decides_a_run_makes_another_one(
    world: World, train: Train, refused: Refused, change: dict[str, object]
):
    (world.root / "src").mkdir()
    script = world.root / "src" / "train.py"
    script.write_text("")
    (script.parent / "beside.py").write_text("")
    (world.root / "r.txt").write_text("numpy\n")
    given = {
        "script": str(script),
        "hyperparameters": {"lr": "1"},
        "inputs": {"train": "s3://b/data"},
    }
    train(**given)
    assert "is not what is asked for now" in refused(**{**given, **change}).what


def test_a_lost_answer_is_not_a_lost_job(world: World, train: Train):
    world.platform.fail("submit", LOST, after=True)
    result = train()
    assert result.created
    assert world.jobs() == [result.job]
    assert world.record(result.job).submission == "proved"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("force", [False, True])
def test_a_kill_around_the_creating_call(world: World, train: Train, *, after: bool, force: bool):
    world.platform.fail("submit", Killed(), after=after)
    with pytest.raises(Killed):
        train()
    name = world.variable("TUNE_JOB_NAME_SCRIPT")
    assert world.record(name).submission == "sending"
    result = train(force=force)
    assert result.job == name
    assert result.created is not after
    assert world.jobs() == [name]


def test_a_job_that_was_not_created_is_not_tracked(world: World, train: Train, refused: Refused):
    world.platform.fail("submit", LOST)
    assert refused() is LOST
    assert world.variable("TUNE_JOB_NAME_SCRIPT") is None
    assert train().created


def test_a_job_that_is_not_what_was_sent_is_stopped(world: World, refused: Refused):
    scripts = world.platform.runs_scripts
    scripts.misread = lambda found: dataclasses.replace(found, hyperparameters={"epochs": "9"})
    error = refused(hyperparameters={"epochs": "3"})
    assert isinstance(error, JobError)
    assert "is not what was sent, and was stopped" in error.what
    assert error.detail == ("epochs: sent '3', found '9'",)
    assert world.record(world.jobs()[0]).problem == "epochs: sent '3', found '9'"


def test_a_request_that_says_something_else_is_never_sent(world: World, refused: Refused):
    scripts = world.platform.runs_scripts
    read = scripts.read_spec
    scripts.read_spec = lambda body: dataclasses.replace(read(body), checksum="other")
    assert refused().what == "The request does not say what was planned; nothing was submitted."
    assert world.jobs() == []


def test_a_failure_is_told_and_run_anew_by_its_hint(world: World, train: Train, refused: Refused):
    world.platform.course = ("running", "failed")
    error = refused()
    assert isinstance(error, JobError)
    assert "the loss is not a number" in error.what
    command = f"./do/train --script {world.root}/train.py --force"
    assert error.hint == f"{command}   # once that is mended"
    world.platform.course = ("completed",)
    assert train(force=True).job.endswith("-2")


def test_what_it_may_cost_is_held_to_a_limit(world: World, train: Train, refused: Refused):
    world.platform.prices = FakePricing()
    error = refused(max_cost=4.0)
    assert "This may cost $5.00, more than --max-cost 4 allows" in error.what
    assert world.jobs() == []
    result = train(max_cost=6.0)
    assert "💰 fake.large: 1 hour × $5.00 (fake list) = $5.00" in world.heard.lines
    assert world.record(result.job).cost["total"] == 5.0
    train(max_cost=4.0)
    assert f"ℹ️  --max-cost is for new jobs: {result.job} exists" in world.heard.lines[-1]


def test_a_dry_run_writes_nothing_and_names_the_job(world: World, train: Train):
    request = ScriptRequest(str(world.root / "train.py"), dry_run=True)
    before = sorted(world.root.rglob("*"))
    found = dry_run_script(world.session(), request)
    assert sorted(world.root.rglob("*")) == before
    assert (found.state, found.in_the_way) == (None, None)
    assert train().job == found.job
    again = dry_run_script(world.session(), request)
    assert again.job == found.job
    assert again.state.status == "completed"
    (world.root / "train.py").write_text("print('other')\n")
    assert dry_run_script(world.session(), request).in_the_way is not None
    with pytest.raises(ValueError, match="dry_run_script"):
        train(dry_run=True)


def test_no_wait_leaves_it_to_the_other_commands(world: World, train: Train):
    world.platform.course = ("running", "running", "running", "running", "completed")
    result = train(wait=False)
    assert result.next_steps == ("./do/train --status",)
    session = world.session()
    (row,) = job_rows(session)
    assert (row.technique, row.job, row.status) == ("script", result.job, "running")
    assert list(logs(session, JobRequest("script")).lines)
    (ended,) = wait(session, WaitRequest(("script",)), world.heard)
    assert ended.state.status == "completed"
    assert world.record(result.job).script.output == f"fake://artifacts/{result.job}"


def test_a_run_that_was_not_watched_is_recorded_by_the_list(world: World, train: Train):
    world.platform.course = ("running", "completed")
    result = train(wait=False)
    list_runs(world.session())
    (row,) = list_runs(world.session(), RunsRequest(technique="script"))
    assert (row.status, row.output) == ("completed", f"fake://artifacts/{result.job}")


def test_stop_and_what_goes_on_with_it(world: World, train: Train):
    world.platform.course = ("running",) * 5
    result = train(wait=False)
    stop(world.session(), JobRequest("script"))
    with pytest.raises(MlccError) as caught:
        wait(world.session(), WaitRequest((result.job,)), world.heard)
    command = f"./do/train --script {world.root}/train.py"
    assert caught.value.hint == f"{command} --force"


def test_show_and_remove(world: World, train: Train):
    result = train()
    assert show_run(world.session(), RunRequest("script")).job == result.job
    with pytest.raises(MlccError) as caught:
        run_file_text(world.record(result.job))
    assert "ran a script of yours" in caught.value.what
    remove_runs(world.session(), RemoveRunsRequest(("script",), assume_yes=True))
    assert world.jobs() == []
    assert world.variable("TUNE_JOB_NAME_SCRIPT") is None


@pytest.mark.parametrize("whole", [False, True])
def test_a_script_is_no_tuned_model(world: World, train: Train, *, whole: bool):
    result = train()
    text = result.job if whole else "script"
    for ask in (
        lambda: run_named(world.session(), text, "TARGET"),
        lambda: find_weights(world.session(), "adapter", WeightsRequest("a", from_tune=text)),
        lambda: world.tune(from_tune=text),
    ):
        with pytest.raises(MlccError) as caught:
            ask()
        assert "ran a script of yours, which mlcc knows no model of" in caught.value.what
        assert f"fake://artifacts/{result.job}" in caught.value.what


def test_tuned_models_are_found_beside_scripts(world: World, train: Train):
    tuned = world.tune()
    train()
    found = find_weights(world.session(), "adapter", WeightsRequest("a", from_tune=True))
    assert found.path == tuned.output.path
    assert not any("newest run" in line for line in world.heard.lines)


def test_events_are_not_told_of_scripts(world: World, train: Train):
    train()
    job_rows(world.session())
    assert world.events.heard == []
