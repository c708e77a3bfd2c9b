"""A project that is moved or copied: jobs, adapters and records go with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mlcc_core.cli.main import run

ROWS = [{"prompt": f"{n} + 1 =", "completion": str(n + 1)} for n in range(8)]
TUNE = ("tune", "--technique", "sft", "--dataset", "train.csv", "--epochs", "1")
ASK = ("test", "--adapter", "tuned", "--prompt", "2 + 1 =")


class Shell:
    """Commands in a folder, as typed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, folder: Path, *words: str) -> str:
        self._monkeypatch.chdir(folder)
        self._capsys.readouterr()
        code = run(list(words))
        out, err = self._capsys.readouterr()
        assert code == 0, out + err
        return out


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    for name in ("MLCC_PROJECT", "MODEL_ID", "PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return Shell(monkeypatch, capsys)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project of every test is made: its files may name the folder."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def project(shell: Shell, place: Path) -> Path:
    """A project with a finished job and its adapter, trained once."""
    root, kept = place / "first place", place / "kept"
    if kept.exists():
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(kept, root)
        return root
    shell(place, "init", root.name)
    lines = "".join(f"{row['prompt']},{row['completion']}\n" for row in ROWS)
    (root / "train.csv").write_text(f"prompt,completion\n{lines}")
    shell(root, *TUNE)
    shell(root, "adapter", "add", "tuned", "--from-tune", "sft")
    shell(root, *ASK)
    shutil.copytree(root, kept)
    return root


def works(shell: Shell, root: Path, other: Path, outputs: str = "outputs") -> None:
    """Every command finds what it needs in ``root`` and names nothing of the ``other`` place."""
    status = shell(root, "tune", "--status", "--json")
    (job,) = json.loads(status)["jobs"]
    assert job["status"] == "completed"
    again = shell(root, *TUNE, "--json")
    assert json.loads(again)["created"] is False
    assert json.loads(again)["output"]["path"].startswith(f"{root}/{outputs}/")
    listed = shell(root, "adapter", "list")
    assert "InService" in listed
    assert shell(root, *ASK).strip()
    shell(root, "adapter", "add", "another", "--from-tune", "sft")
    for said in (status, again, listed, shell(root, "adapter", "list")):
        assert f"{other}/" not in said


def everything(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_moved(shell: Shell, project: Path, tmp_path: Path):
    for file in (project / "do" / "config", project / ".mlcc" / "deployment.json"):
        assert str(project) not in file.read_text()
    for record in (project / ".mlcc" / "runs").iterdir():
        assert str(project) not in record.read_text()
    moved = project.rename(tmp_path / "second place")
    works(shell, moved, project)


@pytest.mark.slow
def test_copied(shell: Shell, project: Path, tmp_path: Path):
    copy = tmp_path / "second place"
    shutil.copytree(project, copy)
    before = everything(project)
    works(shell, copy, project)
    assert everything(project) == before
    shutil.rmtree(project)
    assert shell(copy, *ASK).strip()


@pytest.mark.slow
def test_moved_with_the_absolute_paths_that_were_once_written(
    shell: Shell, project: Path, tmp_path: Path
):
    """Outputs were once kept in the folders of their jobs, too."""
    state = project / ".mlcc"
    (job,) = (state / "jobs").iterdir()
    (project / "outputs" / job.name).rename(job / "output")
    for file in (
        *(project / "do" / "config", state / "deployment.json", *(state / "runs").iterdir()),
        *(job / "request.json", job / "result.json"),
    ):
        quoted = str(project) if file.suffix else str(project).replace(" ", "\\ ")
        text = file.read_text()
        for place in ("./", f"{project}/"):
            text = text.replace(f"{place}outputs/{job.name}", f"./.mlcc/jobs/{job.name}/output")
        file.write_text(text.replace("./.mlcc/", f"{quoted}/.mlcc/"))
    assert shell(project, *ASK).strip()
    moved = project.rename(tmp_path / "second place")
    works(shell, moved, project, ".mlcc/jobs")
    shell(moved, "runs", "remove", job.name, "--yes", "--force")
    assert list((moved / ".mlcc" / "jobs").iterdir()) == []
