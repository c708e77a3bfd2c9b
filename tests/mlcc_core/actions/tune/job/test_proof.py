"""A job that would train something else than asked is never sent, or is stopped."""

from __future__ import annotations

import pytest

from mlcc_core.errors import ExitCode, PlatformError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World

LOST = PlatformError("the line went dead")


class Killed(BaseException):
    """The process ends here, as far as anything above it can tell."""


def test_a_request_that_says_something_else_is_never_sent(world: World):
    class Wrong(FakePlatform):
        def build_request(self, context, spec):
            request = super().build_request(context, spec)
            if spec.dataset is not None:
                request.body["trainer"] = "fake:Another"
            return request

    world.platform = Wrong()
    error = world.refused()
    assert "nothing was submitted" in error.what
    assert error.detail == ("technique: asked 'fake:Trainer', found 'fake:Another'",)
    assert "submit" not in world.platform.calls
    assert world.variable("TUNE_JOB_NAME_FAKE") is None


@pytest.mark.parametrize("answer", ["arrives", "is lost", "is cut off"])
def test_a_job_that_is_not_what_was_sent_is_stopped(world: World, answer: str):
    world.platform.tamper = lambda body: {**body, "trainer": "fake:Cheaper"}
    if answer == "is lost":
        world.platform.fail("submit", LOST, after=True)
    if answer == "is cut off":
        world.platform.fail("submit", Killed(), after=True)
        with pytest.raises(Killed):
            world.tune()
    error = world.refused()
    name = world.variable("TUNE_JOB_NAME_FAKE")
    assert error.exit_code == ExitCode.JOB
    assert error.what == f"The job {name} is not what was sent, and was stopped."
    assert error.detail == ("technique: sent 'fake:Trainer', found 'fake:Cheaper'",)
    assert "fake:Cheaper" in world.record(name).problem
    assert "stop" in world.platform.calls
    assert world.refused().exit_code == ExitCode.JOB


def test_an_impostor_that_is_over_is_not_passed_off_either(world: World):
    world.platform.course = ("completed",)
    world.platform.tamper = lambda body: {**body, "model": "smaller"}
    for _ in range(2):
        error = world.refused()
        assert "is completed already" in error.what
    assert world.variable("TUNE_OUTPUT_PATH_LATEST") is None


def test_no_wait_proves_too(world: World):
    world.platform.course = ("running",)
    world.platform.tamper = lambda body: {**body, "training_type": "full-rank"}
    assert "was stopped" in world.refused(wait=False).what
