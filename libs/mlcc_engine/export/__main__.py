"""The process that exports: ``python -m mlcc_engine.export ANSWER_FD``.

It does tasks as :mod:`mlcc_engine.child.tasks` reads them, each with one result:

    {"task": "merged", "arguments": {"folder": "/out", "model": "mlcc-tiny", "adapter": "/a",
     "dtype": null, "shard_bytes": 5000000000}}
    {"results": [[0, {"dtype": "float32"}]]}
    {}
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from mlcc_core.helpers import disk_error, is_full
from mlcc_engine import orphans
from mlcc_engine.child import tasks
from mlcc_engine.child.tasks import channel

Results = list[tuple[int, object]]


TASKS: Mapping[str, tuple[str, str]] = {
    "merged": ("merged", "write"),
    "merge_for_gguf": ("gguf", "merge"),
    "convert": ("gguf", "convert"),
    "read_again": ("gguf", "read_again"),
}
"""The function of each task, by module and name."""


def _do(task: str, arguments: Mapping[str, Any]) -> object:
    from mlcc_engine import process

    process.quiet_libraries()
    with process.quick_imports(alone=True):
        pass  # all tasks need it, and it takes the longest
    process.quiet_transformers()
    module, name = TASKS[task]
    function: Callable[..., object] = getattr(import_module(f"mlcc_engine.export.{module}"), name)
    return function(**{**arguments, "folder": Path(arguments["folder"])})


def _done(task: str, arguments: Mapping[str, Any]) -> Iterator[Mapping[str, object]]:
    """Yield the answers to a task."""
    try:
        yield {"results": [(0, _do(task, arguments))]}
        yield {}
    except Exception as error:
        problem = error
        # safetensors has a class of its own for what the disk refuses.
        if isinstance(error, OSError) or is_full(error):
            problem = disk_error(error, doing="write the export")
        yield tasks.failure("export", problem)


def main(answers: int) -> None:
    """Do tasks until the input ends; end with the parent, and with all that was started here."""
    orphans.stop_with_parent(os.getppid(), lambda: os.killpg(0, signal.SIGKILL))
    warnings.simplefilter("ignore")
    with channel(answers) as (source, file):
        for task, arguments in tasks.asked(source, idle=0):
            for document in _done(task, arguments):
                tasks.answer(file, document)


if __name__ == "__main__":
    main(int(sys.argv[1]))
