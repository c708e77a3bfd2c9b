"""Settings of a process before it imports torch and its relatives."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

SPINS = "1000"
"""Turns that a thread of torch waits at a barrier before it sleeps. By itself libgomp spins for
seconds: a training of 36 s took 250 s beside one busy process, and 52 s with this."""

REPORTED_TO = ("mlflow", "trackio", "wandb")
"""Packages that TRL imports where it finds them, to report to; a job reports to none of them."""


def quiet_libraries() -> None:
    """No telemetry, no bars or retries of libraries shown, no threads that spin; call it first.

    TRL reports every training run to the Hub unless it is told not to; transformers asks a
    service of the Hub to convert pickled weights.
    """
    os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_VERBOSITY"] = "error"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    # It advises kernels for models in 4 bits, in jobs that have none, wherever PEFT imports it.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def quiet_transformers() -> None:
    """No bar while weights are loaded or saved; for processes that imported it already."""
    from transformers.utils import logging as transformers_logging

    quiet: Callable[[], None] = transformers_logging.disable_progress_bar
    quiet()


@contextmanager
def quick_imports(*, alone: bool = False) -> Iterator[None]:
    """Import in this block without searching for garbage, which imports hardly make.

    A quarter of the time in which TRL is imported goes to that search, a sixth to mlflow.

    Args:
        alone: this process does nothing else: later searches leave out all that it holds by then.
    """
    searched = gc.isenabled()
    gc.disable()
    try:
        with _hidden(REPORTED_TO):
            yield
        if alone:
            gc.freeze()
    finally:
        if searched:
            gc.enable()


@contextmanager
def _hidden(packages: Iterable[str]) -> Iterator[None]:
    """Have these packages look as if they were not installed, unless they are imported already.

    ``None`` in ``sys.modules`` is Python's own way to say so. Afterwards they can be imported: a
    reward function may use one.
    """
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)
