"""``mlcc runs`` as typed."""

from __future__ import annotations

import json
import time

import pytest

from mlcc_core.cli.options import run_names
from mlcc_core.errors import PlatformError
from mlcc_core.project.records import write_record
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

TUNE = ("tune", "--technique", "fake", "--dataset", "train.jsonl")


def three_runs(world: World) -> list[str]:
    """Two runs of one technique and one of another, in the order in which they were sent."""
    first = world.tune(values={"epochs": 1})
    second = world.tune(technique="second")
    third = world.tune(values={"epochs": 2}, force=True)
    return [first.job, second.job, third.job]


def test_every_run_is_listed_the_newest_first(world: World, mlcc: Mlcc):
    first, second, third = three_runs(world)
    said = mlcc("runs", "list")
    head, *lines = said.out.splitlines()
    assert said.code == 0
    columns = ["job", "technique", "platform", "status", "when", "rows", "result", "changed"]
    assert head.split() == columns
    assert [line.split()[:2] for line in lines] == [[third, "*"], [second, "*"], [first, "fake"]]
    today = time.strftime("%Y-%m-%d")
    assert all("completed" in line and today in line and "loss 0.25" in line for line in lines)
    assert lines[0].endswith("epochs 1 → 2")


def test_the_list_is_filtered(world: World, mlcc: Mlcc):
    first, second, third = three_runs(world)
    world.platform.course = ("failed",)
    world.refused(values={"epochs": 3}, force=True)
    rows = mlcc("runs", "list", "--technique", "fake", "--json").document["runs"]
    assert [row["job"] for row in rows[1:]] == [third, first]
    (failed,) = mlcc("runs", "list", "--status", "failed", "--json").document["runs"]
    assert failed["reason"] == "the loss is not a number"
    assert mlcc("runs", "list", "--status", "stopped").out.startswith("ℹ️  No run")
    unknown = mlcc("runs", "list", "--technique", "fakk").err
    assert "Unknown technique 'fakk'. Did you mean 'fake'?" in unknown
    unknown = mlcc("runs", "list", "--status", "filed").err
    assert "Unknown status 'filed'. Did you mean 'failed'" in unknown
    assert "Known statuses: completed, failed" in unknown
    assert second not in mlcc("runs", "list", "--technique", "fake").out


def test_a_run_that_nobody_watched_is_asked_for_and_remembered(world: World, mlcc: Mlcc):
    world.platform.course = ("running", "completed")
    job = world.tune(wait=False).job
    assert "completed" in mlcc("runs", "list").out
    assert world.record(job).status == "completed"
    world.platform.calls.clear()
    assert "completed" in mlcc("runs", "list").out
    assert world.platform.calls == ["standing"], "the job is not asked for again"


def test_a_run_whose_platform_is_silent_is_listed(world: World, mlcc: Mlcc):
    world.platform.course = ("running",)
    job = world.tune(wait=False).job
    world.platform.fail("describe", PlatformError("The network is away."))
    assert "unknown" in mlcc("runs", "list").out
    del world.platform.jobs[job]
    assert "missing" in mlcc("runs", "list").out


def test_a_damaged_record_hides_no_other(world: World, mlcc: Mlcc):
    first, *others = three_runs(world)
    (world.project.state_folder / "runs" / f"{first}.json").write_text("{")
    said = mlcc("runs", "list")
    assert said.code == 0
    assert f"{first}.json cannot be read" in said.err
    assert all(job in said.out for job in others)


def test_everything_is_shown_of_a_run(world: World, mlcc: Mlcc):
    first, _, third = three_runs(world)
    said = mlcc("runs", "show", first[:-3])
    for part in (first, "completed", "fake://artifacts/", "--epochs", "12 read = 12 good"):
        assert part in said.out
    assert mlcc("runs", "show", "fake", "--json").document["run"]["job"] == third


def test_an_interrupted_run_is_shown_as_one_with_its_command(world: World, mlcc: Mlcc):
    job = world.tune(values={"epochs": 2}).job
    record = world.record(job)
    write_record(world.project, record.model_copy(update={"status": "failed", "interrupted": True}))
    shown = mlcc("runs", "show", job).out.splitlines()
    assert ["status", "interrupted"] in [line.split() for line in shown]
    (command,) = [line for line in shown if "goes on with" in line]
    assert command.endswith(world.request(values={"epochs": 2}).command_line())


def test_flags_that_decide_nothing_are_told_apart(world: World, mlcc: Mlcc):
    words = ("--queue", "slow", "--label", "a=b", "--label", "c=d")
    job = mlcc(*TUNE, "--platform", "elsewhere", *words, "--json").document["job"]
    before, _, after = mlcc("runs", "show", job).out.partition("📋 Decided nothing:")
    assert "--queue" in before
    assert "--label" not in before
    assert after.splitlines()[1].split(maxsplit=1) == ["--label", "a=b, c=d"]


