"""``python -m mlcc_engine [--detached] FOLDER``: train what ``FOLDER/request.json`` asks for.

Writes ``progress.jsonl`` while it goes and ``result.json`` at the end, prints plain lines, and
ends with the documented exit codes. SIGTERM stops it, and so does the death of its parent unless
it is detached; nothing half-written is left behind.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path
from types import FrameType

from mlcc_core import MlccError
from mlcc_engine import api, job_result, orphans, request
from mlcc_engine.job_result import JobResult
from mlcc_engine.listener import Stopped

DETACHED = "--detached"


def stop(_signum: int, _frame: FrameType | None) -> None:
    """Stop once; further signals find the job stopping already."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def main(folder: Path, *, detached: bool) -> int:
    """Train the job in ``folder``; the exit code of the process."""
    try:
        signal.signal(signal.SIGTERM, stop)
        if not detached:
            orphans.stop_with_parent(partial(os.kill, os.getpid(), signal.SIGTERM))
        ended = api.run(request.read(folder), folder)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except Stopped:
        ended = JobResult("stopped", reason="Stopped before it was finished.")
    except MlccError as error:
        ended = job_result.failure(error)
    job_result.write(folder, ended)
    orphans.end_children()
    print(f"{ended.state}: {ended.reason or ended.output}", flush=True)
    return int(ended.exit_code)


if __name__ == "__main__":
    *flags, last = sys.argv[1:] or ["--help"]
    if last == "--help" or set(flags) - {DETACHED}:
        sys.exit(f"usage: python -m mlcc_engine [{DETACHED}] FOLDER")
    sys.exit(main(Path(last), detached=DETACHED in flags))
