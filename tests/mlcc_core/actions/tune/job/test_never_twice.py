"""Whatever is lost, killed or interrupted: one job."""

from __future__ import annotations

import shutil

import pytest

from mlcc_core.errors import ExitCode, Interrupted, PlatformError, TransientError
from tests.mlcc_core.world import World

LOST = PlatformError("the line went dead")


class Killed(BaseException):
    """The process ends here, as far as anything above it can tell."""


def test_a_lost_answer_is_not_a_lost_job(world: World):
    world.platform.fail("submit", LOST, after=True)
    result = world.tune()
    assert result.created
    assert world.jobs() == [result.job]
    assert world.record(result.job).submission == "proved"


def test_any_error_of_the_creating_call_is_asked_about(world: World):
    world.platform.fail("submit", RuntimeError("a bug"), after=True)
    assert world.tune().created
    assert len(world.jobs()) == 1


def test_a_job_that_was_not_created_is_not_tracked(world: World):
    world.platform.fail("submit", LOST)
    error = world.refused()
    assert error is LOST
    assert world.jobs() == []
    assert world.variable("TUNE_JOB_NAME_FAKE") is None
    result = world.tune()
    assert result.created
    assert world.jobs() == [result.job]
    assert result.job.endswith("-1")


def test_what_was_tracked_before_a_failed_submission_is_tracked_again(world: World):
    first = world.tune()
    world.platform.fail("submit", LOST)
    world.refused(force=True)
    assert world.variable("TUNE_JOB_NAME_FAKE") == first.job


def test_when_nobody_knows_the_next_call_finds_out(world: World):
    for created in (True, False):
        world.platform.jobs.clear()
        world.platform.fail("submit", LOST, after=created)
        world.platform.fail("describe", TransientError("throttled"))
        error = world.refused()
        assert error.exit_code == ExitCode.PLATFORM
        assert "Could not find out whether" in error.what
        assert error.what.endswith(
            " was created: The line went dead. Asking again failed: Throttled."
        )
        assert error.hint.startswith("./do/tune --technique fake --dataset ")
        result = world.tune()
        assert result.created is not created
        assert world.jobs() == [result.job]
        world.project.set({"TUNE_JOB_NAME_FAKE": None})
        shutil.rmtree(world.project.state_folder)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_around_the_creating_call(world: World, *, after: bool, force: bool):
    world.platform.fail("submit", Killed(), after=after)
    with pytest.raises(Killed):
        world.tune()
    name = world.variable("TUNE_JOB_NAME_FAKE")
    assert world.record(name).submission == "sending"
    result = world.tune(force=force)
    assert result.job == name
    assert result.created is not after
    assert world.jobs() == [name]
    assert world.record(name).submission == "proved"


@pytest.mark.parametrize("moment", ["write_record", "track"])
def test_a_kill_while_writing_down(world: World, monkeypatch: pytest.MonkeyPatch, moment: str):
    import mlcc_core.actions.tune.job.submit as module

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, moment, killed)
        with pytest.raises(Killed):
            world.tune()
    assert world.jobs() == []
    assert world.tune().created
    assert len(world.jobs()) == 1


def test_force_after_a_resumed_submission_is_a_new_job(world: World):
    world.platform.fail("submit", Killed(), after=True)
    with pytest.raises(Killed):
        world.tune()
    first = world.tune()
    second = world.tune(force=True)
    assert second.created
    assert world.jobs() == [first.job, second.job]


def test_ctrl_c_in_the_creating_call_says_what_is_known(world: World):
    world.platform.fail("submit", KeyboardInterrupt(), after=True)
    error = world.refused()
    assert isinstance(error, Interrupted)
    assert error.exit_code == ExitCode.INTERRUPTED
    assert error.what.endswith("was created and goes on.")
    assert len(world.jobs()) == 1
    assert not world.tune().created


def test_ctrl_c_in_the_creating_call_when_no_job_is_there_yet(world: World):
    world.platform.fail("submit", KeyboardInterrupt())
    error = world.refused(force=True)
    assert "it may exist or not" in error.what
    assert "--force" in error.hint
    name = world.variable("TUNE_JOB_NAME_FAKE")
    assert world.tune(force=True).job == name
    assert world.jobs() == [name]


def test_ctrl_c_before_the_creating_call(world: World):
    world.platform.fail("build_request", KeyboardInterrupt())
    error = world.refused()
    assert error.what == "Interrupted; nothing was submitted."
    assert error.exit_code == ExitCode.INTERRUPTED
    assert "submit" not in world.platform.calls


def test_ctrl_c_before_a_forced_job_hints_at_a_forced_job(world: World):
    world.platform.fail("build_request", KeyboardInterrupt())
    assert world.refused(force=True).hint.endswith(" --force")


def test_ctrl_c_while_staging_leaves_nothing(world: World):
    dataset = world.write("raw.jsonl", [{"q": "1", "completion": "x"}])
    world.platform.fail("commit", KeyboardInterrupt())
    error = world.refused(dataset=dataset, column_map="q:prompt")
    assert error.what == "Interrupted; nothing was submitted."
    assert world.platform.staged == {}
    assert world.tune(dataset=dataset, column_map="q:prompt").created


def test_ctrl_c_while_watching_leaves_the_job_running(world: World):
    world.platform.course = ("running", "running", "completed")
    seen: list[str] = []

    def interrupt(state: object) -> None:
        seen.append("x")
        if len(seen) == 2:
            raise KeyboardInterrupt

    world.heard.job = interrupt
    error = world.refused()
    name = world.variable("TUNE_JOB_NAME_FAKE")
    assert error.exit_code == ExitCode.INTERRUPTED
    assert error.what == f"Interrupted; the job {name} goes on."
    assert error.detail[0] == f"Watch it again: {world.request().command_line()}"
    assert error.hint == "./do/tune --status"
    assert "stop" not in world.platform.calls
    result = world.tune()
    assert not result.created
    assert result.state.status == "completed"
