"""``python -m mlcc_engine.scripting [--detached | --parent PID] FOLDER``: run the script of a job.

Reads ``FOLDER/script.json``, passes the script's lines on, and writes ``progress.jsonl`` from those
that begin with ``mlcc-progress`` and go on with a JSON object (``{"step": 3, "steps": 10,
"loss": 1.2}``), and ``result.json`` at the end, in the form of :mod:`mlcc_engine.job_result`; the
exit codes are the documented ones. SIGTERM is passed on to the script, and so does the death of the
parent stop it unless it is detached. A detached one that is told to end without a file ``stop`` in
its folder counts as interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

from mlcc_core import MlccError
from mlcc_engine import job_result, orphans
from mlcc_engine.__main__ import STOP, TOLD_TO_END, parse
from mlcc_engine.job_result import JobResult
from mlcc_engine.scripting.commands import Commands
from mlcc_engine.scripting.request import read
from mlcc_engine.scripting.running import run


def main(folder: Path, parent: int | None) -> int:
    """Run the script of the job in ``folder``.

    Args:
        folder: with its request.
        parent: the process whose death ends this one; ``None`` for none.

    Returns:
        The exit code of the process.
    """
    try:
        ended = _run(folder, parent)
    except (MlccError, OSError) as error:
        ended = job_result.failure(error)
    if ended.state == "stopped" and parent is None and not (folder / STOP).exists():
        ended = JobResult("failed", fault="platform", reason=TOLD_TO_END)
    job_result.write(folder, ended)
    print(f"{ended.state}: {ended.reason or ended.output}", flush=True)
    return int(ended.exit_code)


def _run(folder: Path, parent: int | None) -> JobResult:
    request = read(folder)
    commands = Commands(folder, request.grace)
    commands.listen()
    if parent is not None:
        orphans.stop_with_parent(parent, partial(os.kill, os.getpid(), signal.SIGTERM))
    try:
        return run(request, commands)
    finally:
        orphans.end_children()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends by itself now


if __name__ == "__main__":
    sys.exit(main(*parse(sys.argv[1:])))
