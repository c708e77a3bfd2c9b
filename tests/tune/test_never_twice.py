"""Whatever is lost, killed or started twice: one job."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from mlcc_core.errors import ExitCode, Interrupted, MlccError, PassingError, PlatformError
from mlcc_core.project import Project
from mlcc_core.records import read_record
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.tune.run import tune
from tests.tune.world import World, make_world

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
        world.platform.fail("describe", PassingError("throttled"))
        error = world.refused()
        assert error.exit_code == ExitCode.PLATFORM
        assert "Nobody knows whether" in error.what
        assert "the line went dead" in error.what
        assert "throttled" in error.what
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
    import mlcc_core.tune.submit as module

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


def test_a_second_call_watches_the_running_job(world: World):
    world.platform.course = ("running", "running", "running", "completed")
    first = world.tune(wait=False)
    second = world.tune()
    assert (second.job, second.created) == (first.job, False)
    assert f"ℹ️  {first.job} is already running; watching it." in world.heard.lines
    assert second.state.status == "completed"
    assert world.events.heard[-1].startswith("finished fake://")


def test_a_completed_job_is_shown_and_nothing_is_done_again(world: World):
    dataset = world.write("raw.jsonl", [{"q": "1", "completion": "x"}])
    first = world.tune(dataset=dataset, column_map="q:prompt")
    world.platform.calls.clear()
    world.events.heard.clear()
    second = world.tune(dataset=dataset, column_map="q:prompt")
    assert not second.created
    assert (second.output, second.next_steps) == (first.output, first.next_steps)
    writing = {"stage", "commit", "submit", "stop", "deploy"}
    assert not writing & set(world.platform.calls)
    assert world.events.heard == []


@pytest.mark.parametrize("force", [False, True])
def test_two_terminals_make_one_job(world: World, *, force: bool):
    both = threading.Barrier(2, timeout=30)
    plain = FakePlatform.build_request

    class Together(FakePlatform):
        def build_request(self, context, order):
            if order.dataset is not None and not waited.is_set():
                both.wait()  # both have looked for a job, and found none
                waited.set()
            return plain(self, context, order)

    waited = threading.Event()
    world.tune()
    if not force:
        world.project.set({"TUNE_JOB_NAME_FAKE": None})
    before = 1 if force else 0
    world.platform = Together()
    world.platform.course = ("running", "completed")
    if force:
        world.platform.jobs.update(make_finished(world))
    results = []

    def terminal() -> None:
        results.append(tune(world.session(), world.request(force=force), None))

    threads = [threading.Thread(target=terminal) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == 2
    assert len(world.jobs()) == before + 1
    assert sorted(result.created for result in results) == [False, True]
    assert len({result.job for result in results}) == 1


def make_finished(world: World) -> dict:
    from mlcc_core.testing.job import FakeJob

    name = world.variable("TUNE_JOB_NAME_FAKE")
    return {name: FakeJob(name, world.record(name).request, ("completed",), "")}


def test_a_second_machine_finds_the_job_by_its_name(world: World, tmp_path_factory):
    first = world.tune()
    other = World(tmp_path_factory.mktemp("other") / "copy", platform=world.platform)
    shutil.copytree(world.root, other.root, ignore=shutil.ignore_patterns(".mlcc"))
    for variable in ("TUNE_JOB_NAME_FAKE", "TUNE_ADAPTER_PATH_FAKE", "TUNE_OUTPUT_PATH_LATEST"):
        other.project.set({variable: None})
    # The platform of this test reads data in place, and a path is part of the request alone.
    result = other.tune()
    assert (result.job, result.created) == (first.job, False)
    assert other.variable("TUNE_JOB_NAME_FAKE") == first.job
    assert other.variable("TUNE_ADAPTER_PATH_FAKE") == first.output.path
    assert other.record(first.job).submission == "sent"


def test_a_fresh_project_of_the_same_name_finds_the_job_too(world: World, tmp_path: Path):
    first = world.tune(dataset=str(world.root / "train.jsonl"))
    other = make_world(tmp_path / "new")
    other.platform = world.platform
    result = other.tune(dataset=str(world.root / "train.jsonl"))
    assert (result.job, result.created) == (first.job, False)


def test_a_job_that_is_gone_is_made_again_under_its_name(world: World):
    first = world.tune()
    world.platform.jobs.clear()
    second = world.tune()
    assert second.created
    assert second.job == first.job


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"values": {"epochs": 9}}, "--epochs: was 3, is now 9"),
        ({"values": {}}, "--epochs: was 3, is now not set"),
        ({"model": "bigger"}, "--model: was fake-model, is now bigger"),
        ({"training_type": "full-rank"}, "--training-type: was lora, is now full-rank"),
    ],
)
def test_a_different_job_is_not_passed_off_as_the_answer(world: World, change: dict, line: str):
    first = world.tune(values={"epochs": 3})
    asked = {"values": {"epochs": 3}, **change}
    error = world.refused(**asked)
    assert error.exit_code == ExitCode.INPUT
    assert error.what == f"The tracked fake job {first.job} is not what is asked for now."
    assert list(error.detail) == [line]
    command = world.request(**asked).command_line(force=True)
    assert error.hint.startswith(command)
    second = world.tune(**asked, force=True)
    assert second.job != first.job
    assert second.job.endswith("-1")
    assert len(world.jobs()) == 2


def test_other_data_is_a_different_job_and_named(world: World):
    world.tune()
    other = world.write("other.jsonl", [{"prompt": "a", "completion": "b"}])
    (line,) = world.refused(dataset=other).detail
    assert line.startswith(f"dataset content: was {world.request().dataset} (")
    assert f"is now {other} (" in line


def test_the_same_data_elsewhere_is_the_same_job(world: World):
    first = world.tune()
    moved = world.root / "moved"
    moved.mkdir()
    shutil.copy(world.root / "train.jsonl", moved / "train.jsonl")
    result = world.tune(dataset=str(moved / "train.jsonl"))
    assert result.job == first.job


def test_without_its_record_a_different_job_is_still_different(world: World):
    first = world.tune()
    shutil.rmtree(world.project.state_folder)
    error = world.refused(values={"epochs": 9})
    assert first.job in error.what
    assert "not on this machine" in error.detail[0]


def test_force_warns_of_a_job_it_loses_sight_of(world: World):
    world.platform.course = ("running",) * 9
    first = world.tune(wait=False)
    world.platform.course = ("completed",)
    world.tune(force=True)
    assert any(line.startswith(f"⚠️  {first.job} is not over") for line in world.heard.lines)


def test_a_rehearsal_that_is_over_stands_in_nobodys_way(world: World):
    here = world.tune()
    there = world.tune(platform="elsewhere")
    assert there.created
    assert world.jobs(world.elsewhere) == [there.job]
    assert world.variable("TUNE_JOB_NAME_FAKE") == there.job
    back = world.tune()
    assert (back.job, back.created) == (here.job, False)


def test_a_job_that_runs_on_another_platform_is_in_the_way(world: World):
    world.platform.course = ("running", "running", "completed")
    first = world.tune(wait=False)
    error = world.refused(platform="elsewhere")
    assert first.job in error.what
    assert "--platform: was fake, is now elsewhere" in error.detail
    assert world.jobs(world.elsewhere) == []
    world.platform.jobs[first.job].looks = 9  # it ends, and nobody looks
    assert world.tune(platform="elsewhere").created


def test_a_request_that_says_something_else_is_never_sent(world: World):
    class Wrong(FakePlatform):
        def build_request(self, context, order):
            request = super().build_request(context, order)
            if order.dataset is not None:
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


def test_an_unreadable_record_names_the_way_out(world: World):
    first = world.tune()
    path = world.project.state_folder / "runs" / f"{first.job}.json"
    path.write_text('{"job": 1')
    error = world.refused()
    assert str(path) in error.what
    assert error.hint.startswith(f"rm {path}")
    path.unlink()
    assert world.tune().job == first.job


@pytest.mark.parametrize("value", ["../../etc/passwd", "a b", "x" * 200])
def test_a_tracked_name_that_is_none_is_refused_with_its_line(world: World, value: str):
    world.project.set({"TUNE_JOB_NAME_FAKE": value})
    error = world.refused()
    assert isinstance(error, MlccError)
    assert error.what.startswith("TUNE_JOB_NAME_FAKE is ")
    line = world.project.config_path.read_text().count("\n")
    assert error.where == f"{world.project.config_path}:{line}"
    assert read_record(Project(world.root), "none") is None


def test_two_terminals_that_ask_for_different_things(world: World):
    both = threading.Barrier(2, timeout=30)
    plain = FakePlatform.build_request

    class Together(FakePlatform):
        def build_request(self, context, order):
            if order.dataset is not None and threading.current_thread() in waiting:
                waiting.discard(threading.current_thread())
                both.wait()
            return plain(self, context, order)

    world.platform = Together()
    came: list[object] = []

    def terminal(epochs: int) -> None:
        try:
            came.append(tune(world.session(), world.request(values={"epochs": epochs}), None))
        except MlccError as error:
            came.append(error)

    threads = [threading.Thread(target=terminal, args=(epochs,)) for epochs in (2, 3)]
    waiting = set(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(world.jobs()) == 1
    (error,) = [one for one in came if isinstance(one, MlccError)]
    assert "is not what is asked for now" in error.what
