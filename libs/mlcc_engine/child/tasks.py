"""The child's side: tasks are read a line each from the standard input, and answered by lines.

    {"task": "forecast", "arguments": {"request": {…}}}
    {"lines": ["Device: CPU, 2 cores, float32", …]}

A task may have several answers; the program says how they end.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any

from mlcc_core import MlccError, PromptTooLong
from mlcc_core.helpers import is_out_of_memory, one_line, out_of_memory

IDLE_SECONDS = 900
"""Seconds without a task after which a child ends, and gives back the memory that torch takes."""


@contextmanager
def channel(answers: int) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open the files that tasks come from and answers go to.

    A user's code finds an empty standard input.

    Args:
        answers: the descriptor to answer on.
    """
    tasks = os.fdopen(os.dup(0), "rb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    with tasks, os.fdopen(answers, "wb", buffering=0) as file:
        yield tasks, file


def asked(tasks: IO[bytes], idle: int = IDLE_SECONDS) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each task with its arguments as it comes.

    Args:
        tasks: the file.
        idle: seconds without a task after which this process ends; 0 for never.
    """
    while True:
        signal.alarm(idle)
        line = tasks.readline()
        signal.alarm(0)
        if not line:
            return
        document = json.loads(line)
        yield document["task"], document["arguments"]


def answer(answers: IO[bytes], document: Mapping[str, object]) -> None:
    """Write an answer; a command that was killed meanwhile reads none."""
    text = json.dumps(document).encode() + b"\n"
    with suppress(BrokenPipeError):
        while text:  # a pipe takes so much at a time
            text = text[answers.write(text) :]


def failure(task: str, error: Exception) -> Mapping[str, object]:
    """Return the answer to a task that raised.

    Args:
        task: in words that follow "The".
        error: that it raised.
    """
    if isinstance(error, MlccError):
        return {"error": {**error.as_json(), "too_long": isinstance(error, PromptTooLong)}}
    problem = MlccError(f"The {task} failed: {one_line(error)}")
    if is_out_of_memory(error):
        problem = out_of_memory(error, f"The {task}")
    return {"error": problem.as_json()}
