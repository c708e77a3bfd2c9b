"""The engine in the foreground of its caller: a request and a folder in, a result out.

It knows nothing of projects, jobs or platforms, starts no process but a small one that ends the
trainer's worker processes should the caller be killed, and installs no signal handler::

    from threading import Event
    from mlcc_engine import api

    stop = Event()
    result = api.run(
        {"job": "a", "technique": "sft", "trainer": "trl:SFTTrainer", "model": "mlcc-tiny",
         "training_type": "lora", "dataset": "rows.jsonl", "output": "out"},
        Path("work"),
        on_state=print,
        on_progress=lambda progress: print(progress.step, progress.loss),
        stop=stop,
    )
    assert result.state == "completed", result.reason
"""

from __future__ import annotations

import sys
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, Progress
from mlcc_core.helpers.hints import shown_file
from mlcc_engine import job_result, orphans, process
from mlcc_engine.checkpoint.store import Store, last_step
from mlcc_engine.devices import use_one_gpu
from mlcc_engine.job_result import JobResult
from mlcc_engine.listener import Listener, State, Stopped, StopSignal
from mlcc_engine.ranks import blame
from mlcc_engine.ranks.world import this_process
from mlcc_engine.request import Request, parse

TRACEBACK = "traceback.txt"


def run(
    request: Request | Mapping[str, Any],
    folder: Path,
    *,
    on_state: Callable[[State], object] = lambda state: None,
    on_progress: Callable[[Progress], object] = lambda progress: None,
    stop: StopSignal = lambda: False,
) -> JobResult:
    """Train what is asked, in this process, and return how that ended.

    A training that was cut off or stopped before, in the same folder, goes on from its last
    checkpoint.

    Whatever a training can meet is in the result, with whose fault it is; an exception of a
    call-back counts as the job's. Lines for people go to standard output. Environment variables
    that quiet the libraries are set and stay; with several GPUs, call this before torch is
    imported, since one of them is used.

    Args:
        request: what to train; a mapping as :class:`Request` has it, for example from JSON.
        folder: takes ``progress.jsonl``, ``warnings.txt``, a traceback, and what is needed
            meanwhile; it is made where it is missing. The output goes where the request says.
        on_state: called with ``loading``, ``training`` and ``saving``.
        on_progress: called once for every step that the trainer logs.
        stop: an event, or a function that returns whether to stop; looked at after every forward
            pass. A stopped training leaves no output.

    Returns:
        The result; :func:`mlcc_engine.job_result.write` writes it down.
    """
    result = train(request, folder, Listener(on_state, on_progress, stop))
    forget(folder, result)
    return result


def train(
    request: Request | Mapping[str, Any],
    folder: Path,
    listener: Listener | None = None,
    *,
    alone: bool = False,
) -> JobResult:
    """Train as :func:`run`, but leave the checkpoints until the result is written down.

    Args:
        request: what to train.
        folder: takes what :func:`run` says.
        listener: told how it goes.
        alone: this process does nothing but this.
    """
    began = time.monotonic()
    with orphans.ended_with_this_process():
        try:
            result = _attempt(request, folder, listener or Listener(), alone=alone)
        except Stopped:
            result = JobResult("stopped", reason="Stopped before it was finished.")
    return replace(result, seconds=time.monotonic() - began)


def forget(folder: Path, result: JobResult) -> None:
    """Remove the checkpoints of a training that will not go on: one that was stopped may."""
    if not result.interrupted and result.state != "stopped":
        Store(folder).clear()


def saved_step(folder: Path) -> int | None:
    """Return the step that a training which was cut off goes on from.

    Args:
        folder: as :func:`run` was given it; nothing in it is changed, and torch is not imported.

    Returns:
        ``None`` for a training without a checkpoint, which begins again.
    """
    return last_step(folder)


def _attempt(
    request: Request | Mapping[str, Any], folder: Path, listener: Listener, *, alone: bool
) -> JobResult:
    process.quiet_libraries()
    use_one_gpu(this_process().local)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        asked = request if isinstance(request, Request) else parse(request)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with process.quick_imports(alone=alone):
                from mlcc_engine.train.train import run as train_whole
                from mlcc_engine.train.trainers import Trainer

                Trainer(asked.trainer).load()
            return train_whole(asked, folder, listener)
    except MlccError as error:
        return job_result.failure(error)
    except Exception as error:
        return _raised(error, folder)


def _raised(error: Exception, folder: Path) -> JobResult:
    """Return the result of a training that raised, with its traceback in log and folder."""
    result = blame.out_of_reach(error) or job_result.failure(error)
    if result.fault != "job" or result.hint is not None:
        return result
    text = traceback.format_exc()
    print(text, file=sys.stderr, flush=True)
    (folder / TRACEBACK).write_text(text, encoding="utf-8")
    return replace(result, hint=shown_file(folder / TRACEBACK))
