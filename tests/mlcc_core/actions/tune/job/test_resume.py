"""The same command has an interrupted job go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core.actions.runs.wait import wait
from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.actions.tune.job.status import job_rows
from mlcc_core.contract.job import JobState
from mlcc_core.contract.options import Option
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import ExitCode, JobError, PlatformError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World, make_world


class Fragile(FakePlatform):
    """Jobs that fail were interrupted, and have a checkpoint."""

    saved_step: int | None = 4

    def describe(self, context: Context, name: str) -> JobState:
        state = super().describe(context, name)
        if state.status != "failed":
            return state
        return replace(state, fault="platform", interrupted=True, saved_step=self.saved_step)

    def resume(self, context: Context, name: str) -> None:
        with self.call("resume"):
            self.jobs[name].course = ("running", "running", "completed")
            self.jobs[name].looks = 0


@pytest.fixture
def world(folder: Path) -> World:
    """A project whose only job was interrupted."""
    world = make_world(folder)
    world.platform = Fragile()
    world.platform.course = ("running", "failed")
    world.platform.reason = "the machine was switched off\nand more"
    return world


def test_the_same_command_goes_on(world: World) -> None:
    error = world.refused()
    assert isinstance(error, PlatformError)
    assert error.exit_code == ExitCode.PLATFORM
    assert error.what.endswith(" was interrupted: the machine was switched off")
    assert error.hint is not None
    assert error.hint.endswith("   # goes on from step 4")
    assert "--force" not in error.hint
    (name,) = world.jobs()
    assert world.record(name).interrupted
    done = world.tune()
    assert (done.job, done.created, done.state.status) == (name, False, "completed")
    line = next(line for line in world.heard.lines if line.startswith("↻"))
    assert line.startswith(f"↻ {name} was interrupted at step ")
    assert line.endswith("; it goes on from step 4. The machine was switched off.")
    assert not any("is already running" in line for line in world.heard.lines)
    assert not world.record(name).interrupted
    assert world.jobs() == [name]


def test_a_checkpoint_may_be_newer_than_what_was_logged_last(world: World) -> None:
    world.platform.saved_step = 23  # type: ignore[attr-defined]  # of the fake
    world.refused()
    world.tune()
    line = next(line for line in world.heard.lines if line.startswith("↻"))
    assert " was interrupted at step 23 of 20; it goes on from step 23." in line


def test_wait_ends_and_tells_how_it_goes_on(world: World) -> None:
    world.refused()
    with pytest.raises(PlatformError, match="was interrupted: the machine was") as told:
        wait(world.session())
    assert told.value.hint == f"{world.request().command_line()}   # goes on from step 4"


def test_without_a_checkpoint_it_begins_again(world: World) -> None:
    world.platform.saved_step = None  # type: ignore[attr-defined]
    error = world.refused()
    assert error.hint is not None
    assert error.hint.endswith("# begins again, as it had no checkpoint")


def test_steps_are_told_once_and_each_end(world: World) -> None:
    world.refused()
    world.tune()
    told = [line for line in world.events.heard if line.startswith("progress")]
    assert len(told) == len(set(told))
    ends = [line for line in world.events.heard if line.startswith("finished")]
    assert ends[0] == "finished None"
    assert len(ends) == 2
    assert sum(line.startswith("submitted") for line in world.events.heard) == 1


def test_force_starts_anew_and_frees_the_attempt_before(world: World) -> None:
    world.refused()
    (before,) = world.jobs()
    world.platform.course = ("completed",)
    assert world.tune(force=True).created
    assert "resume" not in world.platform.calls
    assert len(world.jobs()) == 2
    assert f"forget {before}" in world.platform.calls


def test_a_job_that_completes_keeps_no_checkpoints(world: World) -> None:
    world.refused()
    (name,) = world.jobs()
    assert f"forget {name}" not in world.platform.calls
    world.tune()
    assert f"forget {name}" in world.platform.calls


def test_checkpoints_that_cannot_be_removed_are_told(world: World) -> None:
    world.refused()
    (name,) = world.jobs()
    world.platform.fail(f"forget {name}", PlatformError("The disk refuses."))
    assert world.tune().output is not None
    assert world.heard.lines.count(f"⚠️  The checkpoints of {name} stay: The disk refuses.") == 1


def test_force_of_another_plan_leaves_what_its_own_command_goes_on_with(world: World) -> None:
    world.refused()
    (before,) = world.jobs()
    world.platform.course = ("completed",)
    assert world.tune(force=True, values={"epochs": 9}).created
    assert f"forget {before}" not in world.platform.calls
    assert world.tune().job == before
    assert "resume" in world.platform.calls


LIMIT = Option("--limit", int, "Hours", decides=False, on_resume=True)


class Limited(Fragile):
    """Takes a limit of time, and another one when a job goes on."""

    options = (LIMIT, Option("--label", str, "For the bill", decides=False))

    def resume(self, context: Context, name: str) -> None:
        super().resume(context, name)
        self.heard = context.options


def test_a_flag_for_going_on_is_heard_and_remembered(folder: Path) -> None:
    world = make_world(folder)
    world.platform = platform = Limited()
    platform.course = ("running", "failed")
    world.refused(values={"limit": 1, "label": "a"})
    (job,) = world.jobs()
    world.tune(values={"limit": 20, "label": "b"})
    assert platform.heard == {"limit": 20, "label": "b"}
    assert world.record(job).options == {"limit": 20, "label": "a"}
    late = [line for line in world.heard.lines if "does not change" in line]
    assert [line.partition(" was ")[2] for line in late] == [
        "started with --label a, which --label b does not change; --force starts a new job."
    ]


def test_a_flag_for_going_on_comes_too_late_for_a_job_that_runs(folder: Path) -> None:
    world = make_world(folder)
    world.platform = Limited()
    world.tune(values={"limit": 1})
    world.tune(values={"limit": 20})
    assert any("--limit 20 does not change" in line for line in world.heard.lines)


def test_another_terminal_may_be_faster(world: World) -> None:
    world.refused()
    (name,) = world.jobs()

    class Faster(Fragile):
        def describe(self, context: Context, job: str) -> JobState:
            state = super().describe(context, job)
            if state.interrupted:
                self.resume(context, job)
            return state

    platform = Faster()
    platform.jobs = world.platform.jobs
    world.platform = platform
    assert world.tune().job == name
    assert platform.calls.count("resume") == 1


def test_what_cannot_go_on_says_so(world: World) -> None:
    world.refused()
    world.platform.fail("resume", PlatformError("The disk is full."))
    assert world.refused().what == "The disk is full."


def test_a_job_that_failed_by_itself_needs_force(folder: Path) -> None:
    world = make_world(folder)
    world.platform.course = ("failed",)
    for _ in range(2):
        error = world.refused()
        assert isinstance(error, JobError)
        assert error.hint is not None
        assert "--force" in error.hint
    assert not world.record(world.jobs()[0]).interrupted


def test_status_and_dry_run_say_how_it_goes_on(world: World) -> None:
    world.refused()
    (row,) = job_rows(world.session())
    assert (row.status, row.saved_step, row.running) == ("interrupted", 4, False)
    assert row.go_on == world.request().command_line()
    found = dry_run(world.session(), world.request(), world.heard)
    assert found.state is not None
    assert found.state.interrupted
