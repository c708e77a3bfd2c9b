"""Watching a job through trouble."""

from __future__ import annotations

import pytest

from mlcc_core.actions.tune.job import watch as watching
from mlcc_core.errors import ExitCode, JobError, PlatformError, TransientError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World

THROTTLED = "Rate exceeded."


def trouble(world: World, count: int) -> None:
    world.platform.fail("describe", *(TransientError(THROTTLED) for _ in range(count)))


def test_passing_errors_are_survived_and_told_once(world: World):
    first = world.tune(wait=False)
    seen: list[int] = []

    class Flaky(FakePlatform):
        def describe(self, context, name):
            state = super().describe(context, name)
            seen.append(1)
            if 2 <= len(seen) <= 5:
                raise TransientError(THROTTLED)
            return state

    flaky = Flaky()
    flaky.jobs = world.platform.jobs
    flaky.jobs[first.job].looks = 0
    flaky.jobs[first.job].course = ("running",) * 8 + ("completed",)
    world.platform = flaky
    result = world.tune()
    assert result.state.status == "completed"
    told = [line for line in world.heard.lines if THROTTLED in line]
    assert told == [f"⚠️  {THROTTLED} The job is not affected; trying again."]
    assert "ℹ️  The platform answers again." in world.heard.lines


def test_a_hard_error_ends_watching_and_shows_the_way_back(world: World):
    class Expired(FakePlatform):
        looks = 0

        def describe(self, context, name):
            self.looks += 1
            if self.looks == 2:
                raise PlatformError("The token has expired.", where="AWS", hint="aws sso login")
            return super().describe(context, name)

    world.platform = Expired()
    world.platform.course = ("running", "running", "completed")
    error = world.refused(values={"epochs": 2})
    name = world.variable("TUNE_JOB_NAME_FAKE")
    assert error.exit_code == ExitCode.PLATFORM
    assert error.what == (
        f"The job {name} cannot be watched any more, but it is not affected: The token has expired."
    )
    assert error.detail == ("aws sso login",)
    assert error.hint == world.request(values={"epochs": 2}).command_line()
    assert world.tune(values={"epochs": 2}).state.status == "completed"


def test_patience_ends(world: World, monkeypatch: pytest.MonkeyPatch):
    now = iter(range(0, 100_000, 100))
    monkeypatch.setattr(watching.time, "monotonic", lambda: float(next(now)))
    trouble(world, 50)
    with pytest.raises(PlatformError, match="cannot be watched any more"):
        watching.watch(
            world.platform,
            world.session().context,
            "any",
            interval=0,
            seen=lambda state: None,
            say=world.heard.say,
            come_back="again",
        )
    assert len(world.platform.calls) == 11
    assert len(world.heard.lines) == 1


def test_trouble_right_after_the_submission_does_not_lose_the_job(world: World):
    class Busy(FakePlatform):
        def submit(self, context, name, request):
            super().submit(context, name, request)
            self.fail("describe", TransientError(THROTTLED), TransientError(THROTTLED))

    world.platform = Busy()
    result = world.tune()
    assert result.created
    assert result.state.status == "completed"
    assert world.record(result.job).submission == "proved"


def test_no_wait_in_trouble_says_that_the_job_runs(world: World):
    class Busy(FakePlatform):
        def submit(self, context, name, request):
            super().submit(context, name, request)
            self.fail("describe", TransientError(THROTTLED))

    world.platform = Busy()
    error = world.refused(wait=False)
    name = world.variable("TUNE_JOB_NAME_FAKE")
    assert error.exit_code == ExitCode.PLATFORM
    assert name in error.what
    assert "not affected" in error.what
    assert error.hint == "./do/tune --status"
    assert world.jobs() == [name]


def test_a_job_that_disappears(world: World):
    class Forgetful(FakePlatform):
        def describe(self, context, name):
            state = super().describe(context, name)
            if self.jobs[name].looks == 2:
                self.jobs.clear()
            return state

    world.platform = Forgetful()
    world.platform.course = ("running",) * 5
    error = world.refused()
    assert isinstance(error, JobError)
    assert "has disappeared from Fake (in memory)" in error.what
    assert error.hint.startswith(world.request().command_line())


def test_the_interval_is_the_users_or_the_platforms(world: World, monkeypatch: pytest.MonkeyPatch):
    slept: list[float] = []
    monkeypatch.setattr(watching.time, "sleep", slept.append)
    monkeypatch.setattr(FakePlatform, "poll_interval", 7.0)
    world.tune()
    world.tune(force=True, poll_interval=0.5)
    assert slept == [7.0, 7.0, 7.0, 0.5, 0.5, 0.5]


def test_an_event_that_raises_stops_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    def fail(self: object, job: object) -> None:
        raise ValueError("oops")

    monkeypatch.setattr("tests.mlcc_core.world.Events.mlcc_job_submitted", fail)
    assert world.tune().state.status == "completed"
    assert any("failed in mlcc_job_submitted: ValueError: oops" in x for x in world.heard.lines)


def test_a_bug_of_the_platform_does_not_hide_that_the_job_goes_on(world: World):
    class Buggy(FakePlatform):
        looks = 0

        def describe(self, context, name):
            self.looks += 1
            if self.looks == 2:
                raise KeyError("oops")
            return super().describe(context, name)

    world.platform = Buggy()
    error = world.refused()
    assert error.exit_code == ExitCode.PLATFORM
    assert "it is not affected: Platform fake" in error.what
    assert "failed in describe: KeyError: 'oops'" in error.what
    assert error.hint == world.request().command_line()
