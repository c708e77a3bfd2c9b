"""Settings of a process before it imports torch and its relatives."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SPINS = "1000"
"""Turns that a thread of torch waits at a barrier before it sleeps. By itself libgomp spins for
seconds: a training of 36 s took 250 s beside one busy process, and 52 s with this."""


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

    A quarter of the time in which TRL is imported goes to that search.

    Args:
        alone: this process does nothing else: later searches leave out all that it holds by then.
    """
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
        if alone:
            gc.freeze()
    finally:
        if searched:
            gc.enable()
