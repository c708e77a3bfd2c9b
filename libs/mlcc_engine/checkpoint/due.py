"""The moments at which a checkpoint is due."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from mlcc_core import MlccError

DEFAULT = "15m"
NEVER = "never"
FORM = "15m, 90s, 2h, a number of steps, or never"

SECONDS_BY_UNIT = {"s": 1.0, "m": 60.0, "h": 3600.0}

MOST_COST = 0.02
"""Share of a training's time that checkpoints may take where the user did not say how often."""


@dataclass(frozen=True, slots=True)
class Every:
    """The distance between two checkpoints; without both, none is saved.

    Attributes:
        seconds: of training.
        steps: optimizer steps.
        asked: by the user; otherwise what a checkpoint costs may stretch it.
    """

    seconds: float | None = None
    steps: int | None = None
    asked: bool = True

    @property
    def never(self) -> bool:
        return self.seconds is None and self.steps is None


def parse(text: str | None) -> Every:
    """Read a distance: ``15m``, ``90s``, ``2h``, ``200`` (steps), ``never``.

    Args:
        text: as the user typed it; ``None`` for the default.

    Raises:
        MlccError: it is nothing of the kind.
    """
    if text is None:
        return Every(seconds=15 * 60.0, asked=False)
    if text == NEVER:
        return Every()
    match = re.fullmatch(r"([0-9]{1,9})([smh]?)", text)
    if match is None or int(match[1]) == 0:
        raise MlccError(
            f"--checkpoint-every {text!r} is not a distance, expected {FORM}.",
            where="--checkpoint-every",
            hint=f"pass --checkpoint-every {DEFAULT}",
        )
    number, unit = int(match[1]), match[2]
    return Every(seconds=number * SECONDS_BY_UNIT[unit]) if unit else Every(steps=number)


class Due:
    """Tells when the next checkpoint is due, by a clock that cannot be set.

    Args:
        every: the distance.
        now: seconds of a clock that only goes forward.
    """

    def __init__(self, every: Every, now: Callable[[], float] = time.monotonic) -> None:
        self._every = every
        self._now = now
        self._since = now()
        self._cost = 0.0

    def begin(self) -> None:
        """Take note that training begins now."""
        self._since = self._now()

    def saved(self, seconds: float) -> None:
        """Take note of a checkpoint, or of a try to save one.

        Args:
            seconds: it took.
        """
        self._since = self._now()
        self._cost = seconds

    def at(self, step: int) -> bool:
        """Return whether a checkpoint is due after ``step``."""
        every = self._every
        if every.steps is not None:
            return step % every.steps == 0
        if every.seconds is None:
            return False
        return self._elapsed() >= max(every.seconds, 0.0 if every.asked else self._least())

    def at_end(self, guess: float) -> bool:
        """Return whether the end of a training is worth a checkpoint, before it is written out.

        Args:
            guess: seconds that a checkpoint may take, where none was saved so far.
        """
        return not self._every.never and self._elapsed() >= self._least(guess)

    def _elapsed(self) -> float:
        return self._now() - self._since

    def _least(self, guess: float = 0.0) -> float:
        return (self._cost or guess) / MOST_COST
