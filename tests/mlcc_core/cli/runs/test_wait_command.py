"""``mlcc wait`` as typed."""

from __future__ import annotations

import pytest

from mlcc_core.actions.runs.duration import seconds_of
from mlcc_core.errors import MlccError, TransientError
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


def started(world: World, **asked: object) -> str:
    return world.tune(wait=False, **asked).job


def test_a_run_is_waited_for_to_its_end(world: World, mlcc: Mlcc):
    job = started(world)
    said = mlcc("wait", job)
    assert said.code == 0
    assert said.out.startswith(f"✅ {job} completed: LoRA adapter at fake://artifacts/{job}")
    assert "step 40/40" in said.err
    assert world.variable("TUNE_ADAPTER_PATH_FAKE") == f"fake://artifacts/{job}"
    assert world.record(job).status == "completed"
    assert world.events.heard[-1] == f"finished fake://artifacts/{job}"


def test_without_a_name_all_that_run_are_meant(world: World, mlcc: Mlcc):
    jobs = [started(world), started(world, technique="second")]
    said = mlcc("wait", "--json")
    assert [run["job"] for run in said.document["runs"]] == jobs
    assert {run["state"]["status"] for run in said.document["runs"]} == {"completed"}


def test_a_run_that_is_not_the_latest_does_not_become_it(world: World, mlcc: Mlcc):
    first = started(world, values={"epochs": 1})
    latest = world.tune(values={"epochs": 2}, force=True)
    assert mlcc("wait", first).code == 0
    assert world.record(first).output is not None
    assert world.variable("TUNE_JOB_NAME_FAKE") == latest.job
    assert world.variable("TUNE_ADAPTER_PATH_FAKE") == latest.output.path


def test_all_are_waited_for_and_the_failed_one_is_told(world: World, mlcc: Mlcc):
    world.platform.course = ("running", "failed")
    failing = started(world)
    world.platform.course = ("running", "running", "completed")
    fine = started(world, technique="second")
    said = mlcc("wait", "fake", "second")
    assert said.code == 2
    assert said.crosses == [f"❌ The job {failing} failed: the loss is not a number"]
    assert world.record(fine).status == "completed"


def test_a_stopped_run_is_a_job_error(world: World, mlcc: Mlcc):
    world.platform.course = ("running", "stopped")
    started(world)
    assert mlcc("wait").code == 2


def test_the_time_is_up(world: World, mlcc: Mlcc):
    world.platform.course = ("running",) * 1_000_000
    job = started(world)
    said = mlcc("wait", job, "--timeout", "0.05s")
    assert said.code == 3
    assert said.crosses[0].startswith(f"❌ The job {job} is not over")
    assert said.err.splitlines()[-1] == f"   mlcc wait {job}"


def test_a_platform_that_is_away_for_a_moment(world: World, mlcc: Mlcc):
    job = started(world)
    world.platform.fail("describe", TransientError("The network is away."))
    said = mlcc("wait", job)
    assert said.code == 0
    assert "trying again" in said.err


def test_a_job_that_is_gone(world: World, mlcc: Mlcc):
    job = started(world)
    world.platform.jobs.clear()
    said = mlcc("wait", job)
    assert said.code == 2
    assert "has disappeared" in said.err


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("1h30m", 5400), ("1d", 86_400), ("45", 45)],
)
def test_durations(text: str, seconds: float):
    assert seconds_of(text, "--timeout") == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1s", "0", "h", "1w", "nan", "2 h"])
def test_what_is_no_duration(text: str):
    with pytest.raises(MlccError, match="expected a duration like 90s"):
        seconds_of(text, "--timeout")
