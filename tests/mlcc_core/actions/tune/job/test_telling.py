"""Events: one for each logged step, whoever looks at the job and whatever is killed."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcc_core.actions.tune.job.status import job_rows
from mlcc_core.contract.job import Job, Progress
from mlcc_core.errors import TransientError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World

STEPS = 30
EACH_ONCE = [f"progress {step}" for step in range(1, STEPS + 1)]


class Logging(FakePlatform):
    """A job of 30 steps that logs seven between two looks, and keeps all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.course = (*("running",) * 5, "completed")

    def progress_since(self, context, name, step):
        with self.call("progress_since"):
            job = self.jobs[name]
            done = min(7 * min(job.looks, len(job.course)), STEPS)
            return [Progress(step=number, steps=STEPS) for number in range(step + 1, done + 1)]


@pytest.fixture
def logging(world: World) -> World:
    world.platform = Logging()
    return world


def heard(world: World) -> list[str]:
    return [line for line in world.events.heard if line.startswith("progress")]


def finished(world: World) -> list[str]:
    return [line for line in world.events.heard if line.startswith("finished")]


def test_watched(logging: World):
    logging.tune()
    assert heard(logging) == EACH_ONCE
    assert len(finished(logging)) == 1


def test_not_watched_then_watched(logging: World):
    logging.tune(wait=False)
    assert heard(logging) == EACH_ONCE[:7]
    logging.tune()
    assert heard(logging) == EACH_ONCE
    assert len(finished(logging)) == 1


def test_not_watched_at_all_is_told_at_the_next_look(logging: World):
    job = logging.tune(wait=False).job
    logging.platform.jobs[job].looks = 50
    logging.tune(wait=False)
    assert heard(logging) == EACH_ONCE
    assert len(finished(logging)) == 1
    logging.tune()
    assert heard(logging) == EACH_ONCE
    assert len(finished(logging)) == 1


def test_status_is_a_look_too(logging: World):
    job = logging.tune(wait=False).job
    logging.platform.jobs[job].looks = 2
    job_rows(logging.session())
    assert heard(logging) == EACH_ONCE[:21]
    assert finished(logging) == []
    logging.platform.jobs[job].looks = 50
    job_rows(logging.session())
    job_rows(logging.session())
    logging.tune()
    assert heard(logging) == EACH_ONCE
    assert len(finished(logging)) == 1


def test_status_says_what_a_job_trains(world: World):
    jobs: list[Job] = []
    world.events.mlcc_job_finished = lambda job, output, context: jobs.append(job)
    world.tune(values={"epochs": 3})
    for mark in (world.project.state_folder / "events").iterdir():
        mark.unlink()
    job_rows(world.session())
    watched, seen = jobs
    assert watched == dataclasses.replace(seen, dataset=watched.dataset)
    assert seen.dataset is not None
    assert Path(seen.dataset).name == Path(str(watched.dataset)).name


def test_status_tells_of_a_failed_job(logging: World):
    logging.platform.course = ("running", "failed")
    logging.tune(wait=False)
    job_rows(logging.session())
    assert finished(logging) == ["finished None"]


def test_failed_job_that_was_not_watched(logging: World):
    logging.platform.course = ("running", "failed")
    logging.tune(wait=False)
    logging.refused()
    logging.refused()
    assert heard(logging) == EACH_ONCE[:14]
    assert finished(logging) == ["finished None"]


def test_steps_that_cannot_be_asked_for_are_told_later(logging: World):
    logging.platform.fail("progress_since", *[TransientError("Rate exceeded.")] * 3)
    logging.tune()
    assert heard(logging) == EACH_ONCE


def test_damaged_mark_says_nothing(logging: World):
    job = logging.tune(wait=False).job
    mark = logging.project.state_folder / "events" / job
    assert mark.read_text() == "0000000000000000007 0\n"
    mark.write_text("x")
    logging.tune()
    assert heard(logging) == [*EACH_ONCE[:7], *EACH_ONCE]


