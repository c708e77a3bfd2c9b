"""Jobs of the engine on the cluster of the tests, submitted as the platform does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcc_ray.cluster.driver import STOP_WAIT
from tests.libs.mlcc_engine.trainings import FACTS, HURRY, write_rows
from tests.plugins.mlcc_ray.ray_cluster import wait_until

if TYPE_CHECKING:
    from ray.job_submission import JobSubmissionClient

ROOT = Path(__file__).parents[4]
CODE = os.pathsep.join(str(ROOT / name) for name in (".", "libs", "plugins"))
PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
OVER = ("SUCCEEDED", "FAILED", "STOPPED")


def client(address: str) -> JobSubmissionClient:
    """A client of the Jobs API."""
    from ray.job_submission import JobSubmissionClient

    return JobSubmissionClient(address)


class Job:
    """A job in a storage that is a folder of this machine.

    Args:
        address: of the Jobs API.
        shared: the folder of the storage.
        name: of the job.
    """

    def __init__(self, address: str, shared: Path, name: str) -> None:
        self.address, self.shared, self.name = address, shared, name
        self.folder = shared / "jobs" / name
        self.submission = name

    def stage(
        self,
        rows: Iterable[Mapping[str, Any]] = PAIRS,
        *,
        workers: int = 1,
        files: Mapping[str, str] | None = None,
        **request: Any,
    ) -> None:
        """Write what the user's side writes before it submits a job."""
        (self.shared / "staged").mkdir(exist_ok=True)
        self.folder.mkdir(parents=True)
        write_rows(self.shared / "staged" / f"{self.name}.jsonl", rows)
        for name, text in (files or {}).items():
            (self.folder / "files").mkdir(exist_ok=True)
            (self.folder / "files" / name).write_text(text)
        body = {
            "job": self.name,
            "technique": "test",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "lora",
            "dataset": f"{self.shared.as_uri()}/staged/{self.name}.jsonl",
            "output": "output",
            **request,
            "ray": {"workers": workers, "resources": {"CPU": 1}},
        }
        (self.folder / "request.json").write_text(json.dumps(body))

    def hurry(self) -> None:
        """Have the steps of a job that trains slowly wait no more."""
        (self.folder / "hurry").touch()

    def submit(self, *, again: int = 0, environment: Mapping[str, str] | None = None) -> None:
        """Submit the job; its further attempts have names of their own."""
        self.submission = f"{self.name}-{again}" if again else self.name
        own = {"PYTHONPATH": CODE, STOP_WAIT: "60", HURRY: str(self.folder / "hurry")}
        client(self.address).submit_job(
            entrypoint=f"python -m mlcc_ray.cluster {self.shared.as_uri()} {self.name}",
            submission_id=self.submission,
            runtime_env={"env_vars": {**own, **(environment or {})}},
        )

    @property
    def status(self) -> str:
        return str(client(self.address).get_job_status(self.submission).value)

    def wait(self, seconds: float = 200) -> str:
        """Wait for the end of the Ray job; return its status."""
        asked = client(self.address)
        deadline = time.monotonic() + seconds
        while (status := asked.get_job_status(self.submission).value) not in OVER:
            assert time.monotonic() < deadline, f"{status} after {seconds:g} s: {self.told}"
            time.sleep(0.2)
        return str(status)

    @property
    def told(self) -> str:
        """Return what Ray has of the job's output, for a failing test."""
        return str(client(self.address).get_job_logs(self.submission))

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "result.json").read_text())
        return found

    @property
    def log(self) -> str:
        return (self.folder / "log.txt").read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of progress that are whole."""
        try:
            text = (self.folder / "progress.jsonl").read_text()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    @property
    def losses(self) -> dict[int, float]:
        """Return the loss of every step."""
        return {line["step"]: line["loss"] for line in self.lines if "loss" in line}

    @property
    def step(self) -> int:
        """Return the step that the newest line of progress tells of."""
        return max((line["step"] for line in self.lines), default=0)

    def checkpoint(self, rank: int = 0) -> int:
        """Return the step of the newest whole checkpoint of a worker."""
        folder = self.folder / "checkpoints" / f"rank-{rank}"
        found = folder.glob("step-*/manifest.json")
        return max((int(path.parent.name.removeprefix("step-")) for path in found), default=0)

    def wait_for_checkpoint(self, step: int, seconds: float = 200) -> None:
        """Wait until the first worker has a checkpoint of a step, or of a later one."""
        wait_until(lambda: self.checkpoint() >= step, seconds, lambda: f"none: {self.told}")


def trained_here(job: Job, folder: Path) -> dict[int, float]:
    """The losses of the same request on this machine, by as many processes."""
    folder.mkdir()
    body = json.loads((job.folder / "request.json").read_text())
    workers = body.pop("ray")["workers"]
    dataset = str(job.shared / "staged" / f"{job.name}.jsonl")
    body |= {"dataset": dataset, "output": str(folder / "output"), "processes": workers}
    (folder / "request.json").write_text(json.dumps(body))
    subprocess.run(
        [sys.executable, "-m", "mlcc_engine", "--detached", str(folder)],
        env={**os.environ, "PYTHONPATH": CODE, "HF_HUB_OFFLINE": "1"},
        check=True,
        capture_output=True,
    )
    lines = [json.loads(line) for line in (folder / "progress.jsonl").read_text().splitlines()]
    return {line["step"]: line["loss"] for line in lines if "loss" in line}
