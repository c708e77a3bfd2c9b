"""Asked again, from a second terminal or machine, or for something else."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from mlcc_core.actions.tune.run import tune
from mlcc_core.errors import ExitCode, MlccError
from mlcc_core.project.project import Project
from mlcc_core.project.records import read_record
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World, make_world


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

    class Together(FakePlatform):
        def forecast(self, context, spec, request):
            both.wait()  # both have looked for a job, found none, and chosen a name
            return super().forecast(context, spec, request)

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


def test_what_an_earlier_run_did_already_is_shown_at_once(world: World):
    first = world.tune(values={"epochs": 1})
    world.tune(values={"epochs": 2}, force=True)
    again = world.tune(values={"epochs": 1})
    assert (again.job, again.created) == (first.job, False)
    assert again.output == first.output
    assert len(world.jobs()) == 2
    assert world.variable("TUNE_JOB_NAME_FAKE") == first.job
    assert world.variable("TUNE_OUTPUT_PATH_LATEST") == first.output.path
    assert "is not what is asked for now" in world.refused(values={"epochs": 3}).what


def test_an_earlier_run_that_still_runs_is_watched(world: World):
    world.platform.course = ("running",) * 4 + ("completed",)
    first = world.tune(values={"epochs": 1}, wait=False)
    world.tune(values={"epochs": 2}, wait=False, force=True)
    assert world.tune(values={"epochs": 1}).job == first.job


def test_other_data_is_a_different_job_and_named(world: World):
    world.tune()
    other = world.write("other.jsonl", [{"prompt": "a", "completion": "b"}])
    (line,) = world.refused(dataset=other).detail
    assert line.startswith(f"dataset content or conversion: was {world.request().dataset} (")
    assert f"is now {other} (" in line


def test_the_data_of_a_job_that_another_machine_created_is_named(world: World):
    job = world.tune().job
    (world.root / ".mlcc" / "runs" / f"{job}.json").unlink()
    world.tune()
    assert world.record(job).dataset == str(world.request().dataset)
    other = world.write("other.jsonl", [{"prompt": "a", "completion": "b"}])
    (line,) = world.refused(dataset=other).detail
    assert line.startswith(f"dataset content or conversion: was {world.request().dataset} (")


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
        def build_request(self, context, spec):
            if spec.dataset is not None and threading.current_thread() in waiting:
                waiting.discard(threading.current_thread())
                both.wait()
            return plain(self, context, spec)

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
