"""Runs at a real MLflow server: a training from the command line, later looks, ends, outages."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from mlflow import MlflowClient

import mlcc_trackers
from mlcc_core import Context
from mlcc_core.actions.tune.job.status import job_rows
from mlcc_trackers.runs import document_of
from tests.mlcc_core.world import World
from tests.plugins.mlcc_trackers.conftest import STEPS, new_process, tracked
from tests.plugins.mlcc_trackers.evaluations import evaluation

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),  # a busy machine takes minutes to start the server
    pytest.mark.filterwarnings("ignore"),
]


def run_at(server: str, name: str):
    client = MlflowClient(server)
    experiments = [found.experiment_id for found in client.search_experiments()]
    (run,) = client.search_runs(experiments, f"tags.`mlcc.job` = '{name}'")
    return client, run


def history(client, run, metric: str) -> list[tuple[int, float]]:
    found = client.get_metric_history(run.info.run_id, metric)
    return sorted((each.step, each.value) for each in found)


def mlcc(folder, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from mlcc_core.cli import main; main()"
    command = [sys.executable, "-c", program, *words]
    env = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=250)


def test_a_training_and_its_evaluation_are_tracked(mlflow_server: str, tmp_path):
    rows = [{"prompt": f"{n} + 1 =", "completion": str(n + 1)} for n in range(8)]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert mlcc(tmp_path, "init", "demo").returncode == 0
    address = mlflow_server.replace("//", "//me:secret@")
    flags = (
        "--technique",
        "sft",
        "--epochs",
        "2",
        "--validation",
        "2",
        "--set",
        "weight_decay=0.1",
    )
    done = mlcc(tmp_path / "demo", "tune", "../train.jsonl", *flags, MLFLOW_TRACKING_URI=address)
    assert done.returncode == 0, done.stderr
    assert f"ℹ️  Tracked by MLflow at {mlflow_server}" in done.stderr
    assert "secret" not in done.stdout + done.stderr
    assert "⚠️" not in done.stderr
    (record,) = (tmp_path / "demo" / ".mlcc" / "runs").glob("*.json")
    client, run = run_at(mlflow_server, record.stem)
    assert run.info.status == "FINISHED"
    assert client.get_experiment(run.info.experiment_id).name == "demo"
    params = run.data.params
    assert (params["epochs"], params["origin/epochs"]) == ("2", "--epochs")
    assert (params["weight_decay"], params["origin/weight_decay"]) == ("0.1", "--set")
    assert run.data.tags["mlcc.model"] == "mlcc-tiny"
    assert run.data.tags["mlcc.technique"] == "sft"
    assert run.data.tags["mlcc.platform"] == "local"
    assert run.data.tags["mlcc.dataset"] == "../train.jsonl"
    logged = (record.parent.parent / "jobs" / record.stem / "progress.jsonl").read_text()
    steps = {
        line["step"]: line["loss"]
        for line in map(json.loads, logged.splitlines())
        if line.get("loss")
    }
    assert dict(history(client, run, "loss")) == steps
    assert len(steps) >= 2
    assert run.data.metrics["held_out_loss_before"] > 0

    done = mlcc(tmp_path / "demo", "evaluate", "sft", MLFLOW_TRACKING_URI=address)
    assert done.returncode == 0, done.stderr
    assert "does not take the run" not in done.stderr
    client, run = run_at(mlflow_server, record.stem)
    assert run.info.status == "FINISHED"
    (stored,) = (tmp_path / "demo" / ".mlcc" / "evaluations").glob("*/*.json")
    results = json.loads(stored.read_text())["metrics"]
    assert results
    for result in results:
        name = f"eval/{result['metric']}"
        assert run.data.metrics[f"{name}/target"] == result["mean"]
        assert run.data.metrics[f"{name}/difference"] == result["difference"]
    (kept,) = client.list_artifacts(run.info.run_id)
    text = client.download_artifacts(run.info.run_id, kept.path, str(tmp_path))
    document = json.loads(Path(text).read_text())
    assert [result["metric"] for result in document["metrics"]] == [r["metric"] for r in results]
    assert "rows" not in document


def test_an_evaluation_joins_the_run(world: World, mlflow_server: str, monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    job = world.tune(values={"epochs": 7}).job
    new_process()
    mlcc_trackers.mlcc_run_evaluated(evaluation(job), world.session().context)
    client, run = run_at(mlflow_server, job)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["eval/exact/difference"] == 0.5
    assert run.data.metrics["eval/exact/target"] == 0.75
    assert run.data.tags["mlcc.verdict"] == "better"
    (kept,) = client.list_artifacts(run.info.run_id)
    text = client.download_artifacts(run.info.run_id, kept.path, str(tmp_path))
    assert json.loads(Path(text).read_text()) == document_of(evaluation(job), world.root)


def test_an_evaluation_of_a_run_that_was_not_tracked_ends_the_run_it_makes(
    world: World, mlflow_server: str, monkeypatch
):
    job = world.tune(values={"epochs": 8}).job
    new_process()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    mlcc_trackers.mlcc_run_evaluated(evaluation(job), world.session().context)
    _, run = run_at(mlflow_server, job)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["eval/exact/difference"] == 0.5


def test_a_run_is_found_again_by_later_commands(world: World, mlflow_server: str, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    job = world.tune(wait=False, values={"epochs": 3}).job
    mlcc_trackers._listeners[0]._close_all()  # the end of the process
    client, run = run_at(mlflow_server, job)
    assert (run.info.status, len(history(client, run, "loss"))) == ("RUNNING", 2)
    for _ in range(3):
        new_process()
        job_rows(world.session())
        mlcc_trackers._listeners[0]._close_all()
    client, run = run_at(mlflow_server, job)
    assert run.info.status == "FINISHED"
    assert history(client, run, "loss") == [(n, 1 / n) for n in range(1, STEPS + 1)]
    assert history(client, run, "held_out_loss") == [(n, 2 / n) for n in range(1, STEPS + 1)]


@pytest.mark.parametrize(("ending", "status"), [("failed", "FAILED"), ("stopped", "KILLED")])
def test_other_ends(world: World, mlflow_server: str, monkeypatch, ending: str, status: str):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "ends")
    world.platform.course = ("running", ending)
    world.refused(values={"epochs": 4 if ending == "failed" else 5})
    (job,) = world.jobs()
    client, run = run_at(mlflow_server, job)
    assert run.info.status == status
    assert client.get_experiment(run.info.experiment_id).name == "ends"


def test_an_evaluation_without_a_run_is_a_run_of_its_own(mlflow_server: str, tmp_path):
    settings = {"MLFLOW_TRACKING_URI": mlflow_server}
    context = Context(tmp_path, "demo", settings=settings)
    new_process()
    mlcc_trackers.mlcc_run_evaluated(evaluation(None, target="org/model"), context)
    _, run = run_at(mlflow_server, "evaluation-org-model")
    assert run.info.status == "FINISHED"
    assert run.data.metrics["eval/exact/low"] == 0.1


class Door:
    """A way to a server that can be shut, as if the server were killed, and opened again."""

    def __init__(self, server: str) -> None:
        self._to = ("127.0.0.1", int(server.rpartition(":")[2]))
        self.port = 0
        self.open()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        self._passing: list[socket.socket] = []
        Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def shut(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in self._passing:
            each.close()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                guest, _ = listening.accept()
            except OSError:
                return
            host = socket.create_connection(self._to)
            self._passing += [guest, host]
            for here, there in ((guest, host), (host, guest)):
                Thread(target=_pass_on, args=(here, there), daemon=True).start()


def _pass_on(here: socket.socket, there: socket.socket) -> None:
    try:
        while data := here.recv(65536):
            there.sendall(data)
    except OSError:
        pass
    finally:
        there.close()


def test_a_server_that_goes_and_comes_back(world: World, mlflow_server: str, monkeypatch):
    """News wait for it meanwhile, and nothing else does."""
    door = Door(mlflow_server)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", door.address)
    monkeypatch.setattr("mlcc_trackers.delivery.PAUSE", 0.2)
    job = world.tune(wait=False, values={"epochs": 6}).job
    until(lambda: len(run_at(mlflow_server, job)) == 2 and steps_at(mlflow_server, job) == 2)
    door.shut()
    job_rows(world.session())
    until(lambda: len(tracked(world)) == 2)
    assert tracked(world)[1].startswith(f"⚠️  MLflow at {door.address} does not take the run")
    time.sleep(1)
    door.open()
    for _ in range(3):
        job_rows(world.session())
    assert steps_at(mlflow_server, job) == STEPS
    assert run_at(mlflow_server, job)[1].info.status == "FINISHED"
    assert len(tracked(world)) == 2
    door.shut()


def steps_at(server: str, job: str) -> int:
    client, run = run_at(server, job)
    return len({step for step, _ in history(client, run, "loss")})


def until(reached) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if reached():
                return
        except ValueError:
            pass  # the run is not there yet
        time.sleep(0.1)
    pytest.fail("it was not reached in a minute")
