"""A small program in the engine's place: ``stand_in.py JOBDIR``, by the same contract.

The request's settings say what it does: ``act`` is ``complete``, ``wait`` (until it is stopped),
``deaf`` (waits, and ignores SIGTERM), ``crash`` or ``fail``.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path


def main(folder: Path) -> None:
    request = json.loads((folder / "request.json").read_text())
    act = request["settings"].get("act", "complete")
    print(f"training {request['model']} as {os.getpid()}", flush=True)
    if act == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: finish(folder, state="stopped", reason="Stopped."))
    for step in range(1, 4):
        line = {"step": step, "steps": 10, "epoch": step / 10, "epochs": 1, "loss": 3 / step}
        line |= {"time": time.time() + step, "metrics": {"reward": step}}
        with (folder / "progress.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
    if act == "crash":
        print("the last words", flush=True)
        os._exit(9)
    if act == "fail":
        finish(folder, state="failed", fault="input", reason="No rows.", hint="add rows")
    while act in ("wait", "deaf"):
        time.sleep(0.05)
    Path(request["output"]).mkdir()
    finish(folder, state="completed", output=request["output"], kind="adapter")


def finish(folder: Path, **result: str) -> None:
    draft = folder / ".result"
    draft.write_text(json.dumps(result))
    draft.rename(folder / "result.json")
    sys.exit(0)


main(Path(sys.argv[1]))
