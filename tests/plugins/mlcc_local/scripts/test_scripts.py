"""Scripts on this machine, for real: run, killed, gone on with, stopped, moved, removed."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import (
    JobError,
    JobRequest,
    MlccError,
    PlatformError,
    Reporter,
    ScriptRequest,
    Session,
    TuneResult,
    logs,
    open_session,
    stop,
    train_script,
)
from mlcc_core.actions.runs.remove import RemoveRunsRequest, remove_runs
from mlcc_core.actions.tune.job.status import job_rows
from mlcc_core.loader.manager import build_manager
from mlcc_core.project.new_project import create_project
from mlcc_core.project.project import Project
from mlcc_core.project.records import read_record
from mlcc_folders.job import folders, process
from mlcc_local import plugin
from mlcc_local.scripts.requests import LocalScripts

SECONDS = 100.0

COUNTS = """
import argparse, json, os, pathlib, time
parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=3)
parser.add_argument("--pause", type=float, default=0)
parser.add_argument("--held", help="a file: the first step goes on once it is there")
given = parser.parse_args()
kept = pathlib.Path(os.environ["SM_CHECKPOINT_DIR"], "step")
begin = int(kept.read_text()) if kept.exists() else 0
print("begins at", begin)
for step in range(begin + 1, given.steps + 1):
    line = {"step": step, "steps": given.steps, "loss": 1 / step}
    if KEEPS:
        kept.write_text(str(step))
    print("mlcc-progress " + json.dumps(line))
    time.sleep(given.pause)
    while given.held and not os.path.exists(given.held):
        time.sleep(0.02)
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(f"{begin} to {given.steps}")
"""


class Heard(Reporter):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


class Place:
    """A project of this machine, and what a user does with scripts in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.heard = Heard()
        self.plugins = build_manager([plugin], disable="")

    @property
    def session(self) -> Session:
        return open_session(
            project=Project(self.root), plugins=self.plugins, say=self.heard.say, reminds=False
        )

    def write(self, source: str, name: str = "train.py") -> str:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
        return str(path)

    def train(self, **given: Any) -> TuneResult:
        values = {"script": str(self.root / "train.py"), "poll_interval": 0.05, **given}
        return train_script(self.session, ScriptRequest(**values), self.heard)

    def refused(self, **given: Any) -> MlccError:
        with pytest.raises(MlccError) as caught:
            self.train(**given)
        return caught.value

    def output(self, job: str) -> Path:
        return self.root / "outputs" / job

    def begun(self, job: str, step: int = 1) -> int:
        """Wait until a job has reported a step; return the id of its process."""
        folder = folders.find(self.root, job)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            progress = plugin.runner.describe(self.session.context, job).progress
            if progress is not None and (progress.step or 0) >= step:
                found = process.owner(folder.lock)
                assert found is not None
                return found
            time.sleep(0.02)
        raise AssertionError("the job did not begin")

    def kill(self, job: str) -> None:
        """Kill the process of a job once it has reported a step."""
        os.kill(self.begun(job), signal.SIGKILL)
        assert process.wait_until_gone(folders.find(self.root, job).lock, SECONDS)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    root = tmp_path / "demo"
    made = Place(root)
    create_project(root, made.plugins)
    monkeypatch.chdir(root)
    made.write(COUNTS.replace("KEEPS", "True"))
    yield made
    for name in plugin.runner.list_jobs(made.session.context, ""):
        plugin.runner.stop(made.session.context, name)


def test_a_script_runs_and_what_it_left_is_kept(place: Place):
    result = place.train(hyperparameters={"steps": "4"})
    output = place.output(result.job)
    assert result.state.artifacts == str(output)
    assert (output / "model.txt").read_text() == "0 to 4"
    assert result.state.progress.step == 4
    record = read_record(Project(place.root), result.job)
    assert record.script.output == str(output)
    assert record.metrics == {"loss": 0.25}
    lines = list(logs(place.session, JobRequest("script")).lines)
    assert lines == ["begins at 0", f"completed: {output}"]


