import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.contract.platform.values import Request
from mlcc_core.errors import MlccError, PlatformError
from mlcc_folders.job import folders, process, state, stopping
from mlcc_local import Local
from tests.plugins.mlcc_local.conftest import NAME, STAND_IN

SUBMIT = """
import sys
from pathlib import Path
from mlcc_core.errors import MlccError
from mlcc_core import Context, Request
from mlcc_local import Local
root, name, wait, *command = sys.argv[1:]
sys.stdin.read()
body = {"request": {"model": "mlcc-tiny", "settings": {"act": wait}}}
try:
    Local(command=command).runner.submit(Context(Path(root), "demo"), name, Request(body))
    print("created")
except MlccError as error:
    print(error.what)
"""


def folder_of(context, name=NAME):
    return folders.find(context.root, name)


def submit_elsewhere(context, act="wait", **options):
    return subprocess.Popen(
        [sys.executable, "-c", SUBMIT, str(context.root), NAME, act, *STAND_IN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def test_job_completes(local, context, submit, until):
    name = submit("complete")
    done = until(name, lambda state: state.final)
    assert done.status == "completed"
    assert Path(done.artifacts).is_dir()
    assert done.ended >= done.started
    assert done.reported.technique == "trl:SFTTrainer"
    assert next(iter(local.runner.logs(context, name, follow=True))).startswith(
        "training mlcc-tiny"
    )


def test_running_job_reports_progress_and_time_left(submit, until):
    running = until(submit("wait"), lambda state: state.progress and state.progress.step == 3)
    assert (running.status, running.phase) == ("running", "Training")
    assert (running.progress.steps, running.progress.loss) == (10, 1.0)
    assert running.progress.metrics == {"reward": 3.0}
    assert 5 < running.progress.seconds_left <= 7.1


def test_failed_job_tells_whose_fault_and_what_to_do(submit, until):
    failed = until(submit("fail"), lambda state: state.final)
    assert (failed.status, failed.fault) == ("failed", "input")
    assert failed.reason == "No rows.\nadd rows"


def test_process_that_dies_is_told_with_the_end_of_its_log(submit, until):
    failed = until(submit("crash"), lambda state: state.final)
    assert (failed.status, failed.fault) == ("failed", "platform")
    assert "died" in failed.reason
    assert failed.reason.endswith("the last words")


def test_killed_process_is_found_dead(context, submit, until):
    name = submit("wait")
    pid = process.owner(folder_of(context).lock)
    os.kill(pid, signal.SIGKILL)
    assert until(name, lambda state: state.final).status == "failed"


def test_job_is_never_started_twice(local, context, submit):
    name = submit("wait")
    pid = process.owner(folder_of(context).lock)
    with pytest.raises(PlatformError, match="exists already"):
        submit("wait")
    assert process.owner(folder_of(context, name).lock) == pid


def test_two_terminals_make_one_job(local, context, until):
    terminals = [submit_elsewhere(context) for _ in range(4)]
    for terminal in terminals:
        terminal.stdin.close()
        terminal.stdin = None
    answers = [terminal.communicate(timeout=200)[0].strip() for terminal in terminals]
    assert sorted(answers)[-1] == "created"
    assert sum(answer == "created" for answer in answers) == 1
    assert all("exists already" in answer for answer in answers if answer != "created")
    assert local.runner.list_jobs(context, "demo-") == [NAME]
    until(NAME, lambda state: state.progress is not None or state.final)
    assert folder_of(context).log.read_text().count("training") == 1


def test_job_outlives_its_killed_terminal(local, context, until):
    terminal = submit_elsewhere(context, start_new_session=True)
    terminal.stdin.close()
    assert terminal.stdout.readline() == "created\n"
    os.killpg(terminal.pid, signal.SIGKILL)
    terminal.wait()
    terminal.stdout.close()
    running = until(NAME, lambda state: state.progress is not None)
    assert running.status == "running"
    local.runner.stop(context, NAME)
    assert local.runner.describe(context, NAME).status == "stopped"


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.15, 0.25, 0.4])
def test_submission_killed_at_any_moment_leaves_no_job_or_a_true_one(
    local, context, until, monkeypatch, delay
):
    terminal = submit_elsewhere(context)
    terminal.stdin.close()
    terminal.stdin = None
    time.sleep(delay)
    terminal.kill()
    terminal.communicate()
    monkeypatch.setattr(state, "PATIENCE", 1.0)
    if local.runner.list_jobs(context, "") == []:
        return
    found = until(NAME, lambda state: state.status in ("running", "failed"))
    assert found.status == "running" or "never started" in found.reason
    with pytest.raises(PlatformError, match="exists already"):
        local.runner.submit(context, NAME, Request({"request": {"settings": {"act": "wait"}}}))


def test_folder_without_a_process_is_pending_then_failed(local, context, monkeypatch):
    folders.create(context.root, NAME, {"request": {}})
    assert local.runner.describe(context, NAME).status == "pending"
    monkeypatch.setattr(state, "PATIENCE", 0.0)
    failed = local.runner.describe(context, NAME)
    assert (failed.status, failed.fault) == ("failed", "platform")
    assert "never started" in failed.reason


