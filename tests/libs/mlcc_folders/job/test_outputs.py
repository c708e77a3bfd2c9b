"""Outputs of jobs lie in ``outputs/`` of the project, and nothing else there is touched."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mlcc_core import MlccError
from mlcc_engine.start import lineage
from mlcc_folders.job import folders, outputs
from mlcc_folders.job.folders import JobFolder

JOB = "demo-sft-1"
BODY = {"request": {"model": "mlcc-tiny"}}


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    """A job with its output."""
    folder = folders.create(tmp_path, JOB, BODY)
    made(folder.output, JOB)
    return folder


def made(output: Path, job: str) -> None:
    output.mkdir(exist_ok=True)
    document = {"format": lineage.FORMAT, "job": job, "technique": "sft", "from": []}
    (output / lineage.FILE).write_text(json.dumps(document))


def test_the_place_of_an_output(job: JobFolder, tmp_path: Path):
    assert job.output == tmp_path / "outputs" / JOB
    assert json.loads(job.request.read_text())["output"] == str(job.output)
    assert (tmp_path / "outputs" / ".gitignore").read_text().splitlines()[-1] == "*"


def test_a_folder_of_the_user_is_used_as_it_is(tmp_path: Path):
    (tmp_path / "outputs").mkdir()
    folders.create(tmp_path, JOB, BODY)
    assert list((tmp_path / "outputs").iterdir()) == []


def test_an_output_in_the_folder_of_its_job(tmp_path: Path):
    folder = folders.create(tmp_path, JOB, BODY)
    inside = folder.path / "output"
    inside.mkdir()
    assert folder.output == inside
    assert folders.remove(folder) == (f"Removed {inside}.", f"Removed {folder.path}.")


def test_a_place_that_is_taken(tmp_path: Path):
    place = tmp_path / "outputs"
    place.write_text("mine")
    with pytest.raises(MlccError, match="is a file, expected the folder") as caught:
        folders.create(tmp_path, JOB, BODY)
    subprocess.run(str(caught.value.hint), shell=True, check=True)
    place.mkdir()
    made(place / JOB, JOB)
    with pytest.raises(MlccError, match="exists, and no job of this project made it") as caught:
        folders.create(tmp_path, JOB, BODY)
    assert folders.list_names(tmp_path, "") == []
    subprocess.run(str(caught.value.hint), shell=True, check=True)
    folders.create(tmp_path, JOB, BODY)
    assert lineage.read(place / f"{JOB}.old") is not None


def test_removing_takes_what_the_job_made_alone(job: JobFolder):
    others = [job.output.with_name(name) for name in ("mine", f"{JOB}0", "demo")]
    for other in others:
        other.mkdir()
    lines = folders.remove(job)
    assert lines == (f"Removed {job.output}.", f"Removed {job.path}.")
    assert sorted(job.output.parent.glob("[!.]*")) == sorted(others)


def test_removing_a_job_whose_output_is_elsewhere(job: JobFolder, tmp_path: Path):
    elsewhere = job.output.rename(tmp_path / "large-disk")
    job.output.symlink_to(elsewhere)
    lines = folders.remove(job)
    assert lines[0] == f"Removed the link {job.output}; {elsewhere} stays."
    assert lineage.read(elsewhere) is not None
    assert not job.output.is_symlink()
    assert not job.path.exists()


def test_what_another_job_made_stays(job: JobFolder):
    made(job.output, "demo-sft-2")
    assert folders.remove(job)[0] == f"{job.output} stays: it holds the output of demo-sft-2."
    assert job.output.is_dir()


def test_a_removal_that_was_cut_off_is_done_by_the_next_one(job: JobFolder):
    dead = subprocess.Popen(["true"])
    dead.wait()
    draft = job.output.rename(job.output.with_name(f".{JOB}.{dead.pid}-removed.partial"))
    assert folders.remove(job) == (f"Removed {job.path}.",)
    assert not draft.exists()


def test_drafts_of_outputs_are_removed(job: JobFolder):
    dead = subprocess.Popen(["true"])
    dead.wait()
    draft = job.output.with_name(f".{JOB}.{dead.pid}-x.partial")
    draft.mkdir()
    outputs.prepare(job.root, "another")
    assert not draft.exists()
