"""The subprocess that runs tasks: ``python -m mlcc_folders.worker.worker_main ANSWER_FD``.

It does tasks as :mod:`mlcc_engine.child.tasks` reads them, and answers each with lines for people.
The task ``job`` is the last: the process becomes the job's, with torch imported already.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from mlcc_engine.child import tasks
from mlcc_engine.child.tasks import channel
from mlcc_folders.job.folders import JobFolder
from mlcc_folders.job.launcher import take_lock

JOB = "job"
"""The task of becoming a job: ``folder``, and ``deadline`` of the monotonic clock."""

REPLY = "I do not know."
"""Reply that a judge is asked to score before a job."""


def forecast(arguments: Mapping[str, Any]) -> list[str]:
    """Forecast a job: device, memory, rows that are cut or teach nothing."""
    from mlcc_engine import request
    from mlcc_engine.devices import use_one_gpu
    from mlcc_engine.forecast.forecast import forecast

    use_one_gpu()  # like the job that this process may become
    return forecast(request.parse(arguments["request"]))


def check_settings(arguments: Mapping[str, Any]) -> list[str]:
    """Check the settings that a user gave, with the trainer's Config at hand.

    The packages of this machine count unless ``elsewhere`` is among the arguments.
    """
    from mlcc_engine import process, request
    from mlcc_engine.devices import use_one_gpu
    from mlcc_engine.settings import given

    process.quiet_libraries()
    use_one_gpu()
    # Settings are checked before rows are staged: the request may name no dataset yet.
    asked = request.parse({**arguments["request"], "dataset": ""})
    given.check(asked, elsewhere=arguments.get("elsewhere", False))
    return []


def list_settings(arguments: Mapping[str, Any]) -> list[str]:
    """List the settings that users can give, one a line, as JSON."""
    from mlcc_engine import process
    from mlcc_engine.settings import listing

    process.quiet_libraries()
    return [json.dumps(asdict(setting)) for setting in listing.listed(**arguments)]


def trial(arguments: Mapping[str, Any]) -> list[str]:
    """Score a few made-up replies to rows of the dataset, as the job would."""
    from mlcc_core.contract.rewards import reward

    evaluator, rows = arguments["evaluator"], arguments["rows"]
    if evaluator["kind"] == "function":
        sys.dont_write_bytecode = True  # a trial leaves nothing beside the user's files
        return reward.try_reward_function(reward.load_function(evaluator["value"]), rows)
    from mlcc_engine import process
    from mlcc_engine.reward import judge

    process.quiet_libraries()
    ready = judge.load_judge(evaluator["value"], evaluator["settings"], patient=False)
    lines = judge.try_out(ready, reward.build_event(rows[0], REPLY, "0"))
    del ready
    gc.collect()  # a judge that was loaded would take memory from the job
    return lines


TASKS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "forecast": forecast,
    "trial": trial,
    "check of settings": check_settings,
    "list of settings": list_settings,
}


def main(answers: int) -> int:
    """Do tasks until the input ends or this process is to become a job, and then the job.

    Args:
        answers: the descriptor to answer on.

    Returns:
        The exit code of the process.
    """
    with channel(answers) as (source, file):
        folder = serve(source, file)
    if folder is None:
        return 0
    from mlcc_engine.__main__ import main as train

    return train(folder.path, None)


def serve(source: IO[bytes], answers: IO[bytes]) -> JobFolder | None:
    """Answer tasks; return the folder of the job that this process has become."""
    for task, arguments in tasks.asked(source):
        if task == JOB:
            folder = JobFolder(Path(arguments["folder"]))
            become_job(folder, arguments["deadline"])
            tasks.answer(answers, {"lines": []})
            return folder
        tasks.answer(answers, attempt(task, arguments))
    return None


def become_job(folder: JobFolder, deadline: float) -> None:
    """Print to the job's log from now on, and take its lock for as long as this process lives.

    Raises:
        SystemExit: it is too late, or the job was stopped before it began.
        OSError: the log or the lock cannot be written.
    """
    log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    os.close(log)
    take_lock(folder.path, deadline)


def attempt(task: str, arguments: Mapping[str, Any]) -> Mapping[str, object]:
    """Do a task; return the answer, with its lines or its error."""
    try:
        return {"lines": TASKS[task](arguments)}
    except Exception as error:
        return tasks.failure(task, error)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