def test_late_process_does_not_start(context):
    folder = folders.create(context.root, NAME, {"request": {"settings": {}}})
    assert not process.start(folder, (*STAND_IN, str(folder.path)), context.root, -1.0)
    assert "too late" in folder.log.read_text()


def test_job_stopped_before_it_begins_never_begins(local, context):
    folder = folders.create(context.root, NAME, {"request": {"settings": {}}})
    local.runner.stop(context, NAME)
    assert not process.start(folder, (*STAND_IN, str(folder.path)), context.root, 60.0)
    assert local.runner.describe(context, NAME).status == "stopped"
    assert "training" not in folder.log.read_text()


def test_program_that_is_missing_fails_the_job(context, spec, until):
    missing = Local(command=("/nonexistent/python",))
    missing.runner.submit(context, NAME, missing.runner.build_request(context, spec()))
    assert "No such file" in until(NAME, lambda state: state.final).reason


def test_stop_ends_a_job_cleanly(local, context, submit):
    name = submit("wait")
    time.sleep(0.3)
    local.runner.stop(context, name)
    stopped = local.runner.describe(context, name)
    assert (stopped.status, stopped.fault) == ("stopped", None)
    assert not Path(folder_of(context).output).exists()


def test_deaf_job_is_stopping_then_killed(local, context, submit, until):
    until(submit("deaf"), lambda state: state.progress is not None)
    said = []
    folder_of(context).stop.touch()
    stopping.end_process(folder_of(context), said.append, grace=0.3)
    assert "killed" in said[0]
    assert local.runner.describe(context, NAME).status == "stopped"


def test_job_that_was_asked_to_stop_is_stopping(local, context, submit, until):
    until(submit("deaf"), lambda state: state.progress is not None)
    folder_of(context).stop.touch()
    assert local.runner.describe(context, NAME).status == "stopping"
    process.send(folder_of(context).lock, signal.SIGKILL)


def test_finished_job_is_left_as_it_is(local, context, submit, until):
    until(submit("complete"), lambda state: state.final)
    local.runner.stop(context, NAME)
    assert local.runner.describe(context, NAME).status == "completed"


def test_reused_process_id_fools_nobody(local, context, submit, until):
    pid = process.owner(folder_of(context, submit("wait")).lock)
    os.kill(pid, signal.SIGKILL)
    until(NAME, lambda state: state.final)
    assert process.owner(folder_of(context).lock) is None
    process.send(folder_of(context).lock, signal.SIGKILL)


def test_logs_follow_to_the_end(local, context, submit):
    submit("wait")
    lines = local.runner.logs(context, NAME, follow=True)
    assert next(lines).startswith("training")
    local.runner.stop(context, NAME)
    assert list(lines) == []


def test_unknown_job_names_the_likely_one(local, context, submit):
    submit("complete")
    with pytest.raises(JobNotFound, match=NAME):
        local.runner.describe(context, NAME.replace("demo", "dema"))


@pytest.mark.parametrize("name", ["../x", "a b", "a\nb", "", ".x", 'a"b', "a/b"])
def test_bad_job_names_are_refused(local, context, name):
    with pytest.raises(MlccError, match="not a job name"):
        local.runner.submit(context, name, Request({"request": {}}))
    with pytest.raises(JobNotFound):
        local.runner.describe(context, name)


def test_half_a_line_of_progress_is_left_out(local, context, submit, until):
    until(submit("wait"), lambda state: state.progress and state.progress.step == 3)
    with folder_of(context).progress.open("a") as log:
        log.write('{"step": 4, "ste')
    assert local.runner.describe(context, NAME).progress.step == 3


def test_drafts_of_killed_processes_are_removed(local, context, submit):
    jobs = folders.jobs_folder(context.root)
    jobs.mkdir(parents=True)
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = jobs / f".other.{dead.pid}-x.partial"
    mine = jobs / f".other.{os.getpid()}-x.partial"
    left.mkdir()
    mine.mkdir()
    submit("complete")
    assert not left.exists()
    assert mine.exists()
    assert local.runner.list_jobs(context, "") == [NAME]


def test_every_logged_step_is_told_once(local, context, submit, until):
    submit("complete")
    until(NAME, lambda state: state.final)
    steps = local.runner.progress_since(context, NAME, 0)
    assert [(step.step, step.loss) for step in steps] == [(1, 3.0), (2, 1.5), (3, 1.0)]
    assert steps[0].metrics == {"reward": 1.0}
    assert [step.step for step in local.runner.progress_since(context, NAME, 2)] == [3]
    path = context.root / ".mlcc" / "jobs" / NAME / "progress.jsonl"
    with path.open("a") as file:
        file.write('{"step": 3, "loss": 0.5, "metrics": {}}\n')  # the same step again
        file.write('{"step": 4, "metrics": {}}\n')  # without numbers
        file.write('{"step": 5, "loss": 0.1, "met')  # not yet whole
    assert [step.step for step in local.runner.progress_since(context, NAME, 0)] == [1, 2, 3]
