"""Real processes, really killed: a platform whose jobs are files outlives them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcc_core.project.project import CONFIG, Project
from tests.mlcc_core.world import make_world

pytestmark = pytest.mark.slow

PROGRAM = """
import json, sys, time
from pathlib import Path
from mlcc_core.testing.job import FakeJob
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.actions.tune.run import tune
from tests.mlcc_core.world import World

class OnDisk(FakePlatform):
    '''Jobs are files; ``sleep`` says where a call takes long.'''

    def __init__(self, folder, sleep):
        super().__init__()
        self.folder, self.sleep = folder, sleep
        self.course = ("completed",)
        for path in folder.glob("*.json"):
            self.jobs[path.stem] = FakeJob(path.stem, json.loads(path.read_text()), self.course, "")

    def submit(self, context, name, request):
        self.pause("before")
        with (self.folder / f"{name}.json").open("x") as file:
            file.write(json.dumps(request.body))
        self.pause("after")
        super().submit(context, name, request)

    def list_jobs(self, context, prefix):
        return [path.stem for path in self.folder.glob(f"{prefix}*.json")]

    def describe(self, context, name):
        path = self.folder / f"{name}.json"
        if name not in self.jobs and path.exists():
            self.jobs[name] = FakeJob(name, json.loads(path.read_text()), self.course, "")
        return super().describe(context, name)

    def pause(self, moment):
        if moment == self.sleep:
            (self.folder / "paused").touch()
            time.sleep(600)

root, jobs, sleep = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
world = World(root, platform=OnDisk(jobs, sleep))
result = tune(world.session(), world.request(force="--force" in sys.argv), world.heard)
print(json.dumps([result.job, result.created, result.state.status]))
"""


@pytest.fixture
def places(folder: Path) -> tuple[Path, Path]:
    root, jobs = folder / "project", folder / "jobs"
    make_world(root)
    jobs.mkdir()
    return root, jobs


def start(places: tuple[Path, Path], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, places), *words],
        cwd=Path(__file__).parents[4],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> list:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_the_creating_call(places: tuple[Path, Path], moment: str, force: list[str]):
    root, jobs = places
    process = start(places, moment)
    deadline = time.monotonic() + 60
    while not (jobs / "paused").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    name = Project(root).config().get("TUNE_JOB_NAME_FAKE")
    assert len(list(jobs.glob("*.json"))) == (moment == "after")
    assert finish(start(places, "never", *force)) == [name, moment == "before", "completed"]
    assert [path.stem for path in jobs.glob("*.json")] == [name]


def test_four_terminals_at_once_make_one_job(places: tuple[Path, Path]):
    root, jobs = places
    results = [finish(process) for process in [start(places, "never") for _ in range(4)]]
    assert len({job for job, _, _ in results}) == 1
    assert sum(created for _, created, _ in results) == 1
    assert [path.stem for path in jobs.glob("*.json")] == [results[0][0]]
    assert f"TUNE_JOB_NAME_FAKE={results[0][0]}" in (root / CONFIG).read_text()
