"""Jobs and datasets in a folder that other machines see, which a queue runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mlcc_core import Context, DatasetFile, JobNotFound, Listing, ReportedSpec, Request
from mlcc_core.contract.job import TrainingSpec
from mlcc_engine.engine import reported_by, request_of
from mlcc_folders.folder_jobs import FolderJobs
from mlcc_folders.folder_store import FolderStore
from mlcc_folders.job.folders import JobFolder
from mlcc_folders.job.state import Life

SPEC = TrainingSpec("p", "sft", "trl:SFTTrainer", "mlcc-tiny", "lora", {}, {}, {}, None)


class Shared:
    """The folder that other machines see."""

    def root(self, context: Context) -> Path:
        return Path(context.settings["SHARED"])


class Store(Shared, FolderStore):
    """Keeps datasets there."""


class Queue(Shared, FolderJobs):
    """Keeps jobs in a queue: their names, until something takes them out of it."""

    def __init__(self) -> None:
        self.waiting: list[str] = []

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        return Request({"request": request_of(spec)})

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        return reported_by(body["request"])  # type: ignore[arg-type]

    def start(self, context: Context, folder: JobFolder) -> None:
        self.waiting.append(folder.name)

    def life(self, folder: JobFolder) -> Life:
        there = folder.name in self.waiting
        return Life(folder.log.exists(), {"place": "1"} if there else None)

    def halt(self, context: Context, folder: JobFolder) -> None:
        self.waiting.remove(folder.name)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    for name in ("project", "shared"):
        (tmp_path / name).mkdir()
    return Context(tmp_path / "project", "p", {"SHARED": str(tmp_path / "shared")})


def test_a_job_is_pending_until_it_begins(context: Context) -> None:
    jobs = Queue()
    jobs.submit(context, "a", jobs.build_request(context, SPEC))
    state = jobs.describe(context, "a")
    assert (state.status, state.details["place"]) == ("pending", "1")
    (Path(context.settings["SHARED"]) / ".mlcc/jobs/a/log.txt").touch()
    assert jobs.describe(context, "a").status == "running"
    jobs.waiting.clear()
    state = jobs.describe(context, "a")
    assert (state.status, state.interrupted) == ("failed", True)
    jobs.resume(context, "a")
    assert jobs.waiting == ["a"]


def test_a_job_that_waits_is_stopped(context: Context) -> None:
    jobs = Queue()
    jobs.submit(context, "a", jobs.build_request(context, SPEC))
    jobs.stop(context, "a")
    assert jobs.describe(context, "a").status == "stopped"
    jobs.remove(context, "a")
    with pytest.raises(JobNotFound):
        jobs.describe(context, "a")


def test_nothing_is_kept_in_the_project(context: Context) -> None:
    jobs = Queue()
    jobs.submit(context, "a", jobs.build_request(context, SPEC))
    with Store().stage(context, "k") as sink:
        sink.file.write(b"{}\n")
        uri = sink.commit({"rows": 1})
    assert uri == str(Path(context.settings["SHARED"]) / ".mlcc/staged/k.jsonl")
    assert Store().find_staged(context, "k") is not None
    assert jobs.list_jobs(context, "") == ["a"]
    assert list(context.root.iterdir()) == []


def test_a_dataset_is_read_in_place_where_other_machines_see_it(
    context: Context, tmp_path: Path
) -> None:
    def place(folder: Path) -> str | None:
        path = folder / "rows.jsonl"
        path.touch()
        file = DatasetFile("rows.jsonl", str(path), 0, "f", path)
        return Store().reads_in_place(context, Listing(str(path), (file,), "rows")).uri

    shared = tmp_path / "shared"
    assert place(shared) == str(shared / "rows.jsonl")
    assert place(tmp_path) is None
