"""``python -m mlcc_engine JOBDIR``: train what ``JOBDIR/request.json`` asks for.

Writes ``progress.jsonl`` while it goes and ``result.json`` at the end, prints plain lines, and
ends with the documented exit codes. SIGTERM stops it; nothing half-written is left behind.
"""

from __future__ import annotations

import signal
import sys
import time
import traceback
import warnings
from dataclasses import replace
from pathlib import Path
from types import FrameType

from mlcc_core import MlccError
from mlcc_engine import job_result, process, request
from mlcc_engine.devices import use_one_gpu
from mlcc_engine.job_result import JobResult

TRACEBACK = "traceback.txt"


class Stopped(BaseException):
    """SIGTERM came; not an Exception, so that no library takes it for a failure of its own."""


def stop(_signum: int, _frame: FrameType | None) -> None:
    """Stop once; further signals find the job stopping already."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def main(folder: Path) -> int:
    """Train the job in ``folder``; the exit code of the process."""
    began = time.monotonic()
    try:
        signal.signal(signal.SIGTERM, stop)
        ended = attempt(folder)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except Stopped:
        ended = JobResult("stopped", reason="Stopped before it was finished.")
    ended = replace(ended, seconds=time.monotonic() - began)
    job_result.write(folder, ended)
    print(f"{ended.state}: {ended.reason or ended.output}", flush=True)
    return int(ended.exit_code)


def attempt(folder: Path) -> JobResult:
    """Run the job and return how it ended, whatever happened but SIGTERM."""
    process.quiet_libraries()
    warnings.simplefilter("ignore")
    use_one_gpu()
    try:
        from mlcc_engine.train.train import run

        return run(request.read(folder), folder)
    except MlccError as error:
        return job_result.failure(error)
    except Exception as error:
        ended = job_result.failure(error)
        if ended.fault == "job" and ended.hint is None:
            (folder / TRACEBACK).write_text(traceback.format_exc(), encoding="utf-8")
            return replace(ended, hint=f"cat {folder / TRACEBACK}")
        return ended


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
