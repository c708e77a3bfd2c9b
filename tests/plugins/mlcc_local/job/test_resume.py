"""A job that was interrupted goes on in its folder, in one process, whoever asks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import PlatformError
from mlcc_engine.checkpoint.store import FOLDER, MANIFEST
from mlcc_folders.job import folders, process
from mlcc_folders.job.folders import JobFolder
from mlcc_local import Local
from tests.plugins.mlcc_local.conftest import NAME, STAND_IN

Until = Callable[..., JobState]
Submit = Callable[..., str]

RESUME = """
import sys
from pathlib import Path
from mlcc_core import Context, MlccError
from mlcc_core.project.project import Project
from mlcc_local import Local
root, name, *command = sys.argv[1:]
sys.stdin.read()
try:
    with Project(Path(root)).lock():
        Local(command=command).runner.resume(Context(Path(root), "demo"), name)
    print("resumed")
except MlccError as error:
    print(error.what)
"""


def folder_of(context: Context) -> JobFolder:
    return folders.find(context.root, NAME)


@pytest.fixture
def killed(context: Context, submit: Submit, until: Until) -> JobState:
    """A job whose process was killed while it trained; it has checkpoints at steps 1 and 2."""
    submit("wait")
    until(NAME, lambda seen: seen.progress and seen.progress.step == 3)
    for step in (1, 2):
        checkpoint = folder_of(context).path / FOLDER / f"step-{step}"
        checkpoint.mkdir(parents=True)
        (checkpoint / MANIFEST).write_text("{}")
    pid = process.owner(folder_of(context).lock)
    assert pid
    os.kill(pid, signal.SIGKILL)
    return until(NAME, lambda seen: seen.final)


def act(context: Context, what: str) -> None:
    """Change what the stand-in does in its next process."""
    request = folder_of(context).request
    request.write_text(json.dumps(json.loads(request.read_text()) | {"settings": {"act": what}}))


def test_a_killed_job_goes_on(
    local: Local, context: Context, killed: JobState, until: Until
) -> None:
    assert (killed.status, killed.interrupted, killed.saved_step) == ("failed", True, 2)
    act(context, "complete")
    folder_of(context).output.mkdir()  # of a process that died before it said so
    local.runner.resume(context, NAME)
    done = until(NAME, lambda seen: seen.final)
    assert (done.status, done.interrupted) == ("completed", False)
    assert folder_of(context).log.read_text().count("training") == 2


def test_two_terminals_start_one_process(
    local: Local, context: Context, killed: JobState, until: Until
) -> None:
    (context.root / "do").mkdir()
    (context.root / "do" / "config").write_text("")
    terminals = [
        subprocess.Popen(
            [sys.executable, "-c", RESUME, str(context.root), NAME, *STAND_IN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [terminal.communicate("", timeout=100)[0].strip() for terminal in terminals]
    assert sorted(answer == "resumed" for answer in answers) == [False, False, True], answers
    until(NAME, lambda seen: folder_of(context).log.read_text().count("training") == 2)
    time.sleep(0.2)
    assert folder_of(context).log.read_text().count("training") == 2


@pytest.mark.parametrize("what", ["fail", "complete"])
def test_a_job_that_ended_by_itself_does_not_go_on(
    local: Local, context: Context, submit: Submit, until: Until, what: str
) -> None:
    ended = until(submit(what), lambda seen: seen.final)
    assert not ended.interrupted
    with pytest.raises(PlatformError, match="cannot go on"):
        local.runner.resume(context, NAME)


def test_a_stopped_job_does_not_go_on(local: Local, context: Context, submit: Submit) -> None:
    local.runner.stop(context, submit("wait"))
    assert not local.runner.describe(context, NAME).interrupted


def test_what_another_attempt_replaces_is_freed(
    local: Local, context: Context, killed: JobState
) -> None:
    local.runner.forget(context, NAME)
    assert not (folder_of(context).path / FOLDER).exists()
    assert local.runner.describe(context, NAME).saved_step is None
    assert folder_of(context).log.exists()


def test_a_job_that_runs_is_not_freed(local: Local, context: Context, submit: Submit) -> None:
    submit("wait")
    (folder_of(context).path / FOLDER).mkdir()
    local.runner.forget(context, NAME)
    assert (folder_of(context).path / FOLDER).exists()


def test_a_job_that_never_started_goes_on(local: Local, context: Context, until: Until) -> None:
    request = {"model": "mlcc-tiny", "settings": {"act": "complete"}}
    folders.create(context.root, NAME, {"request": request})
    (folder_of(context).path / ".lock").touch()  # of a process that was killed as it began
    os.utime(folder_of(context).request, (0, 0))
    lost = local.runner.describe(context, NAME)
    assert (lost.status, lost.interrupted, lost.saved_step) == ("failed", True, None)
    local.runner.resume(context, NAME)
    assert until(NAME, lambda seen: seen.final).status == "completed"


def test_a_process_that_is_told_to_end_by_others_is_interrupted(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from mlcc_engine import __main__ as m;"
        "m.api.train = lambda *_, **_named: os.kill(os.getpid(), signal.SIGTERM);"
        "from types import SimpleNamespace as Asked;"
        "m.request.read = lambda folder: Asked(processes=1);"
        "sys.exit(m.main(Path(sys.argv[1]), None))"
    )
    for stopped in (False, True):
        if stopped:
            (tmp_path / "stop").touch()
        done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
        result = json.loads((tmp_path / "result.json").read_text())
        assert (result["state"], done.returncode) == (
            ("stopped", 2) if stopped else ("failed", 3)
        ), result