def test_before_the_first_run(world: World, mlcc: Mlcc):
    assert mlcc("runs", "list").out.startswith("ℹ️  This project has no runs.")
    said = mlcc("runs", "show", "abc")
    assert said.code == 1
    assert said.crosses == ["❌ This project has no run 'abc'."]


def test_names_and_techniques_are_completed(world: World):
    jobs = three_runs(world)
    found = [item.value for item in run_names(None, None, "proj-fake")]
    assert sorted(found) == sorted([jobs[0], jobs[2]])
    assert [item.value for item in run_names(None, None, "sec")] == ["second"]


@pytest.mark.parametrize("command", ["stop", "logs"])
def test_a_job_is_named_by_its_start(world: World, mlcc: Mlcc, command: str):
    first, second, third = three_runs(world)
    start = next(first[:end] for end in range(12, 20) if not third.startswith(first[:end]))
    assert mlcc(command, start, "--json").document["job"] == first
    assert mlcc(command, "second", "--json").document["job"] == second
    said = mlcc(command, "proj-fake")
    assert said.code == 1
    assert "begins the names of 2 runs" in said.err
    assert first in said.err
    assert f"Did you mean '{first}'?" in mlcc(command, first.replace("-", "_")).err


# --- remove --------------------------------------------------------------------------------


def test_a_run_is_removed_with_all_that_points_to_it(world: World, mlcc: Mlcc):
    first, second, third = three_runs(world)
    said = mlcc("runs", "remove", third, "--yes")
    assert said.code == 0
    assert said.out.splitlines() == [f"✅ {third} is removed.", f"   Removed the job {third}."]
    assert third not in world.jobs()
    for name in ("TUNE_JOB_NAME_FAKE", "TUNE_ADAPTER_PATH_FAKE", "TUNE_OUTPUT_PATH_LATEST"):
        assert world.variable(name) is None
    assert world.variable("TUNE_JOB_NAME_SECOND") == second
    assert not (world.project.state_folder / "events" / third).exists()
    rows = mlcc("runs", "list", "--json").document["runs"]
    assert [row["job"] for row in rows] == [second, first]
    assert world.tune(values={"epochs": 9}).created


def test_removing_asks(world: World, mlcc: Mlcc):
    job = world.tune().job
    said = mlcc("runs", "remove", job)
    assert said.code == 1
    assert "There is no terminal to ask on" in said.err
    assert said.err.splitlines()[-1] == f"   mlcc runs remove {job} --yes"
    assert world.jobs() == [job]


def test_a_running_job_is_not_removed_with_force_either(world: World, mlcc: Mlcc):
    done = world.tune(technique="second").job
    world.platform.course = ("running",)
    job = world.tune(wait=False).job
    said = mlcc("runs", "remove", job, done, "--force", "--yes")
    assert said.code == 1
    assert said.crosses == [f"❌ The job {job} is running, expected one that is over."]
    assert world.jobs() == sorted([job, done])


def test_a_deployed_output_is_kept(world: World, mlcc: Mlcc):
    job = world.tune().job
    mlcc("adapter", "add", "tuned", "--from-tune", "fake")
    said = mlcc("runs", "remove", job, "--yes")
    assert said.code == 1
    assert said.crosses == [f"❌ The output of {job} is deployed: adapter tuned."]
    assert mlcc("runs", "remove", job, "--yes", "--force").code == 0
    assert world.jobs() == []


def test_a_run_that_others_went_on_from_is_kept(world: World, mlcc: Mlcc):
    first = world.tune().job
    second = world.tune(technique="second", from_tune="fake").job
    said = mlcc("runs", "remove", first, "--yes")
    assert said.code == 1
    assert said.crosses == [f"❌ 1 run went on from {first}: {second}."]
    assert said.err.splitlines()[-2] == f"   mlcc runs remove {first} --force"
    assert mlcc("runs", "remove", first, second, "--yes").code == 0
    assert world.jobs() == []


def test_a_removal_that_was_cut_off_goes_on(world: World, mlcc: Mlcc):
    job = world.tune().job
    world.platform.fail("remove", PlatformError("The network is away."), after=True)
    assert mlcc("runs", "remove", job, "--yes").code == 3
    assert mlcc("runs", "remove", job, "--yes").code == 0
    assert mlcc("runs", "list", "--json").document["runs"] == []


def test_a_name_that_is_used_again_tells_its_events_again(world: World, mlcc: Mlcc):
    job = world.tune().job
    mlcc("runs", "remove", job, "--yes")
    world.events.heard.clear()
    again = world.tune()
    assert (again.job, again.created) == (job, True)
    assert world.events.heard[-1] == f"finished fake://artifacts/{job}"
    assert json.loads(mlcc("runs", "list", "--json").out)["runs"][0]["job"] == job
