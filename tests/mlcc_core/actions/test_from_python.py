"""The whole walk from Python: every command is a function of ``mlcc_core`` with one request."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType

import pytest

import mlcc_core
import mlcc_core.helpers
from mlcc_core import (
    AskRequest,
    CheckRequest,
    DeployRequest,
    InitRequest,
    Interrupted,
    JobRequest,
    MlccError,
    RemoveRunsRequest,
    RunRequest,
    RunsRequest,
    Session,
    TuneRequest,
    UndeployRequest,
    WaitRequest,
    WeightsRequest,
    add_adapter,
    ask,
    check,
    deploy,
    deployed,
    doctor,
    dry_run,
    find_job,
    find_run,
    guess,
    init_project,
    job_rows,
    list_runs,
    logs,
    open_session,
    read_run_file,
    remove_adapter,
    remove_runs,
    run_file_request,
    run_file_text,
    show_run,
    stop,
    tune,
    undeploy,
    wait,
)
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World


class Costly(FakePlatform):
    costs_money = True


def quiet(line: str) -> None:
    """Take news that no test looks at."""


def opened(world: World) -> Session:
    return open_session(project=world.project, plugins=world.plugins, say=quiet)


def test_the_walk_from_a_dataset_to_an_answer(world: World):
    session = opened(world)
    dataset = str(world.root / "train.jsonl")
    report = check(session, CheckRequest("fake", dataset, fixed=world.root / "good.jsonl"))
    assert (report.ok, report.valid) == (True, 12)
    request = TuneRequest("fake", str(world.root / "good.jsonl"), values={"epochs": 2})
    assert dry_run(session, request).state is None
    result = tune(session, request)
    assert result.output is not None
    assert [row.job for row in job_rows(session)] == [result.job]
    assert deploy(session).model == "fake-model"
    added = add_adapter(session, WeightsRequest("tuned", from_tune=True))
    assert added.source == result.output.path
    assert [adapter.name for adapter in deployed(session)] == [added.name]
    reply = ask(session, AskRequest("2 + 2 =", adapter="tuned"))
    assert (reply.base, reply.answer) == ("base: 2 + 2 =", "tuned: 2 + 2 =")
    assert undeploy(session, UndeployRequest(assume_yes=True)) == ["Removed tuned."]
    assert list(deployed(session)) == []


def test_a_dataset_tells_its_technique(world: World):
    session = opened(world)
    rows = [{"prompt": "2 + 2 =", "reward_model": "scorer.py"}]
    found = guess(session, TuneRequest("", world.write("scored.jsonl", rows)))
    (fit,) = found.best
    assert (fit.technique, fit.columns) == ("scored", ("prompt", "reward_model"))
    assert dry_run(session, fit.request).plan.technique.name == "scored"
    assert [misfit.lacks for misfit in found.misfits] == [("completion",)] * 2


def test_a_job_is_found_read_and_stopped(world: World):
    world.platform.course = ("running", "running")
    session = opened(world)
    job = tune(session, world.request(wait=False)).job
    assert find_job(session, None, "stop").name == job
    log = logs(session, JobRequest("fake"))
    assert (log.job, list(log.lines)) == (job, [f"{job}: running"])
    stopped = stop(session)
    states = (stopped.before.status, stopped.after.status)
    assert (stopped.job, *states) == (job, "running", "stopping")
    with pytest.raises(MlccError, match="No scored job is tracked"):
        stop(session, JobRequest("scored"))


def test_options_of_a_platform_need_only_be_in_the_request(world: World):
    class Reads(type(world.elsewhere)):  # type: ignore[misc]
        def submit(self, context, name, request):
            self.options_seen = dict(context.options)
            super().submit(context, name, request)

    world.elsewhere = Reads()
    session = open_session(
        platform="elsewhere", project=world.project, plugins=world.plugins, say=quiet
    )
    request = world.request(technique="second", platform="elsewhere", values={"queue": "fast"})
    tune(session, request)
    assert world.elsewhere.options_seen == {"queue": "fast"}


def test_nothing_that_costs_money_is_created_unasked(world: World):
    world.platform = Costly()
    session = opened(world)
    with pytest.raises(Interrupted, match="Nothing was done"):
        deploy(session)
    assert "deploy" not in world.platform.calls
    deploy(session, DeployRequest(assume_yes=True))
    with pytest.raises(Interrupted, match="Nothing was removed"):
        undeploy(session)
    asked: list[str] = []
    session = open_session(
        project=world.project,
        plugins=world.plugins,
        say=quiet,
        confirm=lambda question: not asked.append(question),  # type: ignore[func-returns-value]
    )
    undeploy(session)
    assert asked == ["Remove all of this?"]


def test_runs_are_listed_shown_asked_for_again_and_removed(world: World):
    session = opened(world)
    job = tune(session, world.request(wait=False)).job
    (done,) = wait(session, WaitRequest(("fake",)))
    assert (done.job, done.state.status) == (job, "completed")
    assert [row.job for row in list_runs(session)] == [job]
    record = show_run(session, RunRequest(job[:-4]))
    assert find_run(world.project, job) == record
    file = world.root / "run.yaml"
    file.write_text(run_file_text(record))
    request = run_file_request(read_run_file(file, world.plugins))
    assert tune(session, request).job == job
    with pytest.raises(Interrupted, match="Nothing was removed"):
        remove_runs(session, RemoveRunsRequest((job,)))
    (removed,) = remove_runs(session, RemoveRunsRequest((job,), assume_yes=True))
    assert removed.job == job
    assert list_runs(session, RunsRequest(technique="fake")) == []


@pytest.mark.parametrize("interval", [0.0, -1.0, 86_401.0, float("nan")])
def test_a_poll_interval_out_of_range_starts_nothing(world: World, interval: float):
    with pytest.raises(MlccError, match=r"--poll-interval .* is out of range"):
        tune(opened(world), world.request(poll_interval=interval))
    assert world.jobs() == []


def test_removing_needs_something_of_that_name(world: World):
    with pytest.raises(MlccError, match="Unknown adapter 'tuned'"):
        remove_adapter(opened(world), "tuned")


def test_a_project_is_made_and_examined(folder: Path, world: World):
    made = init_project(InitRequest(folder / "new", model="org/name"), world.plugins)
    assert made.settings == {"PROJECT_NAME": "new", "PLATFORM": "fake", "MODEL_ID": "org/name"}
    sections = doctor(world.plugins, folder / "new")
    assert [section.title for section in sections][-2:] == ["platform elsewhere", "platform fake"]


@pytest.mark.parametrize(
    "name", [name for name in mlcc_core.__all__ if name.endswith("Request") and name != "Request"]
)
def test_requests_are_frozen_and_documented(name: str):
    request = getattr(mlcc_core, name)
    assert is_dataclass(request)
    assert request.__dataclass_params__.frozen
    docs = "\n".join(base.__doc__ or "" for base in request.__mro__)
    assert [f.name for f in fields(request) if f.name not in docs] == []


@pytest.mark.parametrize("package", [mlcc_core, mlcc_core.helpers])
def test_type_checkers_see_the_public_names_at_their_homes(package: ModuleType):
    source = Path(inspect.getsourcefile(package) or "")
    stub = source.with_suffix(".pyi")
    tree = ast.parse((stub if stub.exists() else source).read_text())
    shown = {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mlcc_core")
        for alias in node.names
    }
    homes = {(f"{package.__name__}.{home}", name) for name, home in package._MODULE_OF.items()}
    assert shown == homes
    for name in package.__all__:
        assert getattr(package, name) is not None