def test_what_it_reads_and_where_it_is(place: Place):
    place.write("NAME = 'beside'", "src/beside.py")
    script = place.write(
        """
import beside, json, os, pathlib, sys
channels = {name: sorted(os.listdir(os.environ["SM_CHANNEL_" + name.upper()]))
            for name in json.loads(os.environ["SM_CHANNELS"])}
pathlib.Path(os.environ["SM_MODEL_DIR"], "found.json").write_text(json.dumps(
    {"channels": channels, "words": sys.argv[1:], "beside": beside.NAME}))
""",
        "src/run.py",
    )
    (place.root / "one.jsonl").write_text("{}\n")
    (place.root / "data").mkdir()
    (place.root / "data" / "two.csv").write_text("a\n")
    result = place.train(
        script=script,
        folder=True,
        hyperparameters={"name": "a b", "quote": "it's"},
        inputs={"train": "one.jsonl", "test": "data"},
    )
    found = json.loads((place.output(result.job) / "found.json").read_text())
    assert found == {
        "channels": {"train": ["one.jsonl"], "test": ["two.csv"]},
        "words": ["--name", "a b", "--quote", "it's"],
        "beside": "beside",
    }
    (place.root / "one.jsonl").write_text("{}\n{}\n")
    error = place.refused(
        script=script,
        folder=True,
        hyperparameters={"name": "a b", "quote": "it's"},
        inputs={"train": "one.jsonl", "test": "data"},
    )
    assert any(line.startswith("content of train: was") for line in error.detail)


def test_a_script_that_fails_leaves_nothing_and_is_not_gone_on_with(place: Place):
    place.write("import missing_module_of_mine\n")
    error = place.refused()
    assert isinstance(error, JobError)
    assert error.what.endswith("ModuleNotFoundError: No module named 'missing_module_of_mine'")
    assert not any((place.root / "outputs").glob("[a-z]*"))
    assert "failed" in place.refused().what  # the same job, shown again
    place.write("print('mended')\n")
    assert place.train(force=True).state.status == "completed"


@pytest.mark.parametrize("keeps", [True, False])
def test_killed_it_goes_on_from_what_it_kept_or_begins_again(place: Place, *, keeps: bool):
    place.write(COUNTS.replace("KEEPS", str(keeps)))
    given = {"hyperparameters": {"steps": "3", "held": str(place.root / "go")}}
    job = place.train(**given, wait=False).job
    place.kill(job)
    (place.root / "go").touch()
    (row,) = [row for row in job_rows(place.session) if row.job == job]
    assert row.status == "interrupted"
    assert (
        row.reason == "The process of the script died without a result: killed, or out of memory."
    )
    assert row.saved_step == (0 if keeps else None)
    assert row.go_on.startswith("./do/train --script ")
    assert not place.output(job).exists()
    result = place.train(**given)
    assert result.job == job
    begin = int((place.output(job) / "model.txt").read_text().split()[0])
    assert begin > 0 if keeps else begin == 0
    told = "goes on from the checkpoints that it kept" if keeps else "begins again, as it had no"
    assert any(told in line for line in place.heard.lines)


def test_sigterm_from_elsewhere_interrupts(place: Place):
    given = {"hyperparameters": {"steps": "4000", "pause": "0.2"}}
    job = place.train(**given, wait=False).job
    os.kill(place.begun(job), signal.SIGTERM)
    end = time.monotonic() + SECONDS
    while not (state := plugin.runner.describe(place.session.context, job)).final:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert (state.status, state.interrupted) == ("failed", True)


def test_stopped_it_stays_stopped_and_leaves_no_process(place: Place):
    job = place.train(hyperparameters={"steps": "90", "pause": "1"}, wait=False).job
    running = place.begun(job)
    stopped = stop(place.session, JobRequest("script"))
    assert stopped.after.status == "stopped"
    assert not stopped.after.interrupted
    assert (
        not Path(f"/proc/{running}/cmdline").exists()
        or not Path(f"/proc/{running}/cmdline").read_bytes()
    )
    error = place.refused(hyperparameters={"steps": "90", "pause": "1"})
    assert "was stopped" in error.what
    assert "--force" in error.hint


def test_what_runs_is_what_was_asked_for_even_if_it_changes(place: Place):
    given = {"hyperparameters": {"steps": "3", "held": str(place.root / "go")}}
    job = place.train(**given, wait=False).job
    place.kill(job)
    (place.root / "go").touch()
    before = (place.root / "train.py").read_text()
    place.write("raise SystemExit(1)\n")
    plugin.runner.resume(place.session.context, job)
    end = time.monotonic() + SECONDS
    while not (state := plugin.runner.describe(place.session.context, job)).final:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert state.status == "completed"
    place.write(before)
    assert place.train(**given).job == job


