"""Trying again what may pass: throttling, models that are busy, lost connections."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from mlcc_core import TransientError
from mlcc_sagemaker.answering.asking import Faltering, Waking

T = TypeVar("T")

FEW = 3
"""Tries of a request whose fault may be its own."""

AGAIN = "run the same command again: it goes on where it was"


@dataclass(frozen=True, slots=True)
class Patience:
    """The waits between the tries of one request.

    Attributes:
        seconds: from the first try on, after which it is given up.
        first, longest: wait in seconds; each is up to twice as long as the one before.
        again: the hint once it is given up.
        waking: as ``seconds``, with a model that is loaded first.
    """

    seconds: float = 300.0
    first: float = 0.5
    longest: float = 20.0
    again: str = AGAIN
    waking: float = 900.0

    def seconds_for(self, error: TransientError) -> float:
        """Return the seconds after which a request that fails so is given up."""
        return self.waking if isinstance(error, Waking) else self.seconds


def persistently(
    step: Callable[[], T],
    patience: Patience,
    stopped: Event,
    tell: Callable[[TransientError], object],
) -> T:
    """Try until it works, fails for good, or patience ends.

    Args:
        step: sends the request once.
        patience: how long, and with which waits.
        stopped: set when the answer is not wanted any more: it is not tried again.
        tell: told each time that it is about to be tried again.

    Raises:
        TransientError: it did not pass in time.
        MlccError: whatever else ``step`` raises.
    """
    began = time.monotonic()
    wait, tries = patience.first, 0
    while True:
        try:
            return step()
        except TransientError as error:
            tries += 1
            # Many requests that wait equally long would all come back at once.
            delay = random.uniform(wait / 2, wait)  # noqa: S311 - not a secret
            spent = time.monotonic() - began
            limited = isinstance(error, Faltering) or error.where == "AWS credentials"
            if spent + delay > patience.seconds_for(error) or (limited and tries >= FEW):
                raise _given_up(error, tries, spent, patience) from None
            tell(error)
            if stopped.wait(delay):
                raise
            wait = min(2 * wait, patience.longest)


def _given_up(
    error: TransientError, tries: int, spent: float, patience: Patience
) -> TransientError:
    count = f"tried {tries} times in {spent:.0f} s" if tries > 1 else "tried once"
    return TransientError(
        f"{error.what.rstrip('.')} ({count}).",
        where=error.where,
        hint=error.hint if error.where else patience.again,
        detail=error.detail,
    )
