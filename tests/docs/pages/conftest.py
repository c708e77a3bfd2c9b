"""The surroundings in which a page begins: a project, an account, a Hub, a cluster, a real model.

A page names its own in a comment, ``<!-- page: project, hub -->``. Each is a fixture here, whose
value is the variables that its reader has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.aws_account.aws import Aws
from tests.aws_account.serving.runtime import reply
from tests.aws_account.training import courses, outputs
from tests.aws_account.training.job import Job
from tests.docs.pages.made_once import made_once
from tests.docs.pages.page import ROOT
from tests.docs.pages.reader import SOURCES, Reader
from tests.servers.hub import Hub

DATASETS = ROOT / "examples" / "datasets"
Opening = Callable[[list[str]], Reader]

PROJECT = """\
mlcc init my-project --platform local --model mlcc-tiny
cd my-project
cp "$DATASETS/sft.jsonl" train.jsonl
cp "$DATASETS/dpo.jsonl" pairs.jsonl
mlcc tune train.jsonl --technique sft
mlcc adapter add tuned-sft --from-tune sft
"""


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``my-project``, in which `sft` has finished, and the ``home`` of its maker."""
    return made_once(tmp_path_factory, "finished-project", make_project)


def make_project(folder: Path) -> None:
    """Make the project, with the commands that a reader would have typed."""
    (folder / "home").mkdir()
    paths = [*SOURCES, os.environ.get("PYTHONPATH", "")]
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "HOME": str(folder / "home"),
        "DATASETS": str(DATASETS),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", PROJECT],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture
def page_project(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A copy of the finished project, as the page's folder, and of what its reader has cached."""
    shutil.copytree(finished / "my-project", tmp_path / "my-project", symlinks=True)
    home = Path(os.environ["HOME"])
    shutil.copytree(finished / "home" / ".cache", home / "cache", dirs_exist_ok=True)
    return {}


def files_of(job: Job) -> dict[str, bytes]:
    """Return what a job leaves; of a training on instances, which runs nothing, an adapter."""
    model = job.request.get("HyperParameters", {}).get("model")
    if model is None or "ServerlessJobConfig" in job.request:
        return outputs.of_job(job)
    return outputs.adapter(model.partition("@")[0])


def answered(component: str, document: Any) -> Any:
    """Return a deployed model's answer, with the count of tokens that AWS's containers add."""
    answer = reply(component, document)
    for choice in answer.get("choices", ()):
        words = choice["message"]["content"].split()
        answer["usage"] = {"completion_tokens": len(words)}
    return answer


@pytest.fixture
def page_account(aws: Aws) -> dict[str, str]:
    """An account with credentials in the environment, and a bucket with a dataset."""
    aws.changes.looks = 0
    aws.jobs.course = courses.at_once()
    aws.jobs.makes = files_of
    aws.containers.runs = False
    aws.runtime.responder = answered
    aws.bucket("my-bucket", {"train.jsonl": (DATASETS / "sft.jsonl").read_bytes()})
    return {}


@pytest.fixture
def page_hub(hub: Hub) -> dict[str, str]:
    """A Hub with the dataset ``my-org/questions``; ``HF_TOKEN`` is ``my-name``'s, of ``my-org``."""
    hub.users["hf_reader"] = "my-name"
    hub.orgs["my-name"] = {"my-org"}
    rows = (DATASETS / "sft.jsonl").read_bytes()
    hub.add("my-org/questions", {"train.jsonl": rows})
    return {"HF_TOKEN": "hf_reader"}


@pytest.fixture
def page_real(real_model: Path) -> dict[str, str]:
    """The model ``smollm2-135m``, fetched and converted as ``mlcc demo`` does it the first time."""
    return {"MLCC_CACHE": str(real_model.parent)}


@pytest.fixture
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opening]:
    """Opens a reader's terminal in the surroundings that a page names."""
    opened: list[Reader] = []

    def open_in(names: list[str]) -> Reader:
        variables: dict[str, str] = {}
        for name in names:
            variables |= request.getfixturevalue(f"page_{name}")
        opened.append(
            Reader(
                tmp_path,
                here=tmp_path / "my-project" if "project" in names else None,
                environment=variables,
                answers="account" in names,
            )
        )
        return opened[-1]

    yield open_in
    for each in opened:
        each.close()