def test_a_script_that_changes_before_its_job_begins(place: Place, monkeypatch: pytest.MonkeyPatch):
    build = LocalScripts.build_request

    def changed(self: LocalScripts, context: Any, spec: Any) -> Any:
        request = build(self, context, spec)
        place.write("print('another')\n")
        return request

    monkeypatch.setattr(LocalScripts, "build_request", changed)
    error = place.refused()
    assert isinstance(error, PlatformError)
    assert "changed before the job began with it" in error.what


def test_a_project_that_moves_takes_its_scripts_along(place: Place):
    given = {"script": "train.py", "inputs": {"train": "rows"}}
    (place.root / "rows").mkdir()
    (place.root / "rows" / "a.txt").write_text("a")
    job = place.train(**given).job
    moved = place.root.with_name("moved")
    place.root.rename(moved)
    os.chdir(moved)
    place.root = moved
    result = place.train(**given)
    assert (result.job, result.created) == (job, False)
    assert result.state.artifacts == str(moved / "outputs" / job)
    place.root = place.root.rename(moved.with_name("demo"))


def test_removed_with_all_that_it_kept(place: Place):
    job = place.train().job
    remove_runs(place.session, RemoveRunsRequest((job,), assume_yes=True))
    assert not place.output(job).exists()
    assert not (place.root / ".mlcc" / "jobs" / job).exists()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"inputs": {"train": "s3://bucket/data"}}, "s3://bucket/data is not on this machine"),
        ({"inputs": {"train": "empty"}}, "has no file"),
        ({"values": {"processes": 2}}, "--processes means nothing for a script"),
    ],
)
def test_what_this_machine_does_not_take(place: Place, given: dict[str, Any], what: str):
    (place.root / "empty").mkdir()
    error = place.refused(**given)
    assert what in error.what
    assert plugin.runner.list_jobs(place.session.context, "") == []


TORCH = """
import os, torch
from safetensors.torch import save_file
layer, rows = torch.nn.Linear(1, 1), torch.arange(8.0)[:, None]
trainer = torch.optim.SGD(layer.parameters(), lr=0.01)
for step in range(1, 101):
    loss = ((layer(rows) - 2 * rows) ** 2).mean()
    loss.backward()
    trainer.step()
    trainer.zero_grad()
print(f'mlcc-progress {{"step": {step}, "steps": 100, "loss": {loss.item()}}}')
save_file(layer.state_dict(), os.path.join(os.environ["SM_MODEL_DIR"], "model.safetensors"))
"""


@pytest.mark.slow
def test_a_script_that_trains_with_torch(place: Place):
    from safetensors import safe_open

    place.write(TORCH)
    result = place.train()
    with safe_open(place.output(result.job) / "model.safetensors", "pt") as weights:
        assert abs(weights.get_tensor("weight").item() - 2) < 0.2
    assert result.record.metrics["loss"] < 0.5


@pytest.fixture
def slow_pip(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have pip find nothing, at once."""

    def set_up() -> None:
        monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        monkeypatch.setenv("PIP_RETRIES", "1")
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")

    return set_up


@pytest.mark.slow
def test_requirements_that_cannot_be_had_are_told_in_one_line(
    place: Place, slow_pip: Callable[[], None]
):
    slow_pip()
    (place.root / "r.txt").write_text("no-such-package-of-mine==1.0\n")
    error = place.refused(requirements="r.txt")
    assert isinstance(error, PlatformError)
    assert "The requirements cannot be installed: " in error.what
    assert "\n" not in error.what
    # It was not the script's fault: run again, pip is asked again.
    (row,) = job_rows(place.session)
    assert row.status == "interrupted"


def test_the_request_of_a_script_is_read_back(place: Place):
    place.write("print(1)\n")
    job = place.train(hyperparameters={"a": "1"}).job
    context = dataclasses.replace(place.session.context)
    reported = plugin.scripts.reported(context, job, plugin.runner)
    assert (reported.script, reported.hyperparameters) == ("train.py", {"a": "1"})
    folder = folders.find(place.root, job)
    shutil.rmtree(folder.path / "code")
    assert plugin.runner.describe(context, job).reported is None
