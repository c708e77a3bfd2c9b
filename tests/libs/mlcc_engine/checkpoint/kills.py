"""``python kills.py FOLDER KILLS SEED``: a job whose process is killed again and again.

Every process is a fork that runs the engine's own ``main``: the libraries are imported once, by
their parent, which never computes anything.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from random import Random

LOOK = 0.002


def main(folder: Path, kills: int, seed: int) -> None:
    from mlcc_engine import process

    process.quiet_libraries()
    from trl import SFTTrainer  # noqa: F401

    import mlcc_engine.checkpoint.keeper
    import mlcc_engine.train.train  # noqa: F401 - imported once for all

    draw = Random(seed)
    steps = 24
    # Every third kill comes while it loads; the others after a step, wherever it is by then.
    for number in range(kills):
        target = 0 if number % 3 == 2 else steps * (number + draw.random()) / kills
        kill_one(folder, int(target), draw.uniform(0, 0.3))
    os.waitpid(started(folder), 0)


def started(folder: Path) -> int:
    """Start a process of the job."""
    child = os.fork()
    if child:
        return child
    from mlcc_engine.__main__ import main as engine

    os._exit(engine(folder, None))


def kill_one(folder: Path, step: int, wait: float) -> None:
    """Start a process, and kill it a moment after it has done a step."""
    child = started(folder)
    since = time.monotonic()
    while reached(folder) < step and time.monotonic() - since < 60:
        if os.waitpid(child, os.WNOHANG)[0]:
            print("ended before it was killed")
            return
        time.sleep(LOOK)
    time.sleep(wait)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(f"killed at step {reached(folder)}", flush=True)


def reached(folder: Path) -> int:
    """The last step that was told of."""
    try:
        lines = (folder / "progress.jsonl").read_bytes().split(b"\n")[:-1]
        return int(json.loads(lines[-1])["step"])
    except (OSError, IndexError, ValueError):
        return 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
