"""The driver of a job before it asks Ray for anything: one line says what is wrong, and where."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mlcc_ray
from mlcc_ray.api import facts
from mlcc_ray.cluster.__main__ import OLDEST, refused
from mlcc_ray.cluster.training import Wanted
from tests.plugins.mlcc_ray.cluster.jobs import CODE, Job

HIDING = """
import importlib.abc, sys

class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {names!r} else found(name, *rest)
"""


def run(*words: str, path: str = CODE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlcc_ray.cluster", *words],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )


def hidden(folder: Path, *names: str) -> str:
    """A path for modules on which these packages are not."""
    (folder / "sitecustomize.py").write_text(HIDING.format(names=names))
    return f"{folder}{os.pathsep}{CODE}"


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.stderr == ""
    (line,) = ended.stdout.splitlines()
    assert line.startswith("❌ ")
    return line


@pytest.fixture
def job(shared: Path) -> Job:
    made = Job("http://127.0.0.1:1", shared, "demo")
    made.stage()
    return made


def test_a_folder_that_the_node_does_not_see(tmp_path: Path) -> None:
    ended = run((tmp_path / "elsewhere").as_uri(), "demo")
    line = one_line(ended)
    assert ended.returncode == 3
    assert f"The folder {tmp_path}/elsewhere is not there" in line
    assert "On the cluster's node " in line
    assert f"mkdir -p {tmp_path}/elsewhere" in line


def test_a_job_that_has_no_request(shared: Path) -> None:
    ended = run(shared.as_uri(), "demo")
    assert ended.returncode == 3
    line = one_line(ended)
    assert f"There is no request at {shared.as_uri()}/jobs/demo/request.json" in line
    assert "the storage is another one than on the machine that submitted the job" in line


def test_an_address_that_is_none() -> None:
    ended = run("gs://bucket/prefix", "demo")
    assert ended.returncode == 1
    assert "expected file:///shared/folder or s3://bucket/prefix" in one_line(ended)


def test_packages_that_the_node_lacks(job: Job, tmp_path: Path) -> None:
    ended = run(job.shared.as_uri(), job.name, path=hidden(tmp_path, "torch", "pyarrow"))
    line = one_line(ended)
    assert ended.returncode == 1
    assert "lacks 2 packages: torch, pyarrow" in line
    assert "--packages requirements.txt" in line
    assert job.result["fault"] == "input"


def test_a_python_that_is_not_that_of_ray(job: Job, tmp_path: Path) -> None:
    ended = run(job.shared.as_uri(), job.name, path=hidden(tmp_path, "ray"))
    line = one_line(ended)
    assert ended.returncode == 3
    assert f"is {sys.executable}, which lacks Ray" in line
    assert "--packages" not in line


def test_a_python_that_is_too_old() -> None:
    told = refused((3, 9))
    assert told is not None
    assert told.startswith("❌ The Python of the cluster's node ")
    assert "is 3.9, expected 3.11 or newer" in told
    assert refused(OLDEST) is None
    assert ".".join(map(str, OLDEST)) == facts.PYTHON_ITSELF
    for name in ("__init__.py", "cluster/__init__.py", "cluster/__main__.py"):
        source = (Path(mlcc_ray.__file__).parent / name).read_text()
        ast.parse(source, feature_version=(3, 8))


def test_a_node_that_cannot_speak_to_s3(tmp_path: Path) -> None:
    ended = run("s3://bucket/prefix", "demo", path=hidden(tmp_path, "boto3"))
    assert ended.returncode == 1
    assert "lacks 1 package: boto3" in one_line(ended)


def test_a_result_is_written_once(job: Job) -> None:
    known = {"state": "completed", "output": "there"}
    (job.folder / "result.json").write_text(json.dumps(known))
    ended = run(job.shared.as_uri(), job.name)
    assert (ended.returncode, ended.stdout) == (0, "✅ completed: there\n")
    assert job.result == known


def test_a_job_that_was_stopped_before_it_began(job: Job) -> None:
    (job.folder / "stop").touch()
    ended = run(job.shared.as_uri(), job.name)
    assert ended.returncode == 2
    assert job.result["state"] == "stopped"


def test_a_driver_that_is_told_to_end_while_it_starts(job: Job) -> None:
    driver = subprocess.Popen(
        [sys.executable, "-m", "mlcc_ray.cluster", job.shared.as_uri(), job.name],
        env={**os.environ, "PYTHONPATH": CODE, "RAY_ADDRESS": "127.0.0.1:1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while not (job.folder / "driver").exists():
        assert driver.poll() is None
    driver.send_signal(signal.SIGTERM)
    text, _ = driver.communicate(timeout=60)
    assert driver.returncode == 3
    assert text.startswith("❌ The job was told to end")
    assert not (job.folder / "result.json").exists()


@pytest.mark.parametrize("told", [True, False], ids=["told", "failing"])
def test_a_driver_in_whose_place_another_one_runs_leaves_its_job_alone(
    job: Job, told: bool
) -> None:
    driver = subprocess.Popen(
        [sys.executable, "-m", "mlcc_ray.cluster", job.shared.as_uri(), job.name],
        env={**os.environ, "PYTHONPATH": CODE, "RAY_ADDRESS": "127.0.0.1:1" if told else "none"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while not (job.folder / "driver").exists():
        assert driver.poll() is None
    (job.folder / "driver").write_text("another")
    if told:
        driver.send_signal(signal.SIGTERM)
    text, _ = driver.communicate(timeout=120)
    assert driver.returncode == 3
    assert "❌ The job goes on elsewhere" in text
    assert not (job.folder / "result.json").exists()
    assert not (job.folder / "end").exists()


@pytest.mark.parametrize(
    ("part", "workers", "words"),
    [
        (None, 1, "CPU=1"),
        ({"workers": 3, "resources": {"GPU": 1, "CPU": 4}}, 3, "GPU=1, CPU=4"),
        ({"resources": {"GPU": 0.5}}, 1, "GPU=0.5"),
    ],
)
def test_what_a_job_wants(part: object, workers: int, words: str) -> None:
    wanted = Wanted.of({"ray": part} if part else {})
    assert (wanted.workers, wanted.words()) == (workers, words)