def test_job_says_what_it_trains(world: World):
    jobs = []
    world.events.mlcc_job_finished = lambda job, output, context: jobs.append((job, context))
    result = world.tune(values={"epochs": 3})
    ((job, context),) = jobs
    assert job.hyperparameters == {"num_epochs": 3}
    assert job.dataset == world.request().dataset
    assert job.started == 0.0
    assert job.artifacts == result.state.artifacts
    assert context.root == world.root


PROGRAM = """
import sys, time
from pathlib import Path
from mlcc_core.actions.tune.run import tune
from mlcc_core.contract.job import Progress
from mlcc_core.testing.job import FakeJob
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World

class Timed(FakePlatform):
    '''A job of 30 steps, a step every 50 ms, that outlives what looks at it.'''

    poll_interval = 0.02
    begun = Path(sys.argv[2])

    def submit(self, context, name, request):
        super().submit(context, name, request)
        self.begun.write_text(name)

    def list_jobs(self, context, prefix):
        return [self.begun.read_text()] if self.begun.exists() else []

    def describe(self, context, name):
        if name not in self.jobs:
            body = self.build_request(context, self.spec).body
            self.jobs[name] = FakeJob(name, body, self.course, "")
        self.course = ("completed",) if self.done() >= 30 else ("running",)
        self.jobs[name].course = self.course
        return super().describe(context, name)

    def build_request(self, context, spec):
        self.spec = spec
        return super().build_request(context, spec)

    def done(self):
        return min(30, int((time.time() - self.begun.stat().st_mtime) / 0.2))

    def progress_since(self, context, name, step):
        return [Progress(step=number, steps=30) for number in range(step + 1, self.done() + 1)]

class Tracker:
    def mlcc_job_progress(self, job, progress):
        with open(sys.argv[3], "a") as file:
            file.write(f"{progress.step}\\n")

world = World(Path(sys.argv[1]), platform=Timed(), events=Tracker())
tune(world.session(), world.request(), world.heard)
"""


@pytest.mark.slow
def test_killed_and_watched_again(world: World, tmp_path: Path):
    told = tmp_path / "told"
    words = [sys.executable, "-c", PROGRAM, str(world.root), str(tmp_path / "begun"), str(told)]
    folder = Path(__file__).parents[5]
    path = os.pathsep.join(filter(None, sys.path))

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(words, cwd=folder, env={**os.environ, "PYTHONPATH": path})

    watcher = start()
    deadline = time.monotonic() + 60
    while not (told.exists() and told.read_text().count("\n") >= 8):
        assert time.monotonic() < deadline
        assert watcher.poll() is None
        time.sleep(0.005)
    watcher.kill()
    watcher.wait()
    assert start().wait(timeout=120) == 0
    assert told.read_text().split() == [str(step) for step in range(1, STEPS + 1)]


def test_platforms_without_steps_of_their_own_tell_the_latest(world: World):
    world.tune()
    assert heard(world) == ["progress 20", "progress 30", "progress 40"]


def test_platform_that_counts_no_steps_tells_what_has_changed(world: World):
    class Epochs(FakePlatform):
        """Knows the epoch alone; it changes with every second look."""

        def describe(self, context, name):
            state = super().describe(context, name)
            progress = Progress(epoch=float(self.jobs[name].looks // 2))
            return dataclasses.replace(state, progress=progress)

    world.platform = Epochs()
    world.platform.course = ("running",) * 5 + ("completed",)
    world.tune()
    world.tune()
    assert heard(world) == ["progress None"] * 4


def test_platform_that_repeats_steps(world: World):
    class Repeating(Logging):
        def progress_since(self, context, name, step):
            return super().progress_since(context, name, 0)

    world.platform = Repeating()
    world.tune()
    assert heard(world) == EACH_ONCE
