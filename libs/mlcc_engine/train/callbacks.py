"""Call-backs of others in a training: made from import strings; one that fails stops nothing."""

from __future__ import annotations

import importlib
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mlcc_core import Job
from mlcc_core.helpers import one_line
from mlcc_engine.request import Request

Warn = Callable[[str], None]


def make(request: Request, warn: Warn) -> list[Any]:
    """Return the call-backs that the request names.

    Args:
        request: of the training.
        warn: told of a factory, and later of a call-back, that fails.
    """
    job = Job(
        name=request.job,
        platform=request.platform,
        technique=request.technique,
        model=request.model,
        training_type=request.training_type,
        hyperparameters={**request.settings, **request.hyperparameters},
        dataset=request.dataset,
        started=time.time(),
    )
    return [made for factory in request.callbacks for made in _made(factory, job, warn)]


def _made(factory: str, job: Job, warn: Warn) -> Iterator[Any]:
    from transformers import TrainerCallback

    try:
        function = find(factory)
        takes = inspect.signature(function).parameters
        answer = function(job=job) if "job" in takes else function()
        callbacks = answer if isinstance(answer, Sequence) else (answer,)
        wrong = [one for one in callbacks if not isinstance(one, TrainerCallback)]
    except Exception as error:
        warn(f"{factory} failed: {one_line(error)}")
        return
    if wrong:
        warn(f"{factory} returned {type(wrong[0]).__name__}, expected TrainerCallback objects.")
        return
    yield from (Watched(callback, factory, warn) for callback in callbacks)


def find(path: str) -> Callable[..., Any]:
    """Import what ``package.module:object.attribute`` names.

    Raises:
        ImportError: there is no such module.
        AttributeError: it has no such attribute.
    """
    module, _, names = path.partition(":")
    found: Any = importlib.import_module(module)
    for name in names.split("."):
        found = getattr(found, name)
    function: Callable[..., Any] = found
    return function


class Watched:
    """A call-back whose first failure is told, and after which it is called no more."""

    def __init__(self, callback: Any, factory: str, warn: Warn) -> None:
        self._callback = callback
        self._factory = factory
        self._warn = warn
        self._failed = False

    def __getattr__(self, event: str) -> Any:
        method = getattr(self._callback, event)
        if not event.startswith("on_"):
            return method

        def call(*arguments: Any, **keywords: Any) -> Any:
            if self._failed:
                return None
            try:
                return method(*arguments, **keywords)
            except Exception as error:
                self._failed = True
                self._warn(f"{self._factory} failed in {event}: {one_line(error)}")
                return None

        return call
